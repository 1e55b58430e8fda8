//! The standard blocks, by family. Each block is one file; a family's `mod.rs` is the list of its blocks.
//!
//! ```
//! let mut registry = graphloom::Registry::new();
//! graphloom_blocks::register(&mut registry)?;
//! assert!(registry.get("text.split").is_some());
//! # Ok::<(), graphloom::RegistryError>(())
//! ```

use graphloom::{Registry, RegistryError};

mod base64;
mod credential;
mod family;
mod given;
mod plain;

pub mod pins;

mod autogpt;
mod csv;
mod data;
mod data_uri;
mod dictionary;
mod expr;
mod flow;
mod gmail;
mod hash;
mod id;
mod io;
mod json;
pub mod kv;
mod list;
pub mod llm;
mod math;
pub mod preset;
mod python;
mod random;
#[cfg(feature = "spreadsheet")]
mod spreadsheet;
mod template;
mod text;
mod time;
mod web;
mod yaml;

pub use credential::CredentialPin;
pub use time::{UnknownTimeZone, check_time_zone};

/// Adds every standard block, and makes AutoGPT's blocks known by name.
///
/// # Errors
/// [`RegistryError`] where a block with the same id or alias is registered already.
pub fn register(registry: &mut Registry) -> Result<(), RegistryError> {
    io::register(registry)?;
    flow::register(registry)?;
    data::register(registry)?;
    kv::register(registry)?;
    json::register(registry)?;
    csv::register(registry)?;
    yaml::register(registry)?;
    hash::register(registry)?;
    id::register(registry)?;
    text::register(registry)?;
    list::register(registry)?;
    llm::register(registry)?;
    dictionary::register(registry)?;
    math::register(registry)?;
    expr::register(registry)?;
    random::register(registry)?;
    time::register(registry)?;
    web::register(registry)?;
    gmail::register(registry)?;
    #[cfg(feature = "spreadsheet")]
    spreadsheet::register(registry)?;
    preset::register(registry)?;
    autogpt::register(registry)?;
    autogpt::know(registry);
    Ok(())
}
