//! `autogpt.convert_type`: any value as one of a type, at any price.

use graphloom::block::types::PinType;
use graphloom::prelude::*;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Converts a value to a type, at any price.
pub(super) struct ConvertType;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The value to convert.
    value: Value,
    /// The type to convert it to.
    #[serde(rename = "type")]
    ty: Type,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Type {
    String,
    Number,
    Boolean,
    List,
    Dictionary,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The converted value.
    Value(Value),
}

impl Block for ConvertType {
    const INFO: BlockInfo =
        BlockInfo::new("autogpt.convert_type", 1, "Converts a value to a type, at any price.")
            .details(
                "Unlike `data.convert`, never fails: a text that is no number becomes 0, any text but `true` and `1` is \
                 false, a list as a number is its length, and what is no map becomes one with the key `value`.",
            )
            .category(Category::Data)
            .native("data.convert")
            .autogpt("95d1b990-ce13-4d88-9737-ba5c2070c97b", "UniversalTypeConverterBlock")
            .examples(&[
                Example::new(
                    "text to list",
                    r#"{"value": "[1, 2]", "type": "list"}"#,
                    r#"[["value", [1, 2]]]"#,
                ),
                Example::new(
                    "not a number",
                    r#"{"value": "many", "type": "number"}"#,
                    r#"[["value", 0.0]]"#,
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
        let ty = match input.ty {
            Type::String => PinType::Text,
            Type::Number => PinType::Number,
            Type::Boolean => PinType::Bool,
            Type::List => PinType::list(PinType::Any),
            Type::Dictionary => PinType::map(PinType::Any),
        };
        out.emit(Output::Value(ty.coerce_lenient(input.value)))
            .await?;
        Ok(())
    }
}
