//! Commands that a server does, against a real one on a port of its own.

mod alike;
mod harness;
mod reach;
