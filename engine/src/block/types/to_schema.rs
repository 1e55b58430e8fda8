//! Types written as JSON schemas: what a model is told of the arguments of a tool.

use crate::value::{Map, Value};

use super::PinType;
use super::schema::KEYWORD;

impl PinType {
    /// Returns the JSON Schema (draft 2020-12) of the values that fit. [`PinType::from_schema`] reads the same type from it.
    ///
    /// Any value is the empty schema; a reference to a blob is an object with a keyword of ours.
    #[must_use]
    pub fn to_schema(&self) -> Map {
        let mut map = Map::new();
        match self {
            Self::Any => {}
            Self::Null => drop(map.insert("type", "null")),
            Self::Bool => drop(map.insert("type", "boolean")),
            Self::Integer => drop(map.insert("type", "integer")),
            Self::Number => drop(map.insert("type", "number")),
            Self::Text => drop(map.insert("type", "string")),
            Self::List(item) => {
                map.insert("type", "array");
                if !item.is_any() {
                    map.insert("items", item.to_schema());
                }
            }
            Self::Map(value) => {
                map.insert("type", "object");
                if !value.is_any() {
                    map.insert("additionalProperties", value.to_schema());
                }
            }
            Self::Object(object) => {
                map.insert("type", "object");
                let property =
                    |field: &super::Field| (field.name.clone(), Value::from(field.ty.to_schema()));
                map.insert(
                    "properties",
                    object.fields.iter().map(property).collect::<Map>(),
                );
                let required = object.fields.iter().filter(|field| field.required);
                let required: Vec<Value> =
                    required.map(|field| field.name.clone().into()).collect();
                map.insert("required", required);
                if !object.open {
                    map.insert("additionalProperties", false);
                }
            }
            Self::Enum(values) => {
                // Some services want the type beside the values.
                if values.iter().all(|value| value.as_str().is_some()) {
                    map.insert("type", "string");
                }
                map.insert("enum", values.to_vec());
            }
            Self::Blob => {
                map.insert("type", "object");
                map.insert(KEYWORD, "blob");
            }
            Self::Union(members) => {
                let members = members.iter().map(|member| Value::from(member.to_schema()));
                map.insert("anyOf", members.collect::<Vec<Value>>());
            }
        }
        map
    }
}
