//! Files that are there as a whole or not at all, and that nobody but their owner may read.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Writes a file that is not there yet.
pub(super) fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = folder(path) {
        fs::create_dir_all(folder)?;
    }
    let beside = beside(path, ".new");
    let done = put(&beside, bytes).and_then(|()| fs::hard_link(&beside, path));
    // A second name is all that it was; that it may not go is not worth another error.
    let _ = fs::remove_file(&beside);
    done?;
    sync_folder(path)
}

/// Writes a file in place of another, if there is one: a reader sees the one or the other, and a crash leaves one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = folder(path) {
        fs::create_dir_all(folder)?;
    }
    // A link stays a link: what it leads to is replaced.
    let target = match fs::canonicalize(path) {
        Ok(target) => target,
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(error),
    };
    let beside = beside(&target, ".new");
    let done = put(&beside, bytes).and_then(|()| fs::rename(&beside, &target));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done?;
    sync_folder(&target)
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    private(&mut options);
    let mut file = match options.open(path) {
        // Left by a process that was killed: nobody else writes while the lock is held.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            options.open(path)?
        }
        opened => opened?,
    };
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn private(_: &mut OpenOptions) {}

/// A new name is as durable as its folder.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(folder(path).unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn folder(path: &Path) -> Option<&Path> {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name: OsString = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

/// Waits until nobody else holds the lock of this name on this file, which is another file beside it; held until it is
/// dropped.
pub(super) fn lock(path: &Path, name: &str) -> io::Result<File> {
    if let Some(folder) = folder(path) {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    private(&mut options);
    let file = options.open(beside(path, &format!("{name}.lock")))?;
    file.lock()?;
    Ok(file)
}

/// Reads a file; `None` where there is none. One byte more than may be tells one that is too large.
pub(super) fn read(path: &Path, max_bytes: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is no regular file",
        ));
    }
    let mut bytes = Vec::new();
    file.take(max_bytes + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}
