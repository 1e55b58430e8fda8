//! `graph`.

use graphloom::Value;

use crate::harness::{Folder, GREET, call, call_with, codes, parse};

/// Four faults, one hidden behind another.
const FAULTY: &str = r#"{
  "format": 1,
  "nodes": {
    "who": { "block": "io.inputt", "inputs": { "name": "who", "value": "world" } },
    "fill": { "block": "text.fill_template", "inputs": { "fromat": "Hello {{name}}!" }, "timeout": "1000" },
    "out": { "block": "io.output", "inputs": { "name": "greeting" } }
  },
  "links": [
    { "from": "who.result", "to": "fill.values.name" },
    { "from": "fill.outptu", "to": "out.value" }
  ]
}
"#;

const EXPORT: &str = r#"{
  "name": "agent",
  "nodes": [
    { "id": "a", "block_id": "c0a8e994-ebf1-4a9c-a4d8-89d09c86741b", "input_default": { "name": "word", "value": "x" }, "metadata": {} },
    { "id": "b", "block_id": "363ae599-353e-4804-937e-b2ee3cef3da4", "input_default": { "name": "echo" }, "metadata": {} }
  ],
  "links": [{ "id": "l", "source_id": "a", "source_name": "result", "sink_id": "b", "sink_name": "value", "is_static": true }]
}"#;

#[test]
fn validate_tells_every_fault_in_order() {
    let called = call_with(&["graph", "validate", "-"], FAULTY);
    let expected = [
        "GRAPH_UNKNOWN_BLOCK",
        "GRAPH_UNKNOWN_INPUT",
        "GRAPH_UNKNOWN_KEY",
        "GRAPH_UNKNOWN_OUTPUT",
    ];
    assert_eq!(codes(&called.json()), expected);
    assert_eq!((called.exit, called.err.as_str()), (3, ""));
    let first = called.json().get("errors").unwrap().as_list().unwrap()[0].clone();
    let part = |key: &str| first.get(key).unwrap().to_string();
    assert_eq!(
        (part("pointer"), part("line"), part("column")),
        ("\"/nodes/who/block\"".into(), "4".into(), "23".into())
    );
    assert_eq!(part("file"), "\"-\"");
    assert_eq!(
        part("fix"),
        r#"[{"op":"replace","path":"/nodes/who/block","value":"io.input"}]"#
    );

    let called = call_with(&["graph", "validate", "-", "--max-errors", "1"], FAULTY);
    assert_eq!(codes(&called.json()), ["GRAPH_UNKNOWN_BLOCK"]);
    assert_eq!(called.json().get("more").unwrap().as_i64(), Some(3));

    let called = call_with(&["graph", "validate", "-"], GREET);
    assert_eq!((called.exit, called.out.as_str()), (0, "{\"errors\":[]}\n"));
}

#[test]
fn plan_tells_what_would_run() {
    let plan = call_with(&["graph", "plan", "-"], GREET).json();
    assert_eq!(plan.get("starts").unwrap().to_string(), r#"["who"]"#);
    assert_eq!(
        plan.get("inputs").unwrap().to_string(),
        r#"[{"name":"who","type":"any","required":false,"default":"world"}]"#
    );
    let called = call_with(&["graph", "plan", "-"], FAULTY);
    assert_eq!((called.exit, called.out.as_str()), (3, ""));
}

#[test]
fn the_canonical_form_is_its_own() {
    let folder = Folder::new();
    let file = folder.file("greet.json", GREET);
    assert_eq!(call(&["graph", "fmt", &file, "--check"]).exit, 3);
    let formatted = call(&["graph", "fmt", &file]).out;
    assert_eq!(call(&["graph", "fmt", &file, "--write"]).exit, 0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), formatted);
    assert_eq!(call(&["graph", "fmt", &file, "--check"]).exit, 0);
    assert_eq!(call_with(&["graph", "fmt", "-"], &formatted).out, formatted);
    assert_eq!(
        call_with(&["graph", "hash", "-"], &formatted).out,
        call_with(&["graph", "hash", "-"], GREET).out
    );

    let called = call_with(&["graph", "fmt", "-"], EXPORT);
    assert_eq!(
        (called.exit, called.error_codes()),
        (3, vec!["CLI_NOT_NATIVE".to_owned()])
    );
    assert_eq!(call_with(&["graph", "fmt", "-", "--write"], GREET).exit, 2);
}

