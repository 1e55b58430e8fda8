//! What the program says of itself.

use graphloom::{Code, Value};

use crate::harness::{GREET, call, call_with, codes, parse};

#[test]
fn every_code_is_explained() {
    let listed = call(&["schema", "errors"]).json();
    let listed = listed
        .get("codes")
        .and_then(Value::as_list)
        .cloned()
        .unwrap();
    assert!(listed.len() > Code::ALL.len());
    for code in listed.iter() {
        let name = code.get("code").unwrap().as_str().unwrap();
        let page = call(&["explain", &name.to_lowercase()]).json();
        assert_eq!(page.get("code").unwrap().as_str(), Some(name));
        assert!(
            page.get("page")
                .unwrap()
                .as_str()
                .unwrap()
                .contains("## Mend"),
            "{name}"
        );
    }
    let called = call(&["explain", "GRAPH_LINK_TIPE"]);
    assert_eq!(
        (called.exit, called.error_codes()),
        (6, vec!["CLI_UNKNOWN_CODE".to_owned()])
    );
    assert!(called.err.contains("GRAPH_LINK_TYPE"));
}

#[test]
fn schemas_are_json() {
    for topic in ["graph", "block", "errors", "events", "exit-codes", "cli"] {
        let called = call(&["schema", topic]);
        assert_eq!(called.exit, 0);
        assert!(called.json().as_map().is_some(), "{topic}");
    }
    assert_eq!(call(&["schema", "nothing"]).exit, 2);
}

#[test]
fn versions_and_completions() {
    let version = call(&["--version", "--json"]).json();
    assert_eq!(version.get("graph_format").unwrap().as_i64(), Some(1));
    assert_eq!(call(&["-V"]).exit, 0);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(
            call(&["completions", shell]).out.contains("graphloom"),
            "{shell}"
        );
    }
}

#[test]
fn help_is_an_answer_and_a_wrong_command_line_is_not() {
    let called = call(&["run", "--help"]);
    assert_eq!((called.exit, called.err.as_str()), (0, ""));
    assert!(called.out.contains("Examples:"), "{}", called.out);
    let called = call(&[]);
    assert_eq!((called.exit, called.out.as_str()), (2, ""));
    for args in [
        &["rum"][..],
        &["graph"],
        &["run"],
        &["run", "a", "b"],
        &["run", "a", "--seed", "x"],
        &["graph", "render", "-", "--to", "png"],
    ] {
        let called = call(args);
        assert_eq!((called.exit, called.out.as_str()), (2, ""), "{args:?}");
    }
    assert_eq!(codes(&parse(&call(&["rum"]).err)), ["CLI_USAGE"]);
}

#[test]
fn every_answer_is_one_json_document() {
    for args in [
        &["run", "-"][..],
        &["graph", "validate", "-"],
        &["graph", "plan", "-"],
        &["graph", "fmt", "-"],
        &["graph", "hash", "-"],
        &["graph", "convert", "-"],
        &["graph", "patch", "-", "--fix"],
        &["blocks", "list"],
        &["blocks", "search", "text"],
        &["blocks", "show", "io.input"],
        &["blocks", "test", "io.input"],
        &["blocks", "run", "io.note", "-i", "text=x"],
        &["explain", "JSON_EMPTY"],
    ] {
        let called = call_with(args, GREET);
        assert_eq!(called.exit, 0, "{args:?} {called:?}");
        assert!(called.json().as_map().is_some(), "{args:?}");
    }
}
