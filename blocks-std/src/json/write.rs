//! `json.write`: a value as JSON.

use graphloom::json::{write_json, write_json_pretty};
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example, Resource, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plain::refuse_secrets;
use crate::text::size::Bounded;

/// Writes JSON.
pub(super) struct Write;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The value to write.
    value: Value,
    /// Breaks lines and indents by two blanks; otherwise all is one line without blanks.
    #[serde(default)]
    pretty: bool,
    /// Sorts the keys of maps, so that equal values give equal texts; otherwise keys stand in the order in which they
    /// came.
    #[serde(default)]
    sort_keys: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The JSON text.
    Text(String),
}

impl Block for Write {
    const INFO: BlockInfo = BlockInfo::new("json.write", 1, "Writes a value as JSON.")
        .details(
            "`json.parse` gives back the same value. What JSON cannot say is written as `{\"$float\":\"nan\"}` (also \
             `inf`, `-inf`) and `{\"$blob\":\"..\",\"bytes\":n}`; a map that has such keys itself is put into `{\"$map\":..}`. \
             A secret is refused.",
        )
        .category(Category::Data)
        .resource(Resource::Cpu)
        .examples(&[
            Example::new(
                "compact",
                r#"{"value": {"b": [1, 2.0], "a": null}}"#,
                r#"[["text", "{\"b\":[1,2.0],\"a\":null}"]]"#,
            ),
            Example::new(
                "pretty and sorted",
                r#"{"value": {"b": [1], "a": {}}, "pretty": true, "sort_keys": true}"#,
                r#"[["text", "{\n  \"a\": {},\n  \"b\": [\n    1\n  ]\n}"]]"#,
            ),
            Example::new(
                "a secret",
                r#"{"value": [{"$sealed": {"key_id": "k", "ciphertext": "00"}}]}"#,
                r#"[["error", "is a secret"]]"#,
            ),
        ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        mut input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        refuse_secrets(&input.value)?;
        if input.sort_keys {
            input.value = sorted(&input.value);
        }
        let mut text = Bounded::default();
        let written = if input.pretty {
            write_json_pretty(&mut text, &input.value)
        } else {
            write_json(&mut text, &input.value)
        };
        out.emit(Output::Text(text.finish(written)?)).await?;
        Ok(())
    }
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::List(list) => list.iter().map(sorted).collect(),
        Value::Map(map) => {
            let mut entries: Vec<(&Text, &Value)> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let sorted = entries
                .into_iter()
                .map(|(key, value)| (key.clone(), sorted(value)));
            Value::Map(sorted.collect::<Map>())
        }
        other => other.clone(),
    }
}
