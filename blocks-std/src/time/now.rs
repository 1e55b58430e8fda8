//! `time.now`: the present moment, for blocks that count with it.

use graphloom::prelude::*;
use graphloom::{Capability, Category, Effect, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::instant::write;
use super::moment::moment;
use super::zone::{users_zone, zone};

/// Tells the present moment.
pub(super) struct Now;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// Any value: it says when to tell the time, not what.
    #[serde(rename = "trigger", default)]
    _trigger: Value,
    /// The time zone to tell it in, by its IANA name: `Europe/Paris`. Without it that of whoever the run is for.
    time_zone: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The moment, as ISO 8601 has it, with its zone in brackets: what `time.add` and its like take.
    Moment(String),
    /// Milliseconds since 1970-01-01T00:00:00Z.
    UnixMs(i64),
    /// The name of the time zone.
    TimeZone(String),
}

impl Block for Now {
    const INFO: BlockInfo = BlockInfo::new("time.now", 1, "Tells the present moment.")
        .category(Category::Time)
        .effect(Effect::Idempotent)
        .capabilities(&[Capability::Clock])
        .examples(&[
            Example::new(
                "in a zone",
                r#"{"time_zone": "Asia/Tokyo"}"#,
                r#"[["moment", "2026-03-08T18:05:07.012345+09:00[Asia/Tokyo]"], ["unix_ms", 1772960707012], ["time_zone", "Asia/Tokyo"]]"#,
            )
            .varies(),
            Example::new(
                "no such zone",
                r#"{"time_zone": "Mars/Base"}"#,
                r#"[["error", "there is no time zone"]]"#,
            ),
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let zone = match &input.time_zone {
            Some(name) => zone(name)?,
            None => users_zone(cx.time_zone()?)?,
        };
        let at = moment(cx.now_micros()?, zone)?;
        let name = at.time_zone().iana_name().unwrap_or("UTC").to_owned();
        out.emit(Output::Moment(write(&at))).await?;
        out.emit(Output::UnixMs(at.timestamp().as_millisecond()))
            .await?;
        out.emit(Output::TimeZone(name)).await?;
        Ok(())
    }
}
