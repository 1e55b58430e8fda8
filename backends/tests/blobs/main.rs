//! Blobs in a folder.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod contract;
mod damage;
mod folder;
mod harness;
#[cfg(unix)]
mod links;
