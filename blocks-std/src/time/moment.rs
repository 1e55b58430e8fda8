//! The present moment in a time zone, and how it is written.

use graphloom::prelude::*;
use jiff::tz::TimeZone;
use jiff::{Span, Zoned};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::strftime::strftime;
use super::zone::{users_zone, zone};

/// How a moment is written.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(tag = "discriminator")]
#[schemars(inline)]
pub(crate) enum Format {
    /// By a pattern with the directives of C and Python.
    #[serde(rename = "strftime")]
    Strftime {
        /// The pattern: `%Y-%m-%d`. The block's own when there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        format: Option<String>,
        /// The time zone, by its IANA name.
        #[serde(default = "utc")]
        timezone: String,
        /// Takes the time zone of whoever the run is for in place of `timezone`.
        #[serde(default)]
        use_user_timezone: bool,
    },
    /// As ISO 8601 has it, with the offset from UTC.
    #[serde(rename = "iso8601")]
    Iso8601 {
        /// The time zone, by its IANA name.
        #[serde(default = "utc")]
        timezone: String,
        /// Takes the time zone of whoever the run is for in place of `timezone`.
        #[serde(default)]
        use_user_timezone: bool,
        /// Writes fractions of a second too.
        #[serde(default)]
        include_microseconds: bool,
    },
}

fn utc() -> String {
    "UTC".to_owned()
}

impl Default for Format {
    fn default() -> Self {
        Self::Strftime {
            format: None,
            timezone: utc(),
            use_user_timezone: false,
        }
    }
}

impl Format {
    /// Returns the present moment in the time zone that is asked for.
    pub(crate) fn now(&self, cx: &Context) -> Result<Zoned, BlockError> {
        let zone = self.zone(cx.time_zone()?)?;
        moment(cx.now_micros()?, zone)
    }

    fn zone(&self, users: &str) -> Result<TimeZone, BlockError> {
        match self {
            Self::Strftime {
                use_user_timezone: true,
                ..
            }
            | Self::Iso8601 {
                use_user_timezone: true,
                ..
            } => users_zone(users),
            Self::Strftime { timezone, .. } | Self::Iso8601 { timezone, .. } => zone(timezone),
        }
    }

    /// Writes a moment by the pattern or as ISO 8601; `parts` says which parts.
    pub(crate) fn write(&self, at: &Zoned, parts: Parts) -> String {
        match self {
            Self::Strftime { format, .. } => {
                strftime(format.as_deref().unwrap_or(parts.pattern()), at)
            }
            Self::Iso8601 {
                include_microseconds,
                ..
            } => {
                let micros = at.subsec_nanosecond() / 1_000;
                let fraction = if *include_microseconds && micros != 0 {
                    ".%f"
                } else {
                    ""
                };
                match parts {
                    Parts::Date => strftime("%Y-%m-%d", at),
                    Parts::Time => strftime(&format!("T%H:%M:%S{fraction}%:z"), at),
                    Parts::Both => strftime(&format!("%Y-%m-%dT%H:%M:%S{fraction}%:z"), at),
                }
            }
        }
    }
}

/// Returns the moment so many microseconds after 1970.
pub(super) fn moment(micros: i64, zone: TimeZone) -> Result<Zoned, BlockError> {
    jiff::Timestamp::from_microsecond(micros)
        .map(|now| now.to_zoned(zone))
        .map_err(|error| BlockError::failed(error.to_string()))
}

/// Returns the moment so many days later, at the same time of day.
pub(crate) fn days_later(at: &Zoned, days: i64) -> Result<Zoned, BlockError> {
    let far = || BlockError::input(format!("the date {days} days later is out of range"));
    let span = Span::new().try_days(days).map_err(|_| far())?;
    let there = at.checked_add(span).map_err(|_| far())?;
    // Python's dates begin with the year 1.
    if there.year() < 1 {
        Err(far())
    } else {
        Ok(there)
    }
}

/// Which parts of a moment are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parts {
    /// The date.
    Date,
    /// The time of day.
    Time,
    /// The date and the time of day.
    Both,
}

impl Parts {
    const fn pattern(self) -> &'static str {
        match self {
            Self::Date => "%Y-%m-%d",
            Self::Time => "%H:%M:%S",
            Self::Both => "%Y-%m-%d %H:%M:%S",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_their_zone() {
        // 2026-03-08T09:05:07.012345Z
        let now = 1_772_960_707_012_345;
        let check = |format: Format, parts, expected: &str| {
            let at = moment(now, format.zone("Europe/Zurich").unwrap()).unwrap();
            assert_eq!(format.write(&at, parts), expected);
        };
        let iso = |timezone: &str, include_microseconds| Format::Iso8601 {
            timezone: timezone.to_owned(),
            use_user_timezone: false,
            include_microseconds,
        };
        check(Format::default(), Parts::Both, "2026-03-08 09:05:07");
        check(
            iso("Asia/Tokyo", false),
            Parts::Both,
            "2026-03-08T18:05:07+09:00",
        );
        check(
            iso("Pacific/Chatham", true),
            Parts::Both,
            "2026-03-08T22:50:07.012345+13:45",
        );
        check(
            iso("Australia/Eucla", false),
            Parts::Time,
            "T17:50:07+08:45",
        );
        check(iso("UTC", false), Parts::Date, "2026-03-08");
        let users = Format::Strftime {
            format: Some("%H:%M %z".to_owned()),
            timezone: utc(),
            use_user_timezone: true,
        };
        check(users.clone(), Parts::Both, "10:05 +0100");
        assert!(users.zone("Mars/Base").is_err());
        assert!(iso("Mars/Base", false).zone("UTC").is_err());
    }
}
