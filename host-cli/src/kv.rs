//! Values that outlive a run, in a file: a JSON map, written anew with each change.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use graphloom::host::{BoxFuture, Extensions};
use graphloom::json::{Limits, read_value};
use graphloom::value::Map;
use graphloom::{Text, Value};
use graphloom_blocks::kv::{KeyValue, KeyValueError, KeyValues};

use crate::replace::write;

/// Returns what a run is lent: the store in a file, or one that says how to give it.
pub(crate) fn lent(file: Option<&Path>, agent: &str) -> Extensions {
    let store: Arc<dyn KeyValue> = match file {
        Some(file) => Arc::new(FileStore(file.to_path_buf())),
        None => Arc::new(NoStore),
    };
    Extensions::new().with(KeyValues::new(store, agent))
}

/// Keeps nothing, and says so: a value that seems to be kept and is gone would be worse.
struct NoStore;

impl NoStore {
    fn refuse<T>() -> Result<T, KeyValueError> {
        Err(KeyValueError {
            message: "nothing keeps values beyond this run: give --kv FILE".to_owned(),
            transient: false,
        })
    }
}

impl KeyValue for NoStore {
    fn get<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<Value>, KeyValueError>> {
        Box::pin(std::future::ready(Self::refuse()))
    }

    fn put<'a>(&'a self, _: &'a str, _: Value) -> BoxFuture<'a, Result<(), KeyValueError>> {
        Box::pin(std::future::ready(Self::refuse()))
    }

    fn remove<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<bool, KeyValueError>> {
        Box::pin(std::future::ready(Self::refuse()))
    }
}

/// The file. A second one with `.lock` behind its name is locked while it is read or changed, so that runs of several
/// processes can share it.
struct FileStore(PathBuf);

impl FileStore {
    /// Does something with the values, on a thread that may wait, and writes them back if they changed.
    fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Map) -> (T, bool) + Send + 'static,
    ) -> BoxFuture<'static, Result<T, KeyValueError>> {
        let file = self.0.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _lock = lock(&file)?;
            let mut values = read(&file)?;
            let (answer, changed) = work(&mut values);
            if changed {
                write(&file, format!("{}\n", Value::from(values)).as_bytes())?;
            }
            Ok(answer)
        });
        let path = self.0.clone();
        Box::pin(async move {
            let done = done
                .await
                .unwrap_or_else(|error| Err(io::Error::other(error)));
            done.map_err(|error| KeyValueError {
                message: format!("{}: {error}", path.display()),
                transient: false,
            })
        })
    }
}

impl KeyValue for FileStore {
    fn get<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Value>, KeyValueError>> {
        let name = name.to_owned();
        self.with(move |values| (values.get(&name).cloned(), false))
    }

    fn put<'a>(&'a self, name: &'a str, value: Value) -> BoxFuture<'a, Result<(), KeyValueError>> {
        let name = Text::from(name);
        self.with(move |values| {
            values.insert(name, value);
            ((), true)
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<bool, KeyValueError>> {
        let name = name.to_owned();
        self.with(move |values| {
            let found = values.remove(&name).is_some();
            (found, found)
        })
    }
}

/// Locked until it is dropped.
fn lock(file: &Path) -> io::Result<File> {
    let mut path = file.as_os_str().to_owned();
    path.push(".lock");
    let options = OpenOptions::new().create(true).append(true).open(path)?;
    options.lock()?;
    Ok(options)
}

fn read(file: &Path) -> io::Result<Map> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Map::new()),
        Err(error) => return Err(error),
    };
    let bad = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let value = read_value(&bytes, &Limits::default()).map_err(|faults| bad(faults.to_string()))?;
    match value {
        Value::Map(map) => Ok(map),
        _ => Err(bad("the store is not a JSON map".to_owned())),
    }
}
