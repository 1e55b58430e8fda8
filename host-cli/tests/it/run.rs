//! `run`.

use graphloom::Value;

use crate::harness::{Folder, GREET, call, call_with};

/// Returns an answer without what differs from call to call.
fn steady(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    for key in ["\"duration_ms\":"] {
        while let Some((before, after)) = rest.split_once(key) {
            out += before;
            out += key;
            rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
        }
    }
    out + rest
}

#[test]
fn the_answer_is_one_line_of_json() {
    let called = call_with(&["run", "-", "--run-id", "r1"], GREET);
    assert_eq!(
        steady(&called.out),
        "{\"run_id\":\"r1\",\"status\":\"completed\",\"outputs\":{\"greeting\":[\"Hello world!\"]},\
         \"node_errors\":0,\"stalled\":[],\"duration_ms\":}\n"
    );
    assert_eq!((called.exit, called.err.as_str()), (0, ""));
}

#[test]
fn inputs_come_from_arguments_and_files() {
    let folder = Folder::new();
    let file = folder.file("inputs.json", r#"{"who": "file"}"#);
    let greeting = |args: &[&str], stdin| {
        let graph = folder.file("greet.json", GREET);
        let args = [&["run", graph.as_str()], args].concat();
        let called = call_with(&args, stdin);
        assert_eq!(called.exit, 0, "{called:?}");
        let outputs = called.json().get("outputs").cloned().unwrap();
        outputs
            .get("greeting")
            .and_then(|list| list.as_list()?.first().cloned())
            .unwrap()
            .to_string()
    };
    assert_eq!(greeting(&["--input", "who=Ada"], ""), "\"Hello Ada!\"");
    assert_eq!(
        greeting(&["--input", "who:=[1, 2.5]"], ""),
        "\"Hello [1, 2.5]!\""
    );
    assert_eq!(greeting(&["--inputs", &file], ""), "\"Hello file!\"");
    assert_eq!(
        greeting(&["--inputs", &file, "-i", "who=Ada"], ""),
        "\"Hello Ada!\""
    );
    assert_eq!(
        greeting(&["--inputs", "-"], r#"{"who": "pipe"}"#),
        "\"Hello pipe!\""
    );
    assert_eq!(
        greeting(&["--set", "fill.format=Bye {{name}}"], ""),
        "\"Bye world\""
    );
    assert_eq!(greeting(&["--set", "out.value:=[1]"], ""), "[1]");
}

#[test]
fn events_are_lines_between_a_header_and_the_result() {
    let called = call_with(&["run", "-", "--events"], GREET);
    let lines: Vec<Value> = called.out.lines().map(crate::harness::parse).collect();
    let kinds: Vec<&str> = lines
        .iter()
        .map(|line| line.get("type").unwrap().as_str().unwrap())
        .collect();
    assert_eq!(kinds.first(), Some(&"header"));
    assert_eq!(kinds.last(), Some(&"result"));
    assert_eq!(kinds.get(1..3), Some(&["opened", "started"][..]));
    assert_eq!(lines[0].get("schema").unwrap().as_str(), Some("events/1"));
    assert_eq!((called.exit, called.err.as_str()), (0, ""));

    let called = call_with(&["run", "-", "--events", "-i", "whom=Ada"], GREET);
    let last = crate::harness::parse(called.out.lines().last().unwrap());
    assert_eq!(last.get("type").unwrap().as_str(), Some("error"));
    assert_eq!(crate::harness::codes(&last), ["INPUT_UNKNOWN"]);
    assert_eq!((called.exit, called.out.lines().count()), (3, 2));
}

#[test]
fn what_cannot_run_leaves_no_answer() {
    let check = |args: &[&str], stdin: &str, exit: i32, codes: &[&str]| {
        let called = call_with(args, stdin);
        assert_eq!(
            (called.exit, called.out.as_str()),
            (exit, ""),
            "{args:?} {called:?}"
        );
        assert_eq!(called.error_codes(), codes, "{args:?}");
    };
    let broken = GREET.replace("fill.output", "fill.outptu");
    check(&["run", "-"], &broken, 3, &["GRAPH_UNKNOWN_OUTPUT"]);
    check(&["run", "-"], "", 3, &["JSON_EMPTY"]);
    check(&["run", "-", "-i", "who:=x"], GREET, 3, &["JSON_SYNTAX"]);
    check(&["run", "-", "-i", "whom=x"], GREET, 3, &["INPUT_UNKNOWN"]);
    check(
        &["run", "-", "--set", "fil.format=x"],
        GREET,
        3,
        &["INPUT_OVERRIDE"],
    );
    check(&["run", "-", "--set", "fill=x"], GREET, 2, &["CLI_USAGE"]);
    check(&["run", "-", "-i", "who"], GREET, 2, &["CLI_USAGE"]);
    check(
        &["run", "-", "-i", "who=1", "-i", "who=2"],
        GREET,
        2,
        &["CLI_USAGE"],
    );
    check(&["run", "-", "--inputs", "-"], GREET, 2, &["CLI_USAGE"]);
    check(&["run", "-", "--frobnicate"], GREET, 2, &["CLI_USAGE"]);
    check(&["run", "nowhere.json"], "", 6, &["CLI_FILE_NOT_FOUND"]);
    check(&["run", "."], "", 3, &["CLI_FILE_KIND"]);
    check(&["run", "/dev/zero"], "", 3, &["CLI_FILE_KIND"]);
    check(
        &["run", "-"],
        &" ".repeat((10 << 20) + 1),
        3,
        &["LIMIT_DOCUMENT_BYTES"],
    );
}

#[test]
fn a_missing_file_is_found_near_by() {
    let folder = Folder::new();
    let path = folder.file("greet.json", GREET);
    let called = call(&["run", &path.replace("greet", "gret")]);
    let error = crate::harness::parse(&called.err);
    let near = error.get("errors").unwrap().as_list().unwrap()[0]
        .get("suggestions")
        .cloned()
        .unwrap();
    assert_eq!(near, [path.as_str()].into_iter().collect::<Value>());
}

#[test]
fn node_errors_and_failures_have_their_exit_codes() {
    let graph = |policy: &str| {
        format!(
            r#"{{"format": 1, "nodes": {{"s": {{"block": "text.split", "inputs": {{"text": "a", "delimiter": ""}}}}}}, "policy": {policy}}}"#
        )
    };
    let called = call_with(&["run", "-"], &graph("{}"));
    assert_eq!(called.exit, 4, "{called:?}");
    assert_eq!(
        called.json().get("status").unwrap().as_str(),
        Some("failed")
    );
    let called = call_with(&["run", "-"], &graph(r#"{"on_error": "continue"}"#));
    assert_eq!(called.exit, 10, "{called:?}");
    assert_eq!(called.json().get("node_errors").unwrap().as_i64(), Some(1));
}

#[test]
fn a_run_is_for_somebodys_time_zone() {
    let graph = r#"{"format":1,"nodes":{
        "now":{"block":"time.current_time","inputs":{"trigger":"go",
            "format_type":{"discriminator":"strftime","format":"%Z","use_user_timezone":true}}},
        "out":{"block":"io.output","inputs":{"name":"zone"}}},
        "links":[{"from":"now.time","to":"out.value"}]}"#;
    let zone = |args: &[&str]| {
        let called = call_with(&[&["run", "-"], args].concat(), graph);
        assert_eq!(called.exit, 0, "{called:?}");
        called.json().get("outputs").unwrap().to_string()
    };
    assert_eq!(zone(&[]), r#"{"zone":["UTC"]}"#);
    assert_eq!(zone(&["--time-zone", "Asia/Tokyo"]), r#"{"zone":["JST"]}"#);
    let called = call_with(&["run", "-", "--time-zone", "Asia/Tokio"], graph);
    assert_eq!((called.exit, called.out.as_str()), (2, ""));
    assert_eq!(called.error_codes(), ["CLI_TIME_ZONE"]);
    assert!(
        called.err.contains("\"suggestions\":[\"Asia/Tokyo\","),
        "{}",
        called.err
    );
}
