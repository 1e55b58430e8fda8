//! Drawings of boxes and arrows: laid out in layers, written as Mermaid or SVG. Knows nothing of graphs and blocks.
//!
//! Labels are anyone's text. INVARIANT: whatever a label holds, it stays text: it neither ends its own place nor begins
//! anything (a link, markup, a script, a directive).

mod layout;
mod mermaid;
mod svg;

pub(crate) use mermaid::mermaid;
pub(crate) use svg::svg;

/// Boxes, arrows between them, and drawings that belong to them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Drawing {
    /// A heading; may be empty.
    pub(crate) title: String,
    pub(crate) boxes: Vec<Box>,
    pub(crate) arrows: Vec<Arrow>,
    /// Drawings of parts.
    pub(crate) inner: Vec<Drawing>,
}

/// A box.
#[derive(Debug, Clone)]
pub(crate) struct Box {
    /// The first line.
    pub(crate) name: String,
    /// The second, smaller one.
    pub(crate) kind: String,
    pub(crate) look: Look,
}

/// How a box looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Plain,
    /// Something comes in here.
    Entry,
    /// Something goes out here.
    Exit,
    /// A remark.
    Note,
}

/// An arrow between two boxes, by position. One whose box does not exist is not drawn.
#[derive(Debug, Clone)]
pub(crate) struct Arrow {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) label: String,
    /// Drawn with another line.
    pub(crate) dashed: bool,
}

/// How much of a label is shown.
const LABEL: usize = 48;

/// Returns a label on one line, not too long, without characters that are not seen or turn the text around.
fn label(text: &str) -> String {
    let unseen = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
    let spaced = text.chars().map(|c| {
        if c.is_control() || c.is_whitespace() {
            ' '
        } else {
            c
        }
    });
    let mut shown: String = spaced.filter(|c| !unseen(*c)).take(LABEL + 1).collect();
    if shown.chars().count() > LABEL {
        shown.pop();
        shown.push('…');
    }
    shown.trim().to_owned()
}
