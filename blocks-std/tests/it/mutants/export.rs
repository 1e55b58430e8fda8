//! Mistakes in an AutoGPT export: repairs are in its own terms.

use graphloom::json::{self, Limits, PatchOp, Pointer};
use graphloom::{Value, value};

use crate::faults::fixtures::{faults_of, mend};

const EXPORT: &str = include_str!("../../graphs/export.json");

/// The export with another value at a place.
fn with(place: &str, value: Value) -> String {
    let mut document = json::read_value(EXPORT.as_bytes(), &Limits::default()).unwrap();
    let path = Pointer::parse(place).unwrap();
    json::apply(&mut document, &[PatchOp::Replace { path, value }]).unwrap();
    json::to_json_pretty(&document)
}

fn codes(document: &str) -> Vec<&'static str> {
    let faults = faults_of(document.as_bytes());
    faults.iter().map(|fault| fault.code.as_str()).collect()
}

#[test]
fn the_export_is_sound() {
    assert!(faults_of(EXPORT.as_bytes()).is_empty());
}

#[test]
fn a_mistake_is_one_fault_and_its_repair_removes_it() {
    let sound: Value = serde_json::from_str(EXPORT).unwrap();
    for (place, value, code, restores) in [
        (
            "/links/0/source_name",
            value!("resutl"),
            "GRAPH_UNKNOWN_OUTPUT",
            true,
        ),
        (
            "/links/4/source_name",
            value!("txets_$_0"),
            "GRAPH_UNKNOWN_OUTPUT",
            true,
        ),
        (
            "/links/0/sink_name",
            value!("txet"),
            "GRAPH_UNKNOWN_INPUT",
            true,
        ),
        (
            "/links/1/sink_name",
            value!("vlaues_#_name"),
            "GRAPH_UNKNOWN_INPUT",
            true,
        ),
        (
            "/links/2/sink_name",
            value!("other"),
            "GRAPH_UNKNOWN_INPUT",
            true,
        ),
        (
            "/links/0/source_id",
            value!("whoo"),
            "GRAPH_UNKNOWN_NODE",
            true,
        ),
        (
            "/links/1/sink_id",
            value!("fil"),
            "GRAPH_UNKNOWN_NODE",
            true,
        ),
        (
            "/links/3/sink_id",
            value!("somewhere else"),
            "GRAPH_UNKNOWN_NODE",
            false,
        ),
        (
            "/links/4/is_static",
            value!("true"),
            "GRAPH_VALUE_TYPE",
            false,
        ),
        (
            "/nodes/0/input_default/name",
            value!(""),
            "GRAPH_IO_NAME",
            true,
        ),
        (
            "/nodes/3/input_default/graph_id",
            value!("iner"),
            "GRAPH_UNKNOWN_SUBGRAPH",
            true,
        ),
        (
            "/nodes/3/input_default/graph_id",
            value!("none such"),
            "GRAPH_UNKNOWN_SUBGRAPH",
            true,
        ),
        (
            "/nodes/1/block_id",
            value!("d5ea33c8-a575-477a-b42f-2fe3be5055ed"),
            "GRAPH_UNKNOWN_BLOCK",
            false,
        ),
    ] {
        let document = with(place, value);
        assert_eq!(
            codes(&document),
            [code],
            "{place}: {:?}",
            faults_of(document.as_bytes())
        );
        let fault = &faults_of(document.as_bytes())[0];
        if fault.fix.is_empty() {
            assert!(!restores, "no repair of {fault}");
            continue;
        }
        let mended = mend(document.as_bytes(), fault);
        assert_eq!(codes(&mended), [""; 0], "{place}: {mended}");
        let mended: Value = serde_json::from_str(&mended).unwrap();
        assert!(!restores || mended == sound, "{place}: {mended}");
    }
}
