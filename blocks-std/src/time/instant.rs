//! Moments as texts: how the blocks read them, in which zone they take them, and how they write them.
//!
//! One rule for all: a time zone that is given is the one to work in. A text that has a zone or an offset of its own is
//! taken over into it, one that has none is meant in it. Where none is given, a text keeps its own, and UTC is meant
//! where it has none.

use graphloom::prelude::*;
use jiff::Zoned;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::fmt::strtime::{BrokenDownTime, Config, PosixCustom};
use jiff::fmt::temporal::{DateTimeParser, DateTimePrinter, PiecesOffset};
use jiff::tz::{Disambiguation, TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::zone::zone;

/// The longest text that is read as a moment, and the longest pattern, in bytes.
const MAX_BYTES: usize = 1 << 10;

/// What a local time means that the clocks of its zone skipped, or showed twice.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum Ambiguous {
    /// The first of two; one that was skipped is as much later as was skipped. So RFC 5545 has it.
    #[default]
    Compatible,
    /// The first of two; one that was skipped is as much earlier as was skipped.
    Earlier,
    /// The second of two; one that was skipped is as much later as was skipped.
    Later,
    /// Neither: an error.
    Reject,
}

impl From<Ambiguous> for Disambiguation {
    fn from(ambiguous: Ambiguous) -> Self {
        match ambiguous {
            Ambiguous::Compatible => Self::Compatible,
            Ambiguous::Earlier => Self::Earlier,
            Ambiguous::Later => Self::Later,
            Ambiguous::Reject => Self::Reject,
        }
    }
}

/// Where and how moments are taken.
pub(super) struct Reader {
    zone: Option<TimeZone>,
    ambiguous: Disambiguation,
}

impl Reader {
    /// Returns one for this time zone, if it is given and there is such a zone.
    pub(super) fn new(time_zone: Option<&str>, ambiguous: Ambiguous) -> Result<Self, BlockError> {
        Ok(Self {
            zone: time_zone.map(zone).transpose()?,
            ambiguous: ambiguous.into(),
        })
    }

    /// Reads ISO 8601, as RFC 3339 and RFC 9557 have it.
    pub(super) fn iso(&self, text: &str) -> Result<Zoned, BlockError> {
        self.read(
            text,
            "as ISO 8601 has it: 2026-03-08T09:05:07+01:00",
            || {
                let parser = DateTimeParser::new().disambiguation(self.ambiguous);
                let pieces = parser.parse_pieces(text)?;
                if pieces.time_zone_annotation().is_some() {
                    return parser.parse_zoned(text);
                }
                let local = pieces.date().to_datetime(pieces.time().unwrap_or_default());
                match pieces.offset() {
                    None => self.local(local),
                    Some(PiecesOffset::Numeric(numeric)) => {
                        local.to_zoned(TimeZone::fixed(numeric.offset()))
                    }
                    Some(_) => local.to_zoned(TimeZone::UTC),
                }
            },
        )
    }

    /// Reads what a mail has as its date.
    pub(super) fn rfc2822(&self, text: &str) -> Result<Zoned, BlockError> {
        let like = "as RFC 2822 has it: Sun, 8 Mar 2026 09:05:07 +0100";
        self.read(text, like, || rfc2822::parse(text))
    }

    /// Reads by a pattern.
    pub(super) fn pattern(&self, pattern: &str, text: &str) -> Result<Zoned, BlockError> {
        check_pattern(pattern)?;
        self.read(text, &format!("by the pattern \"{pattern}\""), || {
            let parts = BrokenDownTime::parse(pattern, text)?;
            match (parts.timestamp(), parts.offset(), parts.iana_time_zone()) {
                (Some(at), None, None) => Ok(at.to_zoned(self.default_zone())),
                (None, None, None) => self.local(parts.to_datetime()?),
                (None, None, Some(name)) => {
                    let zone = TimeZone::get(name)?;
                    let local = zone.to_ambiguous_zoned(parts.to_datetime()?);
                    local.disambiguate(self.ambiguous)
                }
                _ => parts.to_zoned(),
            }
        })
    }

    fn read(
        &self,
        text: &str,
        like: &str,
        read: impl FnOnce() -> Result<Zoned, jiff::Error>,
    ) -> Result<Zoned, BlockError> {
        if text.len() > MAX_BYTES {
            let n = text.len();
            return Err(BlockError::input(format!(
                "a text of {n} bytes is no moment: at most {MAX_BYTES} are read"
            )));
        }
        let at = read().map_err(|error| {
            BlockError::input(format!("\"{text}\" cannot be read {like}: {error}"))
        })?;
        Ok(match &self.zone {
            Some(zone) => at.with_time_zone(zone.clone()),
            None => at,
        })
    }

    fn default_zone(&self) -> TimeZone {
        self.zone.clone().unwrap_or(TimeZone::UTC)
    }

    fn local(&self, local: DateTime) -> Result<Zoned, jiff::Error> {
        let local = self.default_zone().to_ambiguous_zoned(local);
        local.disambiguate(self.ambiguous)
    }
}

/// Writes a moment so that it is read again as the same in the same zone: with the zone in brackets, where it has rules
/// that the offset does not tell.
pub(super) fn write(at: &Zoned) -> String {
    match at.time_zone().iana_name() {
        Some("UTC") => at.timestamp().to_string(),
        Some(_) => at.to_string(),
        None => rfc3339(at),
    }
}

/// Writes a moment with its offset only; in UTC where the offset has seconds, as those of the 19th century had, which
/// RFC 3339 cannot write.
pub(super) fn rfc3339(at: &Zoned) -> String {
    let (moment, offset) = (at.timestamp(), at.offset());
    if at.time_zone().iana_name() == Some("UTC") || offset.seconds() % 60 != 0 {
        return moment.to_string();
    }
    DateTimePrinter::new().timestamp_with_offset_to_string(&moment, offset)
}

/// Writes a moment by a pattern.
pub(super) fn by_pattern(pattern: &str, at: &Zoned) -> Result<String, BlockError> {
    check_pattern(pattern)?;
    let config = Config::new().custom(PosixCustom::new());
    let mut text = String::new();
    BrokenDownTime::from(at)
        .format_with_config(&config, pattern, &mut text)
        .map_err(|error| {
            BlockError::input(format!(
                "no moment can be written by the pattern \"{pattern}\": {error}"
            ))
        })?;
    Ok(text)
}

fn check_pattern(pattern: &str) -> Result<(), BlockError> {
    if pattern.len() > MAX_BYTES {
        let n = pattern.len();
        return Err(BlockError::input(format!(
            "a pattern of {n} bytes is too long: at most {MAX_BYTES} are read"
        )));
    }
    Ok(())
}

/// The ways to write a moment that have a name.
pub(super) enum Style<'p> {
    Iso8601,
    Rfc2822,
    Pattern(&'p str),
}

impl<'p> Style<'p> {
    /// Takes what has a percent sign for a pattern.
    pub(super) fn of(format: &'p str) -> Result<Self, BlockError> {
        match format {
            "iso8601" => Ok(Self::Iso8601),
            "rfc2822" => Ok(Self::Rfc2822),
            pattern if pattern.contains('%') => Ok(Self::Pattern(pattern)),
            other => {
                let other: String = other.chars().take(80).collect();
                Err(BlockError::input(format!(
                    "\"{other}\" is no format: give iso8601, rfc2822, or a pattern as %Y-%m-%d"
                )))
            }
        }
    }
}
