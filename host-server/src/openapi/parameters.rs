//! What a parameter may be, where handlers of many resources take the same one.

use serde_json::json;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{ObjectBuilder, OneOfBuilder, RefOr, Schema, Type};

/// What is the id of something (`ids::is_id`).
const ID: &str = "^[A-Za-z0-9_-]{1,64}$";
/// Parameters of paths that are ids.
const IDS: [&str; 10] = [
    "delivery", "file", "graph", "hook", "key", "other", "preset", "run", "schedule", "webhook",
];
/// What a credential can be called (`vault::is_name`).
const CREDENTIAL: &str = "^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$";
/// What a blob is called: by the hash of its bytes.
const HASH: &str = "^sha256:[0-9a-f]{64}$";
/// Text of ASCII, as a header line has it when the space around it is taken away.
const KEY: &str = r"^[!-~]([\t -~]{0,253}[!-~])?$";
/// Entity tags (RFC 9110, 8.8.3) with commas between them.
const TAGS: &str = r#"^(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*$"#;
/// What cursors are made of (`ask::Cursors`).
const CURSOR: &str = "^[A-Za-z0-9_-]+$";

/// Says it of every parameter of an operation.
pub(super) fn tell(operation: &mut Operation, method: &str, path: &str) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else {
            continue;
        };
        never_null(parameter);
        if let Some(schema) = known(parameter, method, path) {
            parameter.schema = Some(RefOr::T(schema));
        }
    }
}

/// A parameter is left out, and never `null`.
fn never_null(parameter: &mut Parameter) {
    let Some(RefOr::T(Schema::Object(schema))) = &mut parameter.schema else {
        return;
    };
    let SchemaType::Array(types) = &mut schema.schema_type else {
        return;
    };
    types.retain(|one| *one != Type::Null);
    if let [only] = types.as_slice() {
        schema.schema_type = SchemaType::Type(only.clone());
    }
}

fn known(parameter: &Parameter, method: &str, path: &str) -> Option<Schema> {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let name = parameter.name.as_str();
    let schema = match (&parameter.parameter_in, name) {
        (ParameterIn::Path, _) if IDS.contains(&name) => text().pattern(Some(ID)),
        (ParameterIn::Path, "hash") => text().pattern(Some(HASH)),
        (ParameterIn::Path, "name") if path.starts_with("/v1/credentials/") => {
            text().pattern(Some(CREDENTIAL))
        }
        (ParameterIn::Query, "cursor") => text().pattern(Some(CURSOR)),
        (ParameterIn::Header, "Idempotency-Key") => text().pattern(Some(KEY)),
        (ParameterIn::Header, "If-Match") => {
            let any = text().enum_values(Some(["*"]));
            let tags = text().pattern(Some(TAGS));
            let either = OneOfBuilder::new().item(any).item(tags);
            return Some(either.examples([json!("*")]).into());
        }
        (ParameterIn::Header, "If-None-Match") if method == "PUT" => {
            text().enum_values(Some(["*"]))
        }
        _ => return None,
    };
    Some(schema.into())
}
