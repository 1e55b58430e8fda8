//! Credentials from where hosts keep them: variables that are named one by one ([`EnvCredentials`]), a file that is
//! encrypted at rest ([`FileCredentials`]), what an OAuth 2 server gives ([`oauth`]), and several of these together
//! ([`LayeredCredentials`]).
//!
//! Which hosts a secret may go to is part of each credential. Nothing here reads the environment: a host says what a
//! variable holds.

mod disk;
mod env;
mod file;
mod keys;
mod layered;
pub mod oauth;
pub mod providers;
mod seal;

pub use env::{EnvCredentials, VariableError};
pub use file::{CredentialFileError, Entry, FileCredentials};
pub use keys::{Key, KeyError, Keys};
pub use layered::LayeredCredentials;
