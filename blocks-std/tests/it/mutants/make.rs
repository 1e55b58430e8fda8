//! Mistakes as people and models make them, each at a place that a seed picks.

use graphloom::Value;
use graphloom::value::{List, Map};

use super::GRAPHS;

/// Kinds of mistakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A pin at an end of a link is misspelt.
    MisspeltPin,
    /// A pin at an end of a link has another name altogether.
    OtherPin,
    /// A link ends at another pin of the same node.
    WrongPin,
    /// A node at an end of a link is misspelt.
    MisspeltNode,
    /// A node has another id, and its links do not know.
    RenamedNode,
    /// A key of the graph, a node, a link or the policy is misspelt.
    MisspeltKey,
    /// An input is misspelt.
    MisspeltInput,
    /// A block is misspelt.
    MisspeltBlock,
    /// An input has a value of another type.
    InputType,
    /// A setting has a value of another type, or one that is not allowed.
    SettingType,
    /// An input is missing.
    MissingInput,
    /// A link is missing.
    MissingLink,
    /// The ends of a link are swapped.
    SwappedEnds,
    /// The ends of two links are swapped with each other.
    CrossedLinks,
    /// A reference is written in another way.
    OddReference,
}

const KINDS: [Kind; 15] = [
    Kind::MisspeltPin,
    Kind::OtherPin,
    Kind::WrongPin,
    Kind::MisspeltNode,
    Kind::RenamedNode,
    Kind::MisspeltKey,
    Kind::MisspeltInput,
    Kind::MisspeltBlock,
    Kind::InputType,
    Kind::SettingType,
    Kind::MissingInput,
    Kind::MissingLink,
    Kind::SwappedEnds,
    Kind::CrossedLinks,
    Kind::OddReference,
];

pub(super) struct Mutant {
    pub(super) kind: Kind,
    pub(super) name: &'static str,
    pub(super) before: Value,
    pub(super) document: Value,
    pub(super) what: String,
}

/// Makes `n` mutants; each kind comes about as often as the others.
pub(super) fn mutants(n: usize, seed: u64) -> Vec<Mutant> {
    let mut draw = Draw(seed);
    let mut all = Vec::with_capacity(n);
    while all.len() < n {
        let kind = KINDS[all.len() % KINDS.len()];
        let (name, text) = GRAPHS[draw.below(GRAPHS.len())];
        let before: Value = serde_json::from_str(text).unwrap();
        let mut document = before.clone();
        if let Some(what) = mutate(kind, &mut document, &mut draw)
            && document != before
        {
            all.push(Mutant {
                kind,
                name,
                before,
                document,
                what,
            });
        }
    }
    all
}

/// Makes `n` graphs with several mistakes each.
pub(super) fn with_mistakes(n: usize, mistakes: usize, seed: u64) -> Vec<Value> {
    let mut draw = Draw(seed);
    let mut all = Vec::with_capacity(n);
    while all.len() < n {
        let mut document: Value = serde_json::from_str(GRAPHS[draw.below(GRAPHS.len())].1).unwrap();
        let mut made = 0;
        for _ in 0..mistakes * 4 {
            let kind = KINDS[draw.below(KINDS.len())];
            made +=
                usize::from(made < mistakes && mutate(kind, &mut document, &mut draw).is_some());
        }
        all.push(document);
    }
    all
}

/// SplitMix64 (Steele, Lea, Flood, 2014).
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn within(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low).wrapping_add(1);
        let by = self.next().checked_rem(span).unwrap_or(0);
        low.wrapping_add_unsigned(by)
    }

    pub(crate) fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }
}

fn map<'a>(value: &'a mut Value, key: &str) -> Option<&'a mut Map> {
    match value {
        Value::Map(whole) => match whole.get_mut(key)? {
            Value::Map(map) => Some(map),
            _ => None,
        },
        _ => None,
    }
}

fn list<'a>(value: &'a mut Value, key: &str) -> Option<&'a mut List> {
    match value {
        Value::Map(whole) => match whole.get_mut(key)? {
            Value::List(list) => Some(list),
            _ => None,
        },
        _ => None,
    }
}

/// Picks an entry of a map.
fn entry<'a>(map: &'a mut Map, draw: &mut Draw) -> Option<(String, &'a mut Value)> {
    let keys: Vec<String> = map.keys().map(ToString::to_string).collect();
    let key = draw.pick(&keys)?.clone();
    let value = map.get_mut(key.as_str())?;
    Some((key, value))
}

fn node<'a>(document: &'a mut Value, draw: &mut Draw) -> Option<(String, &'a mut Map)> {
    let (id, node) = entry(map(document, "nodes")?, draw)?;
    match node {
        Value::Map(node) => Some((id, node)),
        _ => None,
    }
}

fn link<'a>(document: &'a mut Value, draw: &mut Draw) -> Option<&'a mut Map> {
    let links = list(document, "links")?.make_mut();
    let n = links.len();
    match links.get_mut(draw.below(n))? {
        Value::Map(link) => Some(link),
        _ => None,
    }
}

