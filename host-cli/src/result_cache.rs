//! Results of firings in a folder, to be shared by runs, processes and machines.
//!
//! One file a result, `ab/cdef….json` for the key `sha256:abcdef…`. Its first line is the result: `format`, `key`, `block`,
//! `version`, and `outputs` as a list of `[pin, value]`, values in the form of [`graphloom::value`]. The second is
//! `{"sha256":"…"}`, the hash of the first without its line end. A file is written beside its place and then moved there,
//! so a reader sees all of it or nothing; it is not synced, since the hash tells what a power cut has left. Nothing is ever
//! removed: a folder that has become too large can be deleted, or any part of it, at any time.
//!
//! The hash finds damage, not malice: whoever may write to the folder decides what runs that use it give.

use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use graphloom::host::{BoxFuture, CacheError, CachedResult, ResultCache};
use graphloom::json::{Limits, read_value, to_json};
use graphloom::value::{ContentHash, Map};
use graphloom::{Text, Value};
use sha2::{Digest, Sha256};

/// The format of files that this version writes, and the one that it reads.
const FORMAT: u64 = 1;

/// The JSON reader goes 512 deep; a result stands in three lists and maps of the file.
const MAX_DEPTH: u32 = 500;

/// A folder of results.
#[derive(Debug, Clone)]
pub(crate) struct FolderResults {
    folder: PathBuf,
    max_bytes: usize,
}

impl FolderResults {
    /// How large a file may be where nothing else is said: 16 MiB.
    pub(crate) const DEFAULT_MAX_BYTES: usize = 16 << 20;

    /// Opens a folder, which is made if it is not there.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self {
            folder: folder.to_path_buf(),
            max_bytes: Self::DEFAULT_MAX_BYTES,
        })
    }

    fn file(&self, key: ContentHash) -> PathBuf {
        let name = hex(key.as_bytes());
        let (part, rest) = name.split_at(2);
        self.folder.join(part).join(format!("{rest}.json"))
    }

    fn read(&self, key: ContentHash) -> Result<Option<CachedResult>, CacheError> {
        let path = self.file(key);
        let mut bytes = Vec::new();
        // One byte more tells a file that is too large from one that just fits.
        let most = self.max_bytes as u64 + 1;
        let read = File::open(&path).and_then(|file| file.take(most).read_to_end(&mut bytes));
        match read {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&path, &error)),
        }
        let result = if bytes.len() > self.max_bytes {
            Err(format!("it is larger than {} bytes", self.max_bytes))
        } else {
            parse(&bytes, key)
        };
        result.map(Some).map_err(|what| CacheError::Damaged {
            message: format!("{}: {what}", path.display()),
        })
    }

    fn write(&self, key: ContentHash, result: &CachedResult) -> Result<(), CacheError> {
        let max_bytes = self.max_bytes;
        for (_, value) in &result.outputs {
            // It could be written, but never read again.
            value
                .weigh(MAX_DEPTH, usize::MAX)
                .map_err(|_| CacheError::Failed {
                    message: format!("a value is nested deeper than {MAX_DEPTH} lists and maps"),
                })?;
        }
        let text = print(key, result);
        if text.len() > max_bytes {
            return Err(CacheError::TooLarge { max_bytes });
        }
        let path = self.file(key);
        put_in_place(&path, text.as_bytes()).map_err(|error| failed(&path, &error))
    }

    /// Does something on a thread that may wait.
    fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, CacheError> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, CacheError>> {
        let folder = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&folder));
        Box::pin(async move {
            done.await.unwrap_or_else(|error| {
                Err(CacheError::Failed {
                    message: error.to_string(),
                })
            })
        })
    }
}

impl ResultCache for FolderResults {
    fn get(&self, key: ContentHash) -> BoxFuture<'_, Result<Option<CachedResult>, CacheError>> {
        self.apart(move |folder| folder.read(key))
    }

    fn put(&self, key: ContentHash, result: CachedResult) -> BoxFuture<'_, Result<(), CacheError>> {
        self.apart(move |folder| folder.write(key, &result))
    }
}

fn failed(path: &Path, error: &io::Error) -> CacheError {
    CacheError::Failed {
        message: format!("{}: {error}", path.display()),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn second_line(first: &str) -> String {
    let hash = hex(&Sha256::digest(first.as_bytes()));
    format!("{{\"sha256\":\"{hash}\"}}\n")
}

fn print(key: ContentHash, result: &CachedResult) -> String {
    let outputs = result.outputs.iter();
    let outputs = outputs.map(|(pin, value)| Value::from(vec![pin.clone().into(), value.clone()]));
    let mut map = Map::new();
    map.insert("format", FORMAT);
    map.insert("key", key.to_string());
    map.insert("block", result.block.clone());
    map.insert("version", result.version);
    map.insert("outputs", outputs.collect::<Value>());
    let first = to_json(&map.into());
    let second = second_line(&first);
    format!("{first}\n{second}")
}

/// Reads a file again, and says what is wrong with it.
fn parse(bytes: &[u8], key: ContentHash) -> Result<CachedResult, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no text".to_owned())?;
    let lines = text.split_once('\n');
    let (first, second) = lines.ok_or_else(|| "it has no second line".to_owned())?;
    if second != second_line(first) {
        return Err("its hash is another".to_owned());
    }
    let read = read_value(first.as_bytes(), &Limits::unlimited());
    let read = read.map_err(|faults| faults.to_string())?;
    let format = read.get("format").and_then(Value::as_u64);
    if format != Some(FORMAT) {
        let found = format.map_or_else(|| "none".to_owned(), |found| found.to_string());
        return Err(format!("its format is {found}, and not {FORMAT}"));
    }
    // A file that was copied to another name is whole, and the result of something else.
    if read.get("key").and_then(Value::as_str) != Some(&key.to_string()) {
        return Err("it has another key".to_owned());
    }
    result(&read).ok_or_else(|| "it is no result".to_owned())
}

fn result(read: &Value) -> Option<CachedResult> {
    let block = read.get("block")?.as_text()?.clone();
    let version = u32::try_from(read.get("version")?.as_u64()?).ok()?;
    let output = |output: &Value| -> Option<(Text, Value)> {
        let mut pair = output.as_list()?.iter();
        match (pair.next(), pair.next(), pair.next()) {
            (Some(pin), Some(value), None) => Some((pin.as_text()?.clone(), value.clone())),
            _ => None,
        }
    };
    let outputs = read.get("outputs")?.as_list()?.iter().map(output);
    Some(CachedResult::new(
        block,
        version,
        outputs.collect::<Option<_>>()?,
    ))
}

/// Writes a file as a whole. Several processes, or threads of one, may do so at the same time: each writes beside the place
/// under a name of its own, and the last one to move its file there has it.
fn put_in_place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let own = RandomState::new().build_hasher().finish();
    let beside = folder.join(format!("{own:016x}.new"));
    let written = fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // Whatever went wrong with it, it must not stay; that it may not go either is not worth another error.
        let _ = fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests;
