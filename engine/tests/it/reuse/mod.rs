//! Incremental runs: what is taken from an earlier run and from a cache, what is not, and why.

mod bench;
mod cache;
mod edits;
mod from_node;
mod laws;
mod never;
mod reasons;
