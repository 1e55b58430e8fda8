//! How messages name and show things: places in the document, values, texts.

use crate::json::{self, Kind, Pointer};

/// A place in the document, made into a pointer only if a fault needs one.
#[derive(Debug, Clone, Copy)]
pub(super) enum At<'a> {
    Base(&'a Pointer),
    Key(&'a At<'a>, &'a str),
    Index(&'a At<'a>, usize),
}

impl<'a> At<'a> {
    pub(super) fn key(&'a self, key: &'a str) -> At<'a> {
        At::Key(self, key)
    }

    pub(super) fn index(&'a self, index: usize) -> At<'a> {
        At::Index(self, index)
    }

    pub(super) fn pointer(&self) -> Pointer {
        match self {
            At::Base(pointer) => (*pointer).clone(),
            At::Key(parent, key) => parent.pointer().push(key),
            At::Index(parent, index) => parent.pointer().push_index(*index),
        }
    }

    /// What the place is called in a message.
    pub(super) fn name(&self) -> String {
        match self {
            At::Base(_) => "the document".to_owned(),
            At::Key(_, key) => quoted(key),
            At::Index(parent, index) => format!("item {index} of {}", parent.name()),
        }
    }
}

/// Shows a value in a few words: scalars as they are, long texts cut, containers by their size.
pub(super) fn shown(node: &json::Node) -> String {
    match &node.kind {
        Kind::Null => "null".to_owned(),
        Kind::Bool(b) => b.to_string(),
        Kind::Number(number) => number.to_string(),
        Kind::Text(text) => format!("the text {}", quoted(text)),
        Kind::List(items) => format!("a list of {}", items.len()),
        Kind::Map(members) => format!("a map of {}", members.len()),
    }
}

/// Shows a text in quotes, cut after some forty characters, with control characters escaped.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}
