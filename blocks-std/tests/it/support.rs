//! One door to what the tests share.

use std::path::PathBuf;
use std::time::Duration;

use graphloom::host::ManualClock;
use graphloom::{Engine, Registry, Value};

pub fn engine() -> Engine {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    Engine::new(registry)
}

/// Every block is here: those behind features too.
pub const HAS_ALL: bool = cfg!(all(
    feature = "spreadsheet",
    feature = "feed",
    feature = "json-schema",
    feature = "web-page"
));

fn shared_root() -> PathBuf {
    option_env!("GRAPHLOOM_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    )
}

/// A file of the reference data, which a checkout may not have.
pub fn shared(path: &str) -> Option<Vec<u8>> {
    let path = shared_root().join(path);
    let found = std::fs::read(&path).ok();
    if found.is_none() {
        println!("skipped: no reference data at {}", path.display());
    }
    found
}

/// The files of a folder of the reference data with this ending, by name; none where there is no such folder.
pub fn shared_files(folder: &str, ending: &str) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(shared_root().join(folder)) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.retain(|path| path.extension().is_some_and(|found| found == ending));
    files.sort();
    let read = |path: PathBuf| (path.display().to_string(), std::fs::read(path).unwrap());
    files.into_iter().map(read).collect()
}

pub fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

/// Numbers by value: 1 and 1.0 are written alike.
pub fn norm(value: &Value) -> String {
    match value {
        Value::List(list) => format!("[{}]", list.iter().map(norm).collect::<Vec<_>>().join(",")),
        Value::Map(map) => {
            let mut all: Vec<String> = map
                .iter()
                .map(|(k, v)| format!("{k:?}:{}", norm(v)))
                .collect();
            all.sort();
            format!("{{{}}}", all.join(","))
        }
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => {
            format!("{:?}", value.as_f64().unwrap())
        }
        other => other.to_string(),
    }
}

/// Lets time pass whenever nothing else does.
pub async fn passing<T>(clock: &ManualClock, work: impl Future<Output = T>) -> T {
    tokio::pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            () = tokio::time::sleep(Duration::from_millis(1)) => drop(clock.advance_to_next()),
        }
    }
}
