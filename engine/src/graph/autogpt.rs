//! Reading AutoGPT exports and templates: the graph, its flat list of sub-graphs, and its nodes.
//!
//! What AutoGPT computes (schemas, link lists at nodes, flags) and keys that are not known are passed over, as AutoGPT
//! itself does. The graph gets the import policy, under which it behaves as it did there.

mod inputs;
mod links;
mod pins;

use std::collections::{HashMap, HashSet};

pub(super) use pins::{flatten, with_pin};

use super::{
    Graph, Node,
    at::{At, quoted},
    field::{Mend, keep_text},
    ids::Ids,
    origin::{Import, ImportedNode, Origin, Place},
    policy::Policy,
    read::Reader,
};
use crate::{
    fault::{Code, Fault},
    id::NodeId,
    json::{self, Kind, Member},
    value::{Map, Text, Value},
};

/// The block that runs another graph.
const AGENT_EXECUTOR: &str = "e189baac-8c20-45a1-94a7-55177ea42565";
/// What stands for it here, and its input that names the graph.
const CALL: &str = "graph.call";
const CALLED: &str = "graph";

/// The keys under which the sub-graphs of the document can be called, by id and version.
type Callable = HashMap<(Text, Option<i64>), Text>;

/// Reads the document. `None` where its nodes cannot be told at all.
pub(super) fn graph(
    reader: &mut Reader<'_>,
    at: At<'_>,
    root: &json::Node,
    members: &[Member],
) -> Option<Graph> {
    let list = member(members, "sub_graphs");
    let items: &[json::Node] = match list {
        None => &[],
        Some(node) if matches!(node.kind, Kind::Null) => &[],
        Some(node) => reader
            .faults
            .list(at.key("sub_graphs"), node)
            .unwrap_or_default(),
    };
    let (keys, callable) = callable(items);
    let mut graph = one_graph(reader, at, root, members, &callable)?;
    let mut places = Vec::new();
    for (index, (item, key)) in items.iter().zip(keys).enumerate() {
        let list = at.key("sub_graphs");
        let here = list.index(index);
        let Some(members) = reader.faults.map(here, item, Mend::Unknown) else {
            continue;
        };
        let Some(key) = key else {
            reader.faults.missing(
                here,
                item,
                "id",
                "the id by which other graphs call this one",
            );
            continue;
        };
        match one_graph(reader, here, item, members, &callable) {
            Some(inner) => {
                places.push((key.clone(), index));
                graph.graphs.push((key, inner));
            }
            None => graph.suppressed.graph(&key),
        }
    }
    if let Some(import) = graph.origin.as_import_mut() {
        import.subgraphs = places;
    }
    Some(graph)
}

/// Gives each sub-graph a key: its id, or where another version of it is in the document too, its id and version.
fn callable(items: &[json::Node]) -> (Vec<Option<Text>>, Callable) {
    let mut taken: HashSet<Text> = HashSet::new();
    let mut callable = Callable::new();
    let mut keys = Vec::with_capacity(items.len());
    for item in items {
        let Some(id) = item.get("id").and_then(text).filter(|id| !id.is_empty()) else {
            keys.push(None);
            continue;
        };
        let version = item.get("version").and_then(integer);
        let mut key = id.clone();
        if taken.contains(&key) {
            key = Text::from(format!("{id}@{}", version.unwrap_or_default()));
        }
        while !taken.insert(key.clone()) {
            key = Text::from(format!("{key}_"));
        }
        callable
            .entry((id.clone(), version))
            .or_insert_with(|| key.clone());
        // The first of an id also answers calls of a version that is not in the document.
        callable
            .entry((id.clone(), None))
            .or_insert_with(|| key.clone());
        keys.push(Some(key));
    }
    (keys, callable)
}

fn one_graph(
    reader: &mut Reader<'_>,
    at: At<'_>,
    root: &json::Node,
    members: &[Member],
    callable: &Callable,
) -> Option<Graph> {
    let mut graph = Graph {
        policy: Policy::import(),
        ..Graph::default()
    };
    graph.name = member(members, "name").and_then(keep_text);
    graph.doc = member(members, "description").and_then(keep_text);
    let Some(list) = member(members, "nodes") else {
        reader.faults.missing(at, root, "nodes", "a list of nodes");
        return None;
    };
    let here = at.key("nodes");
    let items = reader.faults.list(here, list)?;
    if !reader.count_nodes(here, list, items.len()) {
        return Some(graph);
    }
    let mut nodes = Nodes {
        by_id: HashMap::with_capacity(items.len()),
        ids: Ids::default(),
        import: Import::default(),
    };
    // Ids that can stay do, whatever the others become.
    nodes
        .ids
        .extend(items.iter().filter_map(|n| n.get("id").and_then(text)));
    graph.nodes.reserve_exact(items.len());
    for (index, item) in items.iter().enumerate() {
        match read_node(
            reader,
            here.index(index),
            item,
            index,
            &mut nodes,
            &mut graph,
            callable,
        ) {
            Some(node) => graph.nodes.push(node),
            None => graph.suppressed.any_node(),
        }
    }
    let Nodes { by_id, ids, import } = nodes;
    let ids = links::Known {
        by_id: &by_id,
        ids: &ids,
    };
    graph.origin = Origin::import(at.pointer(), import);
    if let Some(value) = member(members, "links").filter(|n| !matches!(n.kind, Kind::Null)) {
        links::read_links(reader, at.key("links"), value, ids, &mut graph);
    }
    Some(graph)
}

