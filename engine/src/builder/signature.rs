//! The fields of Rust types beside the inputs and outputs of a graph: checked once, before anything is called.

use std::fmt;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

use crate::block::Shape;
use crate::block::types::{Fit, PinType, fit};
use crate::fault::nearest;
use crate::value::Text;

/// How a field takes the values of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Take {
    /// All of them, as a list.
    All,
    /// The only one; there may be none if it is optional.
    One { optional: bool },
}

/// A field of a struct.
pub(super) struct Field {
    pub(super) name: Text,
    pub(super) take: Take,
    ty: PinType,
}

/// One field that does not go with the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Misfit {
    /// On which side.
    pub side: Side,
    /// The field, or the graph's input that no field is for; empty: the type as a whole.
    pub name: String,
    /// What is wrong.
    pub message: String,
    /// The nearest names that the graph has, best first.
    pub suggestions: Vec<String>,
}

/// The two sides of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// What is given to a run.
    Input,
    /// What a run gives.
    Output,
}

/// Why a graph is no function of these types: everything that does not go with it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignatureError {
    /// At least one.
    pub misfits: Vec<Misfit>,
}

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the types do not go with the graph: ")?;
        for (at, misfit) in self.misfits.iter().enumerate() {
            if at > 0 {
                f.write_str("; ")?;
            }
            f.write_str(&misfit.message)?;
            if !misfit.suggestions.is_empty() {
                write!(f, " (did you mean {}?)", misfit.suggestions.join(" or "))?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for SignatureError {}

/// Checks both types and returns the fields of the output.
pub(super) fn check<I: JsonSchema, O: JsonSchema>(
    interface: &Shape,
) -> Result<Vec<Field>, SignatureError> {
    let mut misfits = Vec::new();
    let inputs = fields::<I>(Side::Input, &mut misfits);
    let outputs = fields::<O>(Side::Output, &mut misfits);
    for field in &inputs {
        let pin = interface.inputs.iter().find(|pin| pin.name == field.name);
        let known = interface.inputs.iter().map(|pin| pin.name.as_str());
        misfits.extend(misfit(Side::Input, field, pin.map(|pin| &pin.ty), known));
    }
    let unmet = interface
        .inputs
        .iter()
        .filter(|pin| pin.required && !inputs.iter().any(|field| field.name == pin.name));
    misfits.extend(unmet.map(|pin| Misfit {
        side: Side::Input,
        name: pin.name.to_string(),
        message: format!("no field is for the graph's input \"{}\"", pin.name),
        suggestions: Vec::new(),
    }));
    for field in &outputs {
        let pin = interface.outputs.iter().find(|pin| pin.name == field.name);
        let known = interface.outputs.iter().map(|pin| pin.name.as_str());
        misfits.extend(misfit(Side::Output, field, pin.map(|pin| &pin.ty), known));
    }
    if misfits.is_empty() {
        Ok(outputs)
    } else {
        Err(SignatureError { misfits })
    }
}

fn misfit<'a>(
    side: Side,
    field: &Field,
    pin: Option<&PinType>,
    known: impl Iterator<Item = &'a str>,
) -> Option<Misfit> {
    let name = field.name.to_string();
    let word = match side {
        Side::Input => "input",
        Side::Output => "output",
    };
    let Some(pin) = pin else {
        return Some(Misfit {
            side,
            message: format!("the graph has no {word} \"{name}\""),
            suggestions: nearest(&name, known),
            name,
        });
    };
    let (from, to) = match side {
        Side::Input => (&field.ty, pin),
        Side::Output => (pin, &field.ty),
    };
    (fit(from, to, false) == Fit::Never).then(|| Misfit {
        side,
        message: format!(
            "{word} \"{name}\" is {pin} in the graph and {} in the type",
            field.ty
        ),
        suggestions: Vec::new(),
        name,
    })
}

fn fields<T: JsonSchema>(side: Side, misfits: &mut Vec<Misfit>) -> Vec<Field> {
    let settings = SchemaSettings::draft2020_12();
    let settings = match side {
        Side::Input => settings.for_serialize(),
        Side::Output => settings.for_deserialize(),
    };
    let root = settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value();
    let Some(properties) = root.get("properties").and_then(Json::as_object) else {
        if !is_empty(&root) {
            misfits.push(Misfit {
                side,
                name: String::new(),
                message: format!(
                    "{} is neither a struct with named fields nor ()",
                    std::any::type_name::<T>()
                ),
                suggestions: Vec::new(),
            });
        }
        return Vec::new();
    };
    let required = root.get("required").and_then(Json::as_array);
    let is_required = |name: &str| {
        required.is_some_and(|names| names.iter().any(|known| known.as_str() == Some(name)))
    };
    properties
        .iter()
        .map(|(name, part)| {
            let collects = part.get(crate::block::GATHER_KEYWORD).is_some();
            let (take, ty) = match PinType::from_schema(&root, part) {
                PinType::List(item) if collects => (Take::All, *item),
                ty => {
                    let optional = !is_required(name);
                    (Take::One { optional }, ty)
                }
            };
            Field {
                name: Text::from(name.as_str()),
                take,
                ty,
            }
        })
        .collect()
}

/// Whether a schema without properties is that of a struct without fields, or of `()`.
fn is_empty(root: &Json) -> bool {
    match root.get("type").and_then(Json::as_str) {
        Some("null") => true,
        Some("object") => root
            .get("additionalProperties")
            .is_none_or(|more| more == &Json::Bool(false)),
        _ => false,
    }
}
