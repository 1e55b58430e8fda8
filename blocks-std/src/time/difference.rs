//! `time.difference`: how much time lies between two moments.

use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example};
use jiff::{Span, Unit as JiffUnit, ZonedDifference};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::instant::{Ambiguous, Reader};

/// Tells how much time lies between two moments.
pub(super) struct Difference;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The moment from which to count, as ISO 8601 has it.
    from: String,
    /// The moment up to which to count; where it is the earlier, all numbers are negative.
    to: String,
    /// The time zone whose days and months are meant, by its IANA name: `Europe/Paris`. Without it that of `from`.
    time_zone: Option<String>,
    /// The largest unit of the parts.
    #[serde(default)]
    largest: Unit,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Unit {
    Years,
    Months,
    Weeks,
    #[default]
    Days,
    Hours,
    Minutes,
    Seconds,
}

impl From<Unit> for JiffUnit {
    fn from(unit: Unit) -> Self {
        match unit {
            Unit::Years => Self::Year,
            Unit::Months => Self::Month,
            Unit::Weeks => Self::Week,
            Unit::Days => Self::Day,
            Unit::Hours => Self::Hour,
            Unit::Minutes => Self::Minute,
            Unit::Seconds => Self::Second,
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The time that passes, in seconds, with their fraction.
    Seconds(f64),
    /// The same by the calendar, unit by unit, under the names of the inputs of `time.add`: `{"days": 1, "hours": 2}`;
    /// units of which there are none are left out. Less than a millisecond is dropped.
    Parts(Map),
    /// The parts as ISO 8601 writes them: `P1DT2H`.
    Duration(String),
}

impl Block for Difference {
    const INFO: BlockInfo = BlockInfo::new(
        "time.difference",
        1,
        "Tells how much time lies between two moments.",
    )
    .details("`time.add` with the parts leads from the first moment to the second, up to a millisecond.")
    .category(Category::Time)
    .examples(&[
        Example::new(
            "hours and days",
            r#"{"from": "2026-03-08T09:00:00Z", "to": "2026-03-10T10:30:00.5Z"}"#,
            r#"[["seconds", 178200.5], ["parts", {"days": 2, "hours": 1, "minutes": 30, "milliseconds": 500}], ["duration", "P2DT1H30M0.5S"]]"#,
        ),
        Example::new(
            "a day of 23 hours",
            r#"{"from": "2026-03-28T12:00", "to": "2026-03-29T12:00", "time_zone": "Europe/Paris"}"#,
            r#"[["seconds", 82800], ["parts", {"days": 1}], ["duration", "P1D"]]"#,
        ),
        Example::new(
            "back, in months",
            r#"{"from": "2026-03-31", "to": "2026-01-30", "largest": "years"}"#,
            r#"[["seconds", -5184000], ["parts", {"months": -2, "days": -1}], ["duration", "-P2M1D"]]"#,
        ),
        Example::new(
            "no moment",
            r#"{"from": "2026-03-31", "to": "x"}"#,
            r#"[["error", "cannot be read"]]"#,
        ),
    ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let reader = Reader::new(input.time_zone.as_deref(), Ambiguous::default())?;
        let (from, to) = (reader.iso(&input.from)?, reader.iso(&input.to)?);
        let to = to.with_time_zone(from.time_zone().clone());
        let by = ZonedDifference::new(&to)
            .largest(input.largest.into())
            .smallest(JiffUnit::Millisecond);
        let span = from.until(by).map_err(|error| {
            BlockError::input(format!("the time between the two cannot be told: {error}"))
        })?;
        let seconds = from.duration_until(&to).as_secs_f64();
        out.emit(Output::Seconds(seconds)).await?;
        out.emit(Output::Parts(parts(&span))).await?;
        out.emit(Output::Duration(span.to_string())).await?;
        Ok(())
    }
}

fn parts(span: &Span) -> Map {
    let parts = [
        ("years", i64::from(span.get_years())),
        ("months", i64::from(span.get_months())),
        ("weeks", i64::from(span.get_weeks())),
        ("days", i64::from(span.get_days())),
        ("hours", i64::from(span.get_hours())),
        ("minutes", span.get_minutes()),
        ("seconds", span.get_seconds()),
        ("milliseconds", span.get_milliseconds()),
    ];
    let mut map = Map::new();
    for (name, amount) in parts.into_iter().filter(|(_, amount)| *amount != 0) {
        map.insert(name, amount);
    }
    map
}
