//! `text.extract`: what a pattern finds in a text.

use graphloom::prelude::*;
use graphloom::{Category, Example, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pattern::{Flags, Pattern};

/// At most so many matches are emitted.
const MAX_MATCHES: usize = 100_000;

/// Extracts what a pattern finds in a text.
pub(super) struct Extract;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text to search.
    text: Text,
    /// The regular expression, as Python writes it.
    pattern: String,
    /// Which group of the pattern to extract; 0 is the whole match.
    #[serde(default)]
    group: usize,
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

impl Block for Extract {
    const INFO: BlockInfo = BlockInfo::new(
        "text.extract",
        1,
        "Extracts what a pattern finds in a text: the first match or all.",
    )
    .details(
        "A match in which the group took no part is passed over. At most 100,000 matches are extracted; more are an \
         error.",
    )
    .category(Category::Text)
    .examples(&[
        Example::new(
            "all",
            r#"{"text": "k=v;l=w", "pattern": "(\\w)=(\\w)", "group": 2, "find_all": true}"#,
            r#"[["positive", "v"], ["positive", "w"], ["matched_results", ["v", "w"]], ["matched_count", 2]]"#,
        ),
        Example::new(
            "none",
            r#"{"text": "k", "pattern": "="}"#,
            r#"[["negative", "k"], ["matched_results", []], ["matched_count", 0]]"#,
        ),
        Example::new(
            "no such group",
            r#"{"text": "k", "pattern": "(k)", "group": 2}"#,
            r#"[["error", "has 1 group"]]"#,
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
        let found = extract(&input)?;
        for text in &found {
            out.emit(Output::Positive(text.clone())).await?;
        }
        if found.is_empty() {
            out.emit(Output::Negative(input.text)).await?;
        }
        let n = found.len() as u64;
        out.emit(Output::MatchedResults(found)).await?;
        out.emit(Output::MatchedCount(n)).await?;
        Ok(())
    }
}

fn extract(input: &Input) -> Result<Vec<String>, BlockError> {
    let flags = Flags {
        case_sensitive: input.case_sensitive,
        dot_all: input.dot_all,
        marks: true,
    };
    let pattern = Pattern::compile(&input.pattern, flags, &input.text)?;
    let n_groups = pattern.groups();
    if input.group > n_groups {
        return Err(BlockError::input(format!(
            "group {} is asked for, and the pattern has {n_groups} group(s)",
            input.group
        )));
    }
    let mut found = Vec::new();
    for matched in pattern.find_all(&input.text) {
        let Some(part) = matched?
            .get(input.group)
            .map(|part| part.as_str().to_owned())
        else {
            continue;
        };
        found.push(part);
        if !input.find_all {
            break;
        }
        if found.len() > MAX_MATCHES {
            return Err(BlockError::input(format!(
                "the pattern has more than {MAX_MATCHES} matches in this text"
            )));
        }
    }
    Ok(found)
}
