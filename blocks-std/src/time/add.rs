//! `time.add`: a moment some time before or after another.

use graphloom::prelude::*;
use graphloom::{Category, Example};
use jiff::tz::Disambiguation;
use jiff::{SignedDuration, Span, Zoned};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::instant::{Ambiguous, Reader, write};

/// Tells the moment some time after another.
pub(super) struct Add;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The moment, as ISO 8601 has it.
    moment: String,
    /// The time zone whose days and months are meant, by its IANA name: `Europe/Paris`. Without it the moment's own.
    time_zone: Option<String>,
    /// Years to add; as all amounts, negative ones are subtracted.
    #[serde(default)]
    years: i64,
    /// Months to add. In a month that is too short it is the last day.
    #[serde(default)]
    months: i64,
    /// Weeks to add.
    #[serde(default)]
    weeks: i64,
    /// Days to add: the same time of day, however long the day was.
    #[serde(default)]
    days: i64,
    /// Hours of 60 minutes to add, whatever the clocks show.
    #[serde(default)]
    hours: i64,
    /// Minutes to add.
    #[serde(default)]
    minutes: i64,
    /// Seconds to add.
    #[serde(default)]
    seconds: i64,
    /// Milliseconds to add.
    #[serde(default)]
    milliseconds: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The moment after that time, in the same zone.
    Moment(String),
}

impl Block for Add {
    const INFO: BlockInfo = BlockInfo::new(
        "time.add",
        1,
        "Tells the moment some time after another, or before it.",
    )
    .details(
        "Years and months come first, then weeks and days, each by the calendar and the clocks of the zone, then hours \
         and less as time that passes. A time of day that the clocks skip becomes as much later as they skip, of one \
         that they show twice it is the first. An offset alone (`+01:00`) has no such rules: name the zone.",
    )
    .category(Category::Time)
    .examples(&[
        Example::new(
            "the end of a month",
            r#"{"moment": "2024-01-31T12:00:00Z", "months": 1}"#,
            r#"[["moment", "2024-02-29T12:00:00Z"]]"#,
        ),
        Example::new(
            "a day of 23 hours",
            r#"{"moment": "2026-03-28T12:00", "time_zone": "Europe/Paris", "days": 1}"#,
            r#"[["moment", "2026-03-29T12:00:00+02:00[Europe/Paris]"]]"#,
        ),
        Example::new(
            "24 hours over it",
            r#"{"moment": "2026-03-28T12:00", "time_zone": "Europe/Paris", "hours": 24}"#,
            r#"[["moment", "2026-03-29T13:00:00+02:00[Europe/Paris]"]]"#,
        ),
        Example::new(
            "before",
            r#"{"moment": "2026-03-01T00:00:00Z", "days": -1, "seconds": 30}"#,
            r#"[["moment", "2026-02-28T00:00:30Z"]]"#,
        ),
        Example::new(
            "too far",
            r#"{"moment": "2026-03-01T00:00:00Z", "years": 9000}"#,
            r#"[["error", "out of range"]]"#,
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
        let at = reader.iso(&input.moment)?;
        let Some(there) = later(&at, &input) else {
            return Err(BlockError::input(format!(
                "the moment so much after {} is out of range: years -9999 to 9999 are told",
                write(&at)
            )));
        };
        out.emit(Output::Moment(write(&there))).await?;
        Ok(())
    }
}

fn later(at: &Zoned, by: &Input) -> Option<Zoned> {
    let months = by.years.checked_mul(12)?.checked_add(by.months)?;
    let days = by.weeks.checked_mul(7)?.checked_add(by.days)?;
    let mut there = at.clone();
    // Both in one step: the time of day in between may be one that the clocks skipped.
    if (months, days) != (0, 0) {
        let months = Span::new().try_months(months).ok()?;
        let days = Span::new().try_days(days).ok()?;
        let local = at.datetime().checked_add(months).ok()?;
        let local = local.checked_add(days).ok()?;
        let local = at.time_zone().to_ambiguous_zoned(local);
        there = local.disambiguate(Disambiguation::Compatible).ok()?;
    }
    let seconds = by
        .hours
        .checked_mul(3_600)?
        .checked_add(by.minutes.checked_mul(60)?)?
        .checked_add(by.seconds)?;
    let exact = SignedDuration::from_secs(seconds)
        .checked_add(SignedDuration::from_millis(by.milliseconds))?;
    there.checked_add(exact).ok()
}
