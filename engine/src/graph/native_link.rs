//! Reading the links of the native form.

use std::collections::HashSet;

use super::{
    Graph, Link, PinRef,
    at::{At, quoted},
    field::{Mend, keep_extra},
    native_node::Renamed,
    origin::Place,
    read::Reader,
    reference,
};
use crate::{
    fault::{Code, Fault},
    json::{self, Kind, PatchOp},
    value::{Map, Path, Step, Text, Value},
};

const LINK_KEYS: &[&str] = &["from", "to", "sticky", "doc", "ui"];

/// Lists grow by themselves up to this index; an index above is refused where a value is built.
pub(super) const MAX_INDEX: i64 = 1_000_000;

/// Longer prefixes of a reference are not looked up among the ids that had to change.
const MAX_RENAMED: usize = 1024;

pub(super) fn read_links(
    reader: &mut Reader<'_>,
    at: At<'_>,
    value: &json::Node,
    renamed: &Renamed,
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
    let mut seen = HashSet::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let here = at.index(index);
        let Some(mut link) = read_link(reader, here, item, renamed, graph) else {
            continue;
        };
        let is_new = seen.insert((link.from.clone(), link.to.clone(), link.sticky));
        // Graphs that come from AutoGPT count on each of them to deliver.
        if !is_new && !graph.policy.is_import() {
            let text = format!("the link from {} to {} stands twice", link.from, link.to);
            let fault = Fault::new(Code::GraphLinkDuplicate, here.pointer(), text)
                .expected("each link once")
                .actual("the same link as before")
                .fix(PatchOp::Remove {
                    path: here.pointer(),
                });
            reader.faults.add(item.span.start, fault);
            continue;
        }
        link.place = Place::Index(index);
        graph.links.push(link);
    }
}

fn read_link(
    reader: &mut Reader<'_>,
    at: At<'_>,
    value: &json::Node,
    renamed: &Renamed,
    graph: &mut Graph,
) -> Option<Link> {
    let Some(members) = reader.faults.map(at, value, arrow(value)) else {
        graph.suppressed.any_input();
        return None;
    };
    let (mut from, mut to) = (End::Missing, End::Missing);
    let (mut sticky, mut doc, mut ui, mut extra) = (false, None, None, Map::default());
    let mut meant = Vec::new();
    for member in members {
        let here = at.key(&member.key);
        let value = &member.value;
        match member.key.as_str() {
            "from" => from = read_end(reader, here, value, renamed),
            "to" => to = read_sink(reader, here, value, renamed),
            "sticky" => sticky = reader.faults.bool(here, value).unwrap_or(false),
            "doc" => doc = reader.faults.text(here, value),
            "ui" => ui = Some(value.to_value()),
            _ if keep_extra(&mut extra, member) => {}
            _ => meant.extend(reader.faults.unknown_key(at, members, member, LINK_KEYS)),
        }
    }
    for (end, key) in [(&from, "from"), (&to, "to")] {
        // A misnamed key has its fault already.
        if matches!(end, End::Missing) && !meant.contains(&key) {
            reader
                .faults
                .missing(at, value, key, "a pin, as in \"node.pin\"");
        }
    }
    match (from, to) {
        (End::Read(from), End::Read(to)) => Some(Link {
            sticky,
            doc,
            ui,
            extra,
            ..Link::new(from, to)
        }),
        (_, End::Read(to) | End::Meant(to)) => {
            graph.suppressed.pin(to.node.as_text(), to.pin.as_text());
            None
        }
        (_, End::Node(node)) => {
            graph.suppressed.node(&node);
            None
        }
        (_, End::Missing | End::Unknown) => {
            graph.suppressed.any_input();
            None
        }
    }
}

/// One end of a link as far as it could be told.
enum End {
    /// As written.
    Read(PinRef),
    /// Not as written, but this must have been meant.
    Meant(PinRef),
    /// Only the node can be told.
    Node(String),
    /// Nothing can be told.
    Unknown,
    Missing,
}

