//! Values with places in them that are filled when a firing runs.

use std::collections::BTreeMap;

use graphloom::json::{Pointer, to_json};
use graphloom::value::{Map, Path};
use graphloom::{Text, Value};

use super::error::PresetError;
use super::reader::Reader;

/// What a placeholder may name at some place of a preset.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(Vec<Text>);

impl Names {
    pub(super) fn with(&self, name: impl Into<Text>) -> Self {
        let mut names = self.0.clone();
        names.push(name.into());
        Self(names)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|own| own.as_str() == name)
    }
}

/// What the names stand for in one firing. What is not there, and what is null, is nothing.
pub(super) type Scope = BTreeMap<Text, Value>;

/// `name.path`: a part of an input or of what a step gave; several of them with `|` between: the first that is there.
#[derive(Debug, Clone)]
pub(super) struct Ref(Vec<(Text, Path)>);

impl Ref {
    pub(super) fn parse(
        text: &str,
        at: &Pointer,
        names: &Names,
        reader: &mut Reader,
    ) -> Option<Self> {
        let mut ways = Vec::new();
        for way in text.split('|') {
            let head = way.find(['.', '[']).unwrap_or(way.len());
            let (name, path) = way.split_at(head);
            if !names.has(name) {
                reader.errors.push(PresetError::UnknownName {
                    pointer: at.clone(),
                    name: name.to_owned(),
                    known: names.0.iter().map(Text::to_string).collect(),
                });
                return None;
            }
            match Path::parse(path) {
                Ok(path) => ways.push((Text::from(name), path)),
                Err(error) => {
                    reader.invalid(at, error.to_string());
                    return None;
                }
            }
        }
        Some(Self(ways))
    }

    /// Returns the names that it looks at.
    pub(super) fn names(&self) -> impl Iterator<Item = &Text> {
        self.0.iter().map(|(name, _)| name)
    }

    pub(super) fn find(&self, scope: &Scope) -> Option<Value> {
        let mut ways = self.0.iter();
        ways.find_map(|(name, path)| path.select(scope.get(name.as_str())?))
    }
}

impl std::fmt::Display for Ref {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, (name, path)) in self.0.iter().enumerate() {
            write!(f, "{}{name}{path}", if at == 0 { "" } else { "|" })?;
        }
        Ok(())
    }
}

/// A value with places in it.
#[derive(Debug, Clone)]
pub(super) enum Tree {
    Literal(Value),
    Place {
        of: Ref,
        /// What stands for what, by the text of the value; others stay as they are. Null: nothing.
        words: Option<Map>,
    },
    Each {
        of: Ref,
        /// What an item must have to count, or a list of what it may have. What is not given asks nothing.
        with: Vec<(Path, Tree)>,
        give: Box<Tree>,
        first: bool,
    },
    List(Vec<Tree>),
    Map(Vec<(Text, Tree)>),
}

/// The name of the item that is looked at inside `$each`.
pub(super) const ITEM: &str = "item";

impl Tree {
    pub(super) fn read(
        value: &Value,
        at: &Pointer,
        names: &Names,
        reader: &mut Reader,
    ) -> Option<Self> {
        match value {
            Value::Map(map) if map.contains_key("$") => Self::place(value, at, names, reader),
            Value::Map(map) if map.contains_key("$each") => Self::each(value, at, names, reader),
            Value::Map(map) => {
                let mut entries = Vec::with_capacity(map.len());
                for (key, value) in map.iter() {
                    if key.starts_with('$') {
                        let message = format!("\"{key}\" is no placeholder: there are $ and $each");
                        reader.invalid(&at.push(key), message);
                    }
                    let tree = Self::read(value, &at.push(key), names, reader)?;
                    entries.push((key.clone(), tree));
                }
                Some(Self::Map(entries))
            }
            Value::List(list) => {
                let items = list
                    .iter()
                    .enumerate()
                    .map(|(index, item)| Self::read(item, &at.push_index(index), names, reader));
                items.collect::<Option<_>>().map(Self::List)
            }
            plain => Some(Self::Literal(plain.clone())),
        }
    }

