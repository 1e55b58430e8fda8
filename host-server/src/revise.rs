//! Changing a record that others change too.

use graphloom::{Text, Timestamp};

use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::records::{Change, Draft, Entry, Expect, Kind, RecordError, Records};

/// How often a change is tried where others were faster.
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
/// `with` has made of it, and the record's new revision.
///
/// # Errors
/// `HTTP_NOT_FOUND`; what `with` refuses; `HTTP_CONFLICT` where others are always faster.
pub(crate) async fn revise<T>(
    records: &dyn Records,
    now: Timestamp,
    (tenant, kind, id): (&Tenant, Kind, &Text),
    mut with: impl FnMut(&Entry) -> Result<(Become, T), Problem>,
) -> Result<T, Problem> {
    for _ in 0..TRIES {
        let found = records.get(tenant, kind, id).await?;
        let entry = found.ok_or_else(|| Problem::not_found(kind.as_str(), id))?;
        let expect = Expect::Revision(entry.revision);
        let (change, made) = match with(&entry)? {
            (Become::Put(draft), made) => (Change::Put(draft, expect), made),
            (Become::Gone, made) => (Change::remove(tenant, kind, id, expect), made),
            (Become::Same, made) => return Ok(made),
        };
        match records.write(vec![change], now).await {
            Ok(_) => return Ok(made),
            Err(RecordError::Changed { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let detail = "others change it all the time: try again";
    Err(Problem::new(ServerCode::Conflict, detail))
}