fn read_sink(reader: &mut Reader<'_>, at: At<'_>, value: &json::Node, renamed: &Renamed) -> End {
    let end = read_end(reader, at, value, renamed);
    let End::Read(pin) = &end else { return end };
    let Some(index) = bad_index(&pin.path) else {
        return end;
    };
    let fault = Fault::new(
        Code::GraphReference,
        at.pointer(),
        "a list cannot be built at this index",
    )
    .expected(format!("0 to {MAX_INDEX}"))
    .actual(index.to_string());
    reader.faults.add(value.span.start, fault);
    End::Meant(PinRef::new(pin.node.clone(), pin.pin.clone()))
}

/// Returns an index at which no list can be built.
pub(super) fn bad_index(path: &Path) -> Option<i64> {
    path.steps().iter().find_map(|step| match step {
        Step::Index(index) if !(0..=MAX_INDEX).contains(index) => Some(*index),
        _ => None,
    })
}

fn read_end(reader: &mut Reader<'_>, at: At<'_>, value: &json::Node, renamed: &Renamed) -> End {
    let Some(text) = reader.faults.required_text(at, value) else {
        return End::Unknown;
    };
    let read = PinRef::parse(&text);
    let known = |pin: &PinRef| renamed.ids.contains(pin.node.as_str());
    if !read.as_ref().is_ok_and(known)
        && let Some((pin, number)) = renamed_end(&text, renamed)
    {
        let value = Value::from(pin.to_string());
        reader.faults.add_fix(
            number,
            PatchOp::Replace {
                path: at.pointer(),
                value,
            },
        );
        return End::Read(pin);
    }
    let error = match read {
        Ok(pin) => return End::Read(pin),
        Err(error) => error,
    };
    let mut fault = Fault::new(
        Code::GraphReference,
        at.pointer(),
        format!("not a pin reference, {error}"),
    )
    .expected("node.pin, as in \"fill.values.name\" or \"fill[\\\"first name\\\"]\"")
    .actual(quoted(&text));
    let meant = reference::repair(&text);
    if let Some(meant) = &meant {
        fault.suggestions.push(meant.clone());
        fault = fault.fix(PatchOp::Replace {
            path: at.pointer(),
            value: Value::from(meant.as_str()),
        });
    }
    reader.faults.add(value.span.start, fault);
    if let Some(meant) = meant.and_then(|text| PinRef::parse(&text).ok()) {
        return End::Meant(meant);
    }
    let node = text
        .trim()
        .split(['.', '[', ' '])
        .next()
        .unwrap_or_default();
    if node.is_empty() {
        End::Unknown
    } else {
        End::Node(node.to_owned())
    }
}

/// Reads a reference that begins with an id that had to change.
fn renamed_end(text: &str, renamed: &Renamed) -> Option<(PinRef, usize)> {
    if renamed.by_raw.is_empty() {
        return None;
    }
    let ends = text
        .match_indices(['.', '['])
        .map(|(end, _)| end)
        .take_while(|end| *end <= MAX_RENAMED);
    for end in ends {
        let (node, rest) = text.split_at(end);
        if let Some((id, number)) = renamed.by_raw.get(node)
            && let Ok(pin) = PinRef::parse(&format!("{id}{rest}"))
        {
            return Some((pin, *number));
        }
    }
    None
}

/// A link written as one text, `a.x -> b.y`, is clear enough to put right.
fn arrow(value: &json::Node) -> Mend {
    let Kind::Text(text) = &value.kind else {
        return Mend::Unknown;
    };
    let Some((from, to)) = text.split_once("->") else {
        return Mend::Unknown;
    };
    match (PinRef::parse(from.trim()), PinRef::parse(to.trim())) {
        (Ok(from), Ok(to)) => Mend::Replace(
            [
                (Text::from("from"), Value::from(from.to_string())),
                (Text::from("to"), Value::from(to.to_string())),
            ]
            .into_iter()
            .collect(),
        ),
        _ => Mend::Unknown,
    }
}