#[test]
fn hashes_are_frozen() {
    assert_eq!(
        call_with(&["graph", "hash", "-"], GREET).out,
        "{\"semantic\":\"sha256:de32b666bb1aeb8ab5716954e4d6e9e69c16cf893c7a476c67b147a3aa3dcdbc\",\
         \"document\":\"sha256:161b43e3634d501159124fb7e3eb33ea1967c2a0eec3d7e3d706f9e6cb20d769\"}\n"
    );
}

#[test]
fn a_converted_export_runs_as_before() {
    let converted = call_with(&["graph", "convert", "-"], EXPORT);
    assert_eq!((converted.exit, converted.err.as_str()), (0, ""));
    let graph = parse(&converted.out);
    let block = graph
        .get("nodes")
        .and_then(|nodes| nodes.get("a")?.get("block").cloned());
    assert_eq!(block.unwrap().as_str(), Some("io.input"));
    let outputs = |graph: &str| {
        call_with(&["run", "-", "-i", "word=hello"], graph)
            .json()
            .get("outputs")
            .cloned()
    };
    assert_eq!(
        outputs(EXPORT).unwrap().to_string(),
        r#"{"echo":["hello"]}"#
    );
    assert_eq!(outputs(EXPORT), outputs(&converted.out));
}

#[test]
fn a_conversion_tells_what_is_missing_and_what_would_do() {
    let export = EXPORT
        .replace(
            r#""nodes": ["#,
            r#""nodes": [
    { "id": "query", "block_id": "4dc35c0f-4fd8-465e-9616-5a216f1ba2bc", "input_default": {}, "metadata": {} },
    { "id": "print", "block_id": "f3b1c1b2-4c4f-4f0d-8d2f-4c4f0d8d2f4c", "input_default": {}, "metadata": {} },
    { "id": "keep", "block_id": "1ff065e9-88e8-4358-9d82-8dc91f622ba9", "input_default": { "input": 0 }, "metadata": {} },"#,
        );
    let converted = call_with(&["graph", "convert", "-"], &export);
    assert_eq!(converted.exit, 0);
    // The graph is as it was: what is offered is not done.
    assert!(
        converted.out.contains("autogpt.store_value"),
        "{}",
        converted.out
    );
    let told = parse(&converted.err);
    let advice = told.get("advice").and_then(Value::as_list).unwrap();
    let part = |position: usize, key: &str| {
        let part = advice[position].get(key).and_then(Value::as_str);
        part.unwrap_or_default().to_owned()
    };
    let facts: Vec<String> = (0..advice.len())
        .map(|i| [part(i, "kind"), part(i, "pointer"), part(i, "instead")].join(" "))
        .collect();
    assert_eq!(
        facts,
        [
            "missing /nodes/query/block ",
            "disabled /nodes/print/block io.output",
            "native /nodes/keep/block data.store"
        ]
    );
    assert!(
        part(0, "message").contains("an SQL database"),
        "{}",
        converted.err
    );
    let folder = Folder::new();
    let patch = folder.file("change.json", &advice[2].get("fix").unwrap().to_string());
    let changed = call_with(&["graph", "patch", "-", "--patch", &patch], &converted.out);
    assert!(changed.out.contains("\"data.store\""), "{changed:?}");
}

