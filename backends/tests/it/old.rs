//! Stores that earlier formats have left: one folder a format, never written again. Each holds a run that waits for a person,
//! which goes on.

use std::path::Path;
use std::sync::Arc;

use graphloom::graph::Graph;
use graphloom::host::{Extensions, Message, Store};
use graphloom::{RunOptions, Status, Text, Value, Worker, WorkerOptions};
use graphloom_backends::sqlite::{SqliteOptions, SqliteStore};

use crate::harness::Folder;
use crate::power::probes::{World, engine};

/// The latest format of the store.
const FORMATS: usize = 1;

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
    let options = RunOptions::new().run_id("r");
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

#[tokio::test]
async fn a_run_that_an_earlier_format_has_parked_goes_on() {
    let formats = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats");
    if update() {
        make(&formats.join(FORMATS.to_string())).await;
    }
    let mut seen = 0;
    for format in std::fs::read_dir(formats).unwrap() {
        let folder = Folder::new();
        let file = format.unwrap().path().join("graphloom.db");
        std::fs::copy(file, folder.join("graphloom.db")).unwrap();
        let sqlite = SqliteStore::open(folder.path(), SqliteOptions::new()).unwrap();
        assert_eq!(sqlite.verify().await.unwrap(), []);
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
