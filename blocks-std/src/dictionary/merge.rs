//! `dictionary.merge`: the entries of several dictionaries in one.

use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Puts the entries of several dictionaries into one.
pub(super) struct Merge;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The dictionaries. Where two have a key, the later one's value holds.
    dictionaries: Vec<Map>,
    /// Merges dictionaries that stand at the same key too, in place of taking the later one.
    #[serde(default)]
    deep: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// All entries; each key stands where it came first.
    Dictionary(Map),
}

impl Block for Merge {
    const INFO: BlockInfo = BlockInfo::new(
        "dictionary.merge",
        1,
        "Puts the entries of several dictionaries into one.",
    )
    .details("Lists are values like others: the later one holds.")
    .category(Category::Dictionary)
    .examples(&[
        Example::new(
            "the later holds",
            r#"{"dictionaries": [{"a": 1, "b": {"x": 1}}, {"b": {"y": 2}, "c": 3}]}"#,
            r#"[["dictionary", {"a": 1, "b": {"y": 2}, "c": 3}]]"#,
        ),
        Example::new(
            "deep",
            r#"{"dictionaries": [{"b": {"x": 1, "z": 0}}, {"b": {"y": 2, "z": null}}], "deep": true}"#,
            r#"[["dictionary", {"b": {"x": 1, "z": null, "y": 2}}]]"#,
        ),
        Example::new(
            "none",
            r#"{"dictionaries": []}"#,
            r#"[["dictionary", {}]]"#,
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
        let mut merged = Map::new();
        for map in input.dictionaries {
            if input.deep {
                merge(&mut merged, map, 0)?;
            } else {
                merged.extend(map);
            }
        }
        out.emit(Output::Dictionary(merged)).await?;
        Ok(())
    }
}

/// Dictionaries are merged no deeper than this.
const MAX_DEPTH: u32 = 128;

fn merge(into: &mut Map, from: Map, depth: u32) -> Result<(), BlockError> {
    if depth > MAX_DEPTH {
        return Err(BlockError::input(format!(
            "the dictionaries stand in each other deeper than {MAX_DEPTH}"
        )));
    }
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Map(there)), Value::Map(more)) => merge(there, more, depth + 1)?,
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
    Ok(())
}
