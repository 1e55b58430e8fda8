//! What the one who writes can do, each call of the trait in a file.
//!
//! INVARIANT: work refuses before it writes. What stops in the middle is undone with the whole transaction.

mod append;
mod claim;
mod compact;
mod create;
mod delete;
mod desk;
mod lease;
mod message;
mod recent;
mod rows;
mod snapshot;

pub(super) use create::{head_crc, keyed};
pub(super) use desk::Desk;
pub(super) use message::message_crc;
pub(super) use rows::Rows;
pub(super) use snapshot::snapshot_crc;
