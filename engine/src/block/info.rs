//! What a block says of itself: data, so that the trait stays small.

use crate::host::Capability;
use crate::words::words;

/// Static facts about a block: identity, documentation, what it asks for and how it may be treated.
///
/// Built in a `const` with the chained setters. A plugin that learns its facts while the program runs leaks the few
/// strings once, when it is registered (`String::leak`).
///
/// ```
/// use graphloom::{BlockInfo, Category, Effect};
/// const INFO: BlockInfo = BlockInfo::new("text.shout", 1, "Makes a text upper-case.")
///     .category(Category::Text)
///     .effect(Effect::Pure);
/// assert_eq!(INFO.id, "text.shout");
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct BlockInfo {
    /// Stable id, `family.verb_noun`, lower-case. Its meaning never changes: an incompatible block gets a new id.
    pub id: &'static str,
    /// Version, from 1. Rises with every change of behaviour; keys caches and journals.
    pub version: u32,
    /// One sentence for people and catalogues.
    pub summary: &'static str,
    /// More than one sentence, where it is needed. Markdown.
    pub details: &'static str,
    /// Where a catalogue lists the block.
    pub category: Category,
    /// What part the block plays in a graph.
    pub role: Role,
    /// What may happen when an attempt is repeated.
    pub effect: Effect,
    /// Where the block runs.
    pub resource: Resource,
    /// What the block reaches outside for. The context refuses what is not listed here.
    pub capabilities: &'static [Capability],
    /// Inputs that must be written in the graph: the node's shape depends on them, so a link to one is an error.
    pub config: &'static [&'static str],
    /// Output pins whose values stay for later firings of what they feed.
    pub sticky: &'static [&'static str],
    /// Inputs that a firing does not wait for, even when linked.
    pub unwaited: &'static [&'static str],
    /// Inputs that are linked all or none, and of which a firing takes a value each or none at all. They are not waited
    /// for, as those in `unwaited`, but a value at one of them starts nothing before the others have theirs: the answer of
    /// a loop, in several parts.
    pub together: &'static [&'static str],
    /// At most one firing of a node of this block runs at a time.
    pub serial: bool,
    /// Declared examples: documentation, tests, and the answers of a mock run.
    pub examples: &'static [Example],
    /// The AutoGPT block that this one stands in for, where the behaviour agrees.
    pub alias: Option<Alias>,
    /// The id of the block that does the same as one would expect it, where this one follows AutoGPT.
    pub native: Option<&'static str>,
    /// The cargo feature of its crate that brings the block; empty where it is always there.
    pub feature: &'static str,
    /// The id of the block to use instead; this one still works.
    pub replaced_by: Option<&'static str>,
}

impl BlockInfo {
    /// Returns the facts with everything else at its default: a pure standard block without capabilities.
    #[must_use]
    pub const fn new(id: &'static str, version: u32, summary: &'static str) -> Self {
        Self {
            id,
            version,
            summary,
            details: "",
            category: Category::Other,
            role: Role::Standard,
            effect: Effect::Pure,
            resource: Resource::Io,
            capabilities: &[],
            config: &[],
            sticky: &[],
            unwaited: &[],
            together: &[],
            serial: false,
            examples: &[],
            alias: None,
            native: None,
            feature: "",
            replaced_by: None,
        }
    }
}

macro_rules! setters {
    ($($(#[doc = $doc:literal])+ $name:ident: $ty:ty,)+) => {
        impl BlockInfo {
            $($(#[doc = $doc])+
            #[must_use]
            pub const fn $name(mut self, $name: $ty) -> Self {
                self.$name = $name;
                self
            })+
        }
    };
}

setters! {
    /// Sets the longer description (Markdown).
    details: &'static str,
    /// Sets the catalogue category.
    category: Category,
    /// Sets the part the block plays in a graph.
    role: Role,
    /// Sets what may happen when an attempt is repeated.
    effect: Effect,
    /// Sets where the block runs.
    resource: Resource,
    /// Sets what the block may reach outside for.
    capabilities: &'static [Capability],
    /// Names the inputs that must be literals.
    config: &'static [&'static str],
    /// Names the output pins whose values stay.
    sticky: &'static [&'static str],
    /// Names the inputs that a firing does not wait for.
    unwaited: &'static [&'static str],
    /// Names the inputs of which a firing takes a value each or none.
    together: &'static [&'static str],
    /// Sets the examples.
    examples: &'static [Example],
    /// Names the cargo feature of its crate that brings the block.
    feature: &'static str,
}

impl BlockInfo {
    /// Says whether the block reaches outside of the run: it is not [`Effect::Pure`], or asks for a capability other than
    /// running sub-graphs and firing nodes of the graph itself.
    #[must_use]
    pub fn reaches_out(&self) -> bool {
        let outside = |c: &Capability| !matches!(c, Capability::Graphs | Capability::Tools);
        self.effect != Effect::Pure || self.capabilities.iter().any(outside)
    }

