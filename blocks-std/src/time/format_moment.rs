//! `time.format`: a moment written as a text.

use graphloom::prelude::*;
use graphloom::{Category, Example};
use jiff::fmt::rfc2822;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::instant::{Ambiguous, Reader, Style, by_pattern, rfc3339};
use super::parse::iso8601;

/// Writes a moment as a text.
pub(super) struct FormatMoment;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The moment, as ISO 8601 has it.
    moment: String,
    /// How to write it: `iso8601` (as RFC 3339 has it), `rfc2822` (mails), or a pattern: `%d.%m.%Y %H:%M`.
    #[serde(default = "iso8601")]
    format: String,
    /// The time zone to write it in, by its IANA name: `Europe/Paris`. Without it the moment's own.
    time_zone: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The text.
    Text(String),
}

impl Block for FormatMoment {
    const INFO: BlockInfo = BlockInfo::new("time.format", 1, "Writes a moment as a text.")
        .details(
            "Patterns have the directives of C, with English names: `%Y-%m-%d %H:%M:%S`, `%A`, `%B`, `%-d`, `%I %p`, \
             `%j`, `%s`, `%Z`, `%z`; `%3f` writes milliseconds, `%Q` the name of the zone. A directive that there is \
             not is an error.",
        )
        .category(Category::Time)
        .examples(&[
            Example::new(
                "in a zone",
                r#"{"moment": "2026-03-08T09:05:07Z", "time_zone": "America/New_York"}"#,
                r#"[["text", "2026-03-08T05:05:07-04:00"]]"#,
            ),
            Example::new(
                "for a mail",
                r#"{"moment": "2026-03-08T09:05:07Z", "format": "rfc2822"}"#,
                r#"[["text", "Sun, 8 Mar 2026 09:05:07 +0000"]]"#,
            ),
            Example::new(
                "by a pattern",
                r#"{"moment": "2026-03-08T09:05:07.25Z", "format": "%A, %-d %B %Y, %H:%M:%S.%3f"}"#,
                r#"[["text", "Sunday, 8 March 2026, 09:05:07.250"]]"#,
            ),
            Example::new(
                "no such directive",
                r#"{"moment": "2026-03-08T09:05:07Z", "format": "%Y %E"}"#,
                r#"[["error", "by the pattern"]]"#,
            ),
            Example::new(
                "no moment",
                r#"{"moment": "now"}"#,
                r#"[["error", "cannot be read as ISO 8601"]]"#,
            ),
            Example::new(
                "too early for a mail",
                r#"{"moment": "-000001-01-01T00:00Z", "format": "rfc2822"}"#,
                r#"[["error", "cannot be written"]]"#,
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
        let text = match Style::of(&input.format)? {
            Style::Iso8601 => rfc3339(&at),
            Style::Rfc2822 => rfc2822::to_string(&at).map_err(|error| {
                BlockError::input(format!(
                    "{} cannot be written as RFC 2822 has it: {error}",
                    rfc3339(&at)
                ))
            })?,
            Style::Pattern(pattern) => by_pattern(pattern, &at)?,
        };
        out.emit(Output::Text(text)).await?;
        Ok(())
    }
}
