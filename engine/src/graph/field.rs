//! Reading single settings out of a parsed document: each reader gives the value or notes a fault with a repair.

use std::ops::RangeInclusive;

use super::at::{At, quoted, shown};
use crate::{
    fault::{Code, Fault, nearest},
    json::{self, Kind, Member, PatchOp},
    value::{Map, Text, Value},
};

/// Keys that mean something later and are refused until they do.
const RESERVED: [&str; 5] = ["fallback", "budget", "priority", "concurrency_key", "when"];

/// Keys of other systems whose meaning is clear.
const ALIASES: [(&str, &str); 8] = [
    ("source", "from"),
    ("src", "from"),
    ("target", "to"),
    ("sink", "to"),
    ("dest", "to"),
    ("type", "block"),
    ("args", "inputs"),
    ("edges", "links"),
];

/// How a wrong value can be put right.
#[derive(Debug, Clone)]
pub(super) enum Mend {
    Unknown,
    Replace(Value),
    Remove,
}

/// The faults found so far, each with where it begins in the document.
#[derive(Debug, Default)]
pub(super) struct Faulter {
    found: Vec<(usize, Fault)>,
    /// How many names were looked through for suggestions.
    looked_through: usize,
}

/// How many names are looked through for suggestions in one document, where there can be as many names as nodes: a
/// large document with a mistake in every line must not take minutes.
const MAX_LOOKED_THROUGH: usize = 200_000;

impl Faulter {
    /// Notes a fault and returns its number.
    pub(super) fn add(&mut self, offset: u32, fault: Fault) -> usize {
        self.found.push((offset as usize, fault));
        self.found.len() - 1
    }

    /// Adds an operation to the repair of a fault noted before.
    pub(super) fn add_fix(&mut self, number: usize, op: PatchOp) {
        if let Some((_, fault)) = self.found.get_mut(number) {
            fault.fix.push(op);
        }
    }

