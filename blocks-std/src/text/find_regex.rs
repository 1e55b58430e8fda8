//! `text.regex`: what a regular expression matches, with its groups.

use graphloom::prelude::*;
use graphloom::value::{List, Map};
use graphloom::{Category, Example, Resource, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::linear::{Flag, Linear};
use super::size;

/// Finds everything that a regular expression matches in a text.
pub(super) struct FindRegex;

/// Groups all of which might be in each match make far more values than there are bytes.
const MAX_GROUPS: usize = 10_000_000;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text to search.
    text: Text,
    /// The regular expression, with groups for its parts: `(\w+)=(?<value>\d+)`.
    pattern: String,
    /// How letters and lines are taken: `ignore_case`, `multi_line`, `dot_all`, `verbose`.
    #[serde(default)]
    flags: Vec<Flag>,
    /// How many matches to find at most; all without it.
    limit: Option<u64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The first match, if there is one.
    First(Map),
    /// All matches from left to right, each a map: `text`, `start` and `end` (in characters), `groups` (a list, null
    /// for a group that took no part) and `named` (the groups with names).
    Matches(List),
    /// How many there are.
    Count(usize),
}

impl Block for FindRegex {
    const INFO: BlockInfo = BlockInfo::new(
        "text.regex",
        1,
        "Finds everything that a regular expression matches in a text, with its groups.",
    )
    .details(
        "There are no look-around and no back-references, so that no pattern takes for ever; `text.extract` has them. \
         A text with very many matches of a pattern without a longest match (`.*`) is refused.",
    )
    .category(Category::Text)
    .resource(Resource::Cpu)
    .examples(&[
        Example::new(
            "groups",
            r#"{"text": "é: a=1", "pattern": "(\\w)=(?<n>\\d)(!)?"}"#,
            r#"[["first", {"text": "a=1", "start": 3, "end": 6, "groups": ["a", "1", null], "named": {"n": "1"}}],
                ["matches", [{"text": "a=1", "start": 3, "end": 6, "groups": ["a", "1", null], "named": {"n": "1"}}]],
                ["count", 1]]"#,
        ),
        Example::new(
            "none",
            r#"{"text": "abc", "pattern": "\\d"}"#,
            r#"[["matches", []], ["count", 0]]"#,
        ),
        Example::new(
            "not more than one",
            r#"{"text": "ab", "pattern": ".", "limit": 1}"#,
            r#"[["first", {"text": "a", "start": 0, "end": 1, "groups": [], "named": {}}],
                ["matches", [{"text": "a", "start": 0, "end": 1, "groups": [], "named": {}}]], ["count", 1]]"#,
        ),
        Example::new(
            "faulty pattern",
            r#"{"text": "x", "pattern": "(?=a)"}"#,
            r#"[["error", "look-around"]]"#,
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
        let limit = input.limit.map_or(usize::MAX, |limit| {
            usize::try_from(limit).unwrap_or(usize::MAX)
        });
        let matches = matches(cx, &pattern, &input.text, limit)?;
        if let Some(Value::Map(first)) = matches.first() {
            out.emit(Output::First(first.clone())).await?;
        }
        let count = matches.len();
        out.emit(Output::Matches(matches.into())).await?;
        out.emit(Output::Count(count)).await?;
        Ok(())
    }
}

fn matches(
    cx: &Context,
    pattern: &Linear,
    text: &str,
    limit: usize,
) -> Result<Vec<Value>, BlockError> {
    let mut watch = pattern.watch(text);
    let mut found = Vec::new();
    let (mut bytes, mut n_groups) = (0_usize, 0_usize);
    // Up to which byte the characters are counted, and how many they are.
    let (mut counted, mut chars) = (0, 0);
    let mut position = |at: usize| {
        chars += text.get(counted..at).map_or(0, |part| part.chars().count());
        counted = at;
        chars
    };
    for captures in pattern.regex.captures_iter(text).take(limit) {
        let Some(whole) = captures.get(0) else {
            continue;
        };
        watch.found(cx, whole.end())?;
        n_groups += captures.len();
        if n_groups > MAX_GROUPS {
            return Err(BlockError::input(format!(
                "all matches have more than {MAX_GROUPS} groups together: search the text in parts"
            )));
        }
        let mut taken = |part: Option<regex::Match<'_>>| -> Result<Value, BlockError> {
            let Some(part) = part else {
                return Ok(Value::Null);
            };
            // A group may be most of a match, and so may be all groups.
            bytes += part.len();
            size::check(bytes)?;
            Ok(Value::from(part.as_str()))
        };
        let mut one = Map::new();
        one.insert("text", taken(Some(whole))?);
        one.insert("start", position(whole.start()) as u64);
        one.insert("end", position(whole.end()) as u64);
        let groups = captures.iter().skip(1).map(&mut taken);
        let groups: Vec<Value> = groups.collect::<Result<_, _>>()?;
        let mut named = Map::new();
        for (name, value) in pattern.names().zip(&groups) {
            if let Some(name) = name {
                named.insert(name, value.clone());
            }
        }
        one.insert("groups", Value::from(groups));
        one.insert("named", Value::from(named));
        found.push(Value::from(one));
    }
    Ok(found)
}
