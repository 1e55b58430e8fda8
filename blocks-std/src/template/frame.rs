//! Where names are looked up, and what loops and macros are at run time.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use graphloom::Text;
use graphloom::value::Map;

use super::Result;
use super::ast::{For, Macro};
use super::item::Item;
use super::items::Items;

/// The names that are set in one place; what is not there is looked for around it.
#[derive(Debug, Default)]
pub(super) struct Frame {
    names: RefCell<HashMap<Text, Item>>,
    around: Option<Rc<Frame>>,
}

impl Frame {
    /// Returns a frame with these names.
    pub(super) fn of(values: &Map) -> Result<Rc<Self>> {
        let frame = Self::default();
        for (name, value) in values.iter() {
            frame.set(name.clone(), Item::from_value(value, 0)?);
        }
        Ok(Rc::new(frame))
    }

    /// Returns an empty frame inside another.
    pub(super) fn inside(around: &Rc<Self>) -> Rc<Self> {
        Rc::new(Self {
            names: RefCell::default(),
            around: Some(Rc::clone(around)),
        })
    }

    pub(super) fn get(&self, name: &Text) -> Option<Item> {
        let mut frame = Some(self);
        while let Some(one) = frame {
            if let Some(item) = one.names.borrow().get(name) {
                return Some(item.clone());
            }
            frame = one.around.as_deref();
        }
        None
    }

    /// Returns the names that are set here and around.
    pub(super) fn names(&self) -> Vec<Text> {
        let mut names = Vec::new();
        let mut frame = Some(self);
        while let Some(one) = frame {
            names.extend(one.names.borrow().keys().cloned());
            frame = one.around.as_deref();
        }
        names
    }

    pub(super) fn set(&self, name: Text, item: Item) {
        self.names.borrow_mut().insert(name, item);
    }
}

/// A place in a template: its names, and whether what it prints is escaped.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) frame: Rc<Frame>,
    pub(super) escape: bool,
}

impl Place {
    /// Returns a place inside this one, with names of its own.
    pub(super) fn inside(&self) -> Self {
        Self {
            frame: Frame::inside(&self.frame),
            escape: self.escape,
        }
    }
}

/// A macro with the place where it stands. The place does not live through the macro, which may be a name in it.
#[derive(Debug)]
pub(super) struct MacroValue {
    pub(super) body: Rc<Macro>,
    pub(super) frame: Weak<Frame>,
    pub(super) escape: bool,
}

/// What `loop` says in one turn.
#[derive(Debug)]
pub(super) struct Loop {
    pub(super) items: Rc<Items>,
    pub(super) index: usize,
    /// How many recursive loops are around.
    pub(super) depth: usize,
    /// What `loop.changed` saw last; shared by all turns.
    pub(super) seen: Rc<RefCell<Option<Vec<Item>>>>,
    /// The loop itself, to be called with other items, and its place.
    pub(super) again: Option<Again>,
}

/// A recursive loop and where it stands. The place does not live through the loop, which may be a name in it.
#[derive(Debug, Clone)]
pub(super) struct Again {
    pub(super) body: Rc<For>,
    pub(super) frame: Weak<Frame>,
    pub(super) escape: bool,
}