    /// Adds the nearest names to a fault, as long as not too many were looked through.
    pub(super) fn near<'a>(
        &mut self,
        fault: Fault,
        found: &str,
        names: impl ExactSizeIterator<Item = &'a str>,
    ) -> Fault {
        self.looked_through = self.looked_through.saturating_add(names.len());
        if self.looked_through > MAX_LOOKED_THROUGH {
            fault
        } else {
            fault.near(found, names)
        }
    }

    pub(super) fn into_found(self) -> Vec<(usize, Fault)> {
        self.found
    }

    /// Notes a value of the wrong type.
    pub(super) fn wrong_type(&mut self, at: At<'_>, node: &json::Node, expected: &str, mend: Mend) {
        let fault = Fault::new(
            Code::GraphValueType,
            at.pointer(),
            format!("{} has the wrong type", at.name()),
        )
        .expected(expected)
        .actual(shown(node));
        let fault = match mend {
            Mend::Unknown => fault,
            Mend::Replace(value) => fault.fix(PatchOp::Replace {
                path: at.pointer(),
                value,
            }),
            Mend::Remove => fault.fix(PatchOp::Remove { path: at.pointer() }),
        };
        self.add(node.span.start, fault);
    }

    /// Notes a required key that is not there.
    pub(super) fn missing(&mut self, at: At<'_>, parent: &json::Node, key: &str, expected: &str) {
        let fault = Fault::new(
            Code::GraphMissingKey,
            at.pointer().push(key),
            format!("{} is missing", quoted(key)),
        )
        .expected(expected)
        .actual("nothing");
        self.add(parent.span.start, fault);
    }

    /// Notes a key that does not belong here. Its repair is the name that was meant, if that is free, else to drop it.
    /// Returns the name that was meant.
    pub(super) fn unknown_key(
        &mut self,
        at: At<'_>,
        members: &[Member],
        member: &Member,
        known: &[&'static str],
    ) -> Option<&'static str> {
        let key = member.key.as_str();
        let path = at.pointer().push(key);
        let remove = PatchOp::Remove { path: path.clone() };
        if RESERVED.contains(&key) {
            let text = format!("the key {} is reserved and does nothing yet", quoted(key));
            let fault = Fault::new(Code::GraphReservedKey, path, text)
                .expected("no such key")
                .actual(quoted(key))
                .fix(remove);
            self.add(member.key_span.start, fault);
            return None;
        }
        let mut names = nearest(key, known.iter().copied());
        let alias = ALIASES
            .iter()
            .find(|(other, name)| key.eq_ignore_ascii_case(other) && known.contains(name));
        if let Some((_, name)) = alias {
            names.retain(|n| n != name);
            names.insert(0, (*name).to_owned());
        }
        let free = names
            .first()
            .filter(|name| members.iter().all(|m| m.key.as_str() != name.as_str()));
        let meant = free.and_then(|name| known.iter().copied().find(|k| k == name));
        let op = match meant {
            Some(name) => PatchOp::Move {
                from: path.clone(),
                path: at.pointer().push(name),
            },
            None => remove,
        };
        let mut fault = Fault::new(
            Code::GraphUnknownKey,
            path,
            format!("unknown key {}", quoted(key)),
        )
        .expected(format!(
            "one of {}, or a key that begins with \"x-\"",
            known.join(", ")
        ))
        .actual(quoted(key))
        .fix(op);
        fault.suggestions = names;
        self.add(member.key_span.start, fault);
        meant
    }

    /// Reads a map.
    pub(super) fn map<'t>(
        &mut self,
        at: At<'_>,
        node: &'t json::Node,
        mend: Mend,
    ) -> Option<&'t [Member]> {
        match &node.kind {
            Kind::Map(members) => Some(members),
            _ => {
                self.wrong_type(at, node, "a map", mend);
                None
            }
        }
    }

    /// Reads a list.
    pub(super) fn list<'t>(
        &mut self,
        at: At<'_>,
        node: &'t json::Node,
    ) -> Option<&'t [json::Node]> {
        match &node.kind {
            Kind::List(items) => Some(items),
            _ => {
                self.wrong_type(at, node, "a list", remove_null(node));
                None
            }
        }
    }

    /// Reads a text.
    pub(super) fn text(&mut self, at: At<'_>, node: &json::Node) -> Option<Text> {
        let mend = match &node.kind {
            Kind::Text(text) => return Some(text.clone()),
            Kind::Number(number) => Mend::Replace(Value::from(number.to_string())),
            Kind::Bool(b) => Mend::Replace(Value::from(b.to_string())),
            _ => remove_null(node),
        };
        self.wrong_type(at, node, "a text", mend);
        None
    }

    /// Reads true or false.
    pub(super) fn bool(&mut self, at: At<'_>, node: &json::Node) -> Option<bool> {
        let mend = match &node.kind {
            Kind::Bool(b) => return Some(*b),
            Kind::Text(t) if t.trim().eq_ignore_ascii_case("true") => {
                Mend::Replace(Value::Bool(true))
            }
            Kind::Text(t) if t.trim().eq_ignore_ascii_case("false") => {
                Mend::Replace(Value::Bool(false))
            }
            Kind::Number(Value::Int(n @ (0 | 1))) => Mend::Replace(Value::Bool(*n == 1)),
            _ => remove_null(node),
        };
        self.wrong_type(at, node, "true or false", mend);
        None
    }

    /// Reads an integer in a range.
    pub(super) fn integer(
        &mut self,
        at: At<'_>,
        node: &json::Node,
        range: RangeInclusive<u64>,
    ) -> Option<u64> {
        let mend = match &node.kind {
            Kind::Number(Value::Int(n)) => return self.in_range(at, node, i128::from(*n), &range),
            Kind::Number(Value::Uint(n)) => return self.in_range(at, node, i128::from(*n), &range),
            Kind::Number(Value::Float(f)) if f.fract() == 0.0 && f.abs() < 9e15 => {
                replace_int(&f.to_string())
            }
            Kind::Text(t) => replace_int(t),
            _ => remove_null(node),
        };
        self.wrong_type(
            at,
            node,
            &format!("an integer from {} to {}", range.start(), range.end()),
            mend,
        );
        None
    }

    fn in_range(
        &mut self,
        at: At<'_>,
        node: &json::Node,
        n: i128,
        range: &RangeInclusive<u64>,
    ) -> Option<u64> {
        if let Ok(n) = u64::try_from(n)
            && range.contains(&n)
        {
            return Some(n);
        }
        let bound = if n < i128::from(*range.start()) {
            *range.start()
        } else {
            *range.end()
        };
        let fault = Fault::new(
            Code::GraphValueRange,
            at.pointer(),
            format!("{} is out of range", at.name()),
        )
        .expected(format!(
            "an integer from {} to {}",
            range.start(),
            range.end()
        ))
        .actual(n.to_string())
        .fix(PatchOp::Replace {
            path: at.pointer(),
            value: Value::from(bound),
        });
        self.add(node.span.start, fault);
        None
    }

    /// Reads an integer from 1 to what 32 bits hold at most.
    pub(super) fn count(&mut self, at: At<'_>, node: &json::Node, max: u32) -> Option<u32> {
        self.integer(at, node, 1..=u64::from(max))
            .and_then(|n| u32::try_from(n).ok())
    }

    /// Reads one of a few words. One that is misspelt is noted and taken for the one that was probably meant, so that
    /// what follows is read as it will be once it is mended.
    pub(super) fn word<T: Copy>(
        &mut self,
        at: At<'_>,
        node: &json::Node,
        all: &[T],
        word: fn(T) -> &'static str,
    ) -> Option<T> {
        let words: Vec<&'static str> = all.iter().map(|item| word(*item)).collect();
        let Kind::Text(text) = &node.kind else {
            self.wrong_type(
                at,
                node,
                &format!("one of {}", words.join(", ")),
                remove_null(node),
            );
            return None;
        };
        let find = |text: &str| all.iter().copied().find(|item| word(*item) == text);
        if let Some(item) = find(text) {
            return Some(item);
        }
        let message = format!("{} is not one of its words", at.name());
        let mut fault = Fault::new(Code::GraphValueRange, at.pointer(), message)
            .expected(format!("one of {}", words.join(", ")))
            .actual(shown(node))
            .near(text, words.iter().copied());
        let meant = fault.suggestions.first().and_then(|best| find(best));
        if let Some(best) = meant {
            fault = fault.fix(PatchOp::Replace {
                path: at.pointer(),
                value: Value::from(word(best)),
            });
        }
        self.add(node.span.start, fault);
        meant
    }

    /// Reads a text that must be there: a null is not mended by leaving it out.
    pub(super) fn required_text(&mut self, at: At<'_>, node: &json::Node) -> Option<Text> {
        if matches!(node.kind, Kind::Null) {
            self.wrong_type(at, node, "a text", Mend::Unknown);
            return None;
        }
        self.text(at, node)
    }
}

/// Sorts the members of a map: those that begin with `x-` are kept as they are, the others are left to the caller.
pub(super) fn keep_extra(extra: &mut Map, member: &Member) -> bool {
    let kept = member.key.starts_with("x-");
    if kept {
        extra.insert(member.key.clone(), member.value.to_value());
    }
    kept
}

/// Keeps a text that says something; passes over anything else.
pub(super) fn keep_text(node: &json::Node) -> Option<Text> {
    match &node.kind {
        Kind::Text(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// What to do about a null, or a list of nothing, where an optional value belongs: leave the key out.
pub(super) fn remove_null(node: &json::Node) -> Mend {
    let nothing = matches!(&node.kind, Kind::List(items) if items.is_empty());
    if nothing || matches!(node.kind, Kind::Null) {
        Mend::Remove
    } else {
        Mend::Unknown
    }
}

fn replace_int(text: &str) -> Mend {
    match text.trim().parse::<i64>() {
        Ok(n) => Mend::Replace(Value::Int(n)),
        Err(_) => Mend::Unknown,
    }
}
