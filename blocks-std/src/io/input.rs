//! `io.input`: a value from outside.

use std::sync::Arc;

use graphloom::block::types::PinType;
use graphloom::block::{Literals, Role, Shape, ShapeEnv, ShapeError};
use graphloom::prelude::*;
use graphloom::value::from_value;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::given::{Output, emit};
use super::moment;

/// A value that whoever starts the run gives.
pub(super) struct InputValue;

#[derive(Deserialize, JsonSchema)]
#[expect(
    dead_code,
    reason = "what is for the host and the reader of the graph is not used at run time"
)]
pub(super) struct Input {
    /// What the input is called by whoever starts the run.
    name: String,
    /// What kind of value it takes: the type of `value` and of `result`.
    #[serde(default, rename = "type")]
    kind: Kind,
    /// The value when the run gives none. Null: nothing is emitted.
    value: Option<Value>,
    /// A heading for people; the name when there is none.
    title: Option<String>,
    /// What the input is for.
    description: Option<String>,
    /// Whether a form hides the input until it is asked for.
    #[serde(default)]
    advanced: bool,
    /// Whether a form hides what is typed.
    #[serde(default)]
    secret: bool,
}

/// The kinds of value that an input can be declared to take.
#[derive(Clone, Copy, Default, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Kind {
    #[default]
    Any,
    Text,
    Integer,
    Number,
    Bool,
    List,
    Map,
    Date,
    Time,
}

impl Kind {
    fn pin_type(self) -> PinType {
        match self {
            Self::Any => PinType::Any,
            Self::Text | Self::Date | Self::Time => PinType::Text,
            Self::Integer => PinType::Integer,
            Self::Number => PinType::Number,
            Self::Bool => PinType::Bool,
            Self::List => PinType::list(PinType::Any),
            Self::Map => PinType::map(PinType::Any),
        }
    }
}

impl Block for InputValue {
    const INFO: BlockInfo = BlockInfo::new(
        "io.input",
        1,
        "A value that whoever starts the run gives, of any type or of the one declared.",
    )
    .category(Category::Io)
    .role(Role::Input)
    .autogpt("c0a8e994-ebf1-4a9c-a4d8-89d09c86741b", "AgentInputBlock")
    .config(&["type"])
    .sticky(&["result"])
    .examples(&[
        Example::new(
            "given",
            r#"{"name": "who", "value": "world"}"#,
            r#"[["result", "world"]]"#,
        ),
        Example::new(
            "of a type",
            r#"{"name": "at", "type": "time", "value": "10:20"}"#,
            r#"[["result", "10:20:00"]]"#,
        ),
    ]);
    type Input = Input;
    type Output = Output<Value>;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output<Value>>,
    ) -> Result<(), BlockError> {
        let value = match (input.kind, input.value) {
            (Kind::Date, Some(Value::Text(text))) => Some(Value::from(moment::date(&text)?)),
            (Kind::Time, Some(Value::Text(text))) => Some(Value::from(moment::time(&text)?)),
            (_, value) => value,
        };
        emit(value, out).await
    }

    fn shape(
        &self,
        base: &Arc<Shape>,
        literals: &Literals<'_>,
        _: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        // A literal that is no kind is a fault of its own: the pin's type says so.
        let kind = literals
            .get("type")
            .and_then(|kind| from_value::<Kind>(kind).ok());
        let ty = kind.unwrap_or_default().pin_type();
        if ty.is_any() {
            return Ok(Arc::clone(base));
        }
        let mut shape = (**base).clone();
        for pin in shape
            .inputs
            .iter_mut()
            .filter(|pin| pin.name.as_str() == "value")
        {
            pin.ty = PinType::union([ty.clone(), PinType::Null]);
        }
        for pin in &mut shape.outputs {
            pin.ty = ty.clone();
        }
        Ok(Arc::new(shape))
    }
}
