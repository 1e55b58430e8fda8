//! Pages of lists: a limit, and a cursor that only this server can have made, for this tenant and this list.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use graphloom::{Text, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use utoipa::IntoParams;

use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};

/// How many items a page has where nothing is said.
pub(crate) const DEFAULT_LIMIT: u64 = 50;
/// How many it may have.
pub(crate) const MAX_LIMIT: u64 = 200;
/// How long a cursor holds: a day.
const CURSOR_MS: i64 = 24 * 60 * 60 * 1_000;
/// How much of the signature a cursor has.
const TAG: usize = 16;

/// What part of a list is asked for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct PageParams {
    /// How many items at most, 1 to 200; more is taken as 200
    #[param(minimum = 1, default = 50)]
    pub limit: Option<u64>,
    /// The `next_cursor` of the page before
    pub cursor: Option<String>,
}

impl PageParams {
    /// Returns how many items the page has at most.
    ///
    /// # Errors
    /// `HTTP_PARAMETER` for none.
    pub fn limit(&self) -> Result<usize, Problem> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        // The description says that it is a signed number of 64 bits.
        if limit == 0 || i64::try_from(limit).is_err() {
            return Err(Problem::new(
                ServerCode::Parameter,
                format!("limit: {limit} items are no page: give 1 to {MAX_LIMIT}"),
            ));
        }
        Ok(usize::try_from(limit.min(MAX_LIMIT)).unwrap_or(usize::MAX))
    }
}

/// Makes cursors, and knows its own.
#[derive(Clone)]
pub struct Cursors {
    key: [u8; 32],
}

impl std::fmt::Debug for Cursors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cursors").finish_non_exhaustive()
    }
}

impl Cursors {
    /// Returns what signs with this key.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// Returns the cursor that goes on behind `after` in a list. `list` names the list and its filters.
    #[must_use]
    pub fn make(&self, tenant: &Tenant, list: &str, after: &str, now: Timestamp) -> String {
        let made = now.as_millis().to_be_bytes();
        let mut bytes = Vec::with_capacity(TAG + made.len() + after.len());
        bytes.extend_from_slice(&self.tag(tenant, list, &made, after));
        bytes.extend_from_slice(&made);
        bytes.extend_from_slice(after.as_bytes());
        BASE64.encode(bytes)
    }

    /// Returns behind what a cursor goes on.
    ///
    /// # Errors
    /// `HTTP_CURSOR` for one that was not made here, for another tenant, list or filter, or more than a day ago.
    pub fn read(
        &self,
        tenant: &Tenant,
        list: &str,
        cursor: &str,
        now: Timestamp,
    ) -> Result<Text, Problem> {
        let wrong = |why: &str| Problem::new(ServerCode::Cursor, why.to_owned());
        let foreign = || wrong("the cursor is not one of this list, with these filters");
        let bytes = BASE64.decode(cursor).map_err(|_| foreign())?;
        let (tag, rest) = bytes.split_at_checked(TAG).ok_or_else(foreign)?;
        let (made, after) = rest.split_first_chunk::<8>().ok_or_else(foreign)?;
        let after = std::str::from_utf8(after).map_err(|_| foreign())?;
        let ours = self.tag(tenant, list, made, after);
        if !bool::from(subtle::ConstantTimeEq::ct_eq(&ours[..], tag)) {
            return Err(foreign());
        }
        let age = now.as_millis().saturating_sub(i64::from_be_bytes(*made));
        if age > CURSOR_MS {
            return Err(wrong("the cursor is older than a day: begin the list anew"));
        }
        Ok(Text::from(after))
    }

    fn tag(&self, tenant: &Tenant, list: &str, made: &[u8; 8], after: &str) -> [u8; TAG] {
        let mut tag = [0; TAG];
        // A key may have any length.
        if let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.key) {
            for part in [
                tenant.as_text().as_bytes(),
                list.as_bytes(),
                made,
                after.as_bytes(),
            ] {
                mac.update(&(part.len() as u64).to_be_bytes());
                mac.update(part);
            }
            let full = mac.finalize().into_bytes();
            for (to, from) in tag.iter_mut().zip(full) {
                *to = from;
            }
        }
        tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_800_000_000_000);

    #[test]
    fn a_cursor_is_for_its_tenant_and_list_and_a_day() {
        let cursors = Cursors::new([7; 32]);
        let (a, b) = (Tenant::of_kept("a"), Tenant::of_kept("b"));
        let cursor = cursors.make(&a, "runs?status=failed", "run-1", NOW);
        let read = |tenant: &Tenant, list: &str, cursor: &str, now| {
            cursors
                .read(tenant, list, cursor, now)
                .map_err(|p| p.code())
        };
        let ours = "runs?status=failed";
        assert_eq!(read(&a, ours, &cursor, NOW), Ok("run-1".into()));
        assert_eq!(read(&b, ours, &cursor, NOW), Err("HTTP_CURSOR"));
        assert_eq!(read(&a, "runs", &cursor, NOW), Err("HTTP_CURSOR"));
        assert_eq!(read(&a, ours, "", NOW), Err("HTTP_CURSOR"));
        let late = Timestamp(NOW.as_millis() + CURSOR_MS + 1);
        assert_eq!(read(&a, ours, &cursor, late), Err("HTTP_CURSOR"));
        let other = Cursors::new([8; 32]);
        assert!(other.read(&a, ours, &cursor, NOW).is_err());
        for at in 0..cursor.len() {
            let mut forged = cursor.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).expect("ASCII");
            assert_eq!(read(&a, ours, &forged, NOW), Err("HTTP_CURSOR"), "{at}");
        }
    }
}
