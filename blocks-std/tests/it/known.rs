//! The catalogue of AutoGPT's blocks against the reference data, and the pairs of blocks that follow AutoGPT or do not.

use std::collections::BTreeMap;

use graphloom::{AdviceKind, Code, Engine, Graph, Registry, Value, json};

use crate::support::shared;

fn registry() -> Registry {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    registry
}

/// Pins by name: whether they are required, and the word that says what they are, where it is one word.
type Pins = BTreeMap<String, (bool, Option<&'static str>)>;

#[test]
fn the_catalogue_is_that_of_the_reference() {
    let Some(bytes) = shared("reference/autogpt-blocks.json") else {
        return;
    };
    let reference = json::read_value(&bytes, &json::Limits::default()).unwrap();
    let reference = reference.get("blocks").unwrap().as_list().unwrap();
    let registry = registry();
    let known: BTreeMap<&str, _> = registry.known().map(|block| (block.uuid, block)).collect();
    assert_eq!(known.len(), reference.len());
    for theirs in reference.iter() {
        let text = |key: &str| theirs.get(key).unwrap().as_str().unwrap();
        let ours = known[text("id")];
        assert_eq!(ours.name, text("name"));
        let categories = theirs.get("categories").unwrap().to_string().to_lowercase();
        let summary = registry.absent_summary(ours);
        assert_eq!(
            summary.get("categories").unwrap().to_string(),
            categories,
            "{}",
            ours.name
        );
        let pins = |side: &str| -> Pins {
            let pins = theirs.get(side).unwrap().as_map().unwrap();
            let pins = pins
                .iter()
                .filter(|(name, _)| side == "inputs" || name.as_str() != "error");
            let fact = |pin: &Value| {
                let required = pin
                    .get("required")
                    .and_then(Value::as_bool)
                    .unwrap_or(false);
                (required, word(pin.get("type").unwrap()))
            };
            pins.map(|(name, pin)| (name.to_string(), fact(pin)))
                .collect()
        };
        let one_word = |pin: graphloom::KnownPin| {
            let ty = (!pin.ty.contains(' ')).then_some(pin.ty);
            (pin.name.to_owned(), (pin.required, ty))
        };
        assert_eq!(
            ours.inputs().map(one_word).collect::<Pins>(),
            pins("inputs"),
            "{}",
            ours.name
        );
        assert_eq!(
            ours.outputs().map(one_word).collect::<Pins>(),
            pins("outputs"),
            "{}",
            ours.name
        );
    }
}

/// Returns the word that the catalogue has for a type of the reference, if it takes only one.
fn word(ty: &Value) -> Option<&'static str> {
    let Some(name) = ty.as_str() else {
        let has = |key: &str| ty.get(key).is_some();
        return match () {
            () if has("enum") || has("const") => Some("choice"),
            () if has("object") => Some("object"),
            // Several types may come to one word, and those that do are all objects or contain anything.
            () if has("anyOf") || has("oneOf") => {
                let members = ty.get("anyOf").or_else(|| ty.get("oneOf"))?.as_list()?;
                let mut words = members.iter().map(word);
                let first = words.next()?;
                match words.try_fold(first, |first, word| (first == word).then_some(first)) {
                    Some(one) => one,
                    None => members
                        .iter()
                        .any(|member| word(member) == Some("any"))
                        .then_some("any"),
                }
            }
            () => None,
        };
    };
    Some(match name {
        "boolean" => "bool",
        "credentials" => "credential",
        "string(file)" => "file",
        "integer" => "integer",
        "number" => "number",
        "object" => "object",
        "any" => "any",
        "null" => "null",
        name if name.starts_with("enum") => "choice",
        _ => "text",
    })
}

#[test]
fn what_follows_autogpt_names_what_does_not() {
    let registry = registry();
    let mut pairs = 0;
    for entry in registry.iter() {
        let info = entry.info();
        match info.native {
            Some(native) => {
                pairs += 1;
                let other = registry
                    .get(native)
                    .unwrap_or_else(|| panic!("{}: {native}", info.id));
                assert!(
                    info.id.starts_with("autogpt.") && !native.starts_with("autogpt."),
                    "{}",
                    info.id
                );
                assert!(other.info().native.is_none(), "{native}");
                assert!(
                    info.details.contains(&format!("Unlike `{native}`")),
                    "{}",
                    info.id
                );
            }
            None => assert!(
                !info.details.starts_with("Unlike `"),
                "{} has no native block",
                info.id
            ),
        }
    }
    assert!(pairs >= 13, "{pairs} pairs");
}

