//! Providers and models beyond those that come along, from a file.

use graphloom::host::Extensions;
use graphloom_blocks::llm::Models;

use crate::args::OutsideArgs;
use crate::input;
use crate::problem::{HostCode, HostError, Problem};

/// Adds what the command line says about models to what a run is lent. Without a word of it, blocks use the models that
/// come along.
pub(crate) fn lent(outside: &OutsideArgs, lent: Extensions) -> Result<Extensions, Problem> {
    let Some(file) = &outside.models else {
        return Ok(lent);
    };
    let models = Models::from_json(&input::setting(file)?).map_err(|error| {
        let message = format!("{}: {error}", file.display());
        HostError::new(HostCode::Models, message)
    })?;
    Ok(lent.with(models))
}
