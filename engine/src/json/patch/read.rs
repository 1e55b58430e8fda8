//! Reading a JSON Patch from a document, with everything that is wrong with it.

use super::PatchOp;
use crate::fault::{Code, Fault, Faults};
use crate::json::{Limits, Node, Parsed, Pointer, Tree, parse};
use crate::value::Value;

const OPS: [&str; 6] = ["add", "remove", "replace", "move", "copy", "test"];

/// Reads a patch: a list of operations. Members that an operation does not need are passed over, as RFC 6902 has it.
///
/// # Errors
///
/// Returns everything that is wrong: with the JSON, or as `PATCH_SYNTAX` with the operations.
pub fn read_patch(bytes: &[u8], limits: &Limits) -> Result<Vec<PatchOp>, Faults> {
    let Parsed {
        tree, mut faults, ..
    } = parse(bytes, limits);
    let Some(tree) = tree else {
        return Err(Faults(faults));
    };
    let Tree { root } = &tree;
    let mut patch = Vec::new();
    match root.items() {
        Some(items) => {
            for (i, item) in items.iter().enumerate() {
                let found = faults.len();
                let op = Reader {
                    item,
                    here: Pointer::root().push_index(i),
                    faults: &mut faults,
                }
                .op();
                patch.extend(op.filter(|_| faults.len() == found));
            }
        }
        None => {
            let fault = Fault::new(
                Code::PatchSyntax,
                Pointer::root(),
                "the patch is not a list",
            );
            faults.push(
                fault
                    .expected("a list of operations")
                    .actual(root.type_name()),
            );
        }
    }
    if faults.is_empty() {
        return Ok(patch);
    }
    faults
        .iter_mut()
        .for_each(|fault| fault.locate(bytes, &tree));
    Err(Faults(faults))
}

struct Reader<'a> {
    item: &'a Node,
    here: Pointer,
    faults: &'a mut Vec<Fault>,
}

impl Reader<'_> {
    fn op(&mut self) -> Option<PatchOp> {
        let op = self.text("op")?;
        let path = self.pointer("path");
        let op = match op.as_str() {
            "add" => PatchOp::Add {
                value: self.value()?,
                path: path?,
            },
            "remove" => PatchOp::Remove { path: path? },
            "replace" => PatchOp::Replace {
                value: self.value()?,
                path: path?,
            },
            "move" => PatchOp::Move {
                from: self.pointer("from")?,
                path: path?,
            },
            "copy" => PatchOp::Copy {
                from: self.pointer("from")?,
                path: path?,
            },
            "test" => PatchOp::Test {
                value: self.value()?,
                path: path?,
            },
            other => {
                let fault =
                    Fault::new(Code::PatchSyntax, self.here.push("op"), "no such operation");
                self.faults.push(
                    fault
                        .expected(OPS.join(", "))
                        .actual(other)
                        .near(other, OPS),
                );
                return None;
            }
        };
        Some(op)
    }

    fn member(&mut self, key: &str) -> Option<&Node> {
        let item = self.item;
        if item.get(key).is_none() {
            let fault = Fault::new(
                Code::PatchSyntax,
                self.here.clone(),
                format!("the operation has no `{key}`"),
            );
            self.faults.push(
                fault
                    .expected(format!("a map with `{key}`"))
                    .actual(item.type_name()),
            );
        }
        item.get(key)
    }

    fn value(&mut self) -> Option<Value> {
        self.member("value").map(Node::to_value)
    }

    fn text(&mut self, key: &str) -> Option<String> {
        let node = self.member(key)?;
        let (text, type_name) = (node.as_text().map(ToString::to_string), node.type_name());
        if text.is_none() {
            let fault = Fault::new(
                Code::PatchSyntax,
                self.here.push(key),
                format!("`{key}` is not a text"),
            );
            self.faults.push(fault.expected("a text").actual(type_name));
        }
        text
    }

    fn pointer(&mut self, key: &str) -> Option<Pointer> {
        let text = self.text(key)?;
        let pointer = Pointer::parse(&text).ok();
        if pointer.is_none() {
            let fault = Fault::new(
                Code::PatchSyntax,
                self.here.push(key),
                format!("`{key}` is not a JSON pointer"),
            );
            self.faults.push(
                fault
                    .expected("an empty text or one like `/nodes/a`")
                    .actual(text),
            );
        }
        pointer
    }
}