/// Renames a key and keeps its place.
fn rename(map: &mut Map, from: &str, to: &str) {
    let entries: Vec<(String, Value)> = map
        .iter()
        .map(|(k, v)| (k.to_string(), v.clone()))
        .collect();
    *map = entries
        .into_iter()
        .map(|(key, value)| (if key == from { to.to_owned() } else { key }, value))
        .collect();
}

/// A slip of the pen: a letter left out, doubled, changed, or swapped with its neighbour; another case.
fn slip(word: &str, draw: &mut Draw) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = draw.below(letters.len());
    match draw.below(5) {
        0 if letters.len() > 3 => drop(letters.remove(at)),
        1 => letters.insert(at, letters[at]),
        2 => letters[at] = char::from(b'a' + draw.below(26) as u8),
        3 if at + 1 < letters.len() => letters.swap(at, at + 1),
        _ => return word.to_uppercase(),
    }
    letters.into_iter().collect()
}

const OTHER_NAMES: [&str; 10] = [
    "input", "output", "value", "data", "result", "in", "out", "x", "items", "content",
];

/// Changes the pin of a reference `node.pin…`.
fn change_pin(reference: &str, change: impl FnOnce(&str) -> String) -> Option<String> {
    let (node, rest) = reference.split_once('.')?;
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    Some(format!("{node}.{}{}", change(&rest[..end]), &rest[end..]))
}

fn side(draw: &mut Draw) -> &'static str {
    ["from", "to"][draw.below(2)]
}

fn change_end(
    document: &mut Value,
    draw: &mut Draw,
    change: impl FnOnce(&str, &mut Draw) -> Option<String>,
) -> Option<String> {
    let end = side(draw);
    let link = link(document, draw)?;
    let old = link.get(end)?.as_str()?.to_owned();
    let new = change(&old, draw)?;
    link.insert(end, new.as_str());
    Some(format!("{end} {old} -> {new}"))
}

fn mutate(kind: Kind, document: &mut Value, draw: &mut Draw) -> Option<String> {
    match kind {
        Kind::MisspeltPin => change_end(document, draw, |old, draw| {
            change_pin(old, |pin| slip(pin, draw))
        }),
        Kind::OtherPin => change_end(document, draw, |old, draw| {
            change_pin(old, |_| {
                OTHER_NAMES[draw.below(OTHER_NAMES.len())].to_owned()
            })
        }),
        Kind::WrongPin => wrong_pin(document, draw),
        Kind::MisspeltNode => change_end(document, draw, |old, draw| {
            let (node, rest) = old.split_once('.')?;
            Some(format!("{}.{rest}", slip(node, draw)))
        }),
        Kind::RenamedNode => {
            let nodes = map(document, "nodes")?;
            let (id, _) = entry(nodes, draw)?;
            let new = match draw.below(3) {
                0 => format!("{id}_1"),
                1 => format!("my_{id}"),
                _ => slip(&id, draw),
            };
            if nodes.contains_key(new.as_str()) {
                return None;
            }
            rename(nodes, &id, &new);
            Some(format!("{id} -> {new}"))
        }
        Kind::MisspeltKey => misspelt_key(document, draw),
        Kind::MisspeltInput => {
            let (id, node) = node(document, draw)?;
            let Value::Map(inputs) = node.get_mut("inputs")? else {
                return None;
            };
            let (key, _) = entry(inputs, draw)?;
            let new = slip(&key, draw);
            if inputs.contains_key(new.as_str()) {
                return None;
            }
            rename(inputs, &key, &new);
            Some(format!("{id}: {key} -> {new}"))
        }
        Kind::MisspeltBlock => {
            let (id, node) = node(document, draw)?;
            let block = node.get("block")?.as_str()?.to_owned();
            let (family, name) = block.split_once('.')?;
            let new = match draw.below(5) {
                0 => name.to_owned(),
                1 => block.replace('_', "-"),
                2 => format!("{family}.{}", slip(name, draw)),
                3 => format!("{}.{name}", slip(family, draw)),
                _ => slip(&block, draw),
            };
            node.insert("block", new.as_str());
            Some(format!("{id}: {block} -> {new}"))
        }
        Kind::InputType => {
            let (id, node) = node(document, draw)?;
            let Value::Map(inputs) = node.get_mut("inputs")? else {
                return None;
            };
            let (key, value) = entry(inputs, draw)?;
            let old = std::mem::replace(value, Value::Null);
            *value = other_type(&old, draw);
            Some(format!("{id}.{key}: {old} -> {value}"))
        }
        Kind::SettingType => setting_type(document, draw),
        Kind::MissingInput => {
            let (id, node) = node(document, draw)?;
            let Value::Map(inputs) = node.get_mut("inputs")? else {
                return None;
            };
            let (key, _) = entry(inputs, draw)?;
            inputs.remove(key.as_str());
            Some(format!("{id}: without {key}"))
        }
        Kind::MissingLink => {
            let links = list(document, "links")?.make_mut();
            let gone = links.remove(draw.below(links.len()));
            Some(format!("without {gone}"))
        }
        Kind::SwappedEnds => {
            let link = link(document, draw)?;
            let (from, to) = (link.get("from")?.clone(), link.get("to")?.clone());
            let what = format!("{from} <-> {to}");
            link.insert("from", to);
            link.insert("to", from);
            Some(what)
        }
        Kind::CrossedLinks => {
            let links = list(document, "links")?.make_mut();
            let (a, b) = (draw.below(links.len()), draw.below(links.len()));
            let (x, y) = (links[a].get("to")?.clone(), links[b].get("to")?.clone());
            let what = format!("{x} <-> {y}");
            if let Value::Map(link) = &mut links[a] {
                link.insert("to", y);
            }
            if let Value::Map(link) = &mut links[b] {
                link.insert("to", x);
            }
            Some(what)
        }
        Kind::OddReference => change_end(document, draw, |old, draw| {
            let (node, rest) = old.split_once('.')?;
            Some(match draw.below(5) {
                0 => format!("{node}:{rest}"),
                1 => format!("{node}/{rest}"),
                2 => format!(" {node} . {rest}"),
                3 => format!("{node}['{rest}']"),
                _ => format!("{node}->{rest}"),
            })
        }),
    }
}