    fn place(value: &Value, at: &Pointer, names: &Names, reader: &mut Reader) -> Option<Self> {
        let table = reader.table(value, at, &["$", "as"])?;
        let of = table.need_text(reader, "$")?;
        let of = Ref::parse(&of, &at.push("$"), names, reader)?;
        let words = match table.get("as") {
            None => None,
            Some((words, at)) => Some(reader.map(words, &at)?.clone()),
        };
        Some(Self::Place { of, words })
    }

    fn each(value: &Value, at: &Pointer, names: &Names, reader: &mut Reader) -> Option<Self> {
        let table = reader.table(value, at, &["$each", "where", "give", "first"])?;
        let of = table.need_text(reader, "$each")?;
        let of = Ref::parse(&of, &at.push("$each"), names, reader)?;
        let inside = names.with(ITEM);
        let mut with = Vec::new();
        if let Some((conditions, at)) = table.get("where") {
            for (key, value) in reader.map(conditions, &at)?.iter() {
                let at = at.push(key);
                match Path::parse(&format!(".{key}")) {
                    Ok(path) => with.push((path, Self::read(value, &at, names, reader)?)),
                    Err(error) => reader.invalid(&at, error.to_string()),
                }
            }
        }
        let give = match table.get("give") {
            Some((give, at)) => Self::read(give, &at, &inside, reader)?,
            None => Self::Place {
                of: Ref(vec![(Text::from(ITEM), Path::default())]),
                words: None,
            },
        };
        Some(Self::Each {
            of,
            with,
            give: Box::new(give),
            first: table.flag(reader, "first", false),
        })
    }

    /// Shows every reference in it.
    pub(super) fn refs(&self, see: &mut impl FnMut(&Ref)) {
        match self {
            Self::Literal(_) => {}
            Self::Place { of, .. } => see(of),
            Self::Each { of, with, give, .. } => {
                see(of);
                with.iter().for_each(|(_, tree)| tree.refs(see));
                give.refs(see);
            }
            Self::List(items) => items.iter().for_each(|tree| tree.refs(see)),
            Self::Map(entries) => entries.iter().for_each(|(_, tree)| tree.refs(see)),
        }
    }

    /// Returns the value with its places filled; what is not there drops its key, or its place in a list.
    pub(super) fn fill(&self, scope: &Scope) -> Option<Value> {
        match self {
            Self::Literal(value) => Some(value.clone()),
            Self::Place { of, words } => {
                let found = of.find(scope)?;
                match words.as_ref().and_then(|words| words.get(&plain(&found))) {
                    Some(Value::Null) => None,
                    Some(word) => Some(word.clone()),
                    None => Some(found),
                }
            }
            Self::Each {
                of,
                with,
                give,
                first,
            } => {
                let list = of.find(scope)?;
                let wanted: Vec<(&Path, Value)> = with
                    .iter()
                    .filter_map(|(path, tree)| Some((path, tree.fill(scope)?)))
                    .collect();
                let counts = |item: &&Value| {
                    wanted.iter().all(|(path, value)| {
                        path.select(item).is_some_and(|own| is_one(&own, value))
                    })
                };
                let mut inside = scope.clone();
                let mut given = list.as_list()?.iter().filter(counts).filter_map(|item| {
                    inside.insert(Text::from(ITEM), item.clone());
                    give.fill(&inside)
                });
                if *first {
                    return given.next();
                }
                Some(given.collect::<Vec<_>>().into())
            }
            Self::List(items) => {
                let items = items.iter().filter_map(|tree| tree.fill(scope));
                Some(items.collect::<Vec<_>>().into())
            }
            Self::Map(entries) => {
                let filled: Map = entries
                    .iter()
                    .filter_map(|(key, tree)| Some((key.clone(), tree.fill(scope)?)))
                    .collect();
                // A map of which nothing is left is nothing, unless it was written empty.
                (entries.is_empty() || !filled.is_empty()).then_some(Value::Map(filled))
            }
        }
    }
}

/// Says whether a value is the one wanted, or one of those wanted.
pub(super) fn is_one(value: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::List(list) => list.iter().any(|one| one.loosely_eq(value)),
        one => one.loosely_eq(value),
    }
}

/// Returns a value as a text: a text as it is, anything else as JSON.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        other => to_json(other),
    }
}
