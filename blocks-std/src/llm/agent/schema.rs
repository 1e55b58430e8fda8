//! What a model is told of a tool: what it does, and the JSON Schema of its arguments.

use std::fmt::Write as _;

use graphloom::block::types::PinType;
use graphloom::json::to_json;
use graphloom::value::{Map, Path};
use graphloom::{Text, Tool, Value};

use super::names::names;

/// Of a literal a model is told so many characters.
const MAX_SHOWN: usize = 200;

/// An argument of a tool, as a model knows it.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: Text,
    pub(super) pin: Text,
    /// Where in the pin's value it goes; empty where it is all of it.
    pub(super) path: Path,
    pub(super) ty: PinType,
    pub(super) required: bool,
    doc: Text,
    /// What the tool takes where the model says nothing.
    default: Option<Value>,
}

/// Returns the arguments of a tool, one for each linked pin or place in one, in the order of the links.
pub(super) fn parameters(tool: &Tool) -> Vec<Parameter> {
    // Several links may name one argument.
    let mut arguments = Vec::with_capacity(tool.arguments.len());
    for argument in &tool.arguments {
        if !arguments.contains(&argument) {
            arguments.push(argument);
        }
    }
    let shown: Vec<String> = arguments
        .iter()
        .map(|argument| format!("{}{}", argument.pin, argument.path))
        .collect();
    let names = names(shown.iter().map(|name| name.trim_end_matches(']')));
    let parameter = |(argument, name): (&&graphloom::block::ToolArgument, Text)| {
        let pin = tool.shape.inputs.get(tool.shape.input(&argument.pin)?)?;
        let whole = argument.path.steps().is_empty();
        let ty = match pin.ty.at(&argument.path) {
            // Inside of a map of anything a text is what is meant, in all likelihood.
            Some(PinType::Any) | None if !whole => PinType::Text,
            Some(ty) => ty,
            None => PinType::Any,
        };
        let literal = tool.literals.get(&argument.pin);
        let literal = literal.and_then(|literal| argument.path.select(literal));
        let default = literal.or_else(|| pin.default.clone().filter(|_| whole));
        let default = default.filter(|value| !value.is_null());
        Some(Parameter {
            name,
            pin: argument.pin.clone(),
            path: argument.path.clone(),
            ty,
            required: pin.required && default.is_none(),
            doc: match whole {
                true => pin.doc.clone(),
                false => Text::from(format!(
                    "The part `{}{}`. {}",
                    argument.pin, argument.path, pin.doc
                )),
            },
            default,
        })
    };
    arguments.iter().zip(names).filter_map(parameter).collect()
}

/// Returns the JSON Schema of a tool's arguments: an object with these keys and no others.
pub(super) fn schema(parameters: &[Parameter]) -> Value {
    let property = |parameter: &Parameter| {
        let mut schema = parameter.ty.to_schema();
        if !parameter.doc.is_empty() {
            schema.insert("description", parameter.doc.clone());
        }
        if let Some(default) = &parameter.default {
            schema.insert("default", default.clone());
        }
        (parameter.name.clone(), Value::from(schema))
    };
    let required = parameters.iter().filter(|parameter| parameter.required);
    let required: Vec<Value> = required
        .map(|parameter| parameter.name.clone().into())
        .collect();
    let mut schema = Map::new();
    schema.insert("type", "object");
    schema.insert(
        "properties",
        parameters.iter().map(property).collect::<Map>(),
    );
    schema.insert("required", required);
    schema.insert("additionalProperties", false);
    schema.into()
}

/// Returns what a tool does, and which of its inputs the graph has set already.
pub(super) fn description(tool: &Tool) -> Text {
    let mut text = tool.doc.trim_end().to_owned();
    let is_argument = |pin: &Text| tool.arguments.iter().any(|argument| argument.pin == *pin);
    let set = tool.literals.iter().filter(|(pin, value)| {
        // Which credential a tool uses is nothing to a model.
        !is_argument(pin)
            && !value.is_null()
            && !pin.ends_with("credentials")
            && !pin.ends_with("credential")
    });
    for (position, (pin, value)) in set.enumerate() {
        text.push_str(match position {
            0 if text.is_empty() => "Set already: ",
            0 => " Set already: ",
            _ => ", ",
        });
        let json = to_json(value);
        match json.char_indices().nth(MAX_SHOWN) {
            Some((end, _)) => drop(write!(
                text,
                "{pin} = {}…",
                json.get(..end).unwrap_or_default()
            )),
            None => drop(write!(text, "{pin} = {json}")),
        }
    }
    Text::from(text)
}
