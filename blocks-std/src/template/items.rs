//! Items of lists and tuples, which can be nested so deep that they must not be dropped by recursion.

use std::mem::take;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use super::item::Item;

/// Items.
#[derive(Debug, Clone, Default)]
pub(super) struct Items(pub(super) Vec<Item>);

impl Deref for Items {
    type Target = Vec<Item>;

    fn deref(&self) -> &Vec<Item> {
        &self.0
    }
}

impl DerefMut for Items {
    fn deref_mut(&mut self) -> &mut Vec<Item> {
        &mut self.0
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        dismantle(take(&mut self.0));
    }
}

/// Drops items, and what only they hold, without recursion.
pub(super) fn dismantle(mut open: Vec<Item>) {
    while let Some(item) = open.pop() {
        match item {
            Item::List(items) => {
                if let Some(items) = Rc::into_inner(items) {
                    open.append(&mut items.borrow_mut());
                }
            }
            Item::Tuple(items) => {
                if let Some(mut items) = Rc::into_inner(items) {
                    open.append(&mut items);
                }
            }
            Item::Made(made) => {
                if let Some(mut made) = Rc::into_inner(made) {
                    open.append(&mut made.items);
                }
            }
            Item::Dict(dict) => {
                if let Some(dict) = Rc::into_inner(dict) {
                    open.append(&mut dict.borrow_mut().take_all());
                }
            }
            Item::Method(method) => {
                if let Some((item, _)) = Rc::into_inner(method) {
                    open.push(item);
                }
            }
            Item::Loop(state) => {
                if let Some(state) = Rc::into_inner(state)
                    && let Some(mut items) = Rc::into_inner(state.items)
                {
                    open.append(&mut items);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_values_are_dropped() {
        drop((0..200_000).fold(Item::None, |inner, _| Item::list(vec![inner])));
        drop((0..200_000).fold(Item::None, |inner, _| Item::tuple([inner])));
    }
}
