//! An edited graph of a thousand nodes calls the blocks of its changed cone, and no other.

use std::collections::{BTreeMap, BTreeSet};

use graphloom::{Engine, RunOutcome, Verdict};

use super::bench::{Calls, after, digests, engine, kept, made, pure, short};
use crate::harness::{Draw, seeds};

const LAYERS: usize = 25;
const WIDTH: usize = 40;

/// A node: its block, its literal, and what feeds which of its pins.
#[derive(Debug, Clone)]
struct Node {
    block: &'static str,
    k: u64,
    feeds: BTreeMap<&'static str, usize>,
}

/// A graph in layers; links lead from one layer to later ones.
#[derive(Debug, Clone)]
struct Layered(Vec<Node>);

impl Layered {
    fn drawn(draw: &mut Draw) -> Self {
        let mut nodes: Vec<Node> = Vec::new();
        for n in 0..LAYERS * WIDTH {
            let layer = n / WIDTH;
            let mut feeds = BTreeMap::new();
            for pin in ["a", "b", "c"].iter().take(draw.below(3) + 1) {
                if layer > 0 {
                    // Mostly near, so that cones are neither all of the graph nor nothing of it.
                    let column = (n % WIDTH + draw.below(3)) % WIDTH;
                    feeds.insert(*pin, (layer - 1) * WIDTH + column);
                }
            }
            nodes.push(Node {
                block: "r.sum",
                k: draw.below(1_000) as u64,
                feeds,
            });
        }
        for layer in [11, 16, 16, 20] {
            nodes[layer * WIDTH + draw.below(WIDTH)].block = "r.mix";
        }
        Self(nodes)
    }

