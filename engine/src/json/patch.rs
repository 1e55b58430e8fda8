//! JSON Patch (RFC 6902): changes to a document as data.

use serde::{Deserialize, Serialize};

use super::{Pointer, pointer};
use crate::fault::{Code, Fault};
use crate::value::{Map, Value};

mod diff;
mod merge;
mod read;
mod room;

pub use diff::diff;
pub use merge::merge;
pub use read::read_patch;
use room::Room;

/// One change to a document. Serialises as RFC 6902 has it: `{"op":"replace","path":"/a","value":1}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum PatchOp {
    /// Puts a value under a key, new or not, or before a position in a list; `-` is behind the last.
    Add {
        /// Where to.
        path: Pointer,
        /// What.
        value: Value,
    },
    /// Takes out what is there.
    Remove {
        /// What place.
        path: Pointer,
    },
    /// Puts a value in the place of another.
    Replace {
        /// What place.
        path: Pointer,
        /// What.
        value: Value,
    },
    /// Takes out what is at one place and adds it at another.
    Move {
        /// Where from.
        from: Pointer,
        /// Where to.
        path: Pointer,
    },
    /// Adds what is at one place at another too.
    Copy {
        /// Where from.
        from: Pointer,
        /// Where to.
        path: Pointer,
    },
    /// Makes the whole patch fail unless the value there is this one; numbers are compared by what they say.
    Test {
        /// What place.
        path: Pointer,
        /// What should be there.
        value: Value,
    },
}

/// Applies a patch as a whole: if one operation fails, the document stays as it was.
///
/// # Errors
///
/// Returns what is wrong with the first operation that fails, its pointer being the place in the patch: `PATCH_PATH` for
/// a place that does not exist, `PATCH_TEST` for a test that does not hold, `PATCH_SYNTAX` for a move into itself,
/// `JSON_DEPTH` and `LIMIT_DOCUMENT_BYTES` for copies and moves that make a document without measure out of a small one.
pub fn apply(document: &mut Value, patch: &[PatchOp]) -> Result<(), Box<Fault>> {
    let mut changed = document.clone();
    let mut room = Room::of(&changed);
    for (i, op) in patch.iter().enumerate() {
        let here = Pointer::root().push_index(i);
        room.check(&changed, op)
            .and_then(|()| apply_one(&mut changed, op))
            .map_err(|problem| Box::new(problem.into_fault(&changed, &here)))?;
    }
    *document = changed;
    Ok(())
}

/// Why an operation cannot be done, and which of its members is to blame.
enum Problem<'a> {
    NoSuchPlace {
        member: &'static str,
        place: &'a Pointer,
    },
    WholeDocument,
    IntoItself,
    TooDeep,
    TooLarge,
    Differs {
        wanted: &'a Value,
        found: Value,
    },
}

const NO_PATH: fn(&Pointer) -> Problem<'_> = |place| Problem::NoSuchPlace {
    member: "path",
    place,
};
const NO_FROM: fn(&Pointer) -> Problem<'_> = |place| Problem::NoSuchPlace {
    member: "from",
    place,
};

fn apply_one<'a>(document: &mut Value, op: &'a PatchOp) -> Result<(), Problem<'a>> {
    match op {
        PatchOp::Add { path, value } => add(document, path, value.clone()),
        PatchOp::Remove { path } => remove(document, path, NO_PATH).map(drop),
        PatchOp::Replace { path, value } => {
            *find_mut(document, path).ok_or_else(|| NO_PATH(path))? = value.clone();
            Ok(())
        }
        PatchOp::Move { from, path } => {
            let inside = path.as_str().strip_prefix(from.as_str());
            if inside.is_some_and(|rest| rest.starts_with('/')) {
                return Err(Problem::IntoItself);
            }
            if from == path {
                return find(document, from).map(drop).ok_or_else(|| NO_FROM(from));
            }
            let value = remove(document, from, NO_FROM)?;
            add(document, path, value)
        }
        PatchOp::Copy { from, path } => {
            let value = find(document, from).ok_or_else(|| NO_FROM(from))?.clone();
            add(document, path, value)
        }
        PatchOp::Test { path, value } => {
            let found = find(document, path).ok_or_else(|| NO_PATH(path))?;
            if found.loosely_eq(value) {
                return Ok(());
            }
            Err(Problem::Differs {
                wanted: value,
                found: found.clone(),
            })
        }
    }
}

fn find<'a>(document: &'a Value, place: &Pointer) -> Option<&'a Value> {
    place
        .segments()
        .try_fold(document, |here, part| child(here, &part))
}

fn child<'a>(value: &'a Value, part: &str) -> Option<&'a Value> {
    match value {
        Value::Map(map) => map.get(part),
        Value::List(list) => list.get(pointer::index(part)?),
        _ => None,
    }
}

