//! Paths into a value: `.name`, `["any text"]`, `[0]`, `[-1]`, one after another.

use std::fmt::{self, Write};
use std::str::FromStr;

use super::{List, Map, Text, Value};
use crate::json;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// What stands under a key of a map.
    Key(Text),
    /// What stands at a position in a list, from 0; negative ones count from the end.
    Index(i64),
}

/// A way from a value to one inside it. The empty path leads to the value itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Path(Vec<Step>);

/// What is wrong with a path, and where in its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct PathError {
    /// The byte in the text of the path at which it cannot be read on.
    pub offset: usize,
    /// What is wrong there.
    pub message: String,
}

impl PathError {
    fn new(offset: usize, message: impl Into<String>) -> Self {
        Self {
            offset,
            message: message.into(),
        }
    }
}

/// The highest position that a write may make a list grow to; a longer list would only be nulls.
const MAX_INDEX: i64 = 1_000_000;

/// The most steps of a path. A path builds containers as deep as it is long.
const MAX_STEPS: usize = 64;

impl Path {
    /// Returns the empty path.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Returns true if the path has no steps.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the steps.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Adds a step at the end.
    pub fn push(&mut self, step: Step) {
        self.0.push(step);
    }

    /// Reads a path. The empty text is the empty path.
    ///
    /// # Errors
    ///
    /// Returns where the text is not a path: a name is `[A-Za-z_][A-Za-z0-9_-]*`, other keys are JSON strings in brackets
    /// without control and direction-changing characters, positions are integers in brackets. There are at most 64 steps.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let mut path = Self::new();
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            if path.0.len() == MAX_STEPS {
                return Err(PathError::new(
                    at,
                    format!("a path has at most {MAX_STEPS} steps"),
                ));
            }
            let (step, length) = if let Some(name) = rest.strip_prefix('.') {
                parse_name(name, at + 1)?
            } else if let Some(inside) = rest.strip_prefix('[') {
                parse_bracket(text, inside, at + 1)?
            } else {
                return Err(PathError::new(
                    at,
                    "expected `.name`, `[\"key\"]` or `[index]`",
                ));
            };
            path.push(step);
            at += length + 1;
        }
        Ok(path)
    }

    /// Returns what the path leads to, by pointer. `None` where a step finds nothing, and where it finds null.
    #[must_use]
    pub fn select(&self, value: &Value) -> Option<Value> {
        let mut here = value;
        for step in &self.0 {
            here = match step {
                Step::Key(key) => here.get(key)?,
                Step::Index(index) => {
                    let list = here.as_list()?;
                    let index = if *index < 0 {
                        index.checked_add_unsigned(list.len() as u64)?
                    } else {
                        *index
                    };
                    list.get(usize::try_from(index).ok()?)?
                }
            };
        }
        (!here.is_null()).then(|| here.clone())
    }

    /// Puts a value where the path leads to and builds the containers on the way: a list grows with nulls; where a key is
    /// needed, what is not a map gives way to an empty one; where a position is needed, a text becomes the list of its
    /// characters and anything else that is not a list gives way to an empty one.
    ///
    /// # Errors
    ///
    /// Returns an error, and leaves `base` as it was, for a negative position, one above a million, or more than 64 steps.
    pub fn write_into(&self, base: &mut Value, value: Value) -> Result<(), PathError> {
        if self.0.len() > MAX_STEPS {
            return Err(PathError::new(
                0,
                format!("a path has at most {MAX_STEPS} steps"),
            ));
        }
        for step in &self.0 {
            match step {
                Step::Index(index) if *index < 0 => {
                    return Err(PathError::new(
                        0,
                        format!("[{index}]: a negative position cannot be written to"),
                    ));
                }
                Step::Index(index) if *index > MAX_INDEX => {
                    return Err(PathError::new(
                        0,
                        format!("[{index}]: a position is at most {MAX_INDEX}"),
                    ));
                }
                _ => {}
            }
        }
        let mut here = base;
        for step in &self.0 {
            here = match step {
                Step::Key(key) => key_slot(here, key),
                // The check above leaves only positions that fit.
                Step::Index(index) => index_slot(here, usize::try_from(*index).unwrap_or(0)),
            };
        }
        *here = value;
        Ok(())
    }
}

