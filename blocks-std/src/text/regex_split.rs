//! `text.regex_split`: the parts between what a regular expression matches.

use graphloom::prelude::*;
use graphloom::{Category, Example, Resource, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::linear::{Flag, Linear};

/// Splits a text where a regular expression matches.
pub(super) struct RegexSplit;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text to split.
    text: Text,
    /// The regular expression of what stands between the parts: `\s*[,;]\s*`.
    pattern: String,
    /// How letters and lines are taken: `ignore_case`, `multi_line`, `dot_all`, `verbose`.
    #[serde(default)]
    flags: Vec<Flag>,
    /// How many parts to make at most; the last one then has the rest. All without it.
    limit: Option<u64>,
    /// Leaves parts out in which there is nothing.
    #[serde(default)]
    skip_empty: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The parts, in their order.
    Parts(Vec<String>),
    /// How many there are.
    Count(usize),
}

impl Block for RegexSplit {
    const INFO: BlockInfo = BlockInfo::new(
        "text.regex_split",
        1,
        "Splits a text where a regular expression matches.",
    )
    .details("Without a match there is one part, the whole text. Groups of the pattern are not among the parts.")
    .category(Category::Text)
    .resource(Resource::Cpu)
    .examples(&[
        Example::new(
            "two separators",
            r#"{"text": "a , b;c", "pattern": "\\s*[,;]\\s*"}"#,
            r#"[["parts", ["a", "b", "c"]], ["count", 3]]"#,
        ),
        Example::new(
            "two parts at most",
            r#"{"text": "a,b,c", "pattern": ",", "limit": 2}"#,
            r#"[["parts", ["a", "b,c"]], ["count", 2]]"#,
        ),
        Example::new(
            "without empty parts",
            r#"{"text": "\na\n\nb", "pattern": "\n", "skip_empty": true}"#,
            r#"[["parts", ["a", "b"]], ["count", 2]]"#,
        ),
        Example::new(
            "faulty pattern",
            r#"{"text": "x", "pattern": "[a"}"#,
            r#"[["error", "cannot be read"]]"#,
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
        let pattern = Linear::compile(&input.pattern, &input.flags)?;
        let text = &input.text;
        let mut watch = pattern.watch(text);
        let mut parts = Vec::new();
        let cuts = input.limit.map_or(usize::MAX, |limit| {
            usize::try_from(limit.saturating_sub(1)).unwrap_or(usize::MAX)
        });
        let mut done = 0;
        let wanted = |part: &&str| !(input.skip_empty && part.is_empty());
        if cuts > 0 {
            for found in pattern.regex.find_iter(text) {
                watch.found(cx, found.end())?;
                let part = text.get(done..found.start());
                parts.extend(part.filter(wanted).map(str::to_owned));
                done = found.end();
                if parts.len() == cuts {
                    break;
                }
            }
        }
        let rest = text.get(done..);
        parts.extend(rest.filter(wanted).map(str::to_owned));
        let count = parts.len();
        out.emit(Output::Parts(parts)).await?;
        out.emit(Output::Count(count)).await?;
        Ok(())
    }
}
