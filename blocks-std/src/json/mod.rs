//! JSON: texts and values, paths, changes, schemas.

use crate::family::family;

mod path;
#[cfg(feature = "json-schema")]
mod schema;

family! {
    parse::Parse,
    patch::Patch,
    query::Query,
    #[cfg(feature = "json-schema")]
    schema_check::SchemaCheck,
    write::Write,
}
