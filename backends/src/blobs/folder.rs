//! The files of a folder. None of them is reached through a link: all lie in the folder itself, so that only the last part of a
//! path could be one, and that is never followed.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use graphloom::Text;
use graphloom::host::BlobError;
use graphloom::value::BlobRef;
use sha2::{Digest, Sha256};

use super::name::Name;
use super::options::FolderBlobsOptions;
use crate::files;

/// A media type is at most so long, in bytes.
const MAX_TYPE: u64 = 255;

/// A file that is not finished and older than this was left by someone who is gone.
const STALE: Duration = Duration::from_secs(3600);

/// What files are called that are not finished.
const DRAFT: &str = "draft-";

/// A folder of blobs, and how large each may be.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    options: FolderBlobsOptions,
}

/// A blob that lies in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kept {
    /// Its hash, as references have it.
    pub hash: Text,
    /// How large it is.
    pub bytes: u64,
    /// How long ago it was written.
    pub age: Duration,
}

/// What became of a blob that was to be finished.
#[derive(Debug)]
#[non_exhaustive]
pub struct Finished {
    /// The reference to it, or what failed, perhaps behind the moment at which its bytes were there.
    pub blob: Result<BlobRef, BlobError>,
    /// Its bytes are there now and nothing of their name was there before.
    pub is_new: bool,
}

/// A blob that is being written; it goes when it is dropped.
#[derive(Debug)]
pub(super) struct Draft {
    /// `None`: it has its name.
    path: Option<PathBuf>,
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Draft {
    /// Returns what the bytes so far are called.
    pub(super) fn hash(&self) -> String {
        Name::of_hash(self.hash.clone()).hash()
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        self.file.write_all(bytes).map_err(|error| failed(&error))?;
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            let _ = fs::remove_file(path);
        }
    }
}

/// What lies under a name.
enum Found {
    Nothing,
    /// A file of so many bytes.
    File(File, u64),
    /// A link, a folder, a pipe.
    Other,
}

impl Folder {
    /// Opens a folder, which is made if it is not there.
    pub(super) fn open(path: &Path, options: FolderBlobsOptions) -> Result<Self, BlobError> {
        files::make_folder(path).map_err(|error| failed(&error))?;
        let folder = Self {
            path: path.to_owned(),
            options,
        };
        folder.sweep().map_err(|error| failed(&error))?;
        Ok(folder)
    }

    /// Refuses what is too large.
    pub(super) fn check_size(&self, bytes: u64) -> Result<(), BlobError> {
        let max = self.options.max_bytes;
        if bytes > max {
            return Err(BlobError::TooLarge { bytes, max });
        }
        Ok(())
    }

    /// Keeps bytes; they outlive a power cut when this returns.
    pub(super) fn put(&self, bytes: &[u8], media_type: Option<Text>) -> Result<BlobRef, BlobError> {
        let name = Name::of(bytes);
        check_type(media_type.as_ref())?;
        let kept = || -> io::Result<()> {
            // What is damaged, or a link, is replaced.
            if !self.holds(name.file(), bytes)? {
                self.write(name.file(), bytes)?;
            }
            self.put_type(&name, media_type.as_ref())
        };
        kept().map_err(|error| failed(&error))?;
        let mut blob = BlobRef::new(name.hash(), bytes.len() as u64);
        blob.media_type = media_type;
        Ok(blob)
    }

    /// Writes down of what type bytes are that are there, so that both outlive a power cut.
    fn put_type(&self, name: &Name, media_type: Option<&Text>) -> io::Result<()> {
        if let Some(media_type) = media_type
            && !self.holds(&name.type_file(), media_type.as_bytes())?
        {
            self.write(&name.type_file(), media_type.as_bytes())?;
        }
        // Also where all was there: whoever wrote it may not have come as far as this.
        files::sync_folder(&self.path)
    }

