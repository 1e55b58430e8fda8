//! A parsed document that remembers where everything stood.

use super::pointer::{self, Pointer};
use crate::value::{Map, Text, Value, WIRE_MAP, settle_map};

/// A stretch of the source in bytes, `end` not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// Where it begins.
    pub start: u32,
    /// Where it has ended.
    pub end: u32,
}

/// A parsed document.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The one value that the document is.
    pub root: Node,
}

/// A value of a document, and where it stood.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it stood.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a value of a document is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number: `Int`, `Uint` or `Float`.
    Number(Value),
    /// A text, its escapes undone.
    Text(Text),
    /// A list.
    List(Vec<Node>),
    /// A map; no key stands twice.
    Map(Vec<Member>),
}

/// One entry of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The key, its escapes undone.
    pub key: Text,
    /// Where the key stood, with its quotes.
    pub key_span: Span,
    /// What stands under the key.
    pub value: Node,
}

impl Tree {
    /// Returns where a place stood, or if it does not exist, the nearest thing around it that does.
    #[must_use]
    pub fn locate(&self, pointer: &Pointer) -> Option<Span> {
        Some(self.walk(pointer).0.span)
    }

    /// Returns where the key of a place stood; if the place is not under a key or does not exist, the same as `locate`.
    #[must_use]
    pub fn key_span(&self, pointer: &Pointer) -> Option<Span> {
        let (node, key_span) = self.walk(pointer);
        Some(key_span.unwrap_or(node.span))
    }

    /// Returns the node at a place.
    #[must_use]
    pub fn node(&self, pointer: &Pointer) -> Option<&Node> {
        pointer
            .segments()
            .try_fold(&self.root, |node, part| Some(node.child(&part)?.0))
    }

    /// Goes as far as the document does; the key's span only if it arrives, and under a key.
    fn walk(&self, pointer: &Pointer) -> (&Node, Option<Span>) {
        let mut here = (&self.root, None);
        for part in pointer.segments() {
            match here.0.child(&part) {
                Some(child) => here = child,
                None => return (here.0, None),
            }
        }
        here
    }
}

impl Node {
    /// Returns what stands under a key, if this is a map that has it. Looks through the keys one after another.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.members()?
            .iter()
            .find(|member| member.key == *key)
            .map(|member| &member.value)
    }

    /// Returns the entries, if this is a map.
    #[must_use]
    pub fn members(&self) -> Option<&[Member]> {
        match &self.kind {
            Kind::Map(members) => Some(members),
            _ => None,
        }
    }

    /// Returns the items, if this is a list.
    #[must_use]
    pub fn items(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the text, if this is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&Text> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the word that messages use: `null`, `bool`, `integer`, `number`, `text`, `list` or `map`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "bool",
            Kind::Number(number) => number.type_name(),
            Kind::Text(_) => "text",
            Kind::List(_) => "list",
            Kind::Map(_) => "map",
        }
    }

    /// Returns the value that is written here, wire forms such as `{"$float":"inf"}` being read as what they mean.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(b) => Value::Bool(*b),
            Kind::Number(number) => number.clone(),
            Kind::Text(text) => Value::Text(text.clone()),
            Kind::List(items) => items.iter().map(Node::to_value).collect(),
            Kind::Map(members) => match members.as_slice() {
                [
                    Member {
                        key,
                        value:
                            Node {
                                kind: Kind::Map(inner),
                                ..
                            },
                        ..
                    },
                ] if key == WIRE_MAP => Value::Map(entries(inner)),
                _ => {
                    let map = entries(members);
                    settle_map(&map).unwrap_or(Value::Map(map))
                }
            },
        }
    }

    fn child(&self, part: &str) -> Option<(&Node, Option<Span>)> {
        match &self.kind {
            Kind::Map(members) => {
                let member = members.iter().find(|member| member.key == *part)?;
                Some((&member.value, Some(member.key_span)))
            }
            Kind::List(items) => Some((items.get(pointer::index(part)?)?, None)),
            _ => None,
        }
    }
}

fn entries(members: &[Member]) -> Map {
    members
        .iter()
        .map(|member| (&member.key, member.value.to_value()))
        .collect()
}
