//! `blocks`.

use crate::harness::{call, call_with};

#[test]
fn one_block_runs_by_id_uuid_or_class_name() {
    for name in [
        "text.split",
        "d5ea33c8-a575-477a-b42f-2fe3be5055ec",
        "TextSplitBlock",
    ] {
        let called = call(&["blocks", "run", name, "-i", "text=a,b", "-i", "delimiter=,"]);
        assert_eq!(
            called.out,
            "{\"outputs\":[[\"texts\",[\"a\",\"b\"]]],\"error\":null}\n"
        );
        assert_eq!(called.exit, 0);
    }
    let given = r#"{"text": "a,b", "delimiter": ","}"#;
    let called = call_with(&["blocks", "run", "text.split", "--inputs", "-"], given);
    assert_eq!(called.exit, 0);
}

#[test]
fn a_block_error_is_part_of_the_answer() {
    let code = |args: &[&str]| {
        let called = call(&[&["blocks", "run", "text.split"], args].concat());
        assert_eq!(called.exit, 4, "{called:?}");
        assert_eq!(called.err, "");
        let error = called.json().get("error").cloned().unwrap();
        error.get("code").unwrap().as_str().unwrap().to_owned()
    };
    assert_eq!(code(&["-i", "text=a", "-i", "delimiter="]), "BLOCK_INPUT");
    assert_eq!(code(&["-i", "text=a"]), "GRAPH_INPUT_MISSING");
    assert_eq!(
        code(&["-i", "text:=1", "-i", "delimiter=,"]),
        "GRAPH_INPUT_TYPE"
    );
}

#[test]
fn coercion_is_strict_unless_asked() {
    let lenient = [
        "blocks",
        "run",
        "text.split",
        "--coercion",
        "lenient",
        "-i",
        "text:=1",
        "-i",
        "delimiter=,",
    ];
    let called = call(&lenient);
    assert_eq!(
        called.out,
        "{\"outputs\":[[\"texts\",[\"1\"]]],\"error\":null}\n"
    );
}

#[test]
fn unknown_blocks_are_not_found() {
    for verb in ["run", "show", "test"] {
        let called = call(&["blocks", verb, "text.splitt"]);
        assert_eq!((called.exit, called.out.as_str()), (6, ""));
        assert_eq!(called.error_codes(), ["CLI_UNKNOWN_BLOCK"]);
        assert!(called.err.contains("text.split"), "{}", called.err);
    }
}

#[test]
fn every_declared_example_holds() {
    let called = call(&["blocks", "test"]);
    assert_eq!(called.exit, 0, "{}", called.out);
}

#[test]
fn blocks_are_listed_found_and_shown() {
    let called = call(&["blocks", "list", "--category", "text"]);
    let blocks = called.json().get("blocks").cloned().unwrap();
    assert!(
        blocks
            .as_list()
            .unwrap()
            .iter()
            .any(|b| b.get("id").unwrap().as_str() == Some("text.split"))
    );
    assert_eq!(call(&["blocks", "list", "--category", "txt"]).exit, 2);

    let called = call(&["blocks", "search", "split", "text"]);
    let first = called.json().get("blocks").unwrap().as_list().unwrap()[0].clone();
    assert_eq!(first.get("id").unwrap().as_str(), Some("text.split"));

    let block = call(&["blocks", "show", "text.split"]).json();
    assert_eq!(
        block.get("node").unwrap().get("block").unwrap().as_str(),
        Some("text.split")
    );
}