    /// Begins a blob whose bytes come one after the other.
    pub(super) fn begin(&self) -> Result<Draft, BlobError> {
        let (path, file) = self.draft().map_err(|error| failed(&error))?;
        Ok(Draft {
            path: Some(path),
            file,
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    /// Gives a blob its name, in place of what has it: bytes of that name are the same, or damaged.
    pub(super) fn finish(&self, mut draft: Draft, media_type: Option<Text>) -> Finished {
        let (name, bytes) = (Name::of_hash(draft.hash.clone()), draft.bytes);
        let mut is_new = false;
        let mut finish = || {
            check_type(media_type.as_ref())?;
            let named = draft.file.sync_all().and_then(|()| {
                is_new = self.name(&mut draft, &name)?;
                self.put_type(&name, media_type.as_ref())
            });
            named.map_err(|error| failed(&error))
        };
        let finished = finish();
        let blob = finished.map(|()| {
            let mut blob = BlobRef::new(name.hash(), bytes);
            blob.media_type = media_type;
            blob
        });
        Finished { blob, is_new }
    }

    /// Gives a draft the name of its bytes, and says whether nothing had it before.
    fn name(&self, draft: &mut Draft, name: &Name) -> io::Result<bool> {
        let Some(path) = &draft.path else {
            return Ok(false);
        };
        let file = self.path.join(name.file());
        // A link, unlike a new name, is never made in place of something: of two who come at once one learns that it is first.
        let is_new = match fs::hard_link(path, &file) {
            // Its name as a draft goes when that is dropped.
            Ok(()) => return Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            // A file system without links. Of two who come at once both may be taken for the first.
            Err(_) => fs::symlink_metadata(&file).is_err(),
        };
        fs::rename(path, &file)?;
        draft.path = None;
        Ok(is_new)
    }

    /// Forgets a blob. Says how many bytes it had; `None`: there was none.
    pub(super) fn remove(&self, hash: &str) -> Result<Option<u64>, BlobError> {
        let Some(name) = Name::read(hash) else {
            return Ok(None);
        };
        let path = self.path.join(name.file());
        let gone = || -> io::Result<Option<u64>> {
            let bytes = match fs::symlink_metadata(&path) {
                Ok(there) => there.len(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            };
            // The bytes last: where something fails they are there as before, and no type is left without them.
            for file in [self.path.join(name.type_file()), path.clone()] {
                match fs::remove_file(file) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
            files::sync_folder(&self.path)?;
            Ok(Some(bytes))
        };
        gone().map_err(|error| failed(&error))
    }

    /// Returns every blob: its hash, how large it is, and how long ago it was written.
    pub(super) fn all(&self) -> Result<Vec<Kept>, BlobError> {
        let all = || -> io::Result<Vec<Kept>> {
            let mut all = Vec::new();
            for entry in fs::read_dir(&self.path)? {
                let entry = entry?;
                let name = Name::of_file(&entry.file_name().to_string_lossy());
                // It may be removed while this one looks.
                if let (Some(name), Ok(there)) = (name, entry.metadata()) {
                    let age = there.modified().ok().and_then(|at| at.elapsed().ok());
                    all.push(Kept {
                        hash: Text::from(name.hash()),
                        bytes: there.len(),
                        age: age.unwrap_or_default(),
                    });
                }
            }
            Ok(all)
        };
        all().map_err(|error| failed(&error))
    }

    /// Opens a blob to be read piece by piece; its bytes are not looked at.
    pub(super) fn open_file(&self, hash: &str) -> Result<(File, u64), BlobError> {
        let name = Name::read(hash).ok_or_else(|| unknown(hash))?;
        self.find_file(&name)
    }

    /// Returns the bytes of a blob.
    pub(super) fn get(&self, hash: &str) -> Result<Vec<u8>, BlobError> {
        let name = Name::read(hash).ok_or_else(|| unknown(hash))?;
        let (file, size) = self.find_file(&name)?;
        self.check_size(size)?;
        let bytes = read(file, size).map_err(|error| failed(&error))?;
        if Name::of(&bytes) != name {
            return Err(broken(hash, "it has other bytes than were kept"));
        }
        Ok(bytes)
    }

    /// Returns what is known of a blob, without reading it.
    pub(super) fn find(&self, hash: &str) -> Result<BlobRef, BlobError> {
        let name = Name::read(hash).ok_or_else(|| unknown(hash))?;
        let (_, size) = self.find_file(&name)?;
        let mut blob = BlobRef::new(hash, size);
        blob.media_type = self.media_type(&name).map_err(|error| failed(&error))?;
        Ok(blob)
    }

    fn find_file(&self, name: &Name) -> Result<(File, u64), BlobError> {
        match self.look(name.file()).map_err(|error| failed(&error))? {
            Found::File(file, size) => Ok((file, size)),
            Found::Nothing => Err(unknown(&name.hash())),
            Found::Other => Err(broken(&name.hash(), "what lies there is no file")),
        }
    }

    /// Returns the media type that was kept last; one that cannot be read is none.
    fn media_type(&self, name: &Name) -> io::Result<Option<Text>> {
        match self.look(&name.type_file())? {
            Found::File(file, size) if size <= MAX_TYPE => {
                let text = String::from_utf8(read(file, size)?);
                Ok(text.ok().map(Text::from))
            }
            _ => Ok(None),
        }
    }

    /// Says whether a file has these bytes.
    fn holds(&self, name: &str, bytes: &[u8]) -> io::Result<bool> {
        match self.look(name)? {
            Found::File(file, size) if size == bytes.len() as u64 => Ok(read(file, size)? == bytes),
            _ => Ok(false),
        }
    }

    fn look(&self, name: &str) -> io::Result<Found> {
        let path = self.path.join(name);
        let file = match open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            // Each system has its own word for a link that is not followed.
            Err(error) => {
                return match fs::symlink_metadata(&path) {
                    Ok(there) if !there.is_file() => Ok(Found::Other),
                    _ => Err(error),
                };
            }
        };
        let there = file.metadata()?;
        if !there.is_file() {
            return Ok(Found::Other);
        }
        Ok(Found::File(file, there.len()))
    }

    /// Writes a file as a whole. A link that has its name is replaced, and not what it leads to.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let (draft, mut file) = self.draft()?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        drop(file);
        let done = written.and_then(|()| fs::rename(&draft, self.path.join(name)));
        if done.is_err() {
            let _ = fs::remove_file(&draft);
        }
        done
    }

    /// Begins a file under a name that nobody else has.
    fn draft(&self) -> io::Result<(PathBuf, File)> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let mut options = File::options();
        options.write(true).create_new(true);
        private(&mut options);
        loop {
            let next = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!("{DRAFT}{}-{next}", std::process::id());
            let draft = self.path.join(name);
            match options.open(&draft) {
                // Of a process that had our number before, or whose numbers are counted elsewhere.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                opened => return Ok((draft, opened?)),
            }
        }
    }

    /// Removes what others have begun and left.
    fn sweep(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            if !entry.file_name().to_string_lossy().starts_with(DRAFT) {
                continue;
            }
            // It may be finished, or swept by another, while this one looks.
            let age = entry.metadata().and_then(|there| there.modified());
            let age = age.ok().and_then(|modified| modified.elapsed().ok());
            if age.is_some_and(|age| age > STALE) {
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(())
    }
}

/// Removes a folder with all that lies in it, so that this outlives a power cut.
pub(super) fn erase(path: &Path) -> Result<(), BlobError> {
    let parent = path.parent().filter(|parent| *parent != Path::new(""));
    let parent = parent.unwrap_or(Path::new("."));
    match fs::remove_dir_all(path).and_then(|()| files::sync_folder(parent)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&error)),
        _ => Ok(()),
    }
}

fn check_type(media_type: Option<&Text>) -> Result<(), BlobError> {
    match media_type.map(|found| found.len() as u64) {
        Some(length) if length > MAX_TYPE => Err(BlobError::Store {
            message: format!("a media type of {length} bytes: at most {MAX_TYPE}"),
        }),
        _ => Ok(()),
    }
}

/// Reads a file to its end, and a byte more than it should have if there is one.
fn read(file: File, size: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    file.take(size + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens what has this name if it is no link, without waiting for whoever is at the other end of a pipe.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let mut options = File::options();
    options.read(true).custom_flags(flags.bits().cast_signed());
    options.open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    if fs::symlink_metadata(path)?.is_symlink() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    File::open(path)
}

#[cfg(unix)]
fn private(options: &mut fs::OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600);
}

#[cfg(not(unix))]
fn private(_: &mut fs::OpenOptions) {}

fn unknown(hash: &str) -> BlobError {
    BlobError::Unknown {
        hash: hash.to_owned(),
    }
}

fn broken(hash: &str, message: &str) -> BlobError {
    BlobError::Broken {
        hash: hash.to_owned(),
        message: message.to_owned(),
    }
}

/// Where the folder is, is nothing for those who run graphs.
fn failed(error: &io::Error) -> BlobError {
    BlobError::Store {
        message: error.to_string(),
    }
}
