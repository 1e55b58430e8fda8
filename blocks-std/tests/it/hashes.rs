//! Hashes are promises: of values and graphs they stay the same from version to version, and whatever features of a JSON
//! crate a program switches on.

use std::path::Path;

use graphloom::{Graph, Value, value};

use crate::faults::fixtures::golden;
use crate::mutants::GRAPHS;

#[test]
fn hashes_stay_as_they_are() {
    let mut lines = String::from(
        "# Hashes of graphs (semantic, document) and of values. A change is a break.\n",
    );
    for (name, text) in GRAPHS {
        let graph = Graph::parse(text.as_bytes()).unwrap();
        let (semantic, document) = (graph.semantic_hash(), graph.document_hash());
        lines += &format!("{name} {semantic} {document}\n");
    }
    let values = [
        value!(null),
        value!(true),
        value!(1),
        value!(1.0),
        value!(-0.0),
        value!(18_446_744_073_709_551_615_u64),
        value!(1.7976931348623157e308),
        value!(5e-324),
        value!(f64::NAN),
        value!("text \u{1f600}"),
        value!([1, 2.5, "three", null]),
        value!({ "b": { "z": 1, "a": 2 }, "a": [] }),
    ];
    for value in values {
        lines += &format!("{value} {}\n", value.content_hash());
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/graphs/hashes.txt");
    golden(&path, &lines);
}

#[test]
fn a_value_is_the_same_through_any_json_reader() {
    for text in [
        "1",
        "1.0",
        "1e2",
        "-0.0",
        "9007199254740993",
        "18446744073709551615",
        "-9223372036854775808",
        "0.1",
        "5e-324",
        "1.7976931348623157e308",
        r#"{"z":1,"a":{"y":7},"m":[1.5]}"#,
    ] {
        let ours =
            graphloom::json::read_value(text.as_bytes(), &graphloom::json::Limits::default())
                .unwrap();
        let theirs: Value = serde_json::from_str(text).unwrap();
        assert_eq!(ours.content_hash(), theirs.content_hash(), "{text}");
        // Their writer may show a number in another form, but not another number.
        let written = serde_json::to_string(&ours).unwrap();
        let back: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(ours.content_hash(), back.content_hash(), "{written}");
    }
}
