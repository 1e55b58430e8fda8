//! Reading the nodes of the native form.

use std::collections::HashMap;

use super::{
    Graph, Node, Retry,
    at::{At, quoted},
    field::{Mend, keep_extra, remove_null},
    ids::Ids,
    native::{MAX_PARALLEL, MAX_TIMEOUT_MS},
    origin::Place,
    policy::OnError,
    read::Reader,
};
use crate::{
    fault::{Code, Fault},
    id::{MAX_BYTES, NodeId, PinName, is_hidden},
    json::{self, Kind, Member, PatchOp},
    value::{Map, Text, Value},
};

/// What a name of a pin is made of, for messages.
pub(super) const PIN_NAME: &str =
    "1 to 128 bytes without control characters and without characters that turn the text around";

const NODE_KEYS: &[&str] = &[
    "block",
    "inputs",
    "timeout_ms",
    "retry",
    "on_error",
    "concurrency",
    "title",
    "doc",
    "ui",
];
const RETRY_KEYS: &[&str] = &["max_attempts", "backoff_ms", "max_backoff_ms"];

const MAX_BACKOFF_MS: u64 = 3_600_000;
const MAX_ATTEMPTS: u32 = 100;

/// Node ids that had to change.
#[derive(Debug, Default)]
pub(super) struct Renamed {
    /// As written, with the id as it is now and the number of the fault that says so.
    pub(super) by_raw: HashMap<Text, (NodeId, usize)>,
    /// Every id, as written and as it is now; empty unless some id had to change.
    pub(super) ids: Ids,
}

/// Reads the nodes into the graph. `None` where they cannot be told at all.
pub(super) fn read_nodes(
    reader: &mut Reader<'_>,
    at: At<'_>,
    value: &json::Node,
    graph: &mut Graph,
) -> Option<Renamed> {
    let mend = list_of_nodes(value).map_or(Mend::Unknown, Mend::Replace);
    let members = reader.faults.map(at, value, mend)?;
    let mut renamed = Renamed::default();
    if !reader.count_nodes(at, value, members.len()) {
        return Some(renamed);
    }
    graph.nodes.reserve_exact(members.len());
    for member in members {
        let (id, place) = match NodeId::from_text(member.key.clone()) {
            Ok(id) => (id, Place::AsNamed),
            Err(error) => {
                if renamed.ids.is_empty() {
                    renamed.ids.extend(members.iter().map(|m| m.key.clone()));
                }
                let id = renamed.ids.make(&member.key);
                let path = at.pointer().push(&member.key);
                let fault = Fault::new(Code::GraphNodeId, path.clone(), "not a node id")
                    .expected(format!("1 to {MAX_BYTES} letters, digits, `_` and `-`"))
                    .actual(format!("{}: {error}", quoted(&member.key)))
                    .fix(PatchOp::Move {
                        from: path,
                        path: at.pointer().push(id.as_str()),
                    });
                let number = reader.faults.add(member.key_span.start, fault);
                renamed
                    .by_raw
                    .insert(member.key.clone(), (id.clone(), number));
                (id, Place::Key(member.key.clone()))
            }
        };
        match read_node(
            reader,
            at.key(&member.key),
            &member.value,
            id.clone(),
            graph,
        ) {
            Some(mut node) => {
                node.place = place;
                graph.nodes.push(node);
            }
            None => graph.suppressed.lost(id.as_str()),
        }
    }
    Some(renamed)
}

fn read_node(
    reader: &mut Reader<'_>,
    at: At<'_>,
    value: &json::Node,
    id: NodeId,
    graph: &mut Graph,
) -> Option<Node> {
    // A node that is only a text can but be its block.
    let mend = match &value.kind {
        Kind::Text(block) => Mend::Replace(
            [(Text::from("block"), Value::from(block.clone()))]
                .into_iter()
                .collect(),
        ),
        _ => Mend::Unknown,
    };
    let members = reader.faults.map(at, value, mend)?;
    let mut node = Node::new(id, "");
    let (mut has_block, mut misnamed) = (false, false);
    for member in members {
        let here = at.key(&member.key);
        let value = &member.value;
        let faults = &mut reader.faults;
        match member.key.as_str() {
            "block" => {
                has_block = true;
                match faults.required_text(here, value) {
                    Some(block) => node.block = block,
                    None => graph.suppressed.block(node.id.as_text()),
                }
            }
            "inputs" => node.inputs = read_inputs(reader, here, value),
            "timeout_ms" => node.timeout_ms = faults.integer(here, value, 1..=MAX_TIMEOUT_MS),
            "retry" => node.retry = read_retry(reader, here, value),
            "on_error" => node.on_error = faults.word(here, value, OnError::ALL, OnError::as_str),
            "concurrency" => node.concurrency = faults.count(here, value, MAX_PARALLEL),
            "title" => node.title = faults.text(here, value),
            "doc" => node.doc = faults.text(here, value),
            "ui" => node.ui = Some(value.to_value()),
            _ if keep_extra(&mut node.extra, member) => {}
            _ => match faults.unknown_key(at, members, member, NODE_KEYS) {
                Some("block") => misnamed = true,
                Some("inputs") => graph.suppressed.node(node.id.as_str()),
                _ => {}
            },
        }
    }
    if !has_block {
        if !misnamed {
            reader.faults.missing(
                at,
                value,
                "block",
                "the id of a block, as in \"block\": \"text.split\"",
            );
        }
        graph.suppressed.block(node.id.as_text());
    }
    Some(node)
}

