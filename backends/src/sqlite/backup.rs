//! Copies of a store that is in use.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use graphloom::host::StoreError;
use rusqlite::{Connection, OpenFlags};

use super::blobs;
use super::error::Stop;
use super::store::{FILE, SqliteStore, blob_folder};
use crate::files;

impl SqliteStore {
    /// Copies the store into a folder, which is made if it is not there, as of one moment and without holding up anybody.
    /// The copy is a store; it outlives a power cut when this returns, and until then there is none.
    ///
    /// # Errors
    /// [`StoreError::Failed`] where there is a store in the folder already; what the store and the folder failed with.
    pub async fn backup(&self, to: impl AsRef<Path>) -> Result<(), StoreError> {
        let (from, to) = (self.blob_folder(), to.as_ref().to_owned());
        self.read(move |sql| copy(sql, &from, &to)).await
    }
}

fn copy(sql: &Connection, blobs_from: &Path, to: &Path) -> Result<(), Stop> {
    let file = to.join(FILE);
    if file.exists() {
        let message = format!("there is a store in {}", to.display());
        return Err(StoreError::Failed { message }.into());
    }
    files::make_folder(to)?;
    // Taken before the moment of the copy, so that no file which it names goes away.
    let _held = blobs_from
        .is_dir()
        .then(|| blobs::hold(blobs_from))
        .transpose()?;
    let draft = to.join("graphloom.db.part");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let into = draft.to_str().ok_or_else(|| StoreError::Failed {
        message: format!("{} is no name that SQLite can open", draft.display()),
    })?;
    sql.execute("VACUUM INTO ?1", [into])?;
    copy_blobs(&draft, blobs_from, &blob_folder(to))?;
    // SQLite leaves that to whoever asked for it.
    File::open(&draft)?.sync_all()?;
    files::publish(&draft, &file)?;
    Ok(())
}

/// Copies the files that a copied database names.
fn copy_blobs(database: &Path, from: &Path, to: &Path) -> Result<(), Stop> {
    let sql = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut named = sql.prepare("SELECT hash FROM blob WHERE bytes IS NULL")?;
    let mut rows = named.query([])?;
    while let Some(row) = rows.next()? {
        let hash: String = row.get(0)?;
        let bytes = fs::read(blobs::path(from, &hash))?;
        blobs::write(to, &hash, &bytes)?;
    }
    Ok(())
}
