//! Ten mistakes in one graph are ten errors in one pass.

use graphloom::Fault;

use super::fixtures::faults_of;

const DOCUMENT: &str = include_str!("../../faults/ten_at_once.json");

/// Code, pointer, what stands at line and column, what may have been meant.
const EXPECTED: [(&str, &str, &str, &str); 10] = [
    ("GRAPH_UNKNOWN_KEY", "/nmae", "\"nmae\"", "name"),
    ("GRAPH_VALUE_TYPE", "/nodes/who/timeout_ms", "\"1000\"", ""),
    (
        "GRAPH_UNKNOWN_BLOCK",
        "/nodes/split/block",
        "\"text.splt\"",
        "text.split",
    ),
    (
        "GRAPH_UNKNOWN_INPUT",
        "/nodes/fill/inputs/fromat",
        "\"Hello",
        "format",
    ),
    (
        "GRAPH_INPUT_ENUM",
        "/nodes/sum/inputs/operation",
        "\"plus\"",
        "",
    ),
    (
        "GRAPH_INPUT_TYPE",
        "/nodes/item/inputs/index",
        "\"first\"",
        "",
    ),
    (
        "GRAPH_INPUT_MISSING",
        "/nodes/bare/inputs/input_list",
        "{ \"block\"",
        "",
    ),
    (
        "GRAPH_UNKNOWN_OUTPUT",
        "/links/0/from",
        "\"fill.ouput\"",
        "output",
    ),
    (
        "GRAPH_UNKNOWN_NODE",
        "/links/1/from",
        "\"fil.output\"",
        "fill",
    ),
    ("GRAPH_LINK_TYPE", "/links/2/to", "\"fill.format\"", ""),
];

fn stands_at(fault: &Fault) -> &str {
    let (line, column) = (fault.line.unwrap() as usize, fault.column.unwrap() as usize);
    let line = DOCUMENT.lines().nth(line - 1).unwrap();
    &line[column - 1..]
}

#[test]
fn ten_mistakes_are_ten_errors() {
    let faults = faults_of(DOCUMENT.as_bytes());
    let found: Vec<(&str, &str)> = faults
        .iter()
        .map(|fault| (fault.code.as_str(), fault.pointer.as_str()))
        .collect();
    let expected: Vec<(&str, &str)> = EXPECTED
        .iter()
        .map(|(code, pointer, ..)| (*code, *pointer))
        .collect();
    assert_eq!(found, expected, "{faults:#?}");
    for (fault, (.., text, name)) in faults.iter().zip(EXPECTED) {
        assert!(stands_at(fault).starts_with(text), "{fault}");
        assert!(
            fault.expected.is_some() && fault.actual.is_some(),
            "{fault}"
        );
        assert_eq!(
            fault.suggestions.first().map_or("", String::as_str),
            name,
            "{fault}"
        );
    }
}
