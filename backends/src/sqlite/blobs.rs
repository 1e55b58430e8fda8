//! Bodies that are too large for a row, kept once by their content.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::error::Stop;
use super::options::BlobPlace;
use crate::files;

/// Bodies above so many bytes are kept here.
pub(super) const LARGE: usize = 64 * 1024;

const ADD: &str = "INSERT INTO blob (hash, size, bytes) VALUES (?1, ?2, ?3)";
const KNOWN: &str = "SELECT 1 FROM blob WHERE hash = ?1";
const BYTES: &str = "SELECT bytes FROM blob WHERE hash = ?1";

/// Keeps a body and returns its hash.
pub(super) fn put(
    sql: &Connection,
    folder: &Path,
    place: BlobPlace,
    body: &str,
) -> Result<String, Stop> {
    let hash = hash(body.as_bytes());
    if sql.prepare_cached(KNOWN)?.exists([&hash])? {
        return Ok(hash);
    }
    let bytes = match place {
        BlobPlace::InDatabase => Some(body.as_bytes()),
        BlobPlace::OnDisk => {
            write(folder, &hash, body.as_bytes())?;
            None
        }
    };
    let size = i64::try_from(body.len()).unwrap_or(i64::MAX);
    sql.prepare_cached(ADD)?
        .execute(params![hash, size, bytes])?;
    Ok(hash)
}

/// Returns a body by its hash.
///
/// # Errors
/// Why it cannot be had.
pub(super) fn get(sql: &Connection, folder: &Path, hash: &str) -> Result<String, String> {
    let kept = sql
        .prepare_cached(BYTES)
        .and_then(|mut bytes| bytes.query_row([hash], |row| row.get::<_, Option<Vec<u8>>>(0)))
        .optional()
        .map_err(|error| format!("its blob {hash} cannot be read: {error}"))?;
    let kept = kept.ok_or_else(|| format!("its blob {hash} is not there"))?;
    let bytes = match kept {
        Some(bytes) => bytes,
        None => fs::read(path(folder, hash))
            .map_err(|error| format!("its blob {hash} cannot be read: {error}"))?,
    };
    check(hash, bytes)
}

/// Returns the bytes as a text if they are those of this hash.
pub(super) fn check(name: &str, bytes: Vec<u8>) -> Result<String, String> {
    if hash(&bytes) != name {
        return Err(format!("its blob {name} has other bytes than were written"));
    }
    String::from_utf8(bytes).map_err(|_| format!("its blob {name} is no text"))
}

fn hash(bytes: &[u8]) -> String {
    let mut hash = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        let _ = write!(hash, "{byte:02x}");
    }
    hash
}

/// Returns the file of a blob.
pub(super) fn path(folder: &Path, hash: &str) -> PathBuf {
    // A hash that is none, from a damaged row, leads nowhere.
    let (start, rest) = hash.split_at_checked(2).unwrap_or(("", hash));
    folder.join(start).join(rest)
}

/// Writes the file of a blob. Only who writes to the database writes here, so that one name for what is not finished is enough.
pub(super) fn write(folder: &Path, hash: &str, bytes: &[u8]) -> io::Result<()> {
    let file = path(folder, hash);
    files::make_folder(file.parent().unwrap_or(folder))?;
    files::write_whole(&file, &folder.join("draft"), bytes)
}

/// Holds off [`sweep`] for as long as it lives: for who copies the files while others write.
pub(super) fn hold(folder: &Path) -> io::Result<File> {
    let lock = lock(folder)?;
    lock.lock_shared()?;
    Ok(lock)
}

/// Removes files that no row names any more: all of them, or those of these hashes. Nobody else may write meanwhile. `false`:
/// someone copies them, and what is left lies there until the next time.
pub(super) fn sweep(
    sql: &Connection,
    folder: &Path,
    only: Option<&[String]>,
) -> Result<bool, Stop> {
    if !folder.is_dir() {
        return Ok(true);
    }
    let lock = lock(folder)?;
    if lock.try_lock().is_err() {
        return Ok(false);
    }
    let hashes = match only {
        Some(hashes) => hashes.iter().cloned().collect(),
        None => names(folder)?,
    };
    for hash in hashes {
        if !sql.prepare_cached(KNOWN)?.exists([&hash])? {
            match fs::remove_file(path(folder, &hash)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
    }
    Ok(true)
}

fn lock(folder: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).write(true).truncate(false);
    options.open(folder.join("lock"))
}

fn names(folder: &Path) -> io::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for start in fs::read_dir(folder)? {
        let start = start?;
        if !start.file_type()?.is_dir() {
            continue;
        }
        for rest in fs::read_dir(start.path())? {
            let rest = rest?.file_name();
            let start = start.file_name();
            names.insert(format!("{}{}", start.display(), rest.display()));
        }
    }
    Ok(names)
}
