//! The blocks that a program knows: filled by hand, looked up by id, by AutoGPT UUID, or by search.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::block::{BlockInfo, DynBlock, Shape, ShapeError};
use crate::fault::nearest;

mod alone;
mod catalogue;
mod known;
mod localise;
mod mock;
mod reusing;

pub use known::{KnownBlock, KnownPin};

/// A set of blocks. Registration is explicit; nothing appears by itself.
#[derive(Clone, Default)]
pub struct Registry {
    blocks: BTreeMap<&'static str, Entry>,
    aliases: HashMap<String, &'static str>,
    known: Vec<fn() -> &'static [KnownBlock]>,
    disabled: BTreeMap<String, String>,
}

/// A registered block with the pins of a node without literals.
#[derive(Clone)]
pub struct Entry {
    pub(crate) block: Arc<dyn DynBlock>,
    pins: Arc<OnceLock<Pins>>,
}

/// The pins that a block declares; none, and the reason, where the declaration is faulty.
#[derive(Default)]
struct Pins {
    shape: Arc<Shape>,
    fault: Option<ShapeError>,
}

impl Entry {
    fn new(block: Arc<dyn DynBlock>) -> Self {
        Self {
            block,
            pins: Arc::default(),
        }
    }

    /// Returns the block.
    #[must_use]
    pub fn block(&self) -> &Arc<dyn DynBlock> {
        &self.block
    }

    /// Returns what the block says of itself.
    #[must_use]
    pub fn info(&self) -> &BlockInfo {
        self.block.info()
    }

    /// Returns the pins of a node without literals; none where the block's own declaration is faulty.
    #[must_use]
    pub fn shape(&self) -> &Arc<Shape> {
        &self.pins().shape
    }

    /// Returns the same, or what is wrong with the declaration.
    pub(crate) fn described(&self) -> Result<&Arc<Shape>, ShapeError> {
        let pins = self.pins();
        match &pins.fault {
            Some(fault) => Err(fault.clone()),
            None => Ok(&pins.shape),
        }
    }

    fn pins(&self) -> &Pins {
        self.pins.get_or_init(|| match self.block.describe() {
            Ok(shape) => Pins {
                shape: Arc::new(shape),
                fault: None,
            },
            Err(fault) => Pins {
                fault: Some(fault),
                ..Pins::default()
            },
        })
    }

    fn check(&self) -> Result<(), RegistryError> {
        self.described()
            .map(drop)
            .map_err(|source| RegistryError::Shape {
                id: self.info().id.to_owned(),
                source,
            })
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("id", &self.info().id)
            .finish_non_exhaustive()
    }
}

/// Why a block cannot be registered: a fault of the program, found when it starts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// Two blocks have one id.
    #[error("block \"{id}\" is registered twice")]
    Duplicate {
        /// The id.
        id: String,
    },
    /// The id is not of the form `family.verb_noun`.
    #[error(
        "block id \"{id}\" is not lower-case words with a dot between family and name, as \"text.split_lines\""
    )]
    Id {
        /// The id.
        id: String,
    },
    /// The pins that the block declares are faulty.
    #[error("block \"{id}\": {source}")]
    Shape {
        /// The id.
        id: String,
        /// What is wrong.
        source: ShapeError,
    },
    /// Two blocks claim one AutoGPT id.
    #[error("blocks \"{first}\" and \"{second}\" both stand for AutoGPT block {uuid}")]
    Alias {
        /// The block that was there.
        first: String,
        /// The one that came.
        second: String,
        /// The id in dispute.
        uuid: String,
    },
}

