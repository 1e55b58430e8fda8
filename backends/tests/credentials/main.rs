//! Tests of the credential stores through their public surface.
#![cfg(feature = "credentials")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod env;
mod file;
mod format;
mod harness;
mod keys;
mod login;
mod renewal;
#[cfg(feature = "sqlite")]
mod sealed;
