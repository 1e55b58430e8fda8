//! `dictionary.pick`: some entries of a dictionary.

use std::collections::HashSet;

use graphloom::fault::nearest;
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example, Text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Takes some entries of a dictionary.
pub(super) struct Pick;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The dictionary.
    dictionary: Map,
    /// The keys of the entries to take.
    keys: Vec<Text>,
    /// Fails where a key is not there, in place of leaving it out.
    #[serde(default)]
    strict: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The entries with these keys, in the order of the keys.
    Picked(Map),
    /// The other entries, in their order.
    Rest(Map),
}

impl Block for Pick {
    const INFO: BlockInfo =
        BlockInfo::new("dictionary.pick", 1, "Takes some entries of a dictionary.")
            .category(Category::Dictionary)
            .examples(&[
                Example::new(
                    "two keys",
                    r#"{"dictionary": {"a": 1, "b": 2, "c": 3}, "keys": ["c", "a", "x"]}"#,
                    r#"[["picked", {"c": 3, "a": 1}], ["rest", {"b": 2}]]"#,
                ),
                Example::new(
                    "a key that must be there",
                    r#"{"dictionary": {"name": 1}, "keys": ["nmae"], "strict": true}"#,
                    r#"[["error", "no key \"nmae\": did you mean \"name\"?"]]"#,
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
        let map = &input.dictionary;
        let mut picked = Map::new();
        for key in &input.keys {
            match map.get(key) {
                Some(value) => {
                    picked.insert(key.clone(), value.clone());
                }
                None if input.strict => return Err(missing(map, key)),
                None => {}
            }
        }
        let wanted: HashSet<&str> = input.keys.iter().map(Text::as_str).collect();
        let rest = map.iter().filter(|(key, _)| !wanted.contains(key.as_str()));
        let rest = rest
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        out.emit(Output::Picked(picked)).await?;
        out.emit(Output::Rest(rest)).await?;
        Ok(())
    }
}

fn missing(map: &Map, key: &str) -> BlockError {
    let shown: String = key.chars().take(80).collect();
    // Names are compared with each key: enough of them to find a slip of the pen.
    let near = nearest(key, map.keys().take(1_000).map(Text::as_str));
    BlockError::input(match near.first() {
        Some(near) => format!("the dictionary has no key \"{shown}\": did you mean \"{near}\"?"),
        None => format!(
            "the dictionary has no key \"{shown}\": it has {} others",
            map.len()
        ),
    })
}
