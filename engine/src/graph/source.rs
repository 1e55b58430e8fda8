//! The document that a graph was read from, kept to say in which line a fault is.

use std::collections::HashMap;

use crate::{
    fault::Fault,
    json::{self, Kind, Lines, Pointer, Tree},
};

/// A document and its parsed form.
#[derive(Debug, Clone, Default)]
pub struct Source {
    bytes: Vec<u8>,
    tree: Option<Tree>,
}

impl Source {
    pub(super) fn new(bytes: &[u8], tree: Option<Tree>) -> Self {
        Self {
            bytes: bytes.to_vec(),
            tree,
        }
    }

    /// Gives faults the line and column of their offset.
    pub(super) fn place(&self, found: Vec<(usize, Fault)>) -> impl Iterator<Item = Fault> {
        let lines = (!found.is_empty()).then(|| Lines::new(&self.bytes));
        found.into_iter().map(move |(offset, mut fault)| {
            if let Some(lines) = &lines {
                set(&mut fault, lines.line_column(offset));
            }
            fault
        })
    }

    /// Returns the document.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the parsed document, if it is JSON.
    #[must_use]
    pub fn tree(&self) -> Option<&Tree> {
        self.tree.as_ref()
    }

    /// Fills in line and column where they are missing, and puts the faults in the order of the document.
    ///
    /// Looks at the document once, however many faults there are.
    pub fn locate(&self, faults: &mut [Fault]) {
        if let Some(tree) = &self.tree
            && faults.iter().any(|f| f.line.is_none())
        {
            let lines = Lines::new(&self.bytes);
            let mut finder = Finder {
                tree,
                tables: HashMap::new(),
            };
            for fault in faults.iter_mut().filter(|f| f.line.is_none()) {
                set(fault, lines.line_column(finder.offset(&fault.pointer)));
            }
        }
        faults.sort_by_key(|f| (f.line.unwrap_or(0), f.column.unwrap_or(0)));
    }
}

fn set(fault: &mut Fault, (line, column): (u32, u32)) {
    fault.line = Some(line);
    fault.column = Some(column);
}

/// Maps with at least this many keys get a table when a pointer leads through them.
const LARGE: usize = 32;

/// Finds pointers in a document; remembers the keys of large maps, which many pointers lead through.
struct Finder<'t> {
    tree: &'t Tree,
    tables: HashMap<usize, HashMap<&'t str, &'t json::Node>>,
}

impl<'t> Finder<'t> {
    /// Returns where the pointer's place begins, or that of its nearest existing parent.
    fn offset(&mut self, pointer: &Pointer) -> usize {
        let mut node = &self.tree.root;
        for segment in pointer.segments() {
            match self.child(node, &segment) {
                Some(child) => node = child,
                None => break,
            }
        }
        node.span.start as usize
    }

    fn child(&mut self, node: &'t json::Node, segment: &str) -> Option<&'t json::Node> {
        match &node.kind {
            Kind::List(items) => items.get(segment.parse::<usize>().ok()?),
            Kind::Map(members) if members.len() < LARGE => node.get(segment),
            // A node's span is its own: it serves as the name of its table.
            Kind::Map(members) => self
                .tables
                .entry(node.span.start as usize)
                .or_insert_with(|| members.iter().map(|m| (m.key.as_str(), &m.value)).collect())
                .get(segment)
                .copied(),
            _ => None,
        }
    }
}
