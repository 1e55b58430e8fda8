//! `json.schema_check`: whether a value is as a JSON Schema says.

use graphloom::prelude::*;
use graphloom::{Category, Example, Resource, Value};
use jsonschema::{PatternOptions, Retrieve, Uri, ValidationError, Validator};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::schema::{check_cost, to_json};
use crate::plain::refuse;

/// How many mistakes are told.
const MAX_ERRORS: usize = 100;

/// The longest message, in characters.
const MAX_MESSAGE: usize = 300;

/// The largest compiled form of a pattern, in bytes.
const MAX_PATTERN: usize = 1 << 20;

/// Checks a value against a JSON Schema.
pub(super) struct SchemaCheck;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The value to check.
    value: Value,
    /// What it should be, for example `{"type": "object", "required": ["name"]}`.
    schema: Value,
    /// Checks formats such as `email`, `date` and `uri` too; otherwise `format` is only a remark.
    #[serde(default)]
    formats: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The value, if it is as the schema says.
    Valid(Value),
    /// What is wrong with it, if anything is: at most 100 mistakes.
    Errors(Vec<Mistake>),
}

/// What is wrong.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Mistake {
    /// Where in the value, as a JSON pointer; empty for all of it.
    pointer: String,
    /// What is wrong there.
    message: String,
    /// The keyword of the schema that is not met.
    keyword: String,
}

impl Block for SchemaCheck {
    const INFO: BlockInfo = BlockInfo::new(
        "json.schema_check",
        1,
        "Checks whether a value is as a JSON Schema says.",
    )
    .details(
        "Draft 2020-12, or the draft that `$schema` names. Patterns take linear time and know no look-around. References \
         lead to places in the schema itself; nothing is fetched. A schema that may take too long on the value is \
         refused.",
    )
    .category(Category::Data)
    .feature("json-schema")
    .resource(Resource::Cpu)
    .examples(&[
        Example::new(
            "valid",
            r#"{"value": {"n": 1}, "schema": {"type": "object", "properties": {"n": {"type": "integer"}}}}"#,
            r#"[["valid", {"n": 1}]]"#,
        ),
        Example::new(
            "not valid",
            r#"{"value": {"n": ["x"]}, "schema": {"properties": {"n": {"items": {"type": "integer"}}}, "required": ["m"]}}"#,
            r#"[["errors", [{"pointer": "", "message": "\"m\" is a required property", "keyword": "required"}, {"pointer": "/n/0", "message": "\"x\" is not of type \"integer\"", "keyword": "type"}]]]"#,
        ),
        Example::new(
            "a schema from elsewhere",
            r#"{"value": 1, "schema": {"$ref": "https://example.com/schema"}}"#,
            r#"[["error", "nothing is fetched"]]"#,
        ),
        Example::new(
            "no schema",
            r#"{"value": 1, "schema": {"type": "strnig"}}"#,
            r#"[["error", "the schema cannot be used: at \"/type\""]]"#,
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
        let mistakes = check(&input)?;
        if mistakes.is_empty() {
            out.emit(Output::Valid(input.value)).await?;
        } else {
            out.emit(Output::Errors(mistakes)).await?;
        }
        Ok(())
    }
}

fn check(input: &Input) -> Result<Vec<Mistake>, BlockError> {
    for value in [&input.value, &input.schema] {
        refuse(value, |value| match value {
            Value::Float(float) => !float.is_finite(),
            other => matches!(other, Value::Sealed(_)),
        })?;
    }
    let (value, schema) = (to_json(&input.value), to_json(&input.schema));
    let unusable = |why: String| BlockError::input(format!("the schema cannot be used: {why}"));
    check_cost(&schema, &value).map_err(unusable)?;
    let validator = build(&schema, input.formats).map_err(|error| {
        let Mistake {
            pointer, message, ..
        } = mistake(&error);
        unusable(format!("at {pointer:?}: {message}"))
    })?;
    // Most values are valid, and that is found without making a list of mistakes.
    if validator.is_valid(&value) {
        return Ok(Vec::new());
    }
    let errors = validator.iter_errors(&value).take(MAX_ERRORS);
    let mut mistakes: Vec<Mistake> = errors.map(|error| mistake(&error)).collect();
    // The order of keywords depends on how the program is built.
    mistakes.sort();
    Ok(mistakes)
}

fn build(schema: &Json, formats: bool) -> Result<Validator, ValidationError<'static>> {
    jsonschema::options()
        .with_pattern_options(PatternOptions::regex().size_limit(MAX_PATTERN))
        .with_retriever(Nowhere)
        .should_validate_formats(formats)
        .build(schema)
}

fn mistake(error: &ValidationError<'_>) -> Mistake {
    // A message shows the whole value otherwise.
    let is_short = match &**error.instance() {
        Json::String(text) => text.len() <= 80,
        other => !other.is_array() && !other.is_object(),
    };
    let message = match is_short {
        true => error.to_string(),
        false => error.masked().to_string(),
    };
    let message = match message.char_indices().nth(MAX_MESSAGE) {
        Some((cut, _)) => format!("{}…", message.get(..cut).unwrap_or_default()),
        None => message,
    };
    Mistake {
        pointer: error.instance_path().as_str().to_owned(),
        message,
        keyword: error.kind().keyword().to_owned(),
    }
}

/// Fetches nothing, whatever features of the validator a program switches on.
struct Nowhere;

impl Retrieve for Nowhere {
    fn retrieve(
        &self,
        uri: &Uri<String>,
    ) -> Result<Json, Box<dyn std::error::Error + Send + Sync>> {
        Err(format!("the schema refers to {uri}, and nothing is fetched from elsewhere").into())
    }
}
