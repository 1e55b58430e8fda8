//! Lends disks to SQLite, by the folders that they are mounted on.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use sqlite_vfs::{DatabaseHandle, LockKind, OpenAccess, OpenOptions, Vfs, WalDisabled};

use super::disk::Disk;

/// Under which SQLite knows it.
pub(super) const NAME: &str = "power";

static MOUNTED: Mutex<BTreeMap<PathBuf, Disk>> = Mutex::new(BTreeMap::new());

/// Puts the files of a folder on a disk.
pub(super) fn mount(folder: &Path, disk: Disk) {
    static REGISTERED: OnceLock<()> = OnceLock::new();
    REGISTERED.get_or_init(|| sqlite_vfs::register(NAME, Power, false).unwrap());
    let mut mounted = MOUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    mounted.insert(folder.to_owned(), disk);
}

pub(super) fn unmount(folder: &Path) {
    let mut mounted = MOUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    mounted.remove(folder);
}

struct Power;

struct Handle {
    disk: Disk,
    name: String,
    lock: LockKind,
}

fn disk(name: &str) -> io::Result<Disk> {
    let mounted = MOUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(name).parent();
    let disk = folder.and_then(|folder| mounted.get(folder));
    disk.cloned().ok_or_else(|| ErrorKind::NotFound.into())
}

fn position(number: u64) -> io::Result<usize> {
    usize::try_from(number).map_err(io::Error::other)
}

impl Vfs for Power {
    type Handle = Handle;

    fn open(&self, name: &str, opts: OpenOptions) -> io::Result<Handle> {
        let disk = disk(name)?;
        if matches!(opts.access, OpenAccess::Create | OpenAccess::CreateNew) {
            disk.create(name)?;
        } else if !disk.exists(name)? {
            return Err(ErrorKind::NotFound.into());
        }
        Ok(Handle {
            disk,
            name: name.to_owned(),
            lock: LockKind::None,
        })
    }

    fn delete(&self, name: &str) -> io::Result<()> {
        disk(name)?.remove(name)
    }

    fn exists(&self, name: &str) -> io::Result<bool> {
        disk(name)?.exists(name)
    }

    fn temporary_name(&self) -> String {
        // The store keeps what is temporary in memory, and on no disk is nothing found.
        "/nowhere/temporary".to_owned()
    }

    fn random(&self, buffer: &mut [i8]) {
        // It is what the ids of open stores are made of, so that it must differ.
        for chunk in buffer.chunks_mut(8) {
            let random = std::hash::BuildHasher::hash_one(
                &std::collections::hash_map::RandomState::new(),
                0,
            );
            for (byte, random) in chunk.iter_mut().zip(random.to_le_bytes()) {
                *byte = random.cast_signed();
            }
        }
    }

    fn sleep(&self, duration: Duration) -> Duration {
        std::thread::sleep(duration);
        duration
    }
}

impl DatabaseHandle for Handle {
    type WalIndex = WalDisabled;

    fn size(&self) -> io::Result<u64> {
        self.disk.read(&self.name, |content| content.len() as u64)
    }

    fn read_exact_at(&mut self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let from = position(offset)?;
        self.disk.read(&self.name, |content| {
            let rest = content.get(from..).unwrap_or_default();
            let n = rest.len().min(buf.len());
            let (there, missing) = buf.split_at_mut(n);
            there.copy_from_slice(rest.get(..n).unwrap_or_default());
            // What lies behind the end reads as zeros, and SQLite is told.
            missing.fill(0);
            if missing.is_empty() {
                Ok(())
            } else {
                Err(ErrorKind::UnexpectedEof.into())
            }
        })?
    }

    fn write_all_at(&mut self, buf: &[u8], offset: u64) -> io::Result<()> {
        self.disk.write(&self.name, position(offset)?, buf)
    }

    fn sync(&mut self, _data_only: bool) -> io::Result<()> {
        self.disk.sync(&self.name)
    }

    fn set_len(&mut self, size: u64) -> io::Result<()> {
        self.disk.resize(&self.name, position(size)?)
    }

    fn lock(&mut self, lock: LockKind) -> io::Result<bool> {
        // There is one connection.
        self.lock = lock;
        Ok(true)
    }

    fn reserved(&mut self) -> io::Result<bool> {
        Ok(false)
    }

    fn current_lock(&self) -> io::Result<LockKind> {
        Ok(self.lock)
    }

    fn wal_index(&self, _readonly: bool) -> io::Result<WalDisabled> {
        Ok(WalDisabled)
    }
}
