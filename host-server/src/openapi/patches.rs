//! The form of a JSON Patch, which every resource that can be changed takes.

use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// What the description calls it.
pub(super) const NAME: &str = "JsonPatch";
const TYPE: &str = "application/json-patch+json";

/// An operation of a JSON Patch (RFC 6902). A place is a JSON Pointer (RFC 6901).
#[derive(Serialize, ToSchema)]
#[serde(tag = "op", rename_all = "lowercase")]
#[expect(dead_code, reason = "for the description")]
enum PatchOperation {
    /// Put a value there.
    Add {
        /// Where.
        #[schema(pattern = "^(/([^/~]|~[01])*)*$")]
        path: String,
        /// What.
        value: Value,
    },
    /// Take what is there away.
    Remove {
        /// Where.
        #[schema(pattern = "^(/([^/~]|~[01])*)*$")]
        path: String,
    },
    /// Put a value in the place of what is there.
    Replace {
        /// Where.
        #[schema(pattern = "^(/([^/~]|~[01])*)*$")]
        path: String,
        /// What.
        value: Value,
    },
    /// Take what is in one place to another.
    Move {
        /// From where.
        #[schema(pattern = "^(/([^/~]|~[01])*)*$")]
        from: String,
        /// To where.
        #[schema(pattern = "^(/([^/~]|~[01])*)*$")]
        path: String,
    },
    /// Put what is in one place in another too.
    Copy {
        /// From where.
        #[schema(pattern = "^(/([^/~]|~[01])*)*$")]
        from: String,
        /// To where.
        #[schema(pattern = "^(/([^/~]|~[01])*)*$")]
        path: String,
    },
    /// Go on only if this is there.
    Test {
        /// Where.
        #[schema(pattern = "^(/([^/~]|~[01])*)*$")]
        path: String,
        /// What.
        value: Value,
    },
}

/// Returns its schema.
pub(super) fn form() -> RefOr<Schema> {
    Vec::<PatchOperation>::schema()
}

/// Names it where an operation takes one.
pub(super) fn name(operation: &mut Operation) {
    let Some(RefOr::T(body)) = &mut operation.request_body else {
        return;
    };
    if let Some(RefOr::T(content)) = body.content.get_mut(TYPE) {
        content.schema = Some(RefOr::Ref(Ref::from_schema_name(NAME)));
    }
}
