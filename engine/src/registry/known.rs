//! Blocks of the AutoGPT Platform as a catalogue has them: what they are, what pins they have, what stands in for them.

use std::fmt;

use crate::value::{Map, Value};

use super::{Entry, Registry};

/// A block of the AutoGPT Platform, known by name whether or not it is registered here.
///
/// ```
/// use graphloom::KnownBlock;
/// const SEND: KnownBlock = KnownBlock::new("11111111-1111-1111-1111-111111111111", "SendPigeonBlock", "a pigeon")
///     .pins("message*,wait integer or null", "answer");
/// let pins: Vec<String> = SEND.inputs().map(|pin| pin.to_string()).collect();
/// assert_eq!(pins, ["message: text (required)", "wait: integer or null"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownBlock {
    /// Its id there.
    pub uuid: &'static str,
    /// Its class name there.
    pub name: &'static str,
    /// What it needs that is not here, in a few words: `a Google credential`, `the network`.
    pub needs: &'static str,
    /// Where AutoGPT lists it, with commas between.
    categories: &'static str,
    /// The id of the block here that serves in its place.
    stand_in: &'static str,
    inputs: &'static str,
    outputs: &'static str,
}

/// A pin of a [`KnownBlock`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownPin {
    /// Its name there.
    pub name: &'static str,
    /// What it takes, in the words that types have here; besides them `choice` (one of a few texts), `file` (a text
    /// that stands for a file) and `credential`.
    pub ty: &'static str,
    /// Whether an input must be given.
    pub required: bool,
}

impl KnownBlock {
    /// Returns a block of which no more is known.
    #[must_use]
    pub const fn new(uuid: &'static str, name: &'static str, needs: &'static str) -> Self {
        Self {
            uuid,
            name,
            needs,
            categories: "",
            stand_in: "",
            inputs: "",
            outputs: "",
        }
    }

    /// Says where AutoGPT lists it, with commas between.
    #[must_use]
    pub const fn categories(mut self, categories: &'static str) -> Self {
        self.categories = categories;
        self
    }

    /// Names the block here that serves in its place, with pins of its own.
    #[must_use]
    pub const fn stand_in(mut self, id: &'static str) -> Self {
        self.stand_in = id;
        self
    }

    /// Sets its pins: `name type` with commas between; a `*` after the name is a required one, no type is text. They are
    /// read when they are asked for.
    #[must_use]
    pub const fn pins(mut self, inputs: &'static str, outputs: &'static str) -> Self {
        self.inputs = inputs;
        self.outputs = outputs;
        self
    }

    /// Returns its input pins.
    pub fn inputs(&self) -> impl Iterator<Item = KnownPin> + use<> {
        pins(self.inputs)
    }

    /// Returns its output pins, without the `error` that every block has.
    pub fn outputs(&self) -> impl Iterator<Item = KnownPin> + use<> {
        pins(self.outputs)
    }

    /// Says that it is not here, and what it would need: one lower-case line.
    #[must_use]
    pub fn absence(&self) -> String {
        format!(
            "AutoGPT block {} ({}) is not available here: it needs {}",
            self.name, self.uuid, self.needs
        )
    }
}

fn pins(written: &'static str) -> impl Iterator<Item = KnownPin> {
    let pins = written.split(',').filter(|pin| !pin.is_empty());
    pins.map(|pin| {
        let (name, ty) = pin.split_once(' ').unwrap_or((pin, "text"));
        let bare = name.strip_suffix('*');
        KnownPin {
            name: bare.unwrap_or(name),
            ty,
            required: bare.is_some(),
        }
    })
}

impl fmt::Display for KnownPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let required = if self.required { " (required)" } else { "" };
        write!(f, "{}: {}{required}", self.name, self.ty)
    }
}

impl Registry {
    /// Makes AutoGPT blocks known by name, so that a graph that uses one which is not registered is told what it is. The
    /// list is asked for when a graph does.
    pub fn know(&mut self, blocks: fn() -> &'static [KnownBlock]) -> &mut Self {
        self.known.push(blocks);
        self
    }

    /// Returns the AutoGPT blocks that are known by name.
    pub fn known(&self) -> impl Iterator<Item = &KnownBlock> {
        self.known.iter().flat_map(|blocks| blocks())
    }

    /// Returns the AutoGPT block with this UUID or class name that is known and not registered.
    #[must_use]
    pub fn absent(&self, name: &str) -> Option<&KnownBlock> {
        self.known()
            .find(|block| block.uuid == name || block.name == name)
            .filter(|block| !self.aliases.contains_key(block.uuid))
    }

    /// Returns the registered block that serves in the place of one that is not.
    #[must_use]
    pub fn stand_in(&self, block: &KnownBlock) -> Option<&Entry> {
        self.blocks.get(block.stand_in)
    }

