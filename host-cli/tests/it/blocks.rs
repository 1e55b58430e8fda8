//! `blocks`.

use graphloom::Value;

use crate::harness::{Folder, call, call_with};

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
    // An example is not worth a real request.
    let left_out = called.json().get("asking_others").cloned().unwrap();
    let left_out = left_out.as_list().unwrap();
    assert!(
        left_out.contains(&Value::from("http.get"))
            && !left_out.contains(&Value::from("text.split"))
    );
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
    let part = |key: &str| block.get(key).unwrap().to_string();
    assert_eq!(
        part("signature"),
        r#""text.split(text: text, delimiter: text, strip: bool = true) -> texts: list of text""#
    );
    assert_eq!(
        (part("available"), part("repeatable")),
        ("true".into(), "true".into())
    );
    let block = call(&["blocks", "show", "autogpt.calculate"]).json();
    assert_eq!(
        block.get("native").unwrap().as_str(),
        Some("math.calculate")
    );
}

#[test]
fn blocks_that_are_not_here_are_found_after_ours() {
    let called = call(&["blocks", "search", "data"]);
    let answer = called.json();
    let blocks = answer.get("blocks").unwrap().as_list().unwrap();
    let here: Vec<bool> = blocks
        .iter()
        .map(|block| block.get("available").unwrap().as_bool().unwrap())
        .collect();
    let ours = here.iter().filter(|here| **here).count();
    assert!(
        ours > 10 && here[..ours].iter().all(|here| *here),
        "{here:?}"
    );
    assert_eq!(here.len() - ours, 20);
    assert!(answer.get("more").unwrap().as_i64().unwrap() > 0);

    let called = call(&["blocks", "search", "sqlquery"]);
    assert_eq!(
        called.out,
        "{\"blocks\":[{\"id\":\"4dc35c0f-4fd8-465e-9616-5a216f1ba2bc\",\"available\":false,\
         \"categories\":[\"data\"],\"needs\":\"an SQL database and its account\",\"autogpt\":\
         {\"uuid\":\"4dc35c0f-4fd8-465e-9616-5a216f1ba2bc\",\"name\":\"SQLQueryBlock\"}}]}\n"
    );
}

#[test]
fn a_block_that_is_not_here_is_shown_and_does_not_run() {
    for name in ["SQLQueryBlock", "4dc35c0f-4fd8-465e-9616-5a216f1ba2bc"] {
        let called = call(&["blocks", "show", name]);
        assert_eq!((called.exit, called.err.as_str()), (0, ""));
        let block = called.json();
        assert_eq!(block.get("available").unwrap().as_bool(), Some(false));
        let inputs = block.get("inputs").unwrap().as_list().unwrap();
        assert_eq!(
            inputs[0].to_string(),
            r#"{"name":"database_type","type":"choice","required":false}"#
        );
        assert_eq!(
            block.get("outputs").unwrap().to_string(),
            r#"[{"name":"results","type":"list of object"},{"name":"columns","type":"list of text"},{"name":"row_count","type":"integer"},{"name":"truncated","type":"bool"},{"name":"affected_rows","type":"integer"}]"#
        );

        let called = call(&["blocks", "run", name]);
        assert_eq!((called.exit, called.out.as_str()), (6, ""));
        assert!(called.err.contains("an SQL database"), "{}", called.err);
    }
    let block = call(&["blocks", "show", "PrintToConsoleBlock"]).json();
    assert_eq!(block.get("stand_in").unwrap().as_str(), Some("io.output"));
    assert!(block.get("disabled").is_some());

    let called = call(&["blocks", "show", "SQLQueryBlok"]);
    assert_eq!(called.exit, 6);
    assert!(called.err.contains("\"SQLQueryBlock\"]"), "{}", called.err);
}

#[test]
fn values_outlive_a_run_in_a_file() {
    let folder = Folder::new();
    let store = &folder.file("store.json", "{}");
    let put = ["blocks", "run", "kv.put", "-i", "key=a", "-i", "value:=[1]"];
    let called = call(&put);
    assert_eq!(called.exit, 4);
    assert!(called.out.contains("give --kv FILE"), "{called:?}");
    assert_eq!(call(&[&put[..], &["--kv", store]].concat()).exit, 0);
    let get = ["blocks", "run", "kv.get", "-i", "key=a", "--kv", store];
    assert_eq!(
        call(&get).out,
        "{\"outputs\":[[\"value\",[1]],[\"found\",true]],\"error\":null}\n"
    );
    std::fs::write(store, "[").unwrap();
    let called = call(&get);
    assert!(called.out.contains("JSON_SYNTAX"), "{called:?}");
}
