//! What a block emits that looked at a secret, through a store, in another process: sealed in every file, and usable by
//! whoever has the key.

use std::path::Path;
use std::sync::Arc;

use graphloom::host::{Credential, HostSet, ManualClock, Message, Secret, Store};
use graphloom::prelude::*;
use graphloom::{
    Capability, Code, Engine, Registry, RunOptions, RunOutcome, Status, Text, Value, Worker,
    WorkerOptions,
};
use graphloom_backends::credentials::{FileCredentials, Key, Keys};
use graphloom_backends::sqlite::{SqliteOptions, SqliteStore};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::harness::Folder;

const CANARY: &str = "k/ey+with a s3cr3t";

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Made {
    /// What was made of it.
    Made(Value),
}

/// Makes something of a secret that nobody would know it by.
struct Look;

impl Block for Look {
    const INFO: BlockInfo =
        BlockInfo::new("s.look", 1, "Looks.").capabilities(&[Capability::Credential]);
    type Input = Nothing;
    type Output = Made;

    async fn run(
        &self,
        cx: &Context,
        _: Nothing,
        out: Emitter<'_, Made>,
    ) -> Result<(), BlockError> {
        let credential = cx.credential("mine").await?;
        let secret = credential
            .token()
            .map_err(|error| BlockError::failed(error.to_string()))?;
        let made: String = cx.expose(secret)?.chars().rev().collect();
        Ok(out.emit(Made::Made(Value::from(made))).await?)
    }
}

#[derive(Deserialize, JsonSchema)]
struct Uses {
    /// What was made.
    key: Value,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Used {
    /// Where it may go.
    Hosts(String),
}

/// Waits for someone, and then opens what it was given.
struct Use;

impl Block for Use {
    const INFO: BlockInfo = BlockInfo::new("s.use", 1, "Uses.")
        .capabilities(&[Capability::Credential, Capability::Wait]);
    type Input = Uses;
    type Output = Used;

    async fn run(
        &self,
        cx: &Context,
        input: Uses,
        out: Emitter<'_, Used>,
    ) -> Result<(), BlockError> {
        cx.wait("go", Value::Null).await?;
        let Value::Sealed(sealed) = &input.key else {
            return Err(BlockError::input("it is not sealed"));
        };
        let secret = cx.unseal(sealed)?;
        assert_eq!(secret.expose().chars().rev().collect::<String>(), CANARY);
        Ok(out.emit(Used::Hosts(secret.hosts().to_string())).await?)
    }
}

fn engine(credentials: FileCredentials) -> Engine {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    registry.add(Look).unwrap();
    registry.add(Use).unwrap();
    Engine::builder(registry)
        .credentials(Arc::new(credentials))
        .build()
}

const GRAPH: &str = r#"{"format": 1, "nodes": {
    "look": {"block": "s.look"},
    "use": {"block": "s.use"},
    "out": {"block": "io.output", "inputs": {"name": "hosts"}}},
  "links": [{"from": "look.made", "to": "use.key"}, {"from": "use.hosts", "to": "out.value"}]}"#;

fn check_files(folder: &Path) {
    let made: String = CANARY.chars().rev().collect();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            check_files(&path);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for part in [CANARY, &made] {
            let found = bytes
                .windows(part.len())
                .any(|window| window == part.as_bytes());
            assert!(!found, "{} holds it", path.display());
        }
    }
}

/// What one process does: opens the store anew, and goes on with the run, or begins it.
async fn process(folder: &Folder, credentials: FileCredentials, answers: bool) -> RunOutcome {
    let engine = engine(credentials);
    let store = SqliteStore::open(folder.join("store"), SqliteOptions::new()).unwrap();
    let store: Arc<dyn Store> = Arc::new(store);
    let worker = Worker::new(&engine, &store, WorkerOptions::new("process")).unwrap();
    let plan = engine.load(GRAPH.as_bytes()).unwrap();
    let handle = if answers {
        let run = Text::from("r");
        let answer = Message::Answer {
            node: Text::from("use"),
            signal: None,
            value: Value::Null,
        };
        store.send(&run, answer).await.unwrap();
        worker
            .run(&run, Some(&plan), RunOptions::new().park())
            .await
            .unwrap()
    } else {
        let graph = engine.diagnose(GRAPH.as_bytes()).graph.unwrap();
        let options = RunOptions::new().run_id("r").park();
        let accepted = engine
            .submit(&*store, &graph, &plan, &options, None)
            .await
            .unwrap();
        worker.begin(&accepted, options).await.unwrap()
    };
    handle.outcome().await
}

#[tokio::test]
async fn a_sealed_value_survives_its_process_and_opens_with_its_key_alone() {
    let (folder, clock) = (Folder::new(), ManualClock::new());
    let credentials = folder.store(&clock);
    let hosts = HostSet::parse(["api.example.com"]).unwrap();
    credentials
        .add(&Credential::api_key("mine", Secret::new(CANARY)).for_hosts(&hosts))
        .unwrap();
    let parked = process(&folder, credentials, false).await;
    assert_eq!(parked.status, Status::Waiting);
    check_files(&folder.join("store"));
    let copied = Folder::new();
    std::fs::create_dir_all(copied.join("store")).unwrap();
    for entry in std::fs::read_dir(folder.join("store")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, copied.join("store").join(path.file_name().unwrap())).unwrap();
        }
    }

    // The key was rotated meanwhile: the older one is still there.
    Keys::add_to(&folder.join("key")).unwrap();
    folder.store(&clock).reseal().unwrap();
    let done = process(&folder, folder.store(&clock), true).await;
    assert_eq!(done.status, Status::Completed, "{:?}", done.failure);
    assert_eq!(
        done.outputs,
        [(Text::from("hosts"), vec![Value::from("api.example.com")])]
    );
    check_files(&folder.join("store"));

    let other = Keys::new(Key::generate().unwrap(), []);
    let other = FileCredentials::new(copied.join("none.json"), other, Arc::new(clock));
    let refused = process(&copied, other, true).await;
    let failure = refused.failure.unwrap();
    assert_eq!(failure.code, Code::BlockCredential);
    assert!(
        failure.message.contains("not among those that were given"),
        "{}",
        failure.message
    );
}
