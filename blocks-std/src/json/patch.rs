//! `json.patch`: changes to a value, given as data.

use graphloom::json::{PatchOp, apply};
use graphloom::prelude::*;
use graphloom::value::{Map, from_value};
use graphloom::{Category, Example, Resource, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most operations of one patch. One may move all items of a list.
const MAX_OPERATIONS: usize = 10_000;

/// Changes a value as a patch says.
pub(super) struct Patch;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The value to change.
    document: Value,
    /// The changes: a list of operations such as `{"op": "replace", "path": "/a", "value": 1}`, or, for `merge`, a map
    /// of what is new, with null for what goes.
    patch: Value,
    /// What the patch is.
    #[serde(default)]
    kind: Kind,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Kind {
    /// JSON Patch (RFC 6902): add, remove, replace, move, copy, test; all of it or nothing.
    #[default]
    Operations,
    /// JSON Merge Patch (RFC 7396).
    Merge,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The value with the changes.
    Document(Value),
}

impl Block for Patch {
    const INFO: BlockInfo = BlockInfo::new("json.patch", 1, "Changes a value as a patch says.")
        .details("JSON Patch (RFC 6902) or JSON Merge Patch (RFC 7396). What is not touched is shared, not copied.")
        .category(Category::Data)
        .resource(Resource::Cpu)
        .examples(&[
            Example::new(
                "operations",
                r#"{"document": {"a": 1, "l": [1, 3]}, "patch": [{"op": "add", "path": "/l/1", "value": 2}, {"op": "move", "from": "/a", "path": "/b"}]}"#,
                r#"[["document", {"l": [1, 2, 3], "b": 1}]]"#,
            ),
            Example::new(
                "merge",
                r#"{"document": {"a": {"x": 1, "y": 2}, "b": 1}, "patch": {"a": {"y": null, "z": 3}}, "kind": "merge"}"#,
                r#"[["document", {"a": {"x": 1, "z": 3}, "b": 1}]]"#,
            ),
            Example::new(
                "no such place",
                r#"{"document": {"name": 1}, "patch": [{"op": "remove", "path": "/nmae"}]}"#,
                r#"[["error", "did you mean name?"]]"#,
            ),
            Example::new(
                "a test that does not hold",
                r#"{"document": {"a": 1}, "patch": [{"op": "test", "path": "/a", "value": 2}]}"#,
                r#"[["error", "/0/value: PATCH_TEST"]]"#,
            ),
            Example::new(
                "no patch",
                r#"{"document": {}, "patch": [{"op": "put", "path": "/a"}]}"#,
                r#"[["error", "found the text \"put\""]]"#,
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
        let mut document = input.document;
        match input.kind {
            Kind::Merge => merge(&mut document, &input.patch),
            Kind::Operations => {
                apply(&mut document, &operations(&input.patch)?).map_err(|fault| {
                    BlockError::input(format!("operation {}: {fault}", fault.pointer))
                })?
            }
        }
        out.emit(Output::Document(document)).await?;
        Ok(())
    }
}

fn operations(patch: &Value) -> Result<Vec<PatchOp>, BlockError> {
    let Some(list) = patch.as_list() else {
        return Err(BlockError::input(format!(
            "the patch is of type {}: give a list of operations, or set the kind to `merge`",
            patch.type_name()
        )));
    };
    if list.len() > MAX_OPERATIONS {
        return Err(BlockError::input(format!(
            "the patch has {} operations; at most {MAX_OPERATIONS} are done",
            list.len()
        )));
    }
    from_value(patch)
        .map_err(|error| BlockError::input(format!("the patch cannot be read: {error}")))
}

/// RFC 7396: what is null goes, maps are merged, anything else takes the place of what was there.
fn merge(document: &mut Value, patch: &Value) {
    let Value::Map(changes) = patch else {
        *document = patch.clone();
        return;
    };
    if document.as_map().is_none() {
        *document = Value::Map(Map::new());
    }
    let Value::Map(map) = document else { return };
    for (key, change) in changes.iter() {
        if change.is_null() {
            map.remove(key);
            continue;
        }
        let mut value = map.get(key).cloned().unwrap_or_default();
        merge(&mut value, change);
        map.insert(key.clone(), value);
    }
}

#[cfg(test)]
mod tests {
    use graphloom::value;

    use super::*;

    /// The examples of RFC 7396, appendix A.
    #[test]
    fn merges_are_those_of_the_rfc() {
        let check = |mut document: Value, patch: Value, expected: Value| {
            merge(&mut document, &patch);
            assert_eq!(document, expected, "{patch}");
        };
        check(value!({"a": "b"}), value!({"a": "c"}), value!({"a": "c"}));
        check(
            value!({"a": "b"}),
            value!({"b": "c"}),
            value!({"a": "b", "b": "c"}),
        );
        check(value!({"a": "b"}), value!({"a": null}), value!({}));
        check(value!({"a": ["b"]}), value!({"a": "c"}), value!({"a": "c"}));
        check(
            value!({"a": [{"b": "c"}]}),
            value!({"a": [1]}),
            value!({"a": [1]}),
        );
        check(value!(["a", "b"]), value!(["c"]), value!(["c"]));
        check(value!({"a": "b"}), value!(null), value!(null));
        check(
            value!({"e": null}),
            value!({"a": 1}),
            value!({"e": null, "a": 1}),
        );
        check(
            value!([1, 2]),
            value!({"a": "b", "c": null}),
            value!({"a": "b"}),
        );
        check(
            value!({}),
            value!({"a": {"bb": {"ccc": null}}}),
            value!({"a": {"bb": {}}}),
        );
    }
}
