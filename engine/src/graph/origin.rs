//! Where a graph and its parts stood in the document they were read from.
//!
//! The parts carry their own place, so that it stays right when code adds and removes parts afterwards. None of this
//! is part of what a graph says: two places always compare as equal.

use crate::{id::NodeId, json::Pointer, value::Text};

/// The document a graph was read from.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    /// Where the graph itself stands.
    base: Pointer,
    import: Option<Box<Import>>,
}

/// What an AutoGPT document had otherwise than the graph has it.
#[derive(Debug, Clone, Default)]
pub(super) struct Import {
    /// Ids that had to change, as they are here and as they are in the document.
    pub(super) renamed: Vec<(NodeId, Text)>,
    /// The keys of sub-graphs, each with its index in the document's flat list.
    pub(super) subgraphs: Vec<(Text, usize)>,
}

impl Origin {
    pub(super) fn native(base: Pointer) -> Self {
        Self { base, import: None }
    }

    pub(super) fn import(base: Pointer, import: Import) -> Self {
        Self {
            base,
            import: Some(Box::new(import)),
        }
    }

    pub(super) fn base(&self) -> &Pointer {
        &self.base
    }

    pub(super) fn set_base(&mut self, base: Pointer) {
        self.base = base;
    }

    pub(super) fn is_import(&self) -> bool {
        self.import.is_some()
    }

    pub(super) fn as_import(&self) -> Option<&Import> {
        self.import.as_deref()
    }

    pub(super) fn as_import_mut(&mut self) -> Option<&mut Import> {
        self.import.as_deref_mut()
    }
}

impl PartialEq for Origin {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Where a node or a link stood.
#[derive(Debug, Clone, Default)]
pub(super) enum Place {
    /// In no document, or where its own name says.
    #[default]
    AsNamed,
    /// A native node whose id had to change: the key as written.
    Key(Text),
    /// A link: its index in the list.
    Index(usize),
    /// An AutoGPT node.
    Imported(Box<ImportedNode>),
}

/// Where an AutoGPT node and its inputs stood.
#[derive(Debug, Clone, Default)]
pub(super) struct ImportedNode {
    /// Its index in the list of nodes.
    pub(super) index: usize,
    /// A call of a sub-graph: its inputs stand one level deeper.
    pub(super) call: bool,
    /// Inputs that were, at least in part, written as flattened keys (`values_#_name`): the pin and the key, in the
    /// order of the document.
    pub(super) flattened: Vec<(Text, Text)>,
}

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