    /// Lets at most one firing of a node run at a time.
    #[must_use]
    pub const fn serial(mut self) -> Self {
        self.serial = true;
        self
    }

    /// Declares that this block behaves as the AutoGPT block with this UUID and class name, with the same pin names.
    #[must_use]
    pub const fn autogpt(mut self, uuid: &'static str, name: &'static str) -> Self {
        self.alias = Some(Alias {
            uuid,
            name,
            pins: &[],
        });
        self
    }

    /// Says how AutoGPT's pin names (first) are called here (second), where they differ.
    /// Has no effect before [`BlockInfo::autogpt`].
    #[must_use]
    pub const fn autogpt_pins(mut self, pins: &'static [(&'static str, &'static str)]) -> Self {
        if let Some(mut alias) = self.alias {
            alias.pins = pins;
            self.alias = Some(alias);
        }
        self
    }

    /// Names the block that does the same as one would expect it, where this one follows AutoGPT.
    #[must_use]
    pub const fn native(mut self, id: &'static str) -> Self {
        self.native = Some(id);
        self
    }

    /// Says which block to use instead of this one.
    #[must_use]
    pub const fn replaced_by(mut self, id: &'static str) -> Self {
        self.replaced_by = Some(id);
        self
    }
}

/// The AutoGPT block that a block stands in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Alias {
    /// Its id there.
    pub uuid: &'static str,
    /// Its class name there.
    pub name: &'static str,
    /// AutoGPT's pin name and ours, where they differ.
    pub pins: &'static [(&'static str, &'static str)],
}

impl Alias {
    /// Returns what AutoGPT's pin `name` is called here.
    #[must_use]
    pub fn pin<'a>(&self, name: &'a str) -> &'a str
    where
        'static: 'a,
    {
        self.pins
            .iter()
            .find(|(theirs, _)| *theirs == name)
            .map_or(name, |(_, ours)| ours)
    }
}

/// One declared example of a block: what goes in and what comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Example {
    /// What it shows, a few words.
    pub name: &'static str,
    /// The inputs, a JSON object.
    pub inputs: &'static str,
    /// The outputs in order, a JSON list of `[pin, value]` pairs. A failing example ends with `["error", message]`,
    /// of which only a part of the message needs to be given.
    pub outputs: &'static str,
    /// The outputs are of this kind but not these values (the time, a random choice): a test compares pins only.
    pub varies: bool,
}

impl Example {
    /// Returns an example from two JSON texts.
    #[must_use]
    pub const fn new(name: &'static str, inputs: &'static str, outputs: &'static str) -> Self {
        Self {
            name,
            inputs,
            outputs,
            varies: false,
        }
    }

    /// Says that only the pins are as shown, not the values.
    #[must_use]
    pub const fn varies(mut self) -> Self {
        self.varies = true;
        self
    }
}

words! {
    /// Where a catalogue lists a block.
    Category {
        /// Inputs and outputs of a graph, notes.
        Io = "io",
        /// Conditions, switches, loops, calls.
        Flow = "flow",
        /// Texts.
        Text = "text",
        /// Lists.
        List = "list",
        /// Maps.
        Dictionary = "dictionary",
        /// Numbers.
        Math = "math",
        /// Clocks and dates.
        Time = "time",
        /// Values of any kind, conversion, storage.
        Data = "data",
        /// Web and services.
        Web = "web",
        /// Language models.
        Ai = "ai",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// What part a block plays in a graph.
    Role {
        /// Takes inputs, gives outputs.
        Standard = "standard",
        /// Brings a run input (named by its literal `name`) into the graph, through its input `value`.
        Input = "input",
        /// Makes what arrives at its input `value` an output of the run, under its literal `name`.
        Output = "output",
        /// A remark; never runs.
        Note = "note",
        /// Calls the sub-graph named by its literal `graph`; the engine runs it, the block's own code is not called.
        Call = "call",
    }
}

words! {
    /// What may happen when an attempt at a block is repeated, after a failure or a crash.
    Effect {
        /// Nothing outside changes and equal inputs give equal outputs: repeatable, and its results can be cached.
        Pure = "pure",
        /// Safe to repeat with the same idempotency key.
        Idempotent = "idempotent",
        /// Must not be repeated unless someone decides: an attempt that may have acted is never run again by itself.
        AtMostOnce = "at_most_once",
    }
}

words! {
    /// Where a block runs.
    Resource {
        /// On the runtime: it awaits what takes time and returns to the scheduler often.
        Io = "io",
        /// On a blocking thread: it computes for long, or calls what blocks.
        Cpu = "cpu",
    }
}