/// What a look-up found.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Lookup<'a> {
    /// The block.
    Found(&'a Entry),
    /// There is such a block, in another version.
    Version {
        /// The block.
        entry: &'a Entry,
        /// The version asked for, as written.
        asked: String,
    },
    /// It is switched off here, with the reason.
    Disabled(&'a str),
    /// An AutoGPT block that is known by name only.
    Known(KnownBlock),
    /// Nothing of this name.
    Unknown,
}

impl Registry {
    /// Returns a registry without blocks.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a block.
    ///
    /// # Errors
    /// [`RegistryError`]: two blocks with one id or alias, an id or pins that will not do.
    pub fn add(&mut self, block: impl DynBlock) -> Result<&mut Self, RegistryError> {
        self.add_dyn(Arc::new(block))
    }

    /// Adds a block that is shared already.
    ///
    /// # Errors
    /// As [`Registry::add`].
    pub fn add_dyn(&mut self, block: Arc<dyn DynBlock>) -> Result<&mut Self, RegistryError> {
        let entry = Entry::new(block);
        entry.check()?;
        self.put(entry)
    }

    /// Adds a block whose pins are read when they are first asked for. Reading them out of the schemas is most of what
    /// registration costs, and a program that lives for milliseconds uses few of its blocks. A faulty declaration shows
    /// in the graphs that use it; a test that calls [`Registry::check`] finds it before.
    ///
    /// # Errors
    /// [`RegistryError`]: two blocks with one id or alias, an id that will not do.
    pub fn add_lazily(&mut self, block: impl DynBlock) -> Result<&mut Self, RegistryError> {
        self.put(Entry::new(Arc::new(block)))
    }

    /// Adds a block without asking it what it is: one that reads even that from a description does so when it is first
    /// looked up, searched for or listed. `id` and `alias`, the AutoGPT UUID, are what its info will say.
    ///
    /// # Errors
    /// As [`Registry::add_lazily`].
    pub fn add_unread(
        &mut self,
        id: &'static str,
        alias: Option<&'static str>,
        block: impl DynBlock,
    ) -> Result<&mut Self, RegistryError> {
        self.place(id, alias, Entry::new(Arc::new(block)))
    }

    /// Reads the pins of every block that was [added lazily](Registry::add_lazily).
    ///
    /// # Errors
    /// The first whose declaration is faulty.
    pub fn check(&self) -> Result<(), RegistryError> {
        self.blocks.values().try_for_each(Entry::check)
    }

    fn put(&mut self, entry: Entry) -> Result<&mut Self, RegistryError> {
        let info = *entry.info();
        self.place(info.id, info.alias.map(|alias| alias.uuid), entry)
    }

    fn place(
        &mut self,
        id: &'static str,
        alias: Option<&'static str>,
        entry: Entry,
    ) -> Result<&mut Self, RegistryError> {
        if !is_block_id(id) {
            return Err(RegistryError::Id { id: id.to_owned() });
        }
        if self.blocks.contains_key(id) {
            return Err(RegistryError::Duplicate { id: id.to_owned() });
        }
        if let Some(uuid) = alias {
            if let Some(first) = self.aliases.get(uuid) {
                let (first, second) = ((*first).to_owned(), id.to_owned());
                return Err(RegistryError::Alias {
                    first,
                    second,
                    uuid: uuid.to_owned(),
                });
            }
            self.aliases.insert(uuid.to_owned(), id);
        }
        self.blocks.insert(id, entry);
        Ok(self)
    }

    /// Switches a block off, by id, with the reason that whoever uses it is told.
    pub fn disable(&mut self, id: impl Into<String>, reason: impl Into<String>) -> &mut Self {
        self.disabled.insert(id.into(), reason.into());
        self
    }

    /// Looks a block up as a graph writes it: `text.split`, `text.split@1`, or an AutoGPT UUID. One that is known and not
    /// registered is found by its class name too.
    #[must_use]
    pub fn find(&self, written: &str) -> Lookup<'_> {
        let (name, version) = match written.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (written, None),
        };
        let id = self.aliases.get(name).copied().unwrap_or(name);
        if let Some(reason) = self.disabled.get(id).or_else(|| self.disabled.get(name)) {
            return Lookup::Disabled(reason);
        }
        match (self.blocks.get(id), version) {
            (Some(entry), Some(asked)) if entry.info().version.to_string() != asked => {
                Lookup::Version {
                    entry,
                    asked: asked.to_owned(),
                }
            }
            (Some(entry), _) => Lookup::Found(entry),
            (None, _) => self
                .absent(name)
                .map_or(Lookup::Unknown, |block| Lookup::Known(*block)),
        }
    }

    /// Returns the block with this id, AutoGPT UUID or AutoGPT class name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Entry> {
        let by_class = || {
            self.blocks
                .values()
                .find(|entry| entry.info().alias.is_some_and(|alias| alias.name == name))
        };
        match self.find(name) {
            Lookup::Found(entry) => Some(entry),
            Lookup::Unknown => by_class(),
            _ => None,
        }
    }

    /// Returns every block, sorted by id.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.blocks.values()
    }

    /// Returns how many blocks there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.blocks.len()
    }

    /// Says whether there is no block.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Returns the ids nearest to a misspelt one, best first.
    #[must_use]
    pub fn nearest(&self, written: &str) -> Vec<String> {
        let found = nearest(written, self.blocks.keys().copied());
        if !found.is_empty() {
            return found;
        }
        // A bare name may have been meant without its family.
        let bare = written.rsplit('.').next().unwrap_or(written);
        let names = self.blocks.keys().filter_map(|id| id.rsplit('.').next());
        let near = nearest(bare, names);
        let full = near.iter().flat_map(|name| {
            self.blocks
                .keys()
                .filter(move |id| id.rsplit('.').next() == Some(name.as_str()))
                .map(|id| (*id).to_owned())
        });
        full.take(3).collect()
    }

    /// Returns the blocks whose id, summary, category or AutoGPT name holds every word of `query`, best first: a word
    /// that is a part of the id counts more than one in the id, and that more than one in the summary.
    #[must_use]
    pub fn search(&self, query: &str) -> Vec<&Entry> {
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        let mut hits: Vec<(usize, &Entry)> = self
            .blocks
            .values()
            .filter_map(|entry| {
                let info = entry.info();
                let alias = info.alias.map_or("", |alias| alias.name).to_lowercase();
                let about =
                    format!("{} {} {}", info.summary, info.details, info.category).to_lowercase();
                let score = words.iter().try_fold(0, |score, word| {
                    let weight = match () {
                        () if info.id.split('.').any(|part| part == word) => 5,
                        () if info.id.contains(word.as_str()) => 4,
                        () if alias.contains(word.as_str()) => 3,
                        () if about.contains(word.as_str()) => 1,
                        () => return None,
                    };
                    Some(score + weight)
                })?;
                Some((score, entry))
            })
            .collect();
        // A block that exists for AutoGPT's sake comes after one that does what one would expect.
        hits.sort_by_key(|(score, entry)| {
            let id = entry.info().id;
            (std::cmp::Reverse(*score), id.starts_with("autogpt."), id)
        });
        hits.into_iter().map(|(_, entry)| entry).collect()
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.blocks.keys()).finish()
    }
}

