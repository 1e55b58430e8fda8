//! Who there is, and everything of a tenant at once: taken along, or forgotten.

mod erase;
mod export;
mod list;

pub(crate) use erase::erase;
pub(crate) use export::export;
pub(crate) use list::page;
