//! Names of nodes and pins: what looks like another name, what cannot be seen, what means something elsewhere.

use graphloom::{Value, value};

use super::{codes, graph};
use crate::faults::fixtures::{faults_of, printed};

fn text(text: &str) -> String {
    Value::from(text).to_string()
}

const HIDDEN: [&str; 7] = [
    "a\r\nb",
    "a\0b",
    "\u{7f}",
    "user\u{202e}nimda",
    "\u{2066}a",
    "a\u{2069}",
    "\u{85}",
];

#[test]
fn a_node_id_is_made_of_letters_digits_and_two_signs() {
    let long = "n".repeat(129);
    let odd = [
        "",
        "a.b",
        "a b",
        "_#_x y",
        "é",
        "e\u{301}",
        "\u{430}",
        "\u{1f600}",
        "a\u{200b}b",
        "a/b",
        "../../x",
        "%2e%2e",
        long.as_str(),
    ];
    for id in odd.iter().chain(&HIDDEN) {
        let document = graph(&format!(r#"{}:{{"block":"app.pass"}}"#, text(id)), "");
        assert_eq!(codes(&document), ["GRAPH_NODE_ID"], "{id:?}");
    }
    let longest = "n".repeat(128);
    for id in [
        "__proto__",
        "constructor",
        "_#_x".replace('#', "-").as_str(),
        "CON",
        "-",
        "0",
        longest.as_str(),
    ] {
        let document = graph(&format!(r#"{}:{{"block":"app.pass"}}"#, text(id)), "");
        assert_eq!(codes(&document), [""; 0], "{id:?}");
    }
}

fn literal(pin: &str) -> String {
    graph(
        &format!(r#""a":{{"block":"app.pass","inputs":{{{}:1}}}}"#, text(pin)),
        "",
    )
}

#[test]
fn a_pin_name_without_visible_form_is_refused() {
    let long = "p".repeat(129);
    for pin in HIDDEN.iter().chain(&["", long.as_str()]) {
        assert_eq!(codes(&literal(pin)), ["GRAPH_PIN_NAME"], "{pin:?}");
    }
}

#[test]
fn a_pin_name_of_another_look_is_another_name() {
    // `app.pass` has the input `in`; none of these is it, and none of them is more than data.
    for pin in [
        "a.b",
        "_#_x",
        "__proto__",
        "constructor",
        "i\u{200b}n",
        "\u{456}n",
        "IN",
        "in ",
        "\u{1f600}",
        "é",
        "e\u{301}",
    ] {
        assert_eq!(codes(&literal(pin)), ["GRAPH_UNKNOWN_INPUT"], "{pin:?}");
    }
}

#[test]
fn composed_and_decomposed_letters_are_two_names() {
    let faults = |name: &str, pin: &str| {
        let nodes = format!(
            r#""c":{{"block":"graph.call","inputs":{{"graph":"g",{}:1}}}}"#,
            text(pin)
        );
        let document = format!(
            r#"{{"format":1,"nodes":{{{nodes}}},"graphs":{{"g":{{"nodes":{{"i":{{"block":"io.input","inputs":{{"name":{},"value":0}}}}}}}}}}}}"#,
            text(name)
        );
        codes(&document)
    };
    assert_eq!(faults("é", "é"), [""; 0]);
    assert_eq!(faults("é", "e\u{301}"), ["GRAPH_UNKNOWN_INPUT"]);
    assert_eq!(faults("a", "\u{430}"), ["GRAPH_UNKNOWN_INPUT"]);
}

#[test]
fn odd_pin_names_stand_in_quotes_in_a_link() {
    let nodes = r#""a":{"block":"app.pass"},"b":{"block":"app.pass"}"#;
    let to = |end: &str| graph(nodes, &format!(r#"{{"from":"a.out","to":{}}}"#, text(end)));
    assert_eq!(codes(&to("b.in")), [""; 0]);
    assert_eq!(codes(&to("b[\"in\"]")), [""; 0]);
    for end in [
        "b.a b",
        "b.é",
        "b.",
        "b",
        ".in",
        "b.\u{202e}in",
        "b[\"a\u{202e}\"]",
        "b[\"a\\u0000\"]",
        "b[0]",
        "b in",
    ] {
        assert_eq!(codes(&to(end)), ["GRAPH_REFERENCE"], "{end:?}");
    }
    for end in ["b[\"a.b\"]", "b[\"a b\"]", "b.__proto__", "b[\"é\"]"] {
        assert_eq!(codes(&to(end)), ["GRAPH_UNKNOWN_INPUT"], "{end:?}");
    }
}

#[test]
fn a_message_shows_hidden_characters_escaped() {
    for name in HIDDEN {
        let node = graph(&format!(r#"{}:{{"block":"app.pass"}}"#, text(name)), "");
        for document in [node, literal(name)] {
            let fault = &faults_of(document.as_bytes())[0];
            let hidden = |text: &str| {
                text.chars()
                    .any(|c| HIDDEN.concat().contains(c) && !c.is_ascii_alphabetic())
            };
            assert!(!hidden(&fault.to_string()), "{fault:?}");
            assert!(!printed(fault).contains('\0'));
        }
    }
}

#[test]
fn names_of_other_languages_roots_are_data() {
    let map = value!({ "__proto__": { "polluted": true }, "constructor": 1, "toString": 2 });
    let document = graph(
        &format!(r#""a":{{"block":"app.pass","inputs":{{"in":{map}}}}}"#),
        "",
    );
    assert_eq!(codes(&document), [""; 0]);
    assert_eq!(
        map.get("__proto__").and_then(|p| p.get("polluted")),
        Some(&Value::from(true))
    );
}
