//! JSON documents: reading with places, writing, pointers and patches.
//!
//! [`parse()`] reads bytes into a [`Tree`] that remembers where everything stood, and collects what is wrong as faults. It
//! is our own because what a graph means must not depend on which features of a JSON crate some other crate switches
//! on, and because duplicate keys and inexact integers are faults here. [`to_json`] writes a [`Value`](crate::value::Value).

mod encode;
mod limits;
mod number;
mod parse;
mod patch;
mod pointer;
mod position;
mod quoted;
mod reader;
mod tree;
mod write;

pub use encode::encode;
pub use limits::Limits;
pub use parse::{Parsed, parse, read_value};
pub use patch::{PatchOp, apply, diff, merge, read_patch};
pub use pointer::{Pointer, PointerError};
pub use position::{Lines, line_column};
pub use tree::{Kind, Member, Node, Span, Tree};
pub use write::{to_json, to_json_pretty, write_json, write_json_pretty};

pub(crate) use number::read_number;
pub(crate) use quoted::unquote;
pub(crate) use write::{display, write_text};

#[cfg(test)]
mod tests;
