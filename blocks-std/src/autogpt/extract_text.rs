//! `autogpt.extract_text`: what a pattern finds in any value, or nothing.

use graphloom::prelude::*;
use graphloom::{Category, Example, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::searched::searched;
use crate::text::pattern::{Flags, Pattern};

/// Only so many characters are searched.
const MAX_SEARCHED: usize = 1_000_000;

/// At most so many matches are extracted; more are passed over.
const MAX_MATCHES: usize = 1_000;

/// Matches of more characters than this are passed over.
const MAX_MATCH: usize = 10_000;

/// Extracts what a pattern finds in a value.
pub(super) struct ExtractText;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// What to search; what is no text is searched as its JSON.
    text: Value,
    /// The regular expression, as Python writes it.
    pattern: String,
    /// Which group of the pattern to extract; 0 is the whole match.
    #[serde(default)]
    group: i64,
    /// Takes upper and lower case for different.
    #[serde(default = "yes")]
    case_sensitive: bool,
    /// Lets a dot stand for a line break too.
    #[serde(default = "yes")]
    dot_all: bool,
    /// Extracts all matches, not only the first.
    #[serde(default)]
    find_all: bool,
}

fn yes() -> bool {
    true
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// What was found, once for each match.
    Positive(String),
    /// The text, if nothing was found.
    Negative(Text),
    /// All that was found.
    MatchedResults(Vec<String>),
    /// How many were found.
    MatchedCount(u64),
}

impl Block for ExtractText {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.extract_text",
        1,
        "Extracts what a pattern finds in a value: the first match or all.",
    )
    .details(
        "Unlike `text.extract`: searches any value; a faulty pattern, a group that is not there and a group that took \
         no part in a match all count as nothing found; at most a million characters are searched and a thousand \
         matches extracted; without a match, a value that is no text is an error.",
    )
    .category(Category::Text)
    .native("text.extract")
    .autogpt("3146e4fe-2cdd-4f29-bd12-0c9d5bb4deb0", "ExtractTextInformationBlock")
    .examples(&[
        Example::new(
            "in a list",
            r#"{"text": {"price": "12 EUR", "n": [1, 2]}, "pattern": "\\d+", "find_all": true}"#,
            r#"[["positive", "12"], ["positive", "1"], ["positive", "2"], ["matched_results", ["12", "1", "2"]], ["matched_count", 3]]"#,
        ),
        Example::new(
            "faulty pattern",
            r#"{"text": "a", "pattern": "["}"#,
            r#"[["negative", "a"], ["matched_results", []], ["matched_count", 0]]"#,
        ),
        Example::new(
            "nothing in a number",
            r#"{"text": 5, "pattern": "x"}"#,
            r#"[["error", "is not a text"]]"#,
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
        let found = extract(&input).unwrap_or_default();
        for text in &found {
            out.emit(Output::Positive(text.clone())).await?;
        }
        if found.is_empty() {
            let Value::Text(text) = input.text else {
                return Err(BlockError::input(format!(
                    "nothing was found, and the negative output takes texts: {} is not a text",
                    input.text.type_name()
                )));
            };
            out.emit(Output::Negative(text)).await?;
        }
        let n = found.len() as u64;
        out.emit(Output::MatchedResults(found)).await?;
        out.emit(Output::MatchedCount(n)).await?;
        Ok(())
    }
}

/// Returns what was found, or `None` where anything is wrong.
fn extract(input: &Input) -> Option<Vec<String>> {
    let flags = Flags {
        case_sensitive: input.case_sensitive,
        dot_all: input.dot_all,
        // Patterns that repeat go to another engine there, which takes combining marks for letters.
        marks: input.pattern.contains(['+', '*']),
    };
    let text = searched(&input.text);
    let text = match text.char_indices().nth(MAX_SEARCHED) {
        Some((end, _)) => text.get(..end)?,
        None => &text,
    };
    let pattern = Pattern::compile(&input.pattern, flags, text).ok()?;
    let group = usize::try_from(input.group).ok()?;
    let mut found = Vec::new();
    for matched in pattern.find_all(text) {
        let matched = matched.ok()?;
        let part = matched.get(group)?.as_str();
        if part.chars().count() <= MAX_MATCH {
            found.push(part.to_owned());
        }
        if !input.find_all || found.len() >= MAX_MATCHES {
            break;
        }
    }
    Some(found)
}
