//! The links of an AutoGPT graph. A link that stands twice delivers twice there, and is kept.

use std::collections::HashMap;

use super::inputs::read_pin;
use crate::{
    fault::{Code, Fault},
    graph::{
        Graph, Link, PinRef,
        at::{At, quoted},
        field::Mend,
        ids::Ids,
        native_link::bad_index,
        native_node::PIN_NAME,
        origin::Place,
        read::Reader,
    },
    id::{NodeId, PinName},
    json::{self, Kind},
    value::{Path, Text},
};

/// The nodes that links can name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// Ids as written, and as they are here.
    pub(super) by_id: &'a HashMap<Text, NodeId>,
    pub(super) ids: &'a Ids,
}

pub(super) fn read_links(
    reader: &mut Reader<'_>,
    at: At<'_>,
    value: &json::Node,
    ids: Known<'_>,
    graph: &mut Graph,
) {
    let Some(items) = reader.faults.list(at, value) else {
        graph.suppressed.any_input();
        return;
    };
    if !reader.count_links(at, value, items.len()) {
        return;
    }
    graph.links.reserve_exact(items.len());
    for (index, item) in items.iter().enumerate() {
        if let Some(mut link) = read_link(reader, at.index(index), item, ids, graph) {
            link.place = Place::Index(index);
            graph.links.push(link);
        }
    }
}

fn read_link(
    reader: &mut Reader<'_>,
    at: At<'_>,
    value: &json::Node,
    ids: Known<'_>,
    graph: &mut Graph,
) -> Option<Link> {
    if reader.faults.map(at, value, Mend::Unknown).is_none() {
        graph.suppressed.any_input();
        return None;
    }
    let from_node = read_id(reader, at, value, "source_id", ids);
    let from_pin = read_name(reader, at, value, "source_name", false);
    let to_node = read_id(reader, at, value, "sink_id", ids);
    let to_pin = read_name(reader, at, value, "sink_name", true);
    let sticky = match value.get("is_static") {
        None => false,
        Some(node) if matches!(node.kind, Kind::Null) => false,
        Some(node) => reader
            .faults
            .bool(at.key("is_static"), node)
            .unwrap_or(false),
    };
    match (from_node, from_pin, to_node, to_pin) {
        (Some(from), Some((from_pin, from_path)), Some(to), Some((to_pin, to_path))) => {
            let from = PinRef {
                node: from,
                pin: from_pin,
                path: from_path,
            };
            let to = PinRef {
                node: to,
                pin: to_pin,
                path: to_path,
            };
            let link = Link::new(from, to);
            Some(if sticky { link.sticky() } else { link })
        }
        (_, _, Some(to), Some((to_pin, _))) => {
            graph.suppressed.pin(to.as_text(), to_pin.as_text());
            None
        }
        (_, _, Some(to), None) => {
            graph.suppressed.node(to.as_str());
            None
        }
        (_, _, None, _) => {
            graph.suppressed.any_input();
            None
        }
    }
}

/// Reads the node of one end. An id that no node has is left to the compiler, if it can be written at all.
fn read_id(
    reader: &mut Reader<'_>,
    at: At<'_>,
    link: &json::Node,
    key: &str,
    ids: Known<'_>,
) -> Option<NodeId> {
    let Some(value) = link.get(key) else {
        reader.faults.missing(at, link, key, "the id of a node");
        return None;
    };
    let here = at.key(key);
    let raw = reader.faults.required_text(here, value)?;
    if let Some(id) = ids.by_id.get(&raw) {
        return Some(id.clone());
    }
    match NodeId::from_text(raw.clone()) {
        // A node whose id had to change must not be taken for this one.
        Ok(id) if !ids.ids.contains(id.as_str()) => Some(id),
        _ => {
            let fault = Fault::new(
                Code::GraphUnknownNode,
                here.pointer(),
                "no node has this id",
            )
            .expected("the id of a node of this graph")
            .actual(quoted(&raw));
            let names = ids.by_id.keys().map(Text::as_str);
            let fault = reader.faults.near(fault, &raw, names);
            reader.faults.add(value.span.start, fault);
            None
        }
    }
}

fn read_name(
    reader: &mut Reader<'_>,
    at: At<'_>,
    link: &json::Node,
    key: &str,
    builds: bool,
) -> Option<(PinName, Path)> {
    let Some(value) = link.get(key) else {
        reader.faults.missing(at, link, key, "the name of a pin");
        return None;
    };
    let here = at.key(key);
    let raw = reader.faults.required_text(here, value)?;
    let problem = match read_pin(&raw, builds) {
        Err(problem) => problem,
        Ok((_, path)) if builds && bad_index(&path).is_some() => {
            "no list can be built at this position".to_owned()
        }
        Ok(pin) => return Some(pin),
    };
    let fault = Fault::new(
        Code::GraphPinName,
        here.pointer(),
        "this is not the name of a pin",
    )
    .expected(PIN_NAME)
    .actual(format!("{}: {problem}", quoted(&raw)));
    reader.faults.add(value.span.start, fault);
    None
}
