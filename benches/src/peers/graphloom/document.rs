//! A workload's graph as a JSON document, as anyone would write it.
//!
//! It is put together as text: a tree of it would be larger than what is measured.

use std::fmt::Write;

use crate::form::{CALLED, Form};
use crate::spec::{Spec, Work};

/// The pins of a block that takes a few inputs.
pub(super) const FEW: [&str; 5] = ["a", "b", "c", "d", "e"];

/// Writes the graph. The results of its sinks, in their order, are its output `result`; a stream has none.
pub(super) fn write(spec: &Spec) -> String {
    let mut document = Document::new(spec.form);
    for i in 0..spec.n {
        let (block, inputs) = node(spec, i);
        document.node(&format!("n{i}"), block, &inputs);
        for (k, &p) in spec.p(i).iter().enumerate() {
            let (output, input) = (output(spec, p as usize), input(spec, i, k));
            document.link(&format!("n{p}.{output}"), &format!("n{i}.{input}"));
        }
    }
    if !matches!(spec.form, Form::Stream(_)) {
        document.node("out", "bench.result", r#""name":"result""#);
        for (k, &sink) in spec.sinks.iter().enumerate() {
            let from = format!("n{sink}.{}", output(spec, sink as usize));
            match spec.sinks.len() {
                1 => document.link(&from, "out.value"),
                _ => document.link(&from, &format!("out.value[{k}]")),
            }
        }
    }
    let document = document.end();
    match spec.form {
        Form::Calls => {
            let head = r#"{"format":1,"graphs":{"called":"#;
            format!("{head}{}}},{document}", called())
        }
        _ => format!(r#"{{"format":1,{document}"#),
    }
}

/// Returns a node's block, and its inputs as the inside of a JSON map.
fn node(spec: &Spec, i: usize) -> (&'static str, String) {
    let (root, last) = (i == 0, i + 1 == spec.n);
    match spec.form {
        Form::Calls if root => ("graph.call", r#""graph":"called","x":0"#.to_owned()),
        Form::Calls => ("graph.call", r#""graph":"called""#.to_owned()),
        Form::Stream(items) if root => ("bench.count_up", format!(r#""items":{items}"#)),
        Form::Stream(_) if last && spec.work[i] == Work::Drag => {
            ("bench.tally_slowly", String::new())
        }
        Form::Stream(_) if last => ("bench.tally", String::new()),
        Form::Share(bytes) if root => ("bench.make_text", format!(r#""bytes":{bytes}"#)),
        Form::Share(_) if !last => ("bench.measure", String::new()),
        _ => {
            let start = if spec.p(i).is_empty() { r#""a":0"# } else { "" };
            (adds(spec, i), start.to_owned())
        }
    }
}

/// Constants are 1 or 0, so they belong to the block.
fn adds(spec: &Spec, i: usize) -> &'static str {
    match (spec.work[i], spec.p(i).len()) {
        _ if spec.add[i] == 0 => "bench.pass",
        (Work::Spin, _) => "bench.spin",
        (Work::Sleep, _) => "bench.sleep",
        (_, 0 | 1) => "bench.add_one",
        (_, 2..=5) => "bench.add_few",
        _ => "bench.add_many",
    }
}

fn output(spec: &Spec, i: usize) -> &'static str {
    match spec.form {
        Form::Calls => "y",
        Form::Share(_) if i == 0 => "text",
        _ => "sum",
    }
}

fn input(spec: &Spec, i: usize, k: usize) -> String {
    let pin = match (spec.form, spec.p(i).len()) {
        (Form::Calls, _) => "x",
        (Form::Share(_), 1) => "text",
        (_, n) if n <= FEW.len() => FEW[k],
        _ => return format!("values[{k}]"),
    };
    pin.to_owned()
}

/// The graph that calls call: what comes in, three that add one, what goes out.
fn called() -> String {
    let mut document = Document::new(Form::Plain);
    document.node("in", "bench.given", r#""name":"x""#);
    let mut from = "in.sum".to_owned();
    for i in 0..CALLED - 2 {
        document.node(&format!("n{i}"), "bench.add_one", "");
        document.link(&from, &format!("n{i}.a"));
        from = format!("n{i}.sum");
    }
    document.node("out", "bench.result", r#""name":"y""#);
    document.link(&from, "out.value");
    format!("{{{}", document.end())
}

/// The nodes and the links so far.
struct Document {
    guard: &'static str,
    nodes: String,
    links: String,
}

impl Document {
    fn new(form: Form) -> Self {
        Self {
            guard: match form {
                Form::Guarded => r#","retry":{"max_attempts":3,"backoff_ms":10},"timeout_ms":1000"#,
                _ => "",
            },
            nodes: String::new(),
            links: String::new(),
        }
    }

    fn node(&mut self, id: &str, block: &str, inputs: &str) {
        let (comma, guard) = (comma(&self.nodes), self.guard);
        let _ = write!(
            self.nodes,
            r#"{comma}"{id}":{{"block":"{block}","inputs":{{{inputs}}}{guard}}}"#
        );
    }

    fn link(&mut self, from: &str, to: &str) {
        let comma = comma(&self.links);
        let _ = write!(self.links, r#"{comma}{{"from":"{from}","to":"{to}"}}"#);
    }

    /// Returns the rest of the document, from the key of the nodes.
    fn end(self) -> String {
        format!(r#""nodes":{{{}}},"links":[{}]}}"#, self.nodes, self.links)
    }
}

fn comma(before: &str) -> &'static str {
    if before.is_empty() { "" } else { "," }
}
