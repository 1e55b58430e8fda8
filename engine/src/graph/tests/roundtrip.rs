//! Writing a graph and reading it back gives an equal graph, and the hashes see what they should.

use proptest::{collection::vec, option, prelude::*};

use super::*;
use crate::{
    graph::write::Detail,
    id::NodeId,
    id::PinName,
    json,
    value::{CanonicalHasher, ContentHash, Path, Step},
};

fn text() -> impl Strategy<Value = Text> {
    "\\PC{0,12}|[\\x00-\\x7f]{0,4}".prop_map(Text::from)
}

pub(super) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = prop_oneof![
            text(),
            Just("$map".into()),
            Just("$float".into()),
            Just("$blob".into())
        ];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key, inner), 0..4).prop_map(|entries| entries.into_iter().collect::<Value>()),
        ]
    })
}

fn node_id() -> impl Strategy<Value = NodeId> {
    "[A-Za-z0-9_-]{1,6}"
        .prop_map(|id| NodeId::parse(&id).expect("it is made of allowed characters"))
}

fn pin() -> impl Strategy<Value = PinName> {
    prop_oneof![
        "[a-z_]{1,8}",
        "\\PC{1,16}",
        Just("$map".to_owned()),
        Just("$float".to_owned())
    ]
    .prop_filter_map("hidden characters", |name| PinName::parse(&name).ok())
}

fn pin_ref(indices: std::ops::Range<i64>) -> impl Strategy<Value = PinRef> {
    let key = "[a-z_-]{0,6}|\\PC{0,6}".prop_filter("hidden characters", |k| {
        !k.chars().any(crate::id::is_hidden)
    });
    let step = prop_oneof![
        key.prop_map(|k| Step::Key(k.into())),
        indices.prop_map(Step::Index)
    ];
    let path = vec(step, 0..4).prop_map(|steps| steps.into_iter().collect::<Path>());
    (node_id(), pin(), path).prop_map(|(node, pin, path)| PinRef { node, pin, path })
}

fn extra() -> impl Strategy<Value = Map> {
    vec(("x-[a-z]{0,4}".prop_map(Text::from), value()), 0..3)
        .prop_map(|entries| entries.into_iter().collect())
}

fn retry() -> impl Strategy<Value = Retry> {
    (
        1..=100_u32,
        prop_oneof![Just(200), 0..=3_600_000_u64],
        prop_oneof![Just(30_000), 0..=3_600_000_u64],
    )
        .prop_map(|(max_attempts, backoff_ms, max_backoff_ms)| Retry {
            max_attempts,
            backoff_ms,
            max_backoff_ms,
        })
}

fn on_error() -> impl Strategy<Value = OnError> {
    prop_oneof![Just(OnError::Fail), Just(OnError::Continue)]
}

fn node() -> impl Strategy<Value = Node> {
    let names = (
        node_id(),
        text(),
        option::of(text()),
        option::of(text()),
        option::of(value()),
        extra(),
    );
    let settings = (
        vec((pin(), value()), 0..4),
        option::of(1..=1_000_000_u64),
        option::of(retry()),
        option::of(on_error()),
        option::of(1..=100_000_u32),
    );
    (names, settings).prop_map(
        |(
            (id, block, title, doc, ui, extra),
            (inputs, timeout_ms, retry, on_error, concurrency),
        )| {
            let inputs = inputs
                .into_iter()
                .map(|(pin, value)| (pin.as_text().clone(), value))
                .collect();
            Node {
                inputs,
                timeout_ms,
                retry,
                on_error,
                concurrency,
                title,
                doc,
                ui,
                extra,
                ..Node::new(id, block)
            }
        },
    )
}

fn link() -> impl Strategy<Value = Link> {
    (
        pin_ref(-3..3),
        pin_ref(0..3),
        any::<bool>(),
        option::of(text()),
        option::of(value()),
        extra(),
    )
        .prop_map(|(from, to, sticky, doc, ui, extra)| Link {
            sticky,
            doc,
            ui,
            extra,
            ..Link::new(from, to)
        })
}