/// Moves an end of a link to another pin that some link or literal of the graph names for the same node.
fn wrong_pin(document: &mut Value, draw: &mut Draw) -> Option<String> {
    let ends: Vec<String> = document
        .get("links")?
        .as_list()?
        .iter()
        .flat_map(|link| ["from", "to"].map(|end| link.get(end).and_then(Value::as_str)))
        .flatten()
        .map(ToOwned::to_owned)
        .collect();
    let literals = |node: &str| -> Vec<String> {
        let inputs = document
            .get("nodes")
            .and_then(|nodes| nodes.get(node))
            .and_then(|node| node.get("inputs"));
        let keys = inputs
            .and_then(Value::as_map)
            .into_iter()
            .flat_map(|map| map.keys());
        keys.map(ToString::to_string).collect()
    };
    let old = draw.pick(&ends)?.clone();
    let (node, _) = old.split_once('.')?;
    let mut others: Vec<String> = ends
        .iter()
        .filter(|other| other.split_once('.').is_some_and(|(n, _)| n == node) && **other != old)
        .cloned()
        .collect();
    others.extend(literals(node).iter().map(|pin| format!("{node}.{pin}")));
    let new = draw.pick(&others)?.clone();
    for link in list(document, "links")?.make_mut() {
        let Value::Map(link) = link else { continue };
        for end in ["from", "to"] {
            if link.get(end).and_then(Value::as_str) == Some(old.as_str()) {
                link.insert(end, new.as_str());
                return Some(format!("{end} {old} -> {new}"));
            }
        }
    }
    None
}

fn misspelt_key(document: &mut Value, draw: &mut Draw) -> Option<String> {
    let place = match draw.below(5) {
        0 => match document {
            Value::Map(map) => map,
            _ => return None,
        },
        1 => map(document, "policy")?,
        2 => link(document, draw)?,
        3 => match node(document, draw)?.1.get_mut("retry")? {
            Value::Map(retry) => retry,
            _ => return None,
        },
        _ => node(document, draw)?.1,
    };
    let (key, _) = entry(place, draw)?;
    let new = slip(&key, draw);
    if place.contains_key(new.as_str()) {
        return None;
    }
    rename(place, &key, &new);
    Some(format!("{key} -> {new}"))
}

fn other_type(old: &Value, draw: &mut Draw) -> Value {
    match (old, draw.below(3)) {
        (Value::Text(text), 0) => Value::from(vec![Value::Text(text.clone())]),
        (Value::Text(_), 1) => Value::from(7),
        (Value::Text(text), _) => Value::from(slip(text, draw)),
        (Value::Int(n), 0) => Value::from(n.to_string()),
        (Value::Int(n), 1) => Value::from(*n as f64 + 0.5),
        (Value::Bool(b), 0) => Value::from(b.to_string()),
        (Value::Bool(b), 1) => Value::from(i64::from(*b)),
        (Value::List(list), 0) => list.first().cloned().unwrap_or_default(),
        (Value::List(_) | Value::Map(_), _) => Value::from(old.to_string()),
        _ => Value::Null,
    }
}

fn setting_type(document: &mut Value, draw: &mut Draw) -> Option<String> {
    let place = match draw.below(3) {
        0 => map(document, "policy")?,
        1 => match node(document, draw)?.1.get_mut("retry")? {
            Value::Map(retry) => retry,
            _ => return None,
        },
        _ => node(document, draw)?.1,
    };
    let (key, value) = entry(place, draw)?;
    if matches!(key.as_str(), "inputs" | "block" | "retry") && draw.below(4) > 0 {
        return None;
    }
    let old = value.clone();
    *value = match (&old, draw.below(3)) {
        (Value::Int(_), 0) => Value::from(-1),
        (Value::Int(n), 1) => Value::from(n.to_string()),
        (Value::Text(text), 0 | 1) => Value::from(slip(text, draw)),
        (Value::Map(_), 0) => Value::from(Vec::<Value>::new()),
        _ => Value::Null,
    };
    Some(format!("{key}: {old} -> {value}"))
}
