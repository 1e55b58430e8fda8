//! A place that a path means, and the way to it.

use std::fmt::Write as _;
use std::rc::Rc;

use graphloom::{Text, Value};

/// A place that was found.
#[derive(Clone)]
pub(in crate::json) struct Found<'v> {
    pub(in crate::json) value: &'v Value,
    pub(super) place: Option<Rc<Place>>,
}

/// A step of the way to a place, if ways are kept.
pub(super) struct Place {
    pub(super) from: Option<Rc<Place>>,
    pub(super) step: Step,
}

pub(super) enum Step {
    Key(Text),
    Index(usize),
}

impl Found<'_> {
    /// Returns the normalised path (RFC 9535, section 2.7) to the place: `$['a'][0]`.
    pub(in crate::json) fn path(&self) -> String {
        let mut steps = Vec::new();
        let mut next = self.place.as_deref();
        while let Some(place) = next {
            steps.push(&place.step);
            next = place.from.as_deref();
        }
        let mut path = String::from("$");
        // Writing to a `String` cannot fail.
        for step in steps.into_iter().rev() {
            let _ = match step {
                Step::Index(index) => write!(path, "[{index}]"),
                Step::Key(key) => write_key(&mut path, key),
            };
        }
        path
    }
}

fn write_key(path: &mut String, key: &str) -> std::fmt::Result {
    path.push_str("['");
    for c in key.chars() {
        match c {
            '\u{8}' => path.push_str("\\b"),
            '\t' => path.push_str("\\t"),
            '\n' => path.push_str("\\n"),
            '\u{c}' => path.push_str("\\f"),
            '\r' => path.push_str("\\r"),
            '\'' => path.push_str("\\'"),
            '\\' => path.push_str("\\\\"),
            c if c < ' ' => write!(path, "\\u{:04x}", u32::from(c))?,
            c => path.push(c),
        }
    }
    path.push_str("']");
    Ok(())
}
