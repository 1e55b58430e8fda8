//! The engine as this host sets it up.

use graphloom::{Engine, Registry};

use crate::exit::Exit;
use crate::problem::{HostCode, HostError, Problem};

/// Returns every block that this program brings.
pub(crate) fn registry() -> Result<Registry, Problem> {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).map_err(|error| {
        Problem::from(HostError::new(HostCode::Internal, error.to_string()).exit(Exit::Internal))
    })?;
    #[cfg(feature = "probes")]
    crate::probes::register(&mut registry);
    Ok(registry)
}

/// Returns an engine with every block.
pub(crate) fn engine() -> Result<Engine, Problem> {
    registry().map(Engine::new)
}

/// Returns a runtime that has this thread only: starting threads is most of what a short call would cost.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Problem> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            let message = format!("the system does not give what a run needs: {error}");
            HostError::new(HostCode::Internal, message).into()
        })
}