    fn json(&self) -> String {
        let mut nodes = Vec::new();
        let mut links = Vec::new();
        for (n, node) in self.0.iter().enumerate() {
            nodes.push(format!(
                r#""n{n}": {{"block": "{}", "inputs": {{"k": {}}}}}"#,
                node.block, node.k
            ));
            for (pin, from) in &node.feeds {
                links.push(format!(r#"{{"from": "n{from}.out", "to": "n{n}.{pin}"}}"#));
            }
        }
        // The last layer is what the graph is for; what was added stands behind it.
        for n in (LAYERS - 1) * WIDTH..LAYERS * WIDTH {
            nodes.push(format!(
                r#""o{n}": {{"block": "t.out", "inputs": {{"name": "o{n}"}}}}"#
            ));
            links.push(format!(r#"{{"from": "n{n}.out", "to": "o{n}.value"}}"#));
        }
        format!(
            r#"{{"format": 1, "nodes": {{{}}}, "links": [{}]}}"#,
            nodes.join(",\n"),
            links.join(",\n")
        )
    }

    /// Returns these nodes and all that hangs on them. A node only hangs on nodes before it, but for one that was added.
    fn cone(&self, edited: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut cone = edited.clone();
        loop {
            let before = cone.len();
            for (n, node) in self.0.iter().enumerate() {
                if node.feeds.values().any(|from| cone.contains(from)) {
                    cone.insert(n);
                }
            }
            if cone.len() == before {
                return cone;
            }
        }
    }
}

fn blocks(calls: &Calls, mix: u32) -> Engine {
    let pins = &["a", "b", "c", "d", "k"];
    let word = if mix == 1 { "mix" } else { "mix anew" };
    engine([
        digests(pure("r.sum", 1), "sum", pins, &["out"], calls),
        digests(pure("r.mix", mix), word, pins, &["out"], calls),
    ])
}

/// Says why each node of the cone is expected to run anew, in words.
type Why<'w> = &'w dyn Fn(usize, &Node) -> Option<String>;

/// Runs `then`, edits it to `now`, and runs that again with the results of the first: only the cone of the `edited` nodes
/// may be called, each node for the reason that `why` has for it, or else for its inputs from the cone.
fn check(
    what: &str,
    (then, now): (&Layered, &Layered),
    mix: u32,
    edited: &BTreeSet<usize>,
    why: Why<'_>,
) {
    let calls = Calls::default();
    let first = blocks(&calls, 1);
    let (trial, outcome) = kept(&first, &then.json());
    assert!(outcome.is_ok(), "{what}: {outcome:?}");
    assert_eq!(calls.take().len(), then.0.len(), "{what}");

    let again = blocks(&calls, mix);
    let (outcome, told) = after(&again, &trial, &now.json());
    let called: BTreeSet<String> = calls.nodes().into_iter().collect();
    let cone = now.cone(edited);
    let expected: BTreeSet<String> = cone.iter().map(|n| format!("n{n}")).collect();
    assert_eq!(called, expected, "{what}");
    assert!(cone.len() < now.0.len() / 2, "{what}: {} nodes", cone.len());

    assert_eq!(told.list.len(), now.0.len(), "{what}");
    for told in &told.list {
        let n: usize = told.node.trim_start_matches('n').parse().unwrap();
        let node = &now.0[n];
        let expected = cone.contains(&n).then(|| {
            why(n, node).unwrap_or_else(|| {
                let pins = node.feeds.iter().filter(|(_, from)| cone.contains(from));
                changed(pins.map(|(pin, _)| *pin))
            })
        });
        let got = match &told.verdict {
            Verdict::Miss(reason) => Some(reason.to_string()),
            _ => None,
        };
        assert_eq!(got, expected, "{what}: n{n}");
    }
    let (_, anew) = kept(&again, &now.json());
    assert_eq!(outputs(&outcome), outputs(&anew), "{what}");
}

fn changed<'p>(pins: impl Iterator<Item = &'p str>) -> String {
    let pins: Vec<String> = pins.map(|pin| format!("\"{pin}\"")).collect();
    match pins.split_last() {
        Some((one, [])) => format!("input {one} changed"),
        Some((last, rest)) => format!("inputs {} and {last} changed", rest.join(", ")),
        None => panic!("nothing changed"),
    }
}

fn outputs(outcome: &RunOutcome) -> BTreeMap<String, String> {
    let outputs = outcome.outputs.iter();
    let told = outputs.map(|(name, values)| (name.to_string(), format!("{values:?}")));
    told.collect()
}

#[test]
fn only_the_cone_of_an_edit_runs_anew() {
    let seed = seeds("edits", 1).next().unwrap();
    println!("seed {seed}");
    let mut draw = Draw(seed);
    let then = Layered::drawn(&mut draw);
    assert_eq!(then.0.len(), 1_000);
    let none: Why<'_> = &|_, _| None;

    check("nothing", (&then, &then), 1, &BTreeSet::new(), none);

    let at = WIDTH * 8 + draw.below(WIDTH);
    let mut now = then.clone();
    now.0[at].k += 1_000;
    let why: Why<'_> = &|n, node| {
        let own = || node.feeds.values().all(|from| *from != at);
        (n == at && own()).then(|| "input \"k\" changed".to_owned())
    };
    check("a literal", (&then, &now), 1, &[at].into(), why);

    let mixes = then.0.iter().enumerate();
    let mixes: BTreeSet<usize> = mixes
        .filter(|(_, node)| node.block == "r.mix")
        .map(|(n, _)| n)
        .collect();
    let why: Why<'_> = &|n, _| {
        let version = "block changed from r.mix@1 to r.mix@2";
        mixes.contains(&n).then(|| version.to_owned())
    };
    check("a version", (&then, &then), 2, &mixes, why);

    let mut now = then.clone();
    let (above, below) = (WIDTH * 4 + 3, WIDTH * 9 + 5);
    let added = now.0.len();
    now.0.push(Node {
        block: "r.sum",
        k: 5,
        feeds: [("a", above)].into(),
    });
    now.0[below].feeds.insert("d", added);
    let why: Why<'_> = &|n, _| (n == added).then(|| "new node".to_owned());
    check("a new node", (&then, &now), 1, &[added].into(), why);

    let mut now = then.clone();
    let at = WIDTH * 6 + draw.below(WIDTH);
    let (pin, _) = now.0[at].feeds.pop_first().unwrap();
    let why: Why<'_> = &|n, _| (n == at).then(|| changed([pin].into_iter()));
    check("a removed link", (&then, &now), 1, &[at].into(), why);
}

#[test]
fn a_cone_ends_where_nothing_has_changed() {
    let graph = |k: i64| {
        format!(
            r#"{{"format": 1, "nodes": {{
                "n": {{"block": "r.sum", "inputs": {{"k": {k}}}}},
                "even": {{"block": "r.even"}},
                "then": {{"block": "r.sum"}},
                "out": {{"block": "t.out", "inputs": {{"name": "x"}}}}}},
            "links": [{{"from": "n.out", "to": "even.a"}}, {{"from": "even.out", "to": "then.a"}},
                {{"from": "then.out", "to": "out.value"}}]}}"#
        )
    };
    let calls = Calls::default();
    let noted = calls.clone();
    // Always the same, whatever it is given.
    let even = made(pure("r.even", 1), &["a"], &["out"], move |cx, _, out| {
        noted.note(cx);
        Box::pin(async move {
            out.emit("out", true).await?;
            Ok(())
        })
    });
    let sum = digests(pure("r.sum", 1), "sum", &["a", "k"], &["out"], &calls);
    let engine = engine([sum, even]);
    let (trial, _) = kept(&engine, &graph(1));
    calls.take();
    let (outcome, told) = after(&engine, &trial, &graph(2));
    assert!(outcome.is_ok());
    assert_eq!(calls.nodes(), ["even", "n"]);
    assert_eq!(
        short(&told),
        [
            "even.0: input \"a\" changed",
            "n.0: input \"k\" changed",
            "then.0: run"
        ]
    );
}
