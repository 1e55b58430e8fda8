//! Reading JSON.
//!
//! A syntax error ends the reading; what can be read past (a key that stands twice, a number that does not fit, a text
//! that is too long, something behind the end) is collected, so that an author sees all of it in one go.

use super::limits::LARGEST;
use super::position::Lines;
use super::reader::Reader;
use super::{Limits, Pointer, Tree};
use crate::fault::{Code, Fault, Faults};
use crate::value::Value;

/// What was read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Parsed {
    /// The document, unless it could not be read to its end. Where there are faults it is good for finding more of them:
    /// a key that stood twice has its first value, and a number that does not fit is a float in its place.
    pub tree: Option<Tree>,
    /// What is wrong, in the order of the document, each with pointer, line and column.
    pub faults: Vec<Fault>,
}

/// Reads a document.
#[must_use]
pub fn parse(bytes: &[u8], limits: &Limits) -> Parsed {
    let (tree, found) = match text_of(bytes, limits) {
        Ok(text) => Reader::new(text, limits).read(),
        Err(problem) => (None, vec![*problem]),
    };
    Parsed {
        tree,
        faults: place(bytes, found),
    }
}

/// Reads a document as a value.
///
/// # Errors
///
/// Returns everything that is wrong with it.
pub fn read_value(bytes: &[u8], limits: &Limits) -> Result<Value, Faults> {
    let Parsed { tree, faults } = parse(bytes, limits);
    match tree {
        Some(tree) if faults.is_empty() => Ok(tree.root.to_value()),
        _ => Err(Faults(faults)),
    }
}

/// A fault and its byte offset; lines are counted once for all.
pub(super) type Found = (Fault, usize);

fn place(bytes: &[u8], found: Vec<Found>) -> Vec<Fault> {
    if found.is_empty() {
        return Vec::new();
    }
    let lines = Lines::new(bytes);
    let place = |(mut fault, offset): Found| {
        let (line, column) = lines.line_column(offset);
        (fault.line, fault.column) = (Some(line), Some(column));
        fault
    };
    found.into_iter().map(place).collect()
}

/// Checks size and encoding.
fn text_of<'a>(bytes: &'a [u8], limits: &Limits) -> Result<&'a str, Box<Found>> {
    let fault = |code, message: String| Fault::new(code, Pointer::root(), message);
    let max_bytes = limits.max_bytes.min(LARGEST);
    if bytes.len() > max_bytes {
        let fault = fault(
            Code::LimitDocumentBytes,
            "the document is too large".to_owned(),
        );
        return Err(Box::new((
            fault
                .expected(format!("at most {max_bytes} bytes"))
                .actual(format!("{} bytes", bytes.len())),
            0,
        )));
    }
    let mark = match bytes {
        [0xef, 0xbb, 0xbf, ..] => Some("a byte order mark"),
        [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0, 1..=255, ..] | [1..=255, 0, _, 0, ..] => {
            Some("UTF-16 or UTF-32")
        }
        _ => None,
    };
    if let Some(mark) = mark {
        let fault = fault(
            Code::JsonEncoding,
            "the document is not plain UTF-8".to_owned(),
        );
        return Err(Box::new((
            fault
                .expected("UTF-8 without a byte order mark")
                .actual(mark),
            0,
        )));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let fault = fault(Code::JsonEncoding, format!("byte {at} is not UTF-8"));
        let byte = bytes
            .get(at)
            .map_or_else(String::new, |byte| format!("byte 0x{byte:02X}"));
        Box::new((fault.expected("UTF-8").actual(byte), at))
    })
}
