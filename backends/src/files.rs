//! Files that outlive a power cut.

use std::fs::{self, File};
use std::io;
#[cfg(feature = "sqlite")]
use std::io::Write;
use std::path::Path;

/// Makes a folder and those above it, so that they outlive a power cut.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().filter(|parent| *parent != Path::new(""));
    let parent = parent.unwrap_or(Path::new("."));
    make_folder(parent)?;
    match fs::create_dir(folder) {
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
        made => made?,
    }
    sync_folder(parent)
}

/// Writes a file as a whole: under another name first, so that it is there with all its bytes or not at all.
#[cfg(feature = "sqlite")]
pub(crate) fn write_whole(file: &Path, draft: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut written = File::create(draft)?;
    written.write_all(bytes)?;
    written.sync_all()?;
    drop(written);
    publish(draft, file)
}

/// Gives a finished file its name.
#[cfg(feature = "sqlite")]
pub(crate) fn publish(draft: &Path, file: &Path) -> io::Result<()> {
    fs::rename(draft, file)?;
    sync_folder(file.parent().unwrap_or(Path::new(".")))
}

/// Makes the names in a folder outlive a power cut, where the system has a way to say so.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
