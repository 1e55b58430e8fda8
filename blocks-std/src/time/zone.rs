//! Time zones by their names.

use std::fmt;

use graphloom::fault::nearest;
use graphloom::prelude::*;
use jiff::tz::TimeZone;

/// There is no time zone of this name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownTimeZone {
    /// The name.
    pub name: String,
    /// The nearest names that there are, best first.
    pub suggestions: Vec<String>,
}

impl fmt::Display for UnknownTimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "there is no time zone \"{}\": give an IANA name, as {}",
            self.name.escape_debug(),
            self.suggestions
                .first()
                .map_or("Europe/Paris", String::as_str)
        )
    }
}

impl std::error::Error for UnknownTimeZone {}

/// Names in the database have 32 bytes at most; what is far longer is neither looked up nor repeated in a message.
const MAX_NAME: usize = 64;

/// Says whether the blocks know a time zone of this IANA name. A host asks before it gives a run a name that came from
/// outside.
///
/// # Errors
/// [`UnknownTimeZone`], with the nearest names.
pub fn check_time_zone(name: &str) -> Result<(), UnknownTimeZone> {
    find(name).map(|_| ())
}

fn find(name: &str) -> Result<TimeZone, UnknownTimeZone> {
    if name.len() > MAX_NAME {
        return Err(UnknownTimeZone {
            name: name.chars().take(MAX_NAME).chain(['…']).collect(),
            suggestions: Vec::new(),
        });
    }
    TimeZone::get(name).map_err(|_| {
        let known: Vec<String> = jiff::tz::db().available().map(|n| n.to_string()).collect();
        UnknownTimeZone {
            name: name.to_owned(),
            suggestions: nearest(name, known.iter().map(String::as_str)),
        }
    })
}

/// Returns the time zone that an input names.
pub(super) fn zone(name: &str) -> Result<TimeZone, BlockError> {
    find(name).map_err(|error| BlockError::input(error.to_string()))
}

/// Returns the time zone that the host named.
pub(super) fn users_zone(name: &str) -> Result<TimeZone, BlockError> {
    find(name).map_err(|error| {
        BlockError::failed(format!("the run is for somebody's time zone, but {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_up() {
        for known in [
            "UTC",
            "Europe/Paris",
            "America/Argentina/Buenos_Aires",
            "europe/paris",
        ] {
            assert!(check_time_zone(known).is_ok(), "{known}");
        }
        let unknown = check_time_zone("Europe/Pariss").unwrap_err();
        assert_eq!(unknown.suggestions.first().unwrap(), "Europe/Paris");
        for unknown in [
            "",
            "Mars/Base",
            "../etc/passwd",
            "UTC\0",
            &"A".repeat(1 << 20),
        ] {
            let message = check_time_zone(unknown).unwrap_err().to_string();
            assert!(message.len() < 200, "{message}");
        }
    }
}
