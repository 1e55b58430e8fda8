//! Fixtures: a folder a code in `tests/faults/`, with a document and what else the fault needs.
//!
//! `graph.json` is read and compiled; `limits.json` and `host.json` say under which limits and grants. A graph without
//! a fault is run with `inputs.json` and `overrides.json`, or `patch.json` is applied to it. `fault.json` is the error
//! object as it is printed.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use graphloom::graph::GraphLimits;
use graphloom::json::{self, Limits};
use graphloom::plan::diagnose;
use graphloom::value::{Map, to_value};
use graphloom::{
    Code, Engine, Failure, Fault, Faults, Grants, Registry, RunLimits, RunOptions, Value,
};
use serde::Serialize;

use super::blocks;

/// Where fixtures are.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults")
}

/// A document with a fault, and what it meets.
pub(crate) struct Fixture {
    pub(crate) code: Code,
    folder: PathBuf,
    pub(crate) document: Vec<u8>,
}

impl Fixture {
    /// The fixture of a code; `None` where there is none.
    pub(crate) fn of(code: Code) -> Option<Self> {
        let folder = root().join(code.as_str());
        let document = std::fs::read(folder.join("graph.json")).ok()?;
        Some(Self {
            code,
            folder,
            document,
        })
    }

    /// Every fixture, in the order of the codes.
    pub(crate) fn all() -> Vec<Self> {
        Code::ALL
            .iter()
            .filter_map(|code| Self::of(*code))
            .collect()
    }

    pub(crate) fn file(&self, name: &str) -> Option<Value> {
        let bytes = std::fs::read(self.folder.join(name)).ok()?;
        Some(json::read_value(&bytes, &Limits::default()).unwrap_or_else(|e| panic!("{name}: {e}")))
    }

    fn map(&self, name: &str) -> Map {
        self.file(name)
            .and_then(|value| value.as_map().cloned())
            .unwrap_or_default()
    }

    fn limits(&self) -> GraphLimits {
        let set = self.map("limits.json");
        let get = |key: &str| set.get(key).and_then(Value::as_u64).map(|n| n as usize);
        let mut json = Limits::default();
        if let Some(n) = get("max_bytes") {
            json = json.with_max_bytes(n);
        }
        if let Some(n) = get("max_text_bytes") {
            json = json.with_max_text_bytes(n);
        }
        let mut limits = GraphLimits::default().with_json(json);
        if let Some(n) = get("max_nodes") {
            limits = limits.with_max_nodes(n);
        }
        if let Some(n) = get("max_links") {
            limits = limits.with_max_links(n);
        }
        limits
    }

    fn engine(&self) -> Engine {
        let mut registry = blocks::registry();
        let host = self.map("host.json");
        for (id, reason) in host
            .get("disable")
            .and_then(Value::as_map)
            .iter()
            .flat_map(|m| m.iter())
        {
            registry.disable(id.as_str(), reason.as_str().unwrap());
        }
        let mut grants = Grants::all();
        for id in host
            .get("deny_blocks")
            .and_then(Value::as_list)
            .iter()
            .flat_map(|l| l.iter())
        {
            grants = grants.deny_block(id.as_str().unwrap());
        }
        if host.contains_key("capabilities") {
            grants = grants.only_capabilities([]);
        }
        for (unit, amount) in host
            .get("spend")
            .and_then(Value::as_map)
            .into_iter()
            .flatten()
        {
            grants = grants.spend(unit.clone(), amount.as_f64().unwrap());
        }
        Engine::builder(registry)
            .grants(grants)
            .graph_limits(self.limits())
            .build()
    }