/// The nodes read so far.
struct Nodes {
    /// Ids as written, and as they are here.
    by_id: HashMap<Text, NodeId>,
    ids: Ids,
    import: Import,
}

impl Nodes {
    /// Gives a node an id of its own; an id that fits stays as it is.
    fn take(&mut self, raw: &Text) -> NodeId {
        if let Ok(id) = NodeId::from_text(raw.clone()) {
            self.by_id.insert(raw.clone(), id.clone());
            return id;
        }
        let id = self.ids.make(raw);
        self.by_id.insert(raw.clone(), id.clone());
        self.import.renamed.push((id.clone(), raw.clone()));
        id
    }
}

fn read_node(
    reader: &mut Reader<'_>,
    at: At<'_>,
    value: &json::Node,
    index: usize,
    nodes: &mut Nodes,
    graph: &mut Graph,
    callable: &Callable,
) -> Option<Node> {
    let members = reader.faults.map(at, value, Mend::Unknown)?;
    let Some(id) = member(members, "id") else {
        reader.faults.missing(at, value, "id", "the id of the node");
        return None;
    };
    let raw = reader.faults.required_text(at.key("id"), id)?;
    if nodes.by_id.contains_key(&raw) {
        let fault = Fault::new(
            Code::GraphNodeDuplicate,
            at.key("id").pointer(),
            "another node has this id",
        )
        .expected("an id that no other node has")
        .actual(quoted(&raw));
        reader.faults.add(id.span.start, fault);
        return None;
    }
    let mut node = Node::new(nodes.take(&raw), "");
    match member(members, "block_id") {
        Some(block) => {
            node.block = reader
                .faults
                .required_text(at.key("block_id"), block)
                .unwrap_or_else(|| Text::from(""))
        }
        None => reader
            .faults
            .missing(at, value, "block_id", "the UUID of a block"),
    }
    if node.block.is_empty() {
        graph.suppressed.block(node.id.as_text());
    }
    let mut place = ImportedNode {
        index,
        ..ImportedNode::default()
    };
    let defaults = member(members, "input_default");
    if node.block.eq_ignore_ascii_case(AGENT_EXECUTOR) {
        place.call = true;
        node.block = Text::from(CALL);
        inputs::read_call(reader, at, value, defaults, callable, &mut node, &mut place);
    } else if let Some(defaults) = defaults {
        node.inputs = inputs::read_inputs(
            reader,
            at.key("input_default"),
            defaults,
            Map::default(),
            &mut place,
        );
    }
    read_metadata(member(members, "metadata"), &mut node);
    node.place = Place::Imported(Box::new(place));
    Some(node)
}

/// Keeps what people and the engine can use of what the editor wrote about a node.
fn read_metadata(metadata: Option<&json::Node>, node: &mut Node) {
    let Some(metadata) = metadata else { return };
    node.title = metadata.get("customized_name").and_then(keep_text);
    if let Some(
        position @ json::Node {
            kind: Kind::Map(_), ..
        },
    ) = metadata.get("position")
    {
        node.ui = Some(
            [(Text::from("position"), position.to_value())]
                .into_iter()
                .collect(),
        );
    }
    if matches!(
        metadata.get("credentials_optional"),
        Some(json::Node {
            kind: Kind::Bool(true),
            ..
        })
    ) {
        node.extra
            .insert("x-credentials_optional", Value::Bool(true));
    }
}

fn member<'t>(members: &'t [Member], key: &str) -> Option<&'t json::Node> {
    members
        .iter()
        .find(|m| m.key.as_str() == key)
        .map(|m| &m.value)
}

fn text(node: &json::Node) -> Option<Text> {
    match &node.kind {
        Kind::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn integer(node: &json::Node) -> Option<i64> {
    match &node.kind {
        Kind::Number(number) => number.as_i64(),
        _ => None,
    }
}
