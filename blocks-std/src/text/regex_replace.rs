//! `text.regex_replace`: another text for what a regular expression matches.

use graphloom::fault::nearest;
use graphloom::prelude::*;
use graphloom::{Category, Example, Resource, Text};
use regex::Captures;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::linear::{Flag, Linear};
use super::size;

/// Replaces what a regular expression matches.
pub(super) struct RegexReplace;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text to change.
    text: Text,
    /// The regular expression: `(\w+)@(?<host>\w+)`.
    pattern: String,
    /// What to put in place of each match. `$1` and `${1}` stand for a group, `$host` and `${host}` for one with a
    /// name, `$0` for the whole match, `$$` for a dollar sign.
    replacement: String,
    /// How letters and lines are taken: `ignore_case`, `multi_line`, `dot_all`, `verbose`.
    #[serde(default)]
    flags: Vec<Flag>,
    /// How many matches to replace at most, the first ones; all without it.
    limit: Option<u64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The changed text.
    Text(Text),
    /// How many matches were replaced.
    Count(usize),
}

impl Block for RegexReplace {
    const INFO: BlockInfo = BlockInfo::new(
        "text.regex_replace",
        1,
        "Replaces what a regular expression matches in a text.",
    )
    .details(
        "A name goes on as long as letters, digits and underscores do: write `${1}st` for group 1 and `st`. A group \
         that took no part in the match is empty, one that there is not is an error.",
    )
    .category(Category::Text)
    .resource(Resource::Cpu)
    .examples(&[
        Example::new(
            "groups",
            r#"{"text": "ada@math, $5", "pattern": "(\\w+)@(?<host>\\w+)", "replacement": "$host: $1 ${0} $$"}"#,
            r#"[["text", "math: ada ada@math $, $5"], ["count", 1]]"#,
        ),
        Example::new(
            "the first one only",
            r#"{"text": "a a", "pattern": "a", "replacement": "b", "limit": 1}"#,
            r#"[["text", "b a"], ["count", 1]]"#,
        ),
        Example::new(
            "no such group",
            r#"{"text": "a", "pattern": "(?<word>a)", "replacement": "$wrod"}"#,
            r#"[["error", "no group \"wrod\": did you mean \"word\"?"]]"#,
        ),
        Example::new(
            "a lonely dollar sign",
            r#"{"text": "a", "pattern": "a", "replacement": "5 $"}"#,
            r#"[["error", "write $$"]]"#,
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
        let parts = parts(&input.replacement, &pattern)?;
        let limit = input.limit.map_or(usize::MAX, |limit| {
            usize::try_from(limit).unwrap_or(usize::MAX)
        });
        let (text, count) = replace(cx, &pattern, &input.text, &parts, limit)?;
        out.emit(Output::Text(text)).await?;
        out.emit(Output::Count(count)).await?;
        Ok(())
    }
}

/// A part of a replacement.
enum Part<'r> {
    Literal(&'r str),
    Group(usize),
}

fn parts<'r>(replacement: &'r str, pattern: &Linear) -> Result<Vec<Part<'r>>, BlockError> {
    let mut parts = Vec::new();
    let mut rest = replacement;
    while let Some((before, after)) = rest.split_once('$') {
        parts.push(Part::Literal(before));
        if let Some(after) = after.strip_prefix('$') {
            parts.push(Part::Literal("$"));
            rest = after;
            continue;
        }
        let (name, after) = match after.strip_prefix('{') {
            Some(inside) => inside
                .split_once('}')
                .ok_or_else(|| BlockError::input("the replacement has a ${ without an end }"))?,
            None => {
                let ends = |c: char| !c.is_alphanumeric() && c != '_';
                after.split_at(after.find(ends).unwrap_or(after.len()))
            }
        };
        parts.push(Part::Group(group(name, pattern)?));
        rest = after;
    }
    parts.push(Part::Literal(rest));
    Ok(parts)
}

fn group(name: &str, pattern: &Linear) -> Result<usize, BlockError> {
    if name.is_empty() {
        return Err(BlockError::input(
            "a dollar sign in the replacement has no group after it: write $$ for the sign itself",
        ));
    }
    let n = pattern.regex.captures_len();
    let index = match name.parse::<usize>() {
        Ok(index) => Some(index).filter(|index| *index < n),
        Err(_) => pattern
            .names()
            .position(|other| other == Some(name))
            .map(|at| at + 1),
    };
    index.ok_or_else(|| {
        let near = nearest(name, pattern.names().flatten());
        let shown: String = name.chars().take(80).collect();
        let which = match near.first() {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("it has {}.", n - 1),
        };
        BlockError::input(format!(
            "the pattern has no group \"{shown}\": {which} Where text follows a group, write ${{name}}"
        ))
    })
}

fn replace(
    cx: &Context,
    pattern: &Linear,
    text: &Text,
    parts: &[Part<'_>],
    limit: usize,
) -> Result<(Text, usize), BlockError> {
    let mut watch = pattern.watch(text);
    let mut made = String::new();
    let (mut done, mut count) = (0, 0);
    for captures in pattern.regex.captures_iter(text).take(limit) {
        let Some(whole) = captures.get(0) else {
            continue;
        };
        watch.found(cx, whole.end())?;
        push(&mut made, text.get(done..whole.start()).unwrap_or_default())?;
        for part in parts {
            push(&mut made, expanded(part, &captures))?;
        }
        done = whole.end();
        count += 1;
    }
    if count == 0 {
        return Ok((text.clone(), 0));
    }
    push(&mut made, text.get(done..).unwrap_or_default())?;
    Ok((Text::from(made), count))
}

fn expanded<'a>(part: &Part<'a>, captures: &Captures<'a>) -> &'a str {
    match part {
        Part::Literal(text) => text,
        Part::Group(group) => captures.get(*group).map_or("", |found| found.as_str()),
    }
}

fn push(made: &mut String, part: &str) -> Result<(), BlockError> {
    size::check(made.len() + part.len())?;
    made.push_str(part);
    Ok(())
}
