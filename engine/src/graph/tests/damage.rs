//! Documents with arbitrary damage: reading never panics, every fault has its line, and every repair fits the document
//! and removes its fault.

use proptest::{collection::vec, prelude::*};

use super::{
    places::{EXPORT, NATIVE},
    roundtrip::value,
    *,
};
use crate::json;

/// Damages one place of a document, picked by number: replaces what is there, or renames its key.
fn damage(document: &mut Value, mut pick: usize, new: &Value, rename: Option<&str>) {
    let mut here = document;
    loop {
        let count = match here {
            Value::Map(map) => map.len(),
            Value::List(list) => list.len(),
            _ => 0,
        };
        // One number in each container stands for the container itself.
        let choice = pick % (count + 1);
        pick /= count + 1;
        if choice == count {
            *here = new.clone();
            return;
        }
        here = match here {
            Value::List(list) => &mut list.make_mut()[choice],
            Value::Map(map) => {
                let key = map
                    .get_index(choice)
                    .expect("it is below the count")
                    .0
                    .clone();
                if let Some(name) = rename
                    && pick == 0
                {
                    let old = map.remove(&key).expect("it was just there");
                    map.insert(name, old);
                    return;
                }
                map.get_mut(&key).expect("it was just there")
            }
            _ => return,
        };
    }
}

/// A word that is near to something a graph may hold.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z_]{1,8}",
        Just("blok".to_owned()),
        Just("form".to_owned()),
        Just("when".to_owned()),
        Just("a.out -> b.in".to_owned()),
        Just("a out".to_owned()),
        Just("in_$_x".to_owned()),
        Just("x-a".to_owned())
    ]
}

fn scalar() -> impl Strategy<Value = Value> {
    let plain = |v: &Value| !json::to_json(v).contains("\"$");
    prop_oneof![
        value().prop_filter("forms that stand for other values", plain),
        word().prop_map(Value::from),
        (-2..2_000_i64).prop_map(Value::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn damage_is_told_and_mended(
        native in any::<bool>(),
        damages in vec((any::<u16>(), scalar(), proptest::option::of(word())), 1..4),
    ) {
        let source = if native { NATIVE } else { EXPORT };
        let mut document = read_text(source).source.tree().expect("it is JSON").root.to_value();
        for (pick, new, rename) in &damages {
            damage(&mut document, usize::from(*pick), new, rename.as_deref());
        }
        let text = json::to_json_pretty(&document);
        let reading = read_text(&text);
        for fault in &reading.faults {
            prop_assert!(fault.line.is_some(), "{}", fault);
            if fault.fix.is_empty() || fault.code == Code::JsonDuplicateKey {
                continue;
            }
            let mut mended = reading.source.tree().expect("it is JSON").root.to_value();
            if let Err(error) = json::apply(&mut mended, &fault.fix) {
                return Err(TestCaseError::fail(format!("{fault}: {error}\n{text}")));
            }
            let after = read_text(&json::to_json(&mended)).faults;
            let same = after.iter().any(|f| f.code == fault.code && f.pointer == fault.pointer && f.actual == fault.actual);
            prop_assert!(!same, "not mended: {}\n{}", fault, text);
        }
        if let Some(graph) = &reading.graph {
            // Every part has a place, even if it is broken.
            for node in 0..graph.nodes.len() {
                prop_assert!(!graph.pointer(Part::Block(node)).is_root());
            }
            let _ = (graph.to_json_pretty(), graph.semantic_hash(), graph.document_hash());
        }
    }
}