#[test]
fn offered_repairs_mend_the_document() {
    let called = call_with(&["graph", "patch", "-", "--fix"], FAULTY);
    assert_eq!(called.exit, 0, "{called:?}");
    let run = call_with(&["run", "-"], &called.out);
    assert_eq!(
        run.json().get("outputs").unwrap().to_string(),
        r#"{"greeting":["Hello world!"]}"#
    );
    let told = parse(&called.err);
    assert_eq!(told.get("errors").unwrap().to_string(), "[]");
    // The misspelt key hid that its value has the wrong type.
    assert_eq!(told.get("applied").unwrap().as_list().unwrap().len(), 5);

    let hopeless = FAULTY.replace("io.inputt", "zzz.zzz");
    let called = call_with(&["graph", "patch", "-", "--fix"], &hopeless);
    assert_eq!(called.exit, 3);
    assert_eq!(codes(&parse(&called.err)), ["GRAPH_UNKNOWN_BLOCK"]);
    let called = call_with(&["graph", "patch", "-", "--fix"], "{\"format\": 1, ");
    assert_eq!((called.exit, called.out.as_str()), (3, ""));
}

#[test]
fn patches_replace_the_file_only_when_asked() {
    let folder = Folder::new();
    let file = folder.file("graph.json", FAULTY);
    let called = call(&["graph", "patch", &file, "--fix", "--write", "--dry-run"]);
    assert_eq!(called.json().get("written").unwrap().as_bool(), Some(false));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), FAULTY);
    let called = call(&["graph", "patch", &file, "--fix", "--write"]);
    assert_eq!(called.json().get("written").unwrap().as_bool(), Some(true));
    assert_eq!(call(&["graph", "validate", &file]).exit, 0);

    let name = r#"[{"op": "add", "path": "/name", "value": "mended"}]"#;
    let called = call_with(&["graph", "patch", &file, "--patch", "-"], name);
    assert_eq!(
        parse(&called.out).get("name").unwrap().as_str(),
        Some("mended")
    );
    for (patch, code) in [
        (r#"[{"op": "remove", "path": "/nowhere"}]"#, "PATCH_PATH"),
        (
            r#"[{"op": "test", "path": "/format", "value": 2}]"#,
            "PATCH_TEST",
        ),
        (r#"{"op": "remove"}"#, "PATCH_SYNTAX"),
        ("", "JSON_EMPTY"),
    ] {
        let called = call_with(&["graph", "patch", &file, "--patch", "-"], patch);
        assert_eq!(
            (called.exit, called.error_codes()),
            (3, vec![code.to_owned()])
        );
    }
    assert_eq!(call(&["graph", "patch", &file]).exit, 2);

    // Nothing is lost unasked: of a key that stands twice one goes, and a number that cannot be read would change.
    let twice = format!(
        "{} }}",
        GREET
            .trim_end()
            .replace("\"format\": 1,", "\"format\": 1, \"format\": 1,")
    );
    let patched = |document: &str, args: &[&str]| {
        let file = folder.file("twice.json", document);
        call(&[&["graph", "patch", file.as_str()], args].concat())
    };
    let name = folder.file("name.json", name);
    let called = patched(&twice, &["--patch", &name]);
    assert_eq!(
        called.error_codes(),
        ["JSON_DUPLICATE_KEY", "JSON_TRAILING"]
    );
    assert_eq!(patched(&twice, &["--fix"]).exit, 0);
    let called = patched(&GREET.replace("\"world\"", "1e999"), &["--fix"]);
    assert_eq!(
        (called.exit, called.error_codes()),
        (3, vec!["JSON_NUMBER".to_owned()])
    );
}

#[test]
fn a_difference_is_a_patch() {
    let folder = Folder::new();
    let old = folder.file("old.json", GREET);
    let new = folder.file(
        "new.json",
        &GREET
            .replace("world", "moon")
            .replace("  \"name\": \"greet\",\n", ""),
    );
    let called = call(&["graph", "diff", &old, &new]);
    assert_eq!(
        called.out.trim(),
        r#"[{"op":"remove","path":"/name"},{"op":"replace","path":"/nodes/who/inputs/value","value":"moon"}]"#
    );
    let patched = call_with(&["graph", "patch", &old, "--patch", "-"], &called.out);
    let hash = |text: &str| call_with(&["graph", "hash", "-"], text).out;
    assert_eq!(hash(&patched.out), call(&["graph", "hash", &new]).out);
    assert_eq!(call(&["graph", "diff", &old, &old]).out, "[]\n");
}

#[test]
fn drawings_hold_what_the_graph_says() {
    assert_eq!(
        call_with(&["graph", "render", "-"], GREET).out,
        "flowchart LR\n  n0([\"who<br/>io.input #34;who#34;\"])\n  n1[\"fill<br/>text.fill_template\"]\n  \
         n2[[\"out<br/>io.output #34;greeting#34;\"]]\n  n0 -->|\"result → values.name\"| n1\n  \
         n1 -->|\"output → value\"| n2\n"
    );
    let nasty = GREET.replace("\"block\": \"text.fill_template\"", r#""block": "text.fill_template", "title": "</text><script>\n\"]; click n0 \"javascript:alert(1)\"""#);
    let mermaid = call_with(&["graph", "render", "-", "--to", "mermaid"], &nasty).out;
    assert_eq!(mermaid.lines().count(), 6, "{mermaid}");
    assert!(!mermaid.contains("javascript:"), "{mermaid}");
    let svg = call_with(&["graph", "render", "-", "--to", "svg"], &nasty).out;
    assert!(
        svg.starts_with("<svg ") && !svg.contains("<script"),
        "{svg}"
    );
}

#[test]
fn broken_documents_are_told_of_by_every_command() {
    for verb in [
        &["plan"][..],
        &["fmt"],
        &["hash"],
        &["convert"],
        &["render"],
        &["patch", "--fix"],
    ] {
        let args = [&["graph", verb[0], "-"][..], &verb[1..]].concat();
        let called = call_with(&args, "{\"format\": 1, \"nodes\": ");
        assert_eq!((called.exit, called.out.as_str()), (3, ""), "{args:?}");
        assert_eq!(called.error_codes(), ["JSON_SYNTAX"], "{args:?}");
    }
    let errors: Value = call_with(&["graph", "validate", "-"], "[]").json();
    assert_eq!(codes(&errors), ["GRAPH_SHAPE"]);
}

#[test]
fn many_repairs_are_applied_at_once_and_told_as_one_patch() {
    let nodes = (0..40).map(|i| {
        format!(r#""n{i}": {{"block": "data.stor", "inputs": {{"input": {i}, "x": 1}}}}"#)
    });
    let links = (1..40).map(|i| format!(r#"{{"from": "n{}.outptu", "to": "n{i}.input"}}"#, i - 1));
    let (nodes, links): (Vec<String>, Vec<String>) = (nodes.collect(), links.collect());
    // Twice the same link: its repair takes one out of the list, before others.
    let links = [vec![links[0].clone()], links].concat();
    let graph = format!(
        r#"{{"format": 1, "nodes": {{{}}}, "links": [{}]}}"#,
        nodes.join(","),
        links.join(",")
    );
    let folder = Folder::new();
    let file = folder.file("graph.json", &graph);
    let called = call(&["graph", "patch", &file, "--fix"]);
    assert_eq!(called.exit, 0, "{}", called.err);

    let applied = parse(&called.err).get("applied").cloned().unwrap();
    let ops = applied.as_list().unwrap().iter();
    let ops = ops.flat_map(|step| step.get("patch").unwrap().as_list().unwrap().to_vec());
    let patch = ops.collect::<Value>().to_string();
    let replayed = call_with(&["graph", "patch", &file, "--patch", "-"], &patch);
    assert_eq!((replayed.exit, replayed.out), (0, called.out));
}
