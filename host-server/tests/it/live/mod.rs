//! Live events of runs.

mod client;
mod graphs;
mod notes;
mod pages;
mod refused;
mod revoked;
mod sse;
mod steps;
mod ws;
mod ws_limits;
