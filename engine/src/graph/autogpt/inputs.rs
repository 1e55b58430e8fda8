//! The literal inputs of an AutoGPT node: flattened keys are folded into the containers that they build.

use std::collections::HashSet;

use super::{
    CALLED, Callable, integer,
    pins::{self, Selector},
};
use crate::{
    fault::{Code, Fault},
    graph::{
        Node,
        at::{At, quoted},
        field::{Mend, remove_null},
        native_node::PIN_NAME,
        origin::ImportedNode,
        read::Reader,
    },
    id::{PinName, is_hidden},
    json::{self, Kind, Member},
    value::{Map, Path, Step, Text, Value},
};

/// Reads a map of inputs in the order of its keys: a plain key replaces what earlier keys built, a flattened one writes
/// into it. A flattened key that names no place builds nothing, as in AutoGPT.
pub(super) fn read_inputs(
    reader: &mut Reader<'_>,
    at: At<'_>,
    value: &json::Node,
    mut inputs: Map,
    place: &mut ImportedNode,
) -> Map {
    let members = match &value.kind {
        Kind::Null => return inputs,
        _ => reader
            .faults
            .map(at, value, remove_null(value))
            .unwrap_or_default(),
    };
    for member in members {
        let (pin, rest) = match member.key.contains("_@_")
            || member.key.contains("_#_")
            || member.key.contains("_$_")
        {
            true => pins::split(&member.key),
            false => (member.key.as_str(), ""),
        };
        let path = match pins::selector(rest) {
            Selector::Path(path) => path,
            Selector::Void => continue,
            Selector::NoIndex => {
                bad_key(
                    reader,
                    at,
                    member,
                    "the position in the list is not an integer",
                );
                continue;
            }
        };
        let name = if rest.is_empty() {
            member.key.clone()
        } else {
            Text::from(pin)
        };
        let problem = match PinName::from_text(name.clone()) {
            Err(error) => Some(error.to_string()),
            Ok(_) if hides(&path) => Some("it holds a control character".to_owned()),
            Ok(_) if !reader.count_items(items(&path)) => {
                Some("with it the lists that such keys build become too long".to_owned())
            }
            Ok(_) => write(&mut inputs, name, &path, member.value.to_value()),
        };
        if let Some(problem) = problem {
            bad_key(reader, at, member, &problem);
        }
    }
    place.flattened = flattened(members);
    inputs
}

/// Says whether a path holds a character that no reference can be written with.
pub(super) fn hides(path: &Path) -> bool {
    path.steps()
        .iter()
        .any(|step| matches!(step, Step::Key(key) if key.chars().any(is_hidden)))
}

fn write(inputs: &mut Map, name: Text, path: &Path, value: Value) -> Option<String> {
    if path.is_empty() {
        inputs.insert(name, value);
        return None;
    }
    // Written in place: a copy of a long list for each of its items would take its time.
    let written = match inputs.get_mut(&name) {
        Some(base) => path.write_into(base, value),
        None => {
            let mut base = Value::Null;
            let written = path.write_into(&mut base, value);
            if written.is_ok() {
                inputs.insert(name, base);
            }
            written
        }
    };
    written.err().map(|e| e.to_string())
}

/// Returns how many items the lists may get that a path builds; short lists are not worth counting.
fn items(path: &Path) -> u64 {
    let indices = path.steps().iter().filter_map(|step| match step {
        Step::Index(index) => u64::try_from(*index).ok(),
        Step::Key(_) => None,
    });
    indices.filter(|index| *index > 1_000).sum()
}

fn bad_key(reader: &mut Reader<'_>, at: At<'_>, member: &Member, problem: &str) {
    let fault = Fault::new(
        Code::GraphPinName,
        at.pointer().push(&member.key),
        "this input key names no pin",
    )
    .expected(PIN_NAME)
    .actual(format!("{}: {problem}", quoted(&member.key)));
    reader.faults.add(member.key_span.start, fault);
}

/// Lists the keys of every pin that has a flattened one.
fn flattened(members: &[Member]) -> Vec<(Text, Text)> {
    let bases = || members.iter().map(|m| (pins::split(&m.key).0, &m.key));
    let flat: HashSet<&str> = bases()
        .filter(|(pin, key)| *pin != key.as_str())
        .map(|(pin, _)| pin)
        .collect();
    if flat.is_empty() {
        return Vec::new();
    }
    bases()
        .filter(|(pin, _)| flat.contains(pin))
        .map(|(pin, key)| (Text::from(pin), key.clone()))
        .collect()
}

/// Reads a call of another graph. Its inputs here are the called graph's and, under `graph`, which one is called; so a
/// called graph cannot have an input of that name.
pub(super) fn read_call(
    reader: &mut Reader<'_>,
    at: At<'_>,
    value: &json::Node,
    defaults: Option<&json::Node>,
    callable: &Callable,
    node: &mut Node,
    place: &mut ImportedNode,
) {
    let here = at.key("input_default");
    let Some(defaults) = defaults else {
        reader.faults.missing(
            at,
            value,
            "input_default",
            "the id of the called graph, under \"graph_id\"",
        );
        return;
    };
    let Some(_) = reader.faults.map(here, defaults, Mend::Unknown) else {
        return;
    };
    let called = match defaults.get("graph_id") {
        Some(id) => reader.faults.required_text(here.key("graph_id"), id),
        None => {
            reader
                .faults
                .missing(here, defaults, "graph_id", "the id of the called graph");
            None
        }
    };
    let mut inputs = Map::default();
    if let Some(id) = called {
        let version = defaults.get("graph_version").and_then(integer);
        let key = callable
            .get(&(id.clone(), version))
            .or_else(|| callable.get(&(id.clone(), None)));
        inputs.insert(CALLED, Value::from(key.cloned().unwrap_or(id)));
    }
    if let Some(literals) = defaults.get("inputs") {
        let here = here.key("inputs");
        if let Kind::Map(members) = &literals.kind
            && let Some(member) = members.iter().find(|m| pins::split(&m.key).0 == CALLED)
        {
            bad_key(
                reader,
                here,
                member,
                "a called graph cannot have an input named \"graph\"",
            );
            node.inputs = inputs;
            return;
        }
        inputs = read_inputs(reader, here, literals, inputs, place);
    }
    node.inputs = inputs;
}

/// Reads the pin of one end of a link: `Err` says why it names none.
pub(super) fn read_pin(raw: &Text, builds: bool) -> Result<(PinName, Path), String> {
    let (pin, rest) = pins::split(raw);
    let name = PinName::parse(pin).map_err(|e| e.to_string())?;
    let path = match pins::selector(rest) {
        Selector::Path(path) => path,
        Selector::NoIndex if builds => {
            return Err("the position in the list is not an integer".to_owned());
        }
        Selector::Void if builds => {
            return Err("what follows the pin names no place in it".to_owned());
        }
        // It finds nothing in any value, and neither does a key of this name.
        Selector::Void | Selector::NoIndex => [Step::Key(raw.clone())].into_iter().collect(),
    };
    if path.steps().len() > crate::graph::MAX_STEPS {
        return Err(format!(
            "it has more than {} steps",
            crate::graph::MAX_STEPS
        ));
    }
    if hides(&path) {
        return Err("it holds a control character".to_owned());
    }
    Ok((name, path))
}