fn find_mut<'a>(document: &'a mut Value, place: &Pointer) -> Option<&'a mut Value> {
    place
        .segments()
        .try_fold(document, |here, part| match here {
            Value::Map(map) => map.get_mut(&part),
            Value::List(list) => list.make_mut().get_mut(pointer::index(&part)?),
            _ => None,
        })
}

fn add<'a>(document: &mut Value, path: &'a Pointer, value: Value) -> Result<(), Problem<'a>> {
    let Some((parent, part)) = path.split_last() else {
        *document = value;
        return Ok(());
    };
    match find_mut(document, &parent) {
        Some(Value::Map(map)) => {
            map.insert(part.into_owned(), value);
            Ok(())
        }
        Some(Value::List(list)) => {
            let index = if part == "-" {
                Some(list.len())
            } else {
                pointer::index(&part)
            };
            let index = index
                .filter(|index| *index <= list.len())
                .ok_or_else(|| NO_PATH(path))?;
            list.make_mut().insert(index, value);
            Ok(())
        }
        _ => Err(NO_PATH(path)),
    }
}

fn remove<'a>(
    document: &mut Value,
    place: &'a Pointer,
    missing: fn(&Pointer) -> Problem<'_>,
) -> Result<Value, Problem<'a>> {
    let (parent, part) = place.split_last().ok_or(Problem::WholeDocument)?;
    let taken = match find_mut(document, &parent) {
        Some(Value::Map(map)) => map.remove(&part),
        Some(Value::List(list)) => {
            let index = pointer::index(&part).filter(|index| *index < list.len());
            index.map(|index| list.make_mut().remove(index))
        }
        _ => None,
    };
    taken.ok_or_else(|| missing(place))
}

impl Problem<'_> {
    fn into_fault(self, document: &Value, op: &Pointer) -> Fault {
        match self {
            Problem::NoSuchPlace { member, place } => missing(document, op.push(member), place),
            Problem::WholeDocument => Fault::new(
                Code::PatchPath,
                op.push("path"),
                "the whole document cannot be taken out",
            )
            .expected("a place inside the document"),
            Problem::IntoItself => Fault::new(
                Code::PatchSyntax,
                op.push("path"),
                "a place cannot be moved into itself",
            )
            .expected("a place outside `from`"),
            Problem::TooDeep => Fault::new(
                Code::JsonDepth,
                op.push("path"),
                "lists and maps would stand too deep in each other",
            )
            .expected(format!("at most {} levels", room::MAX_DEPTH)),
            Problem::TooLarge => Fault::new(
                Code::LimitDocumentBytes,
                op.push("from"),
                "the patch copies too much",
            )
            .expected(format!("at most {} bytes in all", room::MAX_COPIED)),
            Problem::Differs { wanted, found } => {
                Fault::new(Code::PatchTest, op.push("value"), "the test does not hold")
                    .expected(shorten(wanted.to_string()))
                    .actual(shorten(found.to_string()))
            }
        }
    }
}

/// Says how far the document goes on the way to a place, and which keys there are instead.
fn missing(document: &Value, pointer: Pointer, place: &Pointer) -> Fault {
    let mut here = (Pointer::root(), document);
    for part in place.segments() {
        if let Some(next) = child(here.1, &part) {
            here = (here.0.push(&part), next);
            continue;
        }
        let (around, what) = (
            if here.0.is_root() {
                "the document".to_owned()
            } else {
                format!("`{}`", here.0)
            },
            here.1,
        );
        let fault = Fault::new(
            Code::PatchPath,
            pointer,
            format!("the place `{place}` does not exist"),
        );
        return match what {
            Value::Map(map) => fault
                .expected(keys(map))
                .actual(format!("{around} has no key `{part}`"))
                .near(&part, map.keys().map(|key| &**key)),
            Value::List(list) => fault
                .expected("a position in the list")
                .actual(format!("{around} is a list of {} items", list.len())),
            other => fault
                .expected("a list or a map on the way")
                .actual(format!("{around} is of type {}", other.type_name())),
        };
    }
    Fault::new(
        Code::PatchPath,
        pointer,
        format!("the place `{place}` cannot be used here"),
    )
}

fn keys(map: &Map) -> String {
    let shown: Vec<String> = map.keys().take(8).map(|key| format!("`{key}`")).collect();
    match map.len() {
        0 => "a map with keys".to_owned(),
        1..=8 => format!("one of {}", shown.join(", ")),
        more => format!("one of {} and {} more", shown.join(", "), more - 8),
    }
}

fn shorten(json: String) -> String {
    match json.char_indices().nth(200) {
        Some((cut, _)) => format!("{}…", json.get(..cut).unwrap_or_default()),
        None => json,
    }
}