fn is_block_id(id: &str) -> bool {
    let word = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    id.len() <= 128 && id.contains('.') && id.split('.').all(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::{BlockError, BoxFuture, Context, DynEmitter, Inputs};
    use crate::{Code, Engine, graph::Graph};

    struct Faulty(BlockInfo);

    impl DynBlock for Faulty {
        fn info(&self) -> &BlockInfo {
            &self.0
        }

        fn describe(&self) -> Result<Shape, ShapeError> {
            Err(ShapeError::new("", "it has no pins"))
        }

        fn run<'a>(
            &'a self,
            _: &'a Context,
            _: Inputs<'a>,
            _: DynEmitter<'a>,
        ) -> BoxFuture<'a, Result<(), BlockError>> {
            Box::pin(async { Ok(()) })
        }
    }

    #[test]
    fn a_faulty_declaration_shows_where_it_is_first_read() {
        let faulty = || Faulty(BlockInfo::new("test.faulty", 1, "Has no pins."));
        let mut registry = Registry::new();
        assert!(matches!(
            registry.add(faulty()),
            Err(RegistryError::Shape { .. })
        ));
        registry.add_lazily(faulty()).unwrap();
        assert!(matches!(
            registry.add_lazily(faulty()),
            Err(RegistryError::Duplicate { .. })
        ));
        assert!(matches!(registry.check(), Err(RegistryError::Shape { .. })));
        let graph = br#"{"format": 1, "nodes": {"a": {"block": "test.faulty"}}}"#;
        let faults = Engine::new(registry)
            .compile(&Graph::parse(graph).unwrap())
            .unwrap_err();
        let codes: Vec<Code> = faults.0.iter().map(|fault| fault.code).collect();
        assert_eq!(codes, [Code::GraphBlockConfig]);
    }
}
