//! What a request says, read strictly: bodies, parameters, pages, who asks.

mod body;
mod page;
mod params;
mod who;

pub use body::{Body, Document, MAX_BODY_BYTES, MaybeBody};
pub use page::{Cursors, PageParams};
pub use params::{Id, Params};
pub use who::Who;

pub(crate) use body::{BodyLimit, misfit_at};
