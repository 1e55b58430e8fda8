//! Looking back at runs from their events: where a run stood after any of them, what led to a value or kept it away, how
//! two runs differ. Nothing here performs anything; whoever asks reads the events from a store or an export.

mod agree;
mod brief;
mod diff;
mod picture;
mod replay;
mod trail;
mod why;
pub(super) mod words;

#[doc(hidden)]
pub use agree::check_trail;
pub use diff::{
    Both, Change, CostDiff, FiringDiff, NodeChange, NodeDiff, OutputDiff, RunDiff, diff,
};
pub use picture::{NodePicture, Picture, PinPicture, ScopePicture, Waits, Working};
pub use replay::Replayed;
pub use why::{Cause, CauseKind, Why, WhyError, why};