fn key_slot<'a>(value: &'a mut Value, key: &Text) -> &'a mut Value {
    if value.as_map().is_none() {
        *value = Value::Map(Map::new());
    }
    match value {
        Value::Map(map) => map.slot(key),
        other => other,
    }
}

fn index_slot(value: &mut Value, index: usize) -> &mut Value {
    if value.as_list().is_none() {
        let list: List = value
            .as_str()
            .unwrap_or("")
            .chars()
            .map(String::from)
            .collect();
        *value = Value::List(list);
    }
    match value {
        Value::List(list) => {
            let items = list.make_mut();
            if items.len() <= index {
                items.resize(index + 1, Value::Null);
            }
            #[expect(
                clippy::indexing_slicing,
                reason = "the list was just made longer than the index"
            )]
            &mut items[index]
        }
        other => other,
    }
}

/// Reads a name at the beginning of `rest`, which stands at `at`; returns the step and how many bytes it took.
fn parse_name(rest: &str, at: usize) -> Result<(Step, usize), PathError> {
    let length = name_length(rest);
    match rest.get(..length) {
        Some(name) if length > 0 => Ok((Step::Key(name.into()), length)),
        _ => Err(PathError::new(
            at,
            "expected a name after `.`; other keys are written `[\"key\"]`",
        )),
    }
}

/// Returns how many bytes at the beginning are a name: `[A-Za-z_][A-Za-z0-9_-]*`.
fn name_length(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate();
    let end = bytes.find(|(i, b)| {
        let fits =
            b.is_ascii_alphabetic() || *b == b'_' || (*i > 0 && (b.is_ascii_digit() || *b == b'-'));
        !fits
    });
    end.map_or(text.len(), |(i, _)| i)
}

/// Reads what stands in brackets; `inside` begins behind the opening bracket, which is at `at` in `text`.
fn parse_bracket(text: &str, inside: &str, at: usize) -> Result<(Step, usize), PathError> {
    let (step, end) = if inside.starts_with('"') {
        let (key, end) = json::unquote(text, at + 1)
            .map_err(|problem| PathError::new(problem.at, problem.message))?;
        if let Some(c) = key.chars().find(|c| is_unfit(*c)) {
            let message = format!(
                "a key may not hold U+{:04X}, a control or direction-changing character",
                u32::from(c)
            );
            return Err(PathError::new(at, message));
        }
        (Step::Key(key.into()), end)
    } else {
        let length = inside
            .bytes()
            .take_while(|b| b.is_ascii_digit() || *b == b'-')
            .count();
        let digits = inside.get(..length).unwrap_or_default();
        let index = digits
            .parse::<i64>()
            .ok()
            .filter(|index| index.to_string() == digits);
        let index = index.ok_or_else(|| {
            PathError::new(
                at,
                "expected a position such as `0` or `-1`, or a key in quotes",
            )
        })?;
        (Step::Index(index), at + length)
    };
    match text.as_bytes().get(end) {
        Some(b']') => Ok((step, end + 1 - at)),
        _ => Err(PathError::new(end, "expected `]`")),
    }
}

/// Control characters, and those that make a text read otherwise than it is.
fn is_unfit(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Self::parse(text)
    }
}

impl FromIterator<Step> for Path {
    fn from_iter<I: IntoIterator<Item = Step>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

/// Writes the canonical form: `.name` where a key is a name, else `["key"]`.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| write!(f, "{step}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Key(key) if !key.is_empty() && name_length(key) == key.len() => {
                write!(f, ".{key}")
            }
            Self::Key(key) => {
                f.write_char('[')?;
                json::write_text(f, key)?;
                f.write_char(']')
            }
        }
    }
}