    /// Returns the known blocks that are not registered whose name, needs or categories hold every word of `query`,
    /// best first: a hit in the name counts most.
    #[must_use]
    pub fn search_absent(&self, query: &str) -> Vec<&KnownBlock> {
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        let absent = self
            .known()
            .filter(|block| !self.aliases.contains_key(block.uuid));
        let mut hits: Vec<(usize, &KnownBlock)> = absent
            .filter_map(|block| {
                let name = block.name.to_lowercase();
                let about = format!("{} {}", block.needs.to_lowercase(), block.categories);
                let score = words.iter().try_fold(0, |score, word| match () {
                    () if name.contains(word.as_str()) => Some(score + 2),
                    () if about.contains(word.as_str()) => Some(score + 1),
                    () => None,
                })?;
                Some((score, block))
            })
            .collect();
        hits.sort_by_key(|(score, block)| (std::cmp::Reverse(*score), block.name));
        hits.into_iter().map(|(_, block)| block).collect()
    }

    /// Returns a line of a catalogue for a block that is not registered: `id` and `available` (false), `categories`,
    /// `needs`, `autogpt` (`uuid`, `name`), and where there are any `stand_in` and `disabled` (why).
    #[must_use]
    pub fn absent_summary(&self, block: &KnownBlock) -> Value {
        let mut map = Map::new();
        map.insert("id", block.uuid);
        map.insert("available", false);
        let categories = block.categories.split(',').filter(|word| !word.is_empty());
        map.insert("categories", categories.collect::<Value>());
        map.insert("needs", block.needs);
        let mut autogpt = Map::new();
        autogpt.insert("uuid", block.uuid);
        autogpt.insert("name", block.name);
        map.insert("autogpt", autogpt);
        if let Some(entry) = self.stand_in(block) {
            map.insert("stand_in", entry.info().id);
        }
        if let Some(reason) = self.disabled.get(block.uuid) {
            map.insert("disabled", reason.as_str());
        }
        map.into()
    }

    /// Returns all that is known of a block that is not registered: what [`Registry::absent_summary`] has, and `inputs`
    /// and `outputs`, each with `name` and `type`, inputs with `required`.
    #[must_use]
    pub fn absent_value(&self, block: &KnownBlock) -> Value {
        let mut map = self
            .absent_summary(block)
            .as_map()
            .cloned()
            .unwrap_or_default();
        let pin = |pin: KnownPin| {
            let mut map = Map::new();
            map.insert("name", pin.name);
            map.insert("type", pin.ty);
            map
        };
        let inputs = block.inputs().map(|input| {
            let mut map = pin(input);
            map.insert("required", input.required);
            Value::from(map)
        });
        map.insert("inputs", inputs.collect::<Value>());
        let outputs = block.outputs().map(|output| Value::from(pin(output)));
        map.insert("outputs", outputs.collect::<Value>());
        map.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Lookup;

    fn known() -> &'static [KnownBlock] {
        const BLOCKS: &[KnownBlock] = &[
            KnownBlock::new("u-1", "SendLetterBlock", "a stamp")
                .categories("social,post")
                .pins("to*,pages list of text", ""),
            KnownBlock::new("u-2", "ReadLetterBlock", "an address to send to"),
        ];
        BLOCKS
    }

    #[test]
    fn pins_are_read_on_demand() {
        let pins: Vec<String> = known()[0].inputs().map(|pin| pin.to_string()).collect();
        assert_eq!(pins, ["to: text (required)", "pages: list of text"]);
        assert_eq!(known()[0].outputs().count(), 0);
    }

    #[test]
    fn what_is_not_here_is_found_by_words() {
        let mut registry = Registry::new();
        registry.know(known);
        let names = |query: &str| -> Vec<&str> {
            let found = registry.search_absent(query);
            found.iter().map(|block| block.name).collect()
        };
        assert_eq!(names("letter send"), ["SendLetterBlock", "ReadLetterBlock"]);
        assert_eq!(names("STAMP letter"), ["SendLetterBlock"]);
        assert_eq!(names("post"), ["SendLetterBlock"]);
        assert_eq!(names("parcel"), [""; 0]);
    }

    #[test]
    fn uuid_and_class_name_are_looked_up() {
        let mut registry = Registry::new();
        registry.know(known);
        for name in ["u-2", "ReadLetterBlock"] {
            let found = registry.find(name);
            assert!(
                matches!(found, Lookup::Known(block) if block.uuid == "u-2"),
                "{found:?}"
            );
        }
        assert!(matches!(registry.find("ReadLetter"), Lookup::Unknown));
    }
}
