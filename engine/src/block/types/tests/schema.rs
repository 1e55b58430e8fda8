use schemars::{JsonSchema, schema_for};
use serde_json::json;

use super::super::{Field, PinType};
use super::{from_schema, ty};

#[test]
fn schemas_become_types() {
    for (schema, expected) in [
        (json!(true), "any"),
        (json!(false), "any"),
        (json!({}), "any"),
        (json!({ "description": "x" }), "any"),
        (json!({ "type": "string", "format": "uri" }), "text"),
        (
            json!({ "type": "integer", "format": "uint8", "minimum": 0 }),
            "integer",
        ),
        (json!({ "type": ["integer", "null"] }), "integer or null"),
        (
            json!({ "type": "integer", "nullable": true }),
            "integer or null",
        ),
        (json!({ "type": "nonsense" }), "any"),
        (
            json!({ "enum": ["Add", "Subtract"], "type": "string" }),
            "Add|Subtract",
        ),
        (
            json!({ "enum": ["Add", null, "Subtract"] }),
            "Add|Subtract or null",
        ),
        (json!({ "const": null }), "null"),
        (
            json!({ "oneOf": [{ "const": "Add" }, { "type": "string", "const": "Subtract" }] }),
            "Add|Subtract",
        ),
        (
            json!({ "anyOf": [{ "type": "string" }, { "type": "null" }] }),
            "text or null",
        ),
        (json!({ "anyOf": [{ "type": "string" }, {}] }), "any"),
        (
            json!({ "allOf": [{ "title": "x" }, { "type": "string" }] }),
            "text",
        ),
        (json!({ "not": { "type": "string" } }), "any"),
        (json!({ "type": "array" }), "list"),
        (
            json!({ "type": "array", "items": { "type": "string" } }),
            "list text",
        ),
        (
            json!({ "type": "array", "prefixItems": [{ "type": "string" }] }),
            "list",
        ),
        (
            json!({ "type": "array", "prefixItems": [{ "type": "string" }], "maxItems": 1 }),
            "list text",
        ),
        (
            json!({ "type": "array", "prefixItems": [{ "type": "string" }], "items": false }),
            "list text",
        ),
        (json!({ "type": "object" }), "map"),
        (
            json!({ "type": "object", "additionalProperties": { "type": "integer" } }),
            "map integer",
        ),
        (
            json!({ "type": "object", "patternProperties": { "^\\d+$": { "type": "integer" } },
                "additionalProperties": false }),
            "map integer",
        ),
        (
            json!({ "type": "object", "properties": { "y": { "type": "integer" }, "x": { "type": "integer" } },
                "required": ["x"], "additionalProperties": false }),
            "point",
        ),
        (json!({ "type": "object", "x-graphloom": "blob" }), "blob"),
    ] {
        assert_eq!(from_schema(&schema), ty(expected), "{schema}");
    }
    assert_eq!(
        from_schema(&json!({ "type": "object", "additionalProperties": false })),
        PinType::object(Vec::new(), false)
    );
}

#[test]
fn references_are_followed_inside_the_document() {
    let root = json!({
        "$defs": {
            "Name": { "type": "string" },
            "a/b c": { "type": "integer" },
            "Tree": { "type": "object", "properties": { "left": { "$ref": "#/$defs/Tree" } } },
            "Loop": { "$ref": "#/$defs/Loop" },
        },
    });
    let tree = PinType::object(vec![Field::new("left", PinType::Any, false)], true);
    for (reference, expected) in [
        ("#/$defs/Name", PinType::Text),
        ("#/$defs/a~1b%20c", PinType::Integer),
        ("#/$defs/Tree", tree),
        ("#/$defs/Loop", PinType::Any),
        ("#/$defs/None", PinType::Any),
        ("other.json#/$defs/Name", PinType::Any),
        ("#/$defs/%", PinType::Any),
    ] {
        let part = json!({ "$ref": reference, "description": "beside" });
        assert_eq!(PinType::from_schema(&root, &part), expected, "{reference}");
    }
}

