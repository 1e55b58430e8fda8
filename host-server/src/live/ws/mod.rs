//! Live events of many runs over one WebSocket connection.

mod bucket;
mod frames;
mod handshake;
mod message;
mod meter;
mod origin;
mod talk;

pub(crate) use handshake::{accept, token_of_protocol};
