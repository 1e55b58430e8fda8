//! A fault: what is wrong with a document or with the values given to a run, where, and what would do.
//!
//! Faults are data, not control flow: a check collects as many as it can find, in one pass, and a host prints or
//! serialises them. Each has a stable [`Code`] with a page in `docs/errors/`.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::json::{PatchOp, Pointer, Tree, line_column};

mod code;
mod near;

pub use code::Code;
pub use near::nearest;

/// One thing that is wrong, where it is, what was found, what was expected and, where it can be told, a repair.
///
/// Serialises as the error object that the command line and the server print: `code`, `message`, `pointer`, `line`,
/// `column`, `expected`, `actual`, `suggestions`, `fix` (a JSON Patch) and `docs`; keys without a value are left out.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Fault {
    /// The stable name of this kind of fault.
    pub code: Code,
    /// One lower-case line without a final period: what is wrong.
    pub message: String,
    /// Where in the document, as a JSON pointer (RFC 6901). Empty: the whole document.
    pub pointer: Pointer,
    /// Line in the source, from 1. `None` until [`Fault::locate`] was called, or where there is no source.
    pub line: Option<u32>,
    /// Column in the source in characters, from 1.
    pub column: Option<u32>,
    /// What would have done.
    pub expected: Option<String>,
    /// What was found instead.
    pub actual: Option<String>,
    /// The nearest known names, best first.
    pub suggestions: Vec<String>,
    /// A JSON Patch (RFC 6902) on the document that removes this fault.
    pub fix: Vec<PatchOp>,
}

impl Fault {
    /// Returns a fault with a code, a place and a message, and nothing else.
    #[must_use]
    pub fn new(code: Code, pointer: Pointer, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            pointer,
            line: None,
            column: None,
            expected: None,
            actual: None,
            suggestions: Vec::new(),
            fix: Vec::new(),
        }
    }

    /// Adds what would have done.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Adds what was found.
    #[must_use]
    pub fn actual(mut self, actual: impl Into<String>) -> Self {
        self.actual = Some(actual.into());
        self
    }

    /// Adds the nearest known names to `found`, best first; at most three, none that is far.
    #[must_use]
    pub fn near<'a>(mut self, found: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        self.suggestions = nearest(found, known);
        self
    }

    /// Adds one operation to the repair.
    #[must_use]
    pub fn fix(mut self, op: PatchOp) -> Self {
        self.fix.push(op);
        self
    }

    /// Sets line and column from a byte offset into the source.
    #[must_use]
    pub fn at_offset(mut self, source: &[u8], offset: usize) -> Self {
        let (line, column) = line_column(source, offset);
        self.line = Some(line);
        self.column = Some(column);
        self
    }

    /// Sets line and column by looking the pointer up in the parsed document; a place that does not exist (a missing
    /// key) is shown at its nearest existing parent. Does nothing where the place is known already.
    pub fn locate(&mut self, source: &[u8], tree: &Tree) {
        if self.line.is_none()
            && let Some(span) = tree.locate(&self.pointer)
        {
            let (line, column) = line_column(source, span.start as usize);
            self.line = Some(line);
            self.column = Some(column);
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "{line}:{column}: ")?;
        }
        write!(f, "{}: {}", self.code, self.message)?;
        if let Some(expected) = &self.expected {
            write!(f, "; expected {expected}")?;
        }
        if let Some(actual) = &self.actual {
            write!(f, ", found {actual}")?;
        }
        match self.suggestions.as_slice() {
            [] => Ok(()),
            names => write!(f, "; did you mean {}?", names.join(" or ")),
        }
    }
}

impl std::error::Error for Fault {}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", self.code.as_str())?;
        map.serialize_entry("message", &self.message)?;
        map.serialize_entry("pointer", &self.pointer)?;
        if let Some(line) = self.line {
            map.serialize_entry("line", &line)?;
        }
        if let Some(column) = self.column {
            map.serialize_entry("column", &column)?;
        }
        if let Some(expected) = &self.expected {
            map.serialize_entry("expected", expected)?;
        }
        if let Some(actual) = &self.actual {
            map.serialize_entry("actual", actual)?;
        }
        if !self.suggestions.is_empty() {
            map.serialize_entry("suggestions", &self.suggestions)?;
        }
        if !self.fix.is_empty() {
            map.serialize_entry("fix", &self.fix)?;
        }
        map.serialize_entry("docs", &format!("errors/{}", self.code))?;
        map.end()
    }
}

/// Several faults as one error, for callers that want `?`.
#[derive(Debug, Clone, PartialEq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
