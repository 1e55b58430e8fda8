//! `yaml.parse`: a text as the value that it says.

use graphloom::prelude::*;
use graphloom::{Category, Example, Resource, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::read::read;

/// Reads YAML.
pub(super) struct Parse;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The YAML text, one document.
    text: Text,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// What it says.
    Value(Value),
}

impl Block for Parse {
    const INFO: BlockInfo = BlockInfo::new("yaml.parse", 1, "Reads a YAML text.")
        .details(
            "YAML 1.2: only `true` and `false` are bools, `yes` and `0123` are texts. Aliases and merge keys (`<<`) are \
             followed within bounds, tags other than those of YAML itself are passed over, keys become texts. A key \
             that stands twice, an integer beyond 64 bits and a number beyond the range of floats are errors. Lists \
             and maps may stand in each other 64 deep.",
        )
        .category(Category::Data)
        .resource(Resource::Cpu)
        .examples(&[
            Example::new(
                "a map",
                r#"{"text": "name: Ada\nages: [36, 1.5]\nold: no\nnote: |\n  a\n  b\n"}"#,
                r#"[["value", {"name": "Ada", "ages": [36, 1.5], "old": "no", "note": "a\nb\n"}]]"#,
            ),
            Example::new(
                "an alias",
                r#"{"text": "base: &b {x: 1}\nmore:\n  <<: *b\n  y: 2\n"}"#,
                r#"[["value", {"base": {"x": 1}, "more": {"x": 1, "y": 2}}]]"#,
            ),
            Example::new(
                "a key twice",
                r#"{"text": "a: 1\na: 2\n"}"#,
                r#"[["error", "duplicate"]]"#,
            ),
            Example::new(
                "too large an integer",
                r#"{"text": "a: 18446744073709551616"}"#,
                r#"[["error", "18446744073709551616 does not fit"]]"#,
            ),
            Example::new(
                "cut off",
                r#"{"text": "a: [1, "}"#,
                r#"[["error", "not YAML"]]"#,
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
        out.emit(Output::Value(read(&input.text)?)).await?;
        Ok(())
    }
}
