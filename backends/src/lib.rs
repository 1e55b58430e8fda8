//! What [`graphloom::host`] asks for, over real systems: one folder a system, each behind a feature of its name, and each
//! held to the same `graphloom::conformance` as the versions in memory.

<<<<<<< HEAD
#[cfg(feature = "http")]
pub mod egress;
#[cfg(feature = "http")]
pub mod http;
=======
#[cfg(feature = "credentials")]
pub mod credentials;
>>>>>>> d26dae2 (Credentials from named variables, from a file that is encrypted at rest, and from OAuth 2)
#[cfg(feature = "sqlite")]
pub mod sqlite;
