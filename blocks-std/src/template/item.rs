//! The values that a template works on: Python's, with what filters and tags make beside.

use std::cell::RefCell;
use std::rc::Rc;

use graphloom::{Text, Value};

use super::dict::Dict;
use super::frame::{Loop, MacroValue};
use super::items::Items;
use super::{MAX_DEPTH, Result};
use crate::python::{float_repr, text_repr};

/// A template can nest values deeper than is good for a walk through them by recursion, which ends here.
pub(super) const MAX_WALK: usize = 2 * MAX_DEPTH;

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Item {
    /// Nothing of that name; the message says which. Prints nothing.
    Undefined(Text),
    None,
    Bool(bool),
    Int(i128),
    Float(f64),
    Text(Text),
    /// A text that is HTML already.
    Markup(Text),
    Bytes(Rc<[u8]>),
    List(Rc<RefCell<Items>>),
    Tuple(Rc<Items>),
    Dict(Rc<RefCell<Dict>>),
    /// What a filter or a method goes through: what it prints before and after its items, and the items.
    Made(Rc<Made>),
    Loop(Rc<Loop>),
    Macro(Rc<MacroValue>),
    /// A method that is not called yet.
    Method(Rc<(Item, Text)>),
    /// The one function that there is.
    Range,
}

/// Items that something made.
#[derive(Debug)]
pub(super) struct Made {
    /// What it prints as; `None`: its items between these words.
    pub(super) printed: Printed,
    pub(super) items: Items,
}

/// How made items print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Printed {
    /// As this text.
    As(String),
    /// `dict_keys([…])`.
    View(&'static str),
}