fn policy() -> impl Strategy<Value = Policy> {
    let limits = (
        option::of(1..=1_000_000_u64),
        option::of(1..=100_000_u32),
        option::of(1..=1_000_000_000_u64),
    );
    (on_error(), any::<[bool; 3]>(), limits, any::<bool>()).prop_map(
        |(on_error, [lenient, allow, drop], (timeout_ms, max_parallel, max_firings), import)| {
            if import {
                return Policy::import();
            }
            Policy {
                on_error,
                coercion: if lenient {
                    Coercion::Lenient
                } else {
                    Coercion::Strict
                },
                cycles: if allow { Cycles::Allow } else { Cycles::Deny },
                nulls: if drop { Nulls::Drop } else { Nulls::Keep },
                timeout_ms,
                max_parallel,
                max_firings,
            }
        },
    )
}

fn flat_graph() -> impl Strategy<Value = Graph> {
    let names = (
        option::of(text()),
        option::of(text()),
        option::of(value()),
        extra(),
    );
    (names, vec(node(), 0..5), vec(link(), 0..6), policy()).prop_map(
        |((name, doc, ui, extra), nodes, links, policy)| {
            let mut graph = Graph {
                name,
                doc,
                ui,
                extra,
                policy,
                ..Graph::default()
            };
            for node in nodes {
                if graph.node(node.id.as_str()).is_none() {
                    graph.add_node(node);
                }
            }
            for link in links {
                if !graph
                    .links
                    .iter()
                    .any(|l| (&l.from, &l.to, l.sticky) == (&link.from, &link.to, link.sticky))
                {
                    graph.add_link(link);
                }
            }
            graph
        },
    )
}

