//! The pins of a preset, as read.

use graphloom::block::types::PinType;
use graphloom::block::{ERROR_PIN, InputPin, OutputPin};
use graphloom::json::Pointer;
use graphloom::{Text, Value};

use super::reader::{Reader, Table};
use super::step::is_name;
use super::tree::{Names, Tree};

/// What an output pin emits.
#[derive(Debug, Clone)]
pub(super) struct Emission {
    pub(super) pin: Text,
    pub(super) ty: PinType,
    pub(super) value: Tree,
    /// Each item of the list is an emission of its own.
    pub(super) each: bool,
    /// Emits nothing where there is nothing; without this, that is an error.
    pub(super) optional: bool,
}

/// Reads one entry of `inputs`.
pub(super) fn input(
    name: &Text,
    value: &Value,
    at: &Pointer,
    reader: &mut Reader,
) -> Option<InputPin> {
    let keys = ["type", "choices", "default", "required", "config", "doc"];
    let table = reader.table(value, at, &keys)?;
    check_name(name, at, reader);
    let ty = match table.get("choices") {
        Some((_, at)) => {
            let choices = table.texts(reader, "choices");
            if choices.is_empty() || table.get("type").is_some() {
                reader.invalid(&at, "expected texts, and no \"type\" beside them");
            }
            PinType::one_of(choices.iter().map(Text::as_str))
        }
        None => pin_type(&table, reader)?,
    };
    let required = table.flag(reader, "required", false);
    let default = table.get("default");
    if let Some((value, at)) = &default {
        if required {
            reader.invalid(at, "a required input has no default");
        } else if !ty.fits(value) {
            reader.invalid(at, format!("the default {value} does not fit {ty}"));
        }
    }
    // Null is as good as nothing where nothing would do.
    let ty = if required {
        ty
    } else {
        PinType::union([ty, PinType::Null])
    };
    let mut pin = InputPin::new(name.clone(), ty).doc(doc(&table, reader));
    pin.required = required;
    pin.config = table.flag(reader, "config", false);
    pin.default = default.map(|(value, _)| value.clone());
    Some(pin)
}

/// Reads one entry of `outputs`.
pub(super) fn output(
    name: &Text,
    value: &Value,
    at: &Pointer,
    names: &Names,
    reader: &mut Reader,
) -> Option<(OutputPin, Emission)> {
    let table = reader.table(value, at, &["type", "doc", "value", "each", "optional"])?;
    check_name(name, at, reader);
    if name.as_str() == ERROR_PIN {
        reader.invalid(at, "every block has the output pin \"error\"");
    }
    let ty = pin_type(&table, reader)?;
    let (tree, place) = table.need(reader, "value")?;
    let emission = Emission {
        pin: name.clone(),
        ty: ty.clone(),
        value: Tree::read(tree, &place, names, reader)?,
        each: table.flag(reader, "each", false),
        optional: table.flag(reader, "optional", false),
    };
    Some((
        OutputPin::new(name.clone(), ty).doc(doc(&table, reader)),
        emission,
    ))
}

fn check_name(name: &str, at: &Pointer, reader: &mut Reader) {
    if !is_name(name) {
        reader.invalid(at, "the name of a pin is small letters, digits and _");
    }
}

fn doc(table: &Table<'_>, reader: &mut Reader) -> Text {
    table
        .need_text(reader, "doc")
        .unwrap_or_else(|| Text::from(""))
}

fn pin_type(table: &Table<'_>, reader: &mut Reader) -> Option<PinType> {
    let text = table.need_text(reader, "type")?;
    let ty = parse_type(&text);
    if ty.is_none() {
        let message = format!(
            "\"{text}\" is no type: expected any, bool, integer, number, text, map, list or blob, \"list of\" one of them, or several with \"or\" between"
        );
        reader.invalid(&table.place("type"), message);
    }
    ty
}

fn parse_type(text: &str) -> Option<PinType> {
    if let Some((one, others)) = text.split_once(" or ") {
        return Some(PinType::union([parse_type(one)?, parse_type(others)?]));
    }
    if let Some(item) = text.strip_prefix("list of ") {
        return parse_type(item).map(PinType::list);
    }
    Some(match text {
        "any" => PinType::Any,
        "bool" => PinType::Bool,
        "integer" => PinType::Integer,
        "number" => PinType::Number,
        "text" => PinType::Text,
        "map" => PinType::map(PinType::Any),
        "list" => PinType::list(PinType::Any),
        "blob" => PinType::Blob,
        _ => return None,
    })
}
