mod basics;
mod check;
mod coerce;
mod laws;
mod link;
mod python;
mod schema;
mod vectors;

use serde_json::json;

use super::{Field, PinType};

/// Short names for the types that most cases are about.
fn ty(name: &str) -> PinType {
    use PinType as T;
    match name {
        "any" => T::Any,
        "null" => T::Null,
        "bool" => T::Bool,
        "integer" => T::Integer,
        "number" => T::Number,
        "text" => T::Text,
        "blob" => T::Blob,
        "list" => T::list(T::Any),
        "map" => T::map(T::Any),
        "point" => T::object(
            vec![
                Field::new("x", T::Integer, true),
                Field::new("y", T::Integer, false),
            ],
            false,
        ),
        "open point" => T::object(vec![Field::new("x", T::Integer, true)], true),
        "Add|Subtract" => T::one_of(["Add", "Subtract"]),
        "1|2" => T::one_of([1, 2]),
        _ => {
            if let Some(inner) = name.strip_prefix("list ") {
                T::list(ty(inner))
            } else if let Some(inner) = name.strip_prefix("map ") {
                T::map(ty(inner))
            } else if let Some((first, rest)) = name.split_once(" or ") {
                T::union([ty(first), ty(rest)])
            } else {
                panic!("no such type: {name}")
            }
        }
    }
}

/// The type of a schema that stands alone.
fn from_schema(schema: &serde_json::Value) -> PinType {
    PinType::from_schema(schema, schema)
}

#[test]
fn short_names_mean_what_schemas_mean() {
    assert_eq!(ty("list text or null"), PinType::list(ty("text or null")));
    assert_eq!(ty("1|2"), from_schema(&json!({ "enum": [1, 2] })));
}
