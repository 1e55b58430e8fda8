//! Everything of a tenant at once: taken along, or forgotten.

mod erase;
mod export;

pub(crate) use erase::erase;
pub(crate) use export::export;