fn graph() -> impl Strategy<Value = Graph> {
    (flat_graph(), vec(("[a-z0-9 -]{1,5}", flat_graph()), 0..3)).prop_map(|(mut graph, inner)| {
        for (name, inner) in inner {
            if graph.subgraph(&name).is_none() {
                graph.add_graph(name, inner);
            }
        }
        graph
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_is_written_reads_back(graph in graph()) {
        let written = graph.to_json_pretty();
        let read = Graph::parse(written.as_bytes()).unwrap_or_else(|e| panic!("{e}\n{written}"));
        prop_assert_eq!(&read, &graph);
        prop_assert_eq!(read.to_json_pretty(), written);
        prop_assert_eq!(read.semantic_hash(), graph.semantic_hash());
        prop_assert_eq!(read.document_hash(), graph.document_hash());
        // Written part by part, a hash is that of the form as a whole.
        for (domain, detail, hash) in [
            ("graphloom.graph.semantic.1", Detail::Meaning, graph.semantic_hash()),
            ("graphloom.graph.document.1", Detail::All, graph.document_hash()),
        ] {
            let form = Value::from(graph.form(detail, true));
            prop_assert_eq!(CanonicalHasher::new(domain).value(&form).finish(), hash);
        }
        let compact = json::to_json(&graph.to_value());
        prop_assert_eq!(Graph::parse(compact.as_bytes()).unwrap(), graph);
    }

    #[test]
    fn reading_never_panics(text in "\\PC*") {
        let _ = read_text(&text);
    }

    #[test]
    fn reading_any_json_never_panics(value in value(), nodes in value(), links in value(), policy in value()) {
        let _ = read_text(&json::to_json(&value));
        for (nodes, format) in [(nodes.clone(), true), (Value::from(vec![nodes, crate::value!({"block_id": "u"})]), false)] {
            let mut map = Map::default();
            if format {
                map.insert("format", 1);
            }
            map.insert("nodes", nodes);
            map.insert("links", links.clone());
            map.insert("policy", policy.clone());
            let _ = read_text(&json::to_json(&Value::from(map)));
        }
    }

    #[test]
    fn references_read_back(pin in pin_ref(-5..5)) {
        prop_assert_eq!(PinRef::parse(&pin.to_string()), Ok(pin));
    }
}

fn hashes(text: &str) -> (ContentHash, ContentHash) {
    let graph = Graph::parse(text.as_bytes()).unwrap_or_else(|e| panic!("{e}"));
    (graph.semantic_hash(), graph.document_hash())
}

#[test]
fn hashes_see_what_they_should() {
    let base = r#"{"format":1,"nodes":{"a":{"block":"b.c","inputs":{"x":1,"y":2}},"d":{"block":"b.c"}},
        "links":[{"from":"a.o","to":"d.i"},{"from":"a.o","to":"d.j"}]}"#;
    let same = (true, true);
    let notes = (true, false);
    let other = (false, false);
    for (from, to, expected) in [
        (r#""x":1,"y":2"#, r#""y":2,"x":1"#, same),
        (
            r#""d":{"block":"b.c"}"#,
            r#""d":{"inputs":{},"block":"b.c"}"#,
            same,
        ),
        (r#""to":"d.i""#, r#""to":"d[\"i\"]","sticky":false"#, same),
        (
            r#""format":1"#,
            r#""format":1,"policy":{"on_error":"fail"},"graphs":{}"#,
            same,
        ),
        (r#""format":1"#, r#""format":1,"name":"n""#, notes),
        (
            r#""format":1"#,
            r#""format":1,"doc":"n","ui":1,"x-a":2"#,
            notes,
        ),
        (
            r#""d":{"#,
            r#""d":{"title":"t","doc":"d","ui":1,"x-b":1,"#,
            notes,
        ),
        (r#""to":"d.i""#, r#""to":"d.i","ui":1"#, notes),
        (r#""x":1"#, r#""x":1.0"#, other),
        (r#""x":1"#, r#""x":2"#, other),
        (r#""to":"d.i""#, r#""to":"d.i","sticky":true"#, other),
        (
            r#""format":1"#,
            r#""format":1,"policy":{"cycles":"allow"}"#,
            other,
        ),
        (
            r#""format":1"#,
            r#""format":1,"graphs":{"g":{"nodes":{}}}"#,
            other,
        ),
        (r#""d":{"#, r#""d":{"timeout_ms":5,"#, other),
    ] {
        let changed = base.replacen(from, to, 1);
        assert_ne!(changed, base, "{from}");
        let (old, new) = (hashes(base), hashes(&changed));
        assert_eq!((old.0 == new.0, old.1 == new.1), expected, "{to}");
    }
    let reordered = r#"{"links":[{"from":"a.o","to":"d.j"},{"from":"a.o","to":"d.i"}],
        "nodes":{"d":{"block":"b.c"},"a":{"inputs":{"x":1,"y":2},"block":"b.c"}},"format":1}"#;
    assert_ne!(
        hashes(reordered).0,
        hashes(base).0,
        "values are delivered in the order of links"
    );
}

#[test]
fn the_canonical_form_is_stable() {
    let mut graph = Graph::new();
    graph.name = Some("greet".into());
    graph.add_node(
        Node::parse("who", "io.input")
            .expect("an id")
            .input("name", "who"),
    );
    let mut node = Node::parse("out", "io.output").expect("an id");
    node.retry = Some(Retry::new(3));
    graph.add_node(node);
    graph.add_link(
        Link::parse("who.result", "out.value")
            .expect("two pins")
            .sticky(),
    );
    let expected = r#"{
  "format": 1,
  "name": "greet",
  "nodes": {
    "who": {
      "block": "io.input",
      "inputs": {
        "name": "who"
      }
    },
    "out": {
      "block": "io.output",
      "retry": {
        "max_attempts": 3
      }
    }
  },
  "links": [
    {
      "from": "who.result",
      "to": "out.value",
      "sticky": true
    }
  ]
}
"#;
    assert_eq!(graph.to_json_pretty(), expected);
}
