//! `json.query`: what a JSONPath finds in a value.

use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Example, Resource, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::path::{Found, Limits, Stop, find, parse};

/// How many values a query looks at, again for each time.
const MAX_STEPS: usize = 10_000_000;

/// How many places a query finds, on the way too.
const MAX_FOUND: usize = 1_000_000;

/// What the paths to all places found may have together, in bytes.
const MAX_PATHS: usize = 64 << 20;

/// Finds values in a value.
pub(super) struct Query;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// Where to look.
    value: Value,
    /// What to look for, for example `$.books[?@.price < 10].title`.
    path: Text,
    /// Tells where each value was found too.
    #[serde(default)]
    with_paths: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// All that was found, perhaps nothing.
    Values(List),
    /// The first that was found; nothing is emitted if there is none.
    First(Value),
    /// Where each was found, as a path such as `$['books'][0]['title']`, if that is asked for.
    Paths(Vec<String>),
}

impl Block for Query {
    const INFO: BlockInfo = BlockInfo::new("json.query", 1, "Finds what a JSONPath means in a value.")
        .details(
            "RFC 9535, with the functions `length`, `count`, `match`, `search` and `value`. Numbers are compared by what \
             they say, exactly; NaN equals nothing. Blobs and secrets are found like any other value, and nothing is \
             below them. A path that asks for too much (`$..*..*..*`) is stopped with an error.",
        )
        .category(Category::Data)
        .resource(Resource::Cpu)
        .examples(&[
            Example::new(
                "a filter",
                r#"{"value": {"books": [{"title": "a", "price": 8}, {"title": "b", "price": 12.5}]}, "path": "$.books[?@.price < 10].title"}"#,
                r#"[["values", ["a"]], ["first", "a"]]"#,
            ),
            Example::new(
                "with paths",
                r#"{"value": {"a": [1, {"b": 2}]}, "path": "$..[1:]", "with_paths": true}"#,
                r#"[["values", [{"b": 2}]], ["first", {"b": 2}], ["paths", ["$['a'][1]"]]]"#,
            ),
            Example::new(
                "nothing",
                r#"{"value": {}, "path": "$.a"}"#,
                r#"[["values", []]]"#,
            ),
            Example::new(
                "not a path",
                r#"{"value": {}, "path": "$.a["}"#,
                r#"[["error", "character 5: expected a name in quotes"]]"#,
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
        let (values, paths) = query(cx, &input)?;
        let first = values.first().cloned();
        out.emit(Output::Values(values)).await?;
        if let Some(first) = first {
            out.emit(Output::First(first)).await?;
        }
        if let Some(paths) = paths {
            out.emit(Output::Paths(paths)).await?;
        }
        Ok(())
    }
}

fn query(cx: &Context, input: &Input) -> Result<(List, Option<Vec<String>>), BlockError> {
    let query = parse(&input.path)
        .map_err(|error| BlockError::input(format!("the path cannot be read: {error}")))?;
    let limits = Limits {
        max_steps: MAX_STEPS,
        max_found: MAX_FOUND,
        is_cancelled: &|| cx.is_cancelled(),
    };
    let found =
        find(&query, &input.value, input.with_paths, &limits).map_err(|stop| match stop {
            Stop::Steps => too_much(&format!("looks at more than {MAX_STEPS} values")),
            Stop::Found => too_much(&format!("finds more than {MAX_FOUND} places")),
            Stop::Cancelled => BlockError::Cancelled,
        })?;
    let paths = match input.with_paths {
        true => Some(paths(&found)?),
        false => None,
    };
    Ok((
        found.iter().map(|found| found.value.clone()).collect(),
        paths,
    ))
}

fn paths(found: &[Found<'_>]) -> Result<Vec<String>, BlockError> {
    let mut n_bytes = 0;
    found
        .iter()
        .map(|found| {
            let path = found.path();
            n_bytes += path.len();
            if n_bytes > MAX_PATHS {
                return Err(too_much(&format!(
                    "has paths of more than {MAX_PATHS} bytes"
                )));
            }
            Ok(path)
        })
        .collect()
}

fn too_much(what: &str) -> BlockError {
    BlockError::input(format!(
        "this path {what} in this value: ask for less, `..` above all"
    ))
}