impl Item {
    pub(super) fn text(text: impl Into<Text>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn list(items: Vec<Self>) -> Self {
        Self::List(Rc::new(RefCell::new(Items(items))))
    }

    pub(super) fn tuple(items: impl IntoIterator<Item = Self>) -> Self {
        Self::Tuple(Rc::new(Items(items.into_iter().collect())))
    }

    pub(super) fn dict(dict: Dict) -> Self {
        Self::Dict(Rc::new(RefCell::new(dict)))
    }

    /// Items that a Python generator would give.
    pub(super) fn generator(name: &str, items: Vec<Self>) -> Self {
        let printed = Printed::As(format!("<generator object {name} at 0x0>"));
        Self::Made(Rc::new(Made {
            printed,
            items: Items(items),
        }))
    }

    pub(super) fn undefined(name: &str) -> Self {
        Self::Undefined(Text::from(format!("'{name}' is undefined")))
    }

    /// Takes a value over; deeper than the limit it is an error.
    pub(super) fn from_value(value: &Value, depth: usize) -> Result<Self> {
        if depth > MAX_DEPTH {
            return Err(format!("a value is nested deeper than {MAX_DEPTH}"));
        }
        Ok(match value {
            Value::Null => Self::None,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Int(int) => Self::Int(i128::from(*int)),
            Value::Uint(int) => Self::Int(i128::from(*int)),
            Value::Float(float) => Self::Float(*float),
            Value::Text(text) => Self::Text(text.clone()),
            Value::List(items) => {
                let items = items.iter().map(|item| Self::from_value(item, depth + 1));
                Self::list(items.collect::<Result<_>>()?)
            }
            Value::Map(map) => {
                let mut dict = Dict::default();
                for (key, value) in map.iter() {
                    dict.insert(Self::Text(key.clone()), Self::from_value(value, depth + 1)?)?;
                }
                Self::dict(dict)
            }
            other => Self::text(other.to_string()),
        })
    }

    /// Copies containers, so that nothing can be put into itself.
    pub(super) fn deep_copy(&self, depth: usize) -> Result<Self> {
        if depth > MAX_DEPTH {
            return Err(format!("a value is nested deeper than {MAX_DEPTH}"));
        }
        Ok(match self {
            Self::List(items) => {
                let items = items.borrow();
                let items = items.iter().map(|item| item.deep_copy(depth + 1));
                Self::list(items.collect::<Result<_>>()?)
            }
            Self::Tuple(items) => {
                let items = items.iter().map(|item| item.deep_copy(depth + 1));
                Self::tuple(items.collect::<Result<Vec<_>>>()?)
            }
            Self::Dict(dict) => {
                let mut copy = Dict::default();
                for (key, value) in dict.borrow().iter() {
                    copy.insert(key.clone(), value.deep_copy(depth + 1)?)?;
                }
                Self::dict(copy)
            }
            Self::Made(made) => {
                let items = made.items.iter().map(|item| item.deep_copy(depth + 1));
                let (printed, items) = (made.printed.clone(), items.collect::<Result<_>>()?);
                Self::Made(Rc::new(Made {
                    printed,
                    items: Items(items),
                }))
            }
            // They may lead back to what they are put into.
            Self::Method(_) | Self::Loop(_) | Self::Macro(_) => Self::text(self.repr()),
            other => other.clone(),
        })
    }

    /// Returns the message of the first item that is not defined, of what a filter made.
    pub(super) fn lacking(&self) -> Option<Text> {
        let first = |items: &[Self]| {
            items.iter().find_map(|item| match item {
                Self::Undefined(message) => Some(message.clone()),
                _ => None,
            })
        };
        match self {
            Self::List(items) => first(&items.borrow()),
            Self::Tuple(items) => first(items),
            Self::Made(made) => first(&made.items),
            _ => None,
        }
    }

    /// Returns how many values there are in it, itself included; what going through it costs. Where it is nested too
    /// deep to be counted, that is more than there are steps.
    pub(super) fn size(&self) -> usize {
        self.size_at(0)
    }

    fn size_at(&self, depth: usize) -> usize {
        if depth > MAX_WALK {
            return usize::MAX / 2;
        }
        let all = |items: &[Self]| {
            items.iter().fold(1, |sum: usize, item| {
                sum.saturating_add(item.size_at(depth + 1))
            })
        };
        match self {
            Self::List(items) => all(&items.borrow()),
            Self::Tuple(items) => all(items),
            Self::Made(made) => all(&made.items),
            Self::Dict(dict) => dict.borrow().iter().fold(1, |sum: usize, (_, value)| {
                sum.saturating_add(value.size_at(depth + 1))
                    .saturating_add(1)
            }),
            _ => 1,
        }
    }

    /// Returns the text if it is one.
    pub(super) fn as_text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) | Self::Markup(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn is_truthy(&self) -> bool {
        match self {
            Self::Undefined(_) | Self::None => false,
            Self::Bool(truth) => *truth,
            Self::Int(int) => *int != 0,
            Self::Float(float) => *float != 0.0,
            Self::Text(text) | Self::Markup(text) => !text.is_empty(),
            Self::Bytes(bytes) => !bytes.is_empty(),
            Self::List(items) => !items.borrow().is_empty(),
            Self::Tuple(items) => !items.is_empty(),
            Self::Dict(dict) => dict.borrow().len() > 0,
            Self::Made(made) => match made.printed {
                Printed::As(_) => true,
                Printed::View(_) => !made.items.is_empty(),
            },
            Self::Loop(_) | Self::Macro(_) | Self::Method(_) | Self::Range => true,
        }
    }

    /// Python's name of the type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Undefined(_) => "Undefined",
            Self::None => "NoneType",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Float(_) => "float",
            Self::Text(_) => "str",
            Self::Markup(_) => "Markup",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Tuple(_) => "tuple",
            Self::Dict(_) => "dict",
            Self::Made(made) => match made.printed {
                Printed::View(name) => name,
                Printed::As(_) => "generator",
            },
            Self::Loop(_) => "LoopContext",
            Self::Macro(_) => "Macro",
            Self::Method(_) => "method",
            Self::Range => "function",
        }
    }

    /// Returns the number of items or characters.
    pub(super) fn len(&self) -> Result<usize> {
        Ok(match self {
            Self::Undefined(_) => 0,
            Self::Text(text) | Self::Markup(text) => text.chars().count(),
            Self::Bytes(bytes) => bytes.len(),
            Self::List(items) => items.borrow().len(),
            Self::Tuple(items) => items.len(),
            Self::Dict(dict) => dict.borrow().len(),
            Self::Made(made) => made.items.len(),
            other => {
                return Err(format!(
                    "object of type '{}' has no len()",
                    other.type_name()
                ));
            }
        })
    }

    /// Returns the items to go through: of a text the characters, of a dict the keys.
    pub(super) fn items(&self) -> Result<Vec<Self>> {
        Ok(match self {
            Self::Undefined(_) => Vec::new(),
            Self::Text(text) => text.chars().map(|c| Self::text(c.to_string())).collect(),
            Self::Markup(text) => text
                .chars()
                .map(|c| Self::Markup(Text::from(c.to_string())))
                .collect(),
            Self::Bytes(bytes) => bytes
                .iter()
                .map(|byte| Self::Int(i128::from(*byte)))
                .collect(),
            Self::List(items) => items.borrow().to_vec(),
            Self::Tuple(items) => items.to_vec(),
            Self::Dict(dict) => dict.borrow().keys().cloned().collect(),
            Self::Made(made) => made.items.to_vec(),
            other => return Err(format!("'{}' object is not iterable", other.type_name())),
        })
    }

    /// Returns the text as which it prints.
    pub(super) fn to_text(&self) -> Text {
        match self {
            Self::Text(text) | Self::Markup(text) => text.clone(),
            Self::Undefined(_) => Text::from(""),
            other => Text::from(other.repr()),
        }
    }

    /// Returns Python's `repr`.
    pub(super) fn repr(&self) -> String {
        let mut out = String::new();
        self.write_repr(&mut out, 0);
        out
    }

    fn write_repr(&self, out: &mut String, depth: usize) {
        if depth > MAX_WALK {
            out.push_str("...");
            return;
        }
        match self {
            Self::Undefined(_) => out.push_str("Undefined"),
            Self::None => out.push_str("None"),
            Self::Bool(true) => out.push_str("True"),
            Self::Bool(false) => out.push_str("False"),
            Self::Int(int) => out.push_str(&int.to_string()),
            Self::Float(float) => out.push_str(&float_repr(*float)),
            Self::Text(text) => out.push_str(&text_repr(text)),
            Self::Markup(text) => {
                out.push_str("Markup(");
                out.push_str(&text_repr(text));
                out.push(')');
            }
            Self::Bytes(bytes) => {
                let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
                out.push('b');
                out.push_str(&text_repr(&text));
            }
            Self::List(items) => write_items(out, "[", &items.borrow(), "]", depth),
            Self::Tuple(items) if items.len() == 1 => write_items(out, "(", items, ",)", depth),
            Self::Tuple(items) => write_items(out, "(", items, ")", depth),
            Self::Dict(dict) => {
                out.push('{');
                for (index, (key, value)) in dict.borrow().iter().enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    key.write_repr(out, depth + 1);
                    out.push_str(": ");
                    value.write_repr(out, depth + 1);
                }
                out.push('}');
            }
            Self::Made(made) => match &made.printed {
                Printed::As(text) => out.push_str(text),
                Printed::View(name) => {
                    out.push_str(name);
                    write_items(out, "([", &made.items, "])", depth);
                }
            },
            Self::Loop(state) => {
                out.push_str(&format!(
                    "<LoopContext {}/{}>",
                    state.index + 1,
                    state.items.len()
                ));
            }
            Self::Macro(value) => out.push_str(&format!("<Macro '{}'>", value.body.name)),
            Self::Method(method) => out.push_str(&format!(
                "<built-in method {} of {} object at 0x0>",
                method.1,
                method.0.type_name()
            )),
            Self::Range => out.push_str("<function range at 0x0>"),
        }
    }
}

fn write_items(out: &mut String, start: &str, items: &[Item], end: &str, depth: usize) {
    out.push_str(start);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        item.write_repr(out, depth + 1);
    }
    out.push_str(end);
}
