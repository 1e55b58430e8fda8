//! `yaml.write`: a value as YAML.

use graphloom::prelude::*;
use graphloom::{Category, Example, Resource, Value};
use schemars::JsonSchema;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Serialize, Serializer};

use crate::plain::refuse;
use crate::text::size::Bounded;

/// Writes YAML.
pub(super) struct Write;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The value to write.
    value: Value,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The YAML text, with a line end at its end.
    Text(String),
}

impl Block for Write {
    const INFO: BlockInfo = BlockInfo::new("yaml.write", 1, "Writes a value as YAML.")
        .details(
            "In lines, a key or an item each, without anchors. Texts that would read as something else have quotes, also \
             those that only older readers take for bools (`yes`). A secret or a blob is refused.",
        )
        .category(Category::Data)
        .resource(Resource::Cpu)
        .examples(&[
            Example::new(
                "a map",
                r#"{"value": {"name": "Ada", "ages": [36, 1.5], "old": "no", "none": null}}"#,
                r#"[["text", "name: Ada\nages:\n- 36\n- 1.5\nold: \"no\"\nnone: null\n"]]"#,
            ),
            Example::new(
                "a secret",
                r#"{"value": [{"$sealed": {"key_id": "k", "ciphertext": "00"}}]}"#,
                r#"[["error", "\"/0\" is a secret"]]"#,
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
        refuse(&input.value, |value| {
            matches!(value, Value::Blob(_) | Value::Sealed(_))
        })?;
        let mut text = Bounded::default();
        let written = serde_saphyr::to_fmt_writer(&mut text, &Plain(&input.value));
        let text = text.finish(written.map_err(|_| std::fmt::Error))?;
        out.emit(Output::Text(text)).await?;
        Ok(())
    }
}

/// A value as YAML says it; its own serialisation has forms for what JSON cannot say.
struct Plain<'v>(&'v Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, yaml: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bool(truth) => yaml.serialize_bool(*truth),
            Value::Int(n) => yaml.serialize_i64(*n),
            Value::Uint(n) => yaml.serialize_u64(*n),
            Value::Float(n) => yaml.serialize_f64(*n),
            Value::Text(text) => yaml.serialize_str(text),
            Value::List(list) => {
                let mut items = yaml.serialize_seq(Some(list.len()))?;
                list.iter()
                    .try_for_each(|item| items.serialize_element(&Plain(item)))?;
                items.end()
            }
            Value::Map(map) => {
                let mut entries = yaml.serialize_map(Some(map.len()))?;
                map.iter().try_for_each(|(key, value)| {
                    entries.serialize_entry(key.as_str(), &Plain(value))
                })?;
                entries.end()
            }
            // Blobs and secrets were refused.
            _ => yaml.serialize_unit(),
        }
    }
}
