//! Stores that earlier formats have left: one folder a format, never written again. Each holds a run that waits for a person,
//! which goes on.

use std::path::Path;
use std::sync::Arc;

use graphloom::graph::Graph;
use graphloom::host::{Extensions, Message, NewRun, RunQuery, Store};
use graphloom::value::Map;
use graphloom::{RunOptions, Status, Text, Timestamp, Value, Worker, WorkerOptions};
use graphloom_backends::sqlite::{SqliteOptions, SqliteStore};

use crate::harness::Folder;
use crate::power::probes::{World, engine};

/// The latest format of the store.
const FORMATS: usize = 3;

fn options() -> RunOptions {
    let world: Arc<World> = Arc::default();
    RunOptions::new()
        .park()
        .extensions(Extensions::new().with(world))
}

async fn go_on(store: &Arc<dyn Store>) -> graphloom::RunOutcome {
    let worker = Worker::new(&engine(), store, WorkerOptions::new("w")).unwrap();
    let run = Text::from("r");
    let handle = worker.run(&run, None, options()).await.unwrap();
    handle.outcome().await
}

/// Makes the folder of the latest format, if it is not there.
async fn make(folder: &Path) {
    if folder.exists() {
        return;
    }
    let graph = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kept/human.json");
    let graph = Graph::parse(&std::fs::read(graph).unwrap()).unwrap();
    let plan = engine().compile(&graph).unwrap();
    let sqlite = SqliteStore::open(folder, SqliteOptions::new()).unwrap();
    let store: Arc<dyn Store> = Arc::new(sqlite.clone());
    let options = RunOptions::new()
        .run_id("r")
        .tenant("ada")
        .source("flow-1")
        .label("project", "atlas");
    let submitted = engine()
        .submit(&*store, &graph, &plan, &options, None)
        .await;
    submitted.unwrap();
    assert_eq!(go_on(&store).await.status, Status::Waiting);
    sqlite.compact().await.unwrap();
}

#[expect(clippy::disallowed_methods, reason = "a test is a host")]
fn update() -> bool {
    std::env::var("UPDATE").is_ok()
}

/// Fails unless what is said of the run is this: tenant, source and labels.
async fn check_said(store: &SqliteStore, (tenant, source, labels): &(&str, &str, Map)) {
    let listed = store.entries(RunQuery::latest(9).tenant(*tenant)).await;
    let entry = store.entry(&Text::from("r")).await.unwrap();
    assert_eq!(listed.unwrap(), std::slice::from_ref(&entry));
    assert_eq!((&*entry.tenant, &*entry.source), (*tenant, *source));
    assert_eq!(entry.labels, *labels);
    assert_eq!(store.going(Some(Text::from(*tenant))).await, Ok(1));
}

#[tokio::test]
async fn a_run_that_an_earlier_format_has_parked_goes_on() {
    let formats = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats");
    if update() {
        make(&formats.join(FORMATS.to_string())).await;
    }
    let mut seen = 0;
    for format in std::fs::read_dir(formats).unwrap() {
        let folder = Folder::new();
        let format = format.unwrap();
        let file = format.path().join("graphloom.db");
        std::fs::copy(file, folder.join("graphloom.db")).unwrap();
        let said = match format.file_name().to_str().unwrap() {
            "1" => ("", "", Map::new()),
            _ => ("ada", "flow-1", Map::from_iter([("project", "atlas")])),
        };
        // Read as it is, without a byte being changed.
        let before = std::fs::read(folder.join("graphloom.db")).unwrap();
        let reader = SqliteStore::open_read_only(folder.path()).unwrap();
        check_said(&reader, &said).await;
        assert_eq!(reader.verify().await.unwrap(), []);
        assert_eq!(std::fs::read(folder.join("graphloom.db")).unwrap(), before);
        let sqlite = SqliteStore::open(folder.path(), SqliteOptions::new()).unwrap();
        assert_eq!(sqlite.verify().await.unwrap(), []);
        check_said(&sqlite, &said).await;
        // Who has read it before sees what came since.
        let new = NewRun::new("s", "{}", Timestamp(0)).tenant("eve");
        sqlite.create(new).await.unwrap();
        let eve = RunQuery::latest(9).tenant("eve");
        assert_eq!(reader.entries(eve).await.unwrap().len(), 1);
        let store: Arc<dyn Store> = Arc::new(sqlite);
        let message = Message::Answer {
            node: Text::from("ask"),
            signal: None,
            value: Value::from("yes"),
        };
        store.send(&Text::from("r"), message).await.unwrap();
        let outcome = go_on(&store).await;
        assert!(outcome.is_ok(), "{outcome:?}");
        assert_eq!(outcome.output("o"), [Value::from("yes")]);
        seen += 1;
    }
    assert_eq!(seen, FORMATS);
}