/// One node of each kind; the last but one stands in a sub-graph.
const GRAPH: &str = r#"{
  "format": 1,
  "nodes": {
    "query": { "block": "4dc35c0f-4fd8-465e-9616-5a216f1ba2bc" },
    "star": { "block": "GithubStarTriggerBlock" },
    "print": { "block": "f3b1c1b2-4c4f-4f0d-8d2f-4c4f0d8d2f4c" },
    "count": { "block": "autogpt.count_items", "inputs": { "collection": [] } },
    "sum": { "block": "autogpt.calculate", "inputs": { "operation": "Add", "a": 1, "b": 2 } },
    "split": { "block": "text.split", "inputs": { "text": "a", "delimiter": "," } },
    "odd": { "block": "none.such" }
  },
  "links": [],
  "graphs": {
    "inner": { "nodes": { "store": { "block": "autogpt.store_value", "inputs": { "input": 1 } } } }
  }
}"#;

#[test]
fn advice_names_what_is_missing_and_offers_what_would_do() {
    let graph = Graph::parse(GRAPH.as_bytes()).unwrap();
    let advice = registry().advise(&graph);
    let found: Vec<_> = advice
        .iter()
        .map(|piece| {
            (
                piece.kind,
                piece.pointer.as_str(),
                piece.instead,
                piece.fix.len(),
            )
        })
        .collect();
    let block = |node: &str| format!("/nodes/{node}/block");
    assert_eq!(
        found,
        [
            (AdviceKind::Missing, block("query").as_str(), None, 0),
            (
                AdviceKind::Missing,
                block("star").as_str(),
                Some("autogpt.receive_webhook"),
                0
            ),
            (
                AdviceKind::Disabled,
                block("print").as_str(),
                Some("io.output"),
                0
            ),
            (
                AdviceKind::Native,
                block("count").as_str(),
                Some("math.count_items"),
                1
            ),
            // The other has other words for what it does.
            (
                AdviceKind::Native,
                block("sum").as_str(),
                Some("math.calculate"),
                0
            ),
            (AdviceKind::Missing, block("odd").as_str(), None, 0),
            (
                AdviceKind::Native,
                "/graphs/inner/nodes/store/block",
                Some("data.store"),
                1
            ),
        ]
    );
    let said = |position: usize| advice[position].message.as_str();
    assert!(
        said(0).contains("SQLQueryBlock") && said(0).contains("an SQL database"),
        "{}",
        said(0)
    );
    assert!(
        said(2).contains("link the value to an output"),
        "{}",
        said(2)
    );
    assert!(said(3).contains("gives -1"), "{}", said(3));
}

#[test]
fn a_change_that_is_offered_compiles() {
    let graph = Graph::parse(GRAPH.as_bytes()).unwrap();
    let mut document = graph.to_value();
    for piece in registry().advise(&graph) {
        json::apply(&mut document, &piece.fix).unwrap();
    }
    let graph = Graph::parse(document.to_string().as_bytes()).unwrap();
    let faults = Engine::new(registry()).compile(&graph).unwrap_err();
    // What is left is what nothing was offered for.
    let fault = |node: &str| {
        let place = format!("/nodes/{node}/block");
        let mut found = faults.0.iter();
        found.find(|fault| fault.pointer.as_str() == place).unwrap()
    };
    assert_eq!(faults.0.len(), 4, "{faults}");
    assert_eq!(fault("query").suggestions, [""; 0]);
    let star = fault("star");
    assert_eq!(
        (star.code, star.suggestions.as_slice()),
        (
            Code::GraphUnknownBlock,
            ["autogpt.receive_webhook".to_owned()].as_slice()
        )
    );
    assert!(star.message.contains("a GitHub key"), "{star}");
    assert!(
        star.expected
            .as_ref()
            .unwrap()
            .contains("serves in its place"),
        "{star}"
    );
    let print = fault("print");
    assert_eq!(
        (print.code, print.suggestions.as_slice()),
        (
            Code::GraphBlockDisabled,
            ["io.output".to_owned()].as_slice()
        )
    );
    assert_eq!(fault("odd").code, Code::GraphUnknownBlock);
}

#[test]
fn a_class_name_is_mended_to_the_id() {
    let graph = br#"{"format": 1, "nodes": {"a": {"block": "TextSplitBlock", "inputs": {"text": "a", "delimiter": ","}}}}"#;
    let faults = Engine::new(registry())
        .compile(&Graph::parse(graph).unwrap())
        .unwrap_err();
    assert_eq!(faults.0[0].suggestions, ["text.split"]);
    assert_eq!(faults.0[0].fix.len(), 1);
}
