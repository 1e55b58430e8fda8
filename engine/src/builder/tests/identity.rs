//! A builder, written as JSON and read into a builder again, is the same, with the same hashes.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::builder::GraphBuilder;
use crate::graph::{Cycles, Graph, OnError, Retry};
use crate::value::{Text, Value};

/// One call of the builder. Numbers pick among the nodes that there are.
#[derive(Debug, Clone)]
enum Step {
    Split,
    Join,
    Named(String),
    Call(String),
    SetText(usize, String),
    SetAny(usize, String, Value),
    SetInside(usize, String, Value),
    Link(usize, usize, bool),
    LinkInside(usize, usize, String, i64),
    Edit(usize, u32, u64, bool),
    Notes(usize, String, Value),
    Policy(bool, u32),
    Whole(String, Value),
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let key = prop_oneof![
            "\\PC{0,6}",
            Just("$map".to_owned()),
            Just("$float".to_owned())
        ];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key, inner), 0..4).prop_map(|entries| entries.into_iter().collect::<Value>()),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z_][a-z0-9 _.$\\[\\]\"-]{0,8}"
}

fn step() -> impl Strategy<Value = Step> {
    let node = 0..8_usize;
    prop_oneof![
        Just(Step::Split),
        Just(Step::Join),
        "[a-z]{1,4}\\.[a-z_]{1,6}(@[1-9])?".prop_map(Step::Named),
        name().prop_map(Step::Call),
        (node.clone(), "\\PC{0,8}").prop_map(|(at, text)| Step::SetText(at, text)),
        (node.clone(), name(), value()).prop_map(|(at, pin, value)| Step::SetAny(at, pin, value)),
        (node.clone(), name(), value())
            .prop_map(|(at, key, value)| Step::SetInside(at, key, value)),
        (node.clone(), node.clone(), any::<bool>()).prop_map(|(a, b, s)| Step::Link(a, b, s)),
        (node.clone(), node.clone(), name(), 0..3_i64)
            .prop_map(|(a, b, key, index)| Step::LinkInside(a, b, key, index)),
        (node.clone(), 1..=100_u32, 0..=3_600_000_u64, any::<bool>())
            .prop_map(|(at, n, ms, go_on)| Step::Edit(at, n, ms, go_on)),
        (node, "\\PC{0,8}", value()).prop_map(|(at, text, value)| Step::Notes(at, text, value)),
        (any::<bool>(), 1..1000_u32).prop_map(|(cycles, n)| Step::Policy(cycles, n)),
        ("\\PC{0,8}", value()).prop_map(|(text, value)| Step::Whole(text, value)),
    ]
}

fn build(steps: &[Step]) -> GraphBuilder {
    let mut g = GraphBuilder::new();
    let (mut splits, mut joins) = (vec![g.add::<Split>("s0")], vec![g.add::<Join>("j0")]);
    let mut named = vec![g.node("n0", "data.any")];
    let mut linked = std::collections::HashSet::new();
    for step in steps {
        match step {
            Step::Split => splits.push(g.add(format!("s{}", splits.len()))),
            Step::Join => joins.push(g.add(format!("j{}", joins.len()))),
            Step::Named(block) => named.push(g.node(format!("n{}", named.len()), block.as_str())),
            Step::Call(graph) => named.push(g.call(format!("n{}", named.len()), graph.as_str())),
            Step::SetText(at, text) => {
                g.set(&splits[at % splits.len()].input.text, text);
            }
            Step::SetAny(at, pin, value) => {
                g.set(named[at % named.len()].input(pin.as_str()), value);
            }
            Step::SetInside(at, key, value) => {
                g.set(
                    joins[at % joins.len()].input.options.at(key.as_str()),
                    value,
                );
            }
            Step::Link(a, b, sticky) => {
                let (from, to) = (
                    &splits[a % splits.len()].output,
                    &joins[b % joins.len()].input,
                );
                // A link that stands twice is a fault.
                if linked.insert(format!("{} {}", from.texts, to.input)) {
                    let link = g.link(&from.texts, &to.input);
                    if *sticky {
                        link.sticky();
                    }
                }
            }
            Step::LinkInside(a, b, key, index) => {
                let from = splits[a % splits.len()].output.texts.index(-index);
                let to = named[b % named.len()]
                    .input("in")
                    .at(key.as_str())
                    .index(*index);
                if linked.insert(format!("{from} {to}")) {
                    g.link(from, to);
                }
            }
            Step::Edit(at, n, ms, go_on) => {
                let mut retry = Retry::new(*n);
                retry.backoff_ms = *ms;
                let on_error = if *go_on {
                    OnError::Continue
                } else {
                    OnError::Fail
                };
                g.edit(&splits[at % splits.len()])
                    .retry(retry)
                    .on_error(on_error)
                    .concurrency(*n);
            }
            Step::Notes(at, text, value) => {
                let (title, doc) = (text.as_str(), text.as_str());
                g.edit(&joins[at % joins.len()])
                    .title(title)
                    .doc(doc)
                    .ui(value)
                    .extra("x-it", value);
            }
            Step::Policy(cycles, n) => {
                let policy = g.policy();
                policy.cycles = if *cycles { Cycles::Allow } else { Cycles::Deny };
                policy.max_parallel = Some(*n);
            }
            Step::Whole(text, value) => {
                g.name(text.as_str())
                    .doc(text.as_str())
                    .ui(value)
                    .extra("x-all", value);
            }
        }
    }
    g
}

proptest! {
    #[test]
    fn to_json_and_back(outer in vec(step(), 0..24), inner in vec(step(), 0..8), child in name()) {
        let mut first = build(&outer);
        first.subgraph(Text::from(child), build(&inner));
        let graph = first.clone().finish().unwrap();
        prop_assert_eq!(&graph, first.graph());

        let json = graph.to_json_pretty();
        let read = Graph::parse(json.as_bytes()).unwrap();
        let second = GraphBuilder::from(read);
        prop_assert_eq!(&second, &first);

        let again = second.finish().unwrap();
        prop_assert_eq!(again.to_json_pretty(), json);
        prop_assert_eq!(again.semantic_hash(), graph.semantic_hash());
        prop_assert_eq!(again.document_hash(), graph.document_hash());
        prop_assert_eq!(again.document_hash(), first.graph().document_hash());
    }
}
