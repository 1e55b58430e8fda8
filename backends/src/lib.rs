//! What [`graphloom::host`] asks for, over real systems: one folder a system, each behind a feature of its name, and each
//! held to the same `graphloom::conformance` as the versions in memory.

#[cfg(feature = "blobs")]
pub mod blobs;
#[cfg(feature = "credentials")]
pub mod credentials;
#[cfg(any(feature = "http", feature = "mail"))]
pub mod egress;
#[cfg(any(feature = "blobs", feature = "sqlite"))]
mod files;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "mail")]
pub mod mail;
#[cfg(feature = "sqlite")]
pub mod sqlite;
