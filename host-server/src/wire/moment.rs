//! Moments, as they are written.

use graphloom::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::answer::moment;

/// A moment: RFC 3339; written in UTC with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&moment(self.0))
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let read: jiff::Timestamp = text.parse().map_err(|_| {
            let shown: String = text.chars().take(40).collect();
            D::Error::custom(format!(
                "{shown:?} is no moment: expected one like 2026-03-29T01:00:00Z"
            ))
        })?;
        Ok(Self(Timestamp(read.as_millisecond())))
    }
}
