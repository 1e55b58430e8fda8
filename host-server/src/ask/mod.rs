//! What a request says, read strictly: bodies, parameters, pages, who asks.

mod accept;
mod body;
pub(crate) mod hidden;
mod keyed;
mod list;
mod page;
mod params;
mod patch;
mod wait;
mod who;

pub use body::{Body, Document, MAX_BODY_BYTES, MaybeBody};
pub use page::{Cursors, PageParams};
pub use params::{Id, Params};
pub use who::Who;

pub(crate) use accept::accepted;
pub(crate) use body::{BodyLimit, Misfits, cut_off, misfit, misfit_at, read_json, within};
pub(crate) use hidden::Hidden;
pub(crate) use keyed::Keyed;
pub(crate) use list::{Listed, NoFilters, under};
pub(crate) use params::{id, one_of};
pub(crate) use patch::Patch;
pub(crate) use wait::WaitParams;
