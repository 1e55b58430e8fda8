//! Who is alive: each store that was opened for writing holds a lock on a file of its own, which the system takes away with
//! its process. A lease whose holder is dead need not be waited for; that of a process which is only stopped must be.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The file of one open store, locked for as long as this lives.
#[derive(Debug)]
pub(super) struct Owner {
    id: String,
    folder: PathBuf,
    _held: File,
}

impl Owner {
    /// Takes a file under an id that no other store has ever had.
    pub(super) fn register(folder: &Path, id: String) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let new = folder.join(format!("{id}.new"));
        let held = loop {
            let file = File::create(&new)?;
            file.lock()?;
            // Under the name that others look for it has never been without its lock.
            match fs::rename(&new, path(folder, &id)) {
                Ok(()) => break file,
                // Someone who cleaned up was faster than the lock.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        };
        Ok(Self {
            id,
            folder: folder.to_owned(),
            _held: held,
        })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Says whether the store with this id is gone.
    pub(super) fn is_dead(&self, id: &str) -> bool {
        id != self.id && is_free(&path(&self.folder, id))
    }

    /// Removes the files of stores that are gone. What cannot be removed, perhaps because it is someone else's, stays.
    pub(super) fn clean(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        for entry in entries.flatten() {
            let file = entry.path();
            let ours = file
                .file_stem()
                .is_some_and(|stem| stem == self.id.as_str());
            if !ours && is_free(&file) {
                let _ = fs::remove_file(file);
            }
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // What is left behind is found to be free and removed by the next one.
        let _ = fs::remove_file(path(&self.folder, &self.id));
    }
}

fn path(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.lock"))
}

/// Says whether nobody holds the lock of a file. Where it cannot be told, someone does: a lease is waited for then.
fn is_free(file: &Path) -> bool {
    match File::open(file) {
        // Shared, so that two who look at the same time do not hold it for each other.
        Ok(file) => file.try_lock_shared().is_ok(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}
