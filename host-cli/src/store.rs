//! The folder that runs are kept in.

use std::path::Path;
use std::sync::Arc;

use graphloom::host::Store;
use graphloom_backends::sqlite::{Durability, SqliteOptions, SqliteStore};

use crate::args::DurabilityArg;
use crate::problem::{HostCode, HostError, Problem};

/// Opens a store to write to it; makes it if it is not there.
pub(crate) fn open(dir: &Path, durability: DurabilityArg) -> Result<Arc<dyn Store>, Problem> {
    let store: Arc<dyn Store> = Arc::new(open_for_writing(dir, durability)?);
    #[cfg(feature = "probes")]
    let store = crate::probes::failing(store);
    Ok(store)
}

pub(crate) fn open_for_writing(
    dir: &Path,
    durability: DurabilityArg,
) -> Result<SqliteStore, Problem> {
    if dir.exists() && !dir.is_dir() {
        let message = format!(
            "{}: this is no folder, and runs are kept in one",
            dir.display()
        );
        return Err(HostError::new(HostCode::FileKind, message)
            .help("give a folder, which is made if it is not there: --store DIR")
            .into());
    }
    let durability = match durability {
        DurabilityArg::Relaxed => Durability::Relaxed,
        DurabilityArg::Barrier => Durability::Barrier,
        DurabilityArg::Every => Durability::Every,
    };
    let options = SqliteOptions::new().durability(durability);
    SqliteStore::open(dir, options).map_err(|error| at(dir, error.into()))
}

/// Opens a store that must be there, to write to it.
pub(crate) fn existing(dir: &Path) -> Result<SqliteStore, Problem> {
    must_be(dir)?;
    open_for_writing(dir, DurabilityArg::Barrier)
}

/// Opens a store that must be there, to look at it.
pub(crate) fn look(dir: &Path) -> Result<SqliteStore, Problem> {
    must_be(dir)?;
    SqliteStore::open_read_only(dir).map_err(|error| at(dir, error.into()))
}

fn must_be(dir: &Path) -> Result<(), Problem> {
    if dir.is_dir() {
        return Ok(());
    }
    let message = format!("{}: there is no store in this folder", dir.display());
    Err(HostError::new(HostCode::FileNotFound, message)
        .help("`graphloom run GRAPH --store DIR` makes one")
        .into())
}

fn at(dir: &Path, problem: Problem) -> Problem {
    problem.help(format!("the store is in {}", dir.display()))
}
