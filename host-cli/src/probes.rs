//! For tests of this program as a process: blocks that act in a file, and a store that ends the process at a chosen append.
//!
//! What the blocks do is written to the file that `GRAPHLOOM_PROBE_FILE` names, a line each, before they go on: so that a
//! test can count what has happened whenever the process was killed. `GRAPHLOOM_PROBE_APPEND=N` aborts the process where it
//! would begin its append number N, from 0; `GRAPHLOOM_PROBE_APPENDED=N` where that append has been answered.

mod blocks;
mod store;

pub(crate) use blocks::register;
pub(crate) use store::failing;
