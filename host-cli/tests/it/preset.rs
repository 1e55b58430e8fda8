//! `--preset`: a service by a file.

use crate::harness::{Folder, call};
use crate::stub::{Response, Server};

fn preset(origin: &str) -> String {
    let host = origin.trim_start_matches("http://");
    format!(
        r#"{{
  "preset": 1, "id": "bees.count", "version": 1, "summary": "Counts the bees of a hive.", "vendor": "https://bees.example/docs",
  "effect": "idempotent", "hosts": ["{host}"],
  "inputs": {{ "hive": {{ "type": "text", "required": true, "doc": "The hive." }} }},
  "steps": [ {{ "name": "hive_found", "method": "GET", "url": "{origin}/hives/{{hive}}" }} ],
  "outputs": {{ "bees": {{ "type": "integer", "doc": "How many.", "value": {{ "$": "hive_found.bees" }} }} }}
}}"#
    )
}

#[test]
fn a_service_is_added_by_a_file() {
    let server = Server::start(|_| Response::json(200, r#"{"bees": 7}"#));
    let origin = server.url("");
    let folder = Folder::new();
    let preset = folder.file("bees.json", &preset(&origin));
    let graph = folder.file(
        "graph.json",
        r#"{"format": 1, "nodes": {
            "count": {"block": "bees.count", "inputs": {"hive": "a/b"}}, "out": {"block": "io.output", "inputs": {"name": "bees"}}},
            "links": [{"from": "count.bees", "to": "out.value"}]}"#,
    );
    let missing = call(&["graph", "validate", &graph]);
    assert_eq!(missing.exit, 3, "{missing:?}");
    let shown = call(&["blocks", "show", "bees.count", "--preset", &preset]);
    assert!(shown.out.contains("Counts the bees"), "{shown:?}");
    let valid = call(&["graph", "validate", &graph, "--preset", &preset]);
    assert_eq!(valid.exit, 0, "{valid:?}");
    let plan = call(&["graph", "plan", &graph, "--preset", &preset]);
    assert!(
        plan.out.contains(origin.trim_start_matches("http://")),
        "{plan:?}"
    );
    assert!(server.requests().is_empty());
    let host = origin.trim_start_matches("http://");
    let run = call(&["run", &graph, "--preset", &preset, "--allow-host", host]);
    assert_eq!(run.exit, 0, "{run:?}");
    assert!(run.out.contains(r#""bees":[7]"#), "{run:?}");
    assert_eq!(server.requests()[0].target, "/hives/a%2Fb");
}

#[test]
fn a_faulty_preset_says_where() {
    let folder = Folder::new();
    let text = preset("http://127.0.0.1:9").replace("\"effect\"", "\"efect\"");
    let file = folder.file("bees.json", &text);
    let refused = call(&["blocks", "list", "--preset", &file]);
    assert_eq!(refused.exit, 3, "{refused:?}");
    for part in ["CLI_PRESET", "unknown key", "efect", "the key"] {
        assert!(refused.err.contains(part), "{part}: {refused:?}");
    }
    let taken = folder.file(
        "taken.json",
        &preset("http://127.0.0.1:9").replace("bees.count", "text.split"),
    );
    let refused = call(&["blocks", "list", "--preset", &taken]);
    assert!(refused.err.contains("registered twice"), "{refused:?}");
    assert_eq!(call(&["blocks", "list", "--preset", "none.json"]).exit, 6);
}