fn read_inputs(reader: &mut Reader<'_>, at: At<'_>, value: &json::Node) -> Map {
    let Some(mut members) = reader.faults.map(at, value, remove_null(value)) else {
        return Map::default();
    };
    // Pins that look like a wire form of a value stand inside `$map`, as they do in every value.
    if let [
        Member {
            key,
            value:
                json::Node {
                    kind: Kind::Map(inner),
                    ..
                },
            ..
        },
    ] = members
        && key == "$map"
    {
        members = inner;
    }
    let mut inputs = Map::default();
    for member in members {
        if let Err(error) = PinName::from_text(member.key.clone()) {
            let path = at.pointer().push(&member.key);
            let clean: String = member.key.chars().filter(|c| !is_hidden(*c)).collect();
            let free =
                PinName::parse(&clean).is_ok() && members.iter().all(|m| m.key.as_str() != clean);
            let op = match free {
                true => PatchOp::Move {
                    from: path.clone(),
                    path: at.pointer().push(&clean),
                },
                false => PatchOp::Remove { path: path.clone() },
            };
            let fault = Fault::new(Code::GraphPinName, path, "not the name of a pin")
                .expected(PIN_NAME)
                .actual(format!("{}: {error}", quoted(&member.key)))
                .fix(op);
            reader.faults.add(member.key_span.start, fault);
            continue;
        }
        inputs.insert(member.key.clone(), member.value.to_value());
    }
    inputs
}

fn read_retry(reader: &mut Reader<'_>, at: At<'_>, value: &json::Node) -> Option<Retry> {
    // A bare number is the number of attempts.
    let mend = match &value.kind {
        Kind::Number(Value::Int(n)) if (1..=i64::from(MAX_ATTEMPTS)).contains(n) => Mend::Replace(
            [(Text::from("max_attempts"), Value::Int(*n))]
                .into_iter()
                .collect(),
        ),
        _ => remove_null(value),
    };
    let members = reader.faults.map(at, value, mend)?;
    let mut retry = Retry::new(1);
    let (mut has_attempts, mut misnamed) = (false, false);
    for member in members {
        let here = at.key(&member.key);
        let value = &member.value;
        let faults = &mut reader.faults;
        match member.key.as_str() {
            "max_attempts" => {
                has_attempts = true;
                retry.max_attempts = match value.kind {
                    Kind::Null => {
                        let expected = format!("an integer from 1 to {MAX_ATTEMPTS}");
                        faults.wrong_type(here, value, &expected, Mend::Replace(Value::Int(1)));
                        1
                    }
                    _ => faults.count(here, value, MAX_ATTEMPTS).unwrap_or(1),
                };
            }
            "backoff_ms" => {
                retry.backoff_ms = faults
                    .integer(here, value, 0..=MAX_BACKOFF_MS)
                    .unwrap_or(Retry::BACKOFF_MS);
            }
            "max_backoff_ms" => {
                retry.max_backoff_ms = faults
                    .integer(here, value, 0..=MAX_BACKOFF_MS)
                    .unwrap_or(Retry::MAX_BACKOFF_MS);
            }
            _ => {
                misnamed |=
                    faults.unknown_key(at, members, member, RETRY_KEYS) == Some("max_attempts")
            }
        }
    }
    if !has_attempts && !misnamed {
        reader.faults.missing(
            at,
            value,
            "max_attempts",
            &format!("an integer from 1 to {MAX_ATTEMPTS}"),
        );
    }
    Some(retry)
}

/// Returns the map that a list of nodes with ids of their own should have been.
fn list_of_nodes(value: &json::Node) -> Option<Value> {
    let Kind::List(items) = &value.kind else {
        return None;
    };
    let mut nodes = Map::default();
    for item in items {
        let Kind::Map(members) = &item.kind else {
            return None;
        };
        let mut id = None;
        let mut node = Map::default();
        for member in members {
            match (&member.value.kind, member.key.as_str()) {
                (Kind::Text(text), "id") => id = NodeId::from_text(text.clone()).ok(),
                _ => drop(node.insert(member.key.clone(), member.value.to_value())),
            }
        }
        let replaced = nodes.insert(id?.as_text().clone(), Value::from(node));
        if replaced.is_some() {
            return None;
        }
    }
    Some(Value::from(nodes))
}
