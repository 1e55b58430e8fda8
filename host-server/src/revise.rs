//! Changing a record that others change too.

use graphloom::{Text, Timestamp};

use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::records::{Change, Draft, Entry, Expect, Kind, RecordError, Records};

/// How often a change is tried where others were quicker.
const TRIES: usize = 32;

/// What a record becomes.
pub(crate) enum Become {
    /// This.
    Put(Draft),
    /// Nothing: it is to be gone.
    Gone,
    /// It stays as it is.
    Same,
}

/// Reads a record, has it changed and writes it, and once more where someone else has written it in between. Gives what
/// `with` has made of it.
///
/// # Errors
/// `HTTP_NOT_FOUND`; what `with` refuses; `HTTP_CONFLICT` where others are always quicker.
pub(crate) async fn revise<T>(
    records: &dyn Records,
    now: Timestamp,
    (tenant, kind, id): (&Tenant, Kind, &Text),
    mut with: impl FnMut(&Entry) -> Result<(Become, T), Problem>,
) -> Result<T, Problem> {
    let mut tries = Tries::default();
    loop {
        let found = records.get(tenant, kind, id).await?;
        let entry = found.ok_or_else(|| Problem::not_found(kind.as_str(), id))?;
        let expect = Expect::Revision(entry.revision);
        let (change, made) = match with(&entry)? {
            (Become::Put(draft), made) => (Change::Put(draft, expect), made),
            (Become::Gone, made) => (Change::remove(tenant, kind, id, expect), made),
            (Become::Same, made) => return Ok(made),
        };
        if tries.is_done(records.write(vec![change], now).await)? {
            return Ok(made);
        }
    }
}

/// How often a change was tried that others were quicker than.
#[derive(Debug, Default)]
pub(crate) struct Tries(usize);

impl Tries {
    /// Says whether a write was done; if not, another one was quicker, and all is to be looked at again.
    ///
    /// # Errors
    /// All else that it failed with; `HTTP_CONFLICT` where others are always quicker.
    pub(crate) fn is_done<T>(&mut self, written: Result<T, RecordError>) -> Result<bool, Problem> {
        match written {
            Ok(_) => return Ok(true),
            Err(RecordError::Changed { .. }) => self.0 += 1,
            Err(error) => return Err(error.into()),
        }
        if self.0 < TRIES {
            return Ok(false);
        }
        let detail = "others change it all the time: try again";
        Err(Problem::new(ServerCode::Conflict, detail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_never_the_quickest_gives_up() {
        let slower = || -> Result<(), RecordError> {
            let (kind, id, revision) = (Kind::Preset, Text::from("p"), Some(2));
            Err(RecordError::Changed { kind, id, revision })
        };
        let mut tries = Tries::default();
        for _ in 1..TRIES {
            assert_eq!(tries.is_done(slower()).ok(), Some(false));
        }
        assert_eq!(tries.is_done(Ok(())).ok(), Some(true));
        let given_up = tries.is_done(slower()).map_err(|problem| problem.code());
        assert_eq!(given_up, Err("HTTP_CONFLICT"));
    }
}