#[test]
fn a_schema_cannot_unfold_without_end() {
    // Every definition refers to all others: followed to the end these would be 12! types.
    let names: Vec<String> = (0..12).map(|i| format!("D{i}")).collect();
    let all: Vec<_> = names
        .iter()
        .map(|name| json!({ "$ref": format!("#/$defs/{name}") }))
        .collect();
    let properties: serde_json::Map<_, _> = names.iter().cloned().zip(all).collect();
    let one = json!({ "type": "object", "properties": properties });
    let defs: serde_json::Map<_, _> = names
        .iter()
        .map(|name| (name.clone(), one.clone()))
        .collect();
    let ty = PinType::from_schema(&json!({ "$defs": defs }), &one);
    assert!(matches!(ty, PinType::Object(_)));

    let deep = (0..200).fold(
        json!({ "type": "string" }),
        |items, _| json!({ "type": "array", "items": items }),
    );
    assert_eq!(
        from_schema(&deep).to_string(),
        format!("{}any", "list of ".repeat(32))
    );
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only the schema is used")]
enum Mode {
    /// Documented, which gives `oneOf`.
    Fast,
    Slow,
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only the schema is used")]
enum Either {
    Count(u32),
    Name(String),
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only the schema is used")]
struct Input {
    text: String,
    #[serde(default)]
    count: u32,
    ratio: Option<f64>,
    mode: Mode,
    other: Option<Mode>,
    either: Either,
    pair: (String, bool),
    by_name: std::collections::BTreeMap<String, Vec<i64>>,
    by_number: std::collections::BTreeMap<u32, bool>,
    anything: serde_json::Value,
}

#[test]
fn derived_schemas_are_understood() {
    let schema = schema_for!(Input).to_value();
    let PinType::Object(object) = from_schema(&schema) else {
        panic!("{schema}")
    };
    for (name, expected, required) in [
        ("text", ty("text"), true),
        ("count", ty("integer"), false),
        ("ratio", ty("number or null"), false),
        ("mode", PinType::one_of(["Slow", "Fast"]), true),
        (
            "other",
            PinType::one_of([Some("Slow"), Some("Fast"), None]),
            false,
        ),
        ("either", ty("integer or text"), true),
        ("pair", ty("list text or bool"), true),
        ("by_name", ty("map list integer"), true),
        ("by_number", ty("map bool"), true),
        ("anything", ty("any"), true),
    ] {
        let field = object.field(name).unwrap();
        assert_eq!((&field.ty, field.required), (&expected, required), "{name}");
    }
    assert!(object.open);
}

#[test]
fn types_are_written_as_schemas_that_read_back() {
    let field = |name: &str, ty: PinType, required| Field::new(name, ty, required);
    let types = [
        PinType::Any,
        PinType::Null,
        PinType::Bool,
        PinType::Integer,
        PinType::Number,
        PinType::Text,
        PinType::Blob,
        PinType::list(PinType::Any),
        PinType::list(PinType::map(PinType::Integer)),
        PinType::map(PinType::Any),
        PinType::one_of(["a", "b"]),
        PinType::one_of([1, 2]),
        PinType::union([PinType::Text, PinType::list(PinType::Text), PinType::Null]),
        PinType::union([PinType::one_of(["a"]), PinType::Null]),
        PinType::object(
            vec![
                field("a", PinType::Text, true),
                field("b", PinType::Any, false),
            ],
            false,
        ),
        PinType::object(vec![field("a", PinType::Integer, false)], true),
    ];
    for ty in types {
        let schema = serde_json::to_value(ty.to_schema()).unwrap();
        assert_eq!(from_schema(&schema), ty, "{schema}");
    }
    let schema = serde_json::to_value(PinType::one_of(["a", "b"]).to_schema()).unwrap();
    assert_eq!(schema, json!({ "type": "string", "enum": ["a", "b"] }));
}