    fn options(&self) -> RunOptions {
        let mut options = RunOptions::new().inputs(self.map("inputs.json")).seed(7);
        for (place, value) in self.map("overrides.json").iter() {
            let (node, pin) = place.as_str().split_once('.').unwrap();
            options = options.set(node, pin, value.clone());
        }
        let set = self.map("limits.json");
        let get = |key: &str| set.get(key).and_then(Value::as_u64);
        let mut limits = RunLimits::default();
        if let Some(n) = get("max_input_bytes") {
            limits = limits.max_input_bytes(n);
        }
        if let Some(n) = get("max_queued") {
            limits = limits.max_queued(n);
        }
        if let Some(n) = get("max_queued_bytes") {
            limits = limits.max_queued_bytes(n);
        }
        if let Some(n) = get("max_depth") {
            limits = limits.max_depth(n as u32);
        }
        if let Some(n) = get("max_events") {
            limits = limits.max_events(n);
            options = options.record();
        }
        options.limits(limits)
    }

    /// Everything that is wrong with a document under the conditions of the fixture.
    pub(crate) fn faults(&self, document: &[u8]) -> Vec<Fault> {
        match self.go(document) {
            Ok(_) => Vec::new(),
            Err(faults) => faults,
        }
    }

    /// Goes as far as the document lets it: why the run failed, if there was one.
    fn go(&self, document: &[u8]) -> Result<Option<Failure>, Vec<Fault>> {
        let engine = self.engine();
        let diagnosis = engine.diagnose(document);
        let Some(plan) = diagnosis.plan else {
            return Err(diagnosis.faults);
        };
        if let Ok(patch) = std::fs::read(self.folder.join("patch.json")) {
            return Err(self.patched(document, &patch));
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        match runtime.block_on(engine.run(&plan, self.options())) {
            Ok(outcome) => Ok(outcome.failure),
            Err(Faults(faults)) => Err(faults),
        }
    }

    /// The codes that the fixture raises, and the first of its errors as hosts print it.
    pub(crate) fn raised(&self) -> (Vec<Code>, String) {
        match self.go(&self.document) {
            Ok(failure) => {
                let text = failure.iter().map(printed).collect();
                (failure.iter().map(|failure| failure.code).collect(), text)
            }
            Err(faults) => {
                let text = faults.first().map(printed).unwrap_or_default();
                (faults.iter().map(|fault| fault.code).collect(), text)
            }
        }
    }

    fn patched(&self, document: &[u8], patch: &[u8]) -> Vec<Fault> {
        let mut value = json::read_value(document, &Limits::default()).unwrap();
        match json::read_patch(patch, &Limits::default()) {
            Err(Faults(faults)) => faults,
            Ok(ops) => json::apply(&mut value, &ops)
                .err()
                .map(|fault| *fault)
                .into_iter()
                .collect(),
        }
    }

    /// The error object as it is kept.
    pub(crate) fn kept(&self) -> Option<String> {
        std::fs::read_to_string(self.folder.join("fault.json")).ok()
    }

    /// Compares the printed error object with the file, or writes the file where `UPDATE` is set.
    pub(crate) fn check_printed(&self, printed: &str) {
        golden(&self.folder.join("fault.json"), printed);
    }
}

/// Reads and compiles with every block of the tests.
pub(crate) fn faults_of(document: &[u8]) -> Vec<Fault> {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    diagnose(
        document,
        REGISTRY.get_or_init(blocks::registry),
        &Grants::all(),
        &GraphLimits::default(),
    )
    .faults
}

/// Applies the repair that a fault offers.
pub(crate) fn mend(document: &[u8], fault: &Fault) -> String {
    let mut value = json::read_value(document, &Limits::default()).unwrap();
    json::apply(&mut value, &fault.fix).unwrap_or_else(|error| panic!("{fault}: {error}"));
    json::to_json_pretty(&value)
}

/// The error object as hosts print it, a line a key.
pub(crate) fn printed(error: &impl Serialize) -> String {
    let value = to_value(error).unwrap();
    let lines = value.as_map().unwrap().iter().map(|(key, part)| {
        let key = Value::from(key.clone());
        format!("  {key}: {}", json::to_json(part))
    });
    format!("{{\n{}\n}}", lines.collect::<Vec<_>>().join(",\n"))
}

/// Compares a text with a file that is kept; with `UPDATE` set in the environment the file is written instead.
pub(crate) fn golden(path: &Path, text: &str) {
    let text = format!("{}\n", text.trim_end());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(kept, text, "{} differs; UPDATE=1 writes it", path.display());
}
