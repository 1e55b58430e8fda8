//! Presets: what they send is what their vendors document, and what is put in stays in its place.

mod language;
mod recorded;
mod stays;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use graphloom::graph::Coercion;
use graphloom::host::{
    Credential, CredentialKind, HostSet, Http, ManualClock, MemoryCredentials, Secret,
};
use graphloom::value::{List, Map};
use graphloom::{BlockRun, Engine, Faults, Registry, RunOptions, Text, Value};

use crate::stub_http::{Answer, Sent, StubHttp};
use crate::support::json;

/// The secret of every credential; it must show nowhere but in what is sent.
const CANARY: &str = "canary+7f3a/9c==";
/// The same as basic authentication has it, with the user `ada`.
const CANARY_BASIC: &str = "YWRhOmNhbmFyeSs3ZjNhLzljPT0=";

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The names of the files of `presets/`, without their ending.
fn ids() -> Vec<String> {
    let files = std::fs::read_dir(folder("presets")).unwrap();
    let mut ids: Vec<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .map(|name| name.strip_suffix(".json").unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

pub(crate) fn is_preset(id: &str) -> bool {
    folder(&format!("presets/{id}.json")).exists()
}

/// A call of a preset, as it was recorded.
struct Recorded {
    id: String,
    preset: Value,
    request: Value,
    answers: List,
    expected: Value,
    error: Value,
}

fn recorded(id: &str) -> Recorded {
    let read = |path: PathBuf| {
        let bytes =
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        json(&bytes)
    };
    let of = |name: &str| read(folder("tests/presets").join(id).join(name));
    Recorded {
        id: id.to_owned(),
        preset: read(folder(&format!("presets/{id}.json"))),
        request: of("request.json"),
        answers: of("answer.json").as_list().unwrap().clone(),
        expected: of("expected.json"),
        error: of("error.json"),
    }
}

impl Recorded {
    fn inputs(&self) -> Map {
        self.request
            .get("inputs")
            .unwrap()
            .as_map()
            .unwrap()
            .clone()
    }

    /// A credential of the provider, for the hosts of the preset.
    fn credentials(&self) -> MemoryCredentials {
        let Some(login) = self.preset.get("credential") else {
            return MemoryCredentials::new();
        };
        let provider = login.get("provider").unwrap().as_str().unwrap();
        let hosts = self.preset.get("hosts").unwrap().as_list().unwrap();
        let hosts = HostSet::parse(hosts.iter().map(|host| host.as_str().unwrap())).unwrap();
        let secret = Secret::new(CANARY);
        let kind = match self.request.get("credential") {
            Some(_) => CredentialKind::UserPassword {
                user: Text::from("ada"),
                password: secret,
            },
            None => CredentialKind::ApiKey(secret),
        };
        MemoryCredentials::new().with(Credential::new(provider, kind).for_hosts(&hosts))
    }

    /// Runs the preset once, with a service that gives these answers in this order.
    async fn run(&self, inputs: Map, answers: &List) -> (Result<BlockRun, Faults>, Vec<Sent>) {
        let answers: Vec<Answer> = answers.iter().map(answer).collect();
        let next = AtomicUsize::new(0);
        let http = StubHttp::new(move |sent| {
            let answer = answers.get(next.fetch_add(1, Ordering::SeqCst)).cloned();
            Ok(answer.unwrap_or_else(|| panic!("one request too many: {sent:?}")))
        });
        let engine = engine(&http, self.credentials());
        let run = engine
            .run_block(&self.id, inputs, Coercion::Strict, RunOptions::new())
            .await;
        (run, http.sent())
    }
}

fn registry() -> Registry {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
        let mut registry = Registry::new();
        graphloom_blocks::register(&mut registry).unwrap();
        registry
    });
    REGISTRY.clone()
}

fn engine(http: &Arc<StubHttp>, credentials: MemoryCredentials) -> Engine {
    Engine::builder(registry())
        .clock(Arc::new(ManualClock::new()))
        .http(Arc::clone(http) as Arc<dyn Http>)
        .credentials(Arc::new(credentials))
        .build()
}

fn answer(recorded: &Value) -> Answer {
    let status = u16::try_from(recorded.get("status").unwrap().as_u64().unwrap()).unwrap();
    let answer = match recorded.get("body").unwrap() {
        Value::Text(text) => Answer::new(status, text.as_str()),
        body => Answer::json(status, &body.to_string()),
    };
    let headers = recorded.get("headers").and_then(Value::as_map);
    let headers = headers.into_iter().flat_map(|map| map.iter());
    headers.fold(answer, |answer, (name, value)| {
        answer.header(name, value.as_str().unwrap())
    })
}
