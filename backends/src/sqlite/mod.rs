//! Runs kept in a folder, by SQLite: for one machine, without a service beside it.
//!
//! [`SqliteStore`] is the [`Store`](graphloom::host::Store). One thread writes and does all that waits in one transaction,
//! so that many runs share a sync; a few others read. The folder holds
//!
//! - `graphloom.db`, with `-wal` and `-shm` beside it while it is open: everything, for any SQLite shell to look at (the
//!   view `journal` shows events as they are called),
//! - `owners/`: a locked file for each open store, by which others know that it lives,
//! - `blobs/`: bodies above 64 KiB, under [`BlobPlace::OnDisk`].
//!
//! It must be a folder of a local disk: locks over a network hold less than they promise. The format is
//! docs/formats/store.md.
//!
//! ```no_run
//! use graphloom_backends::sqlite::{Durability, SqliteOptions, SqliteStore};
//!
//! let options = SqliteOptions::new().durability(Durability::Every);
//! let store = SqliteStore::open("runs", options)?;
//! # Ok::<(), graphloom::host::StoreError>(())
//! ```

mod backup;
mod blobs;
mod connection;
mod crc;
mod error;
mod event_row;
mod kept;
mod list;
mod options;
mod owners;
mod queue;
mod read;
mod readers;
mod schema;
mod store;
mod verify;
mod write;
mod writer;

pub use options::{BlobPlace, Durability, SqliteOptions};
pub use store::SqliteStore;
pub use verify::Finding;
