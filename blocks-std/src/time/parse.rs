//! `time.parse`: a text read as a moment.

use graphloom::prelude::*;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::instant::{Ambiguous, Reader, Style, write};

/// Reads a date and time out of a text.
pub(super) struct Parse;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text: `2026-03-08T09:05:07+01:00`. Nothing else may be in it.
    text: String,
    /// How it is written: `iso8601` (RFC 3339 and RFC 9557 too), `rfc2822` (mails), or a pattern: `%d.%m.%Y %H:%M`.
    #[serde(default = "iso8601")]
    format: String,
    /// The time zone to work in, by its IANA name: `Europe/Paris`. What has no zone is meant in it, the rest is taken
    /// over into it. Without it the text's own holds, and UTC where it has none.
    time_zone: Option<String>,
    /// What a local time means that the clocks skipped or showed twice.
    #[serde(default)]
    ambiguous: Ambiguous,
}

pub(super) fn iso8601() -> String {
    "iso8601".to_owned()
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The moment, as ISO 8601 has it; with its zone in brackets, where it has one by name.
    Moment(String),
    /// Milliseconds since 1970-01-01T00:00:00Z.
    UnixMs(i64),
}

impl Block for Parse {
    const INFO: BlockInfo =
        BlockInfo::new("time.parse", 1, "Reads a date and time out of a text.")
            .details(
                "A date without a time is its midnight. Patterns have the directives of C: `%Y %m %d %H %M %S %p %b %A \
                 %j %s`, `%f` for fractions of a second, `%z` and `%:z` for an offset, `%Q` for the name of a zone. \
                 The zone in brackets (`[Europe/Paris]`) lets other blocks count days and months by its rules; \
                 `time.format` writes without it.",
            )
            .category(Category::Time)
            .examples(&[
                Example::new(
                    "with an offset",
                    r#"{"text": "2026-03-08T09:05:07.5+01:00"}"#,
                    r#"[["moment", "2026-03-08T09:05:07.5+01:00"], ["unix_ms", 1772957107500]]"#,
                ),
                Example::new(
                    "a mail's date, in a zone",
                    r#"{"text": "Sun, 8 Mar 2026 09:05:07 GMT", "format": "rfc2822", "time_zone": "Asia/Tokyo"}"#,
                    r#"[["moment", "2026-03-08T18:05:07+09:00[Asia/Tokyo]"], ["unix_ms", 1772960707000]]"#,
                ),
                Example::new(
                    "by a pattern",
                    r#"{"text": "8.3.2026", "format": "%d.%m.%Y"}"#,
                    r#"[["moment", "2026-03-08T00:00:00Z"], ["unix_ms", 1772928000000]]"#,
                ),
                Example::new(
                    "skipped by the clocks",
                    r#"{"text": "2026-03-29T02:30", "time_zone": "Europe/Paris"}"#,
                    r#"[["moment", "2026-03-29T03:30:00+02:00[Europe/Paris]"], ["unix_ms", 1774747800000]]"#,
                ),
                Example::new(
                    "skipped, and refused",
                    r#"{"text": "2026-03-29T02:30", "time_zone": "Europe/Paris", "ambiguous": "reject"}"#,
                    r#"[["error", "cannot be read"]]"#,
                ),
                Example::new(
                    "no moment",
                    r#"{"text": "tomorrow"}"#,
                    r#"[["error", "cannot be read as ISO 8601"]]"#,
                ),
                Example::new(
                    "no such zone",
                    r#"{"text": "2026-03-08", "time_zone": "Mars/Base"}"#,
                    r#"[["error", "there is no time zone"]]"#,
                ),
                Example::new(
                    "no format",
                    r#"{"text": "2026-03-08", "format": "iso"}"#,
                    r#"[["error", "is no format"]]"#,
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
        let reader = Reader::new(input.time_zone.as_deref(), input.ambiguous)?;
        let at = match Style::of(&input.format)? {
            Style::Iso8601 => reader.iso(&input.text),
            Style::Rfc2822 => reader.rfc2822(&input.text),
            Style::Pattern(pattern) => reader.pattern(pattern, &input.text),
        }?;
        out.emit(Output::Moment(write(&at))).await?;
        out.emit(Output::UnixMs(at.timestamp().as_millisecond()))
            .await?;
        Ok(())
    }
}
