//! Graphs drawn from a seed, each with what is promised of its outputs.
//!
//! The generator follows each stream of values and notes what every driver at every speed must agree on, by the rules
//! of the design: one producer a pin and one value a sticky pin keep the order; streams that meet in one pin keep only
//! the values; what is paired with such a stream keeps only how many there are; and what then depends on the values
//! keeps nothing.

use std::fmt::Write as _;

use super::harness::Draw;

/// What all drivers agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Nothing,
    /// How many values.
    Count,
    /// Which values, in any order.
    Set,
    /// Which values in which order.
    Exact,
}

#[derive(Debug, Clone)]
struct Stream {
    from: String,
    class: Class,
    /// At most so many values.
    most: usize,
    used: bool,
}

/// A drawn graph.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) json: String,
    /// The graph's outputs.
    pub(crate) outputs: Vec<(String, Class)>,
    /// Firings and failures are as many in every run.
    pub(crate) counts: bool,
    /// What is left at the end is the same in every run.
    pub(crate) leftovers: bool,
    /// Streams may meet in one pin or one tool.
    pub(crate) races: bool,
    /// About how many firings there are at most.
    firings: usize,
}

impl Case {
    pub(crate) fn is_exact(&self) -> bool {
        self.outputs.iter().all(|(_, class)| *class == Class::Exact)
    }
}

const IMPORT: &str = ", \"nulls\": \"drop\", \"coercion\": \"lenient\"";

/// Calls inside of calls multiply what a graph does: one with more firings is not worth its time.
const MAX_FIRINGS: usize = 50_000;

/// Draws a graph.
pub(crate) fn case(seed: u64) -> Case {
    let mut draw = Draw(seed);
    loop {
        let case = any_case(&mut draw);
        if case.firings <= MAX_FIRINGS {
            return case;
        }
    }
}

fn any_case(draw: &mut Draw) -> Case {
    let racy = draw.chance(1, 2);
    let import = draw.chance(1, 4);
    let size = 3 + draw.below(12);
    let mut builder = Builder::new(draw, (racy, import), 0);
    for _ in 0..1 + builder.draw.below(3) {
        builder.source();
    }
    for _ in 0..size {
        builder.grow();
    }
    builder.finish("continue")
}

struct Builder<'d> {
    draw: &'d mut Draw,
    /// Streams may meet in one pin.
    racy: bool,
    /// The policy of imports: nulls starve firings.
    import: bool,
    depth: usize,
    nodes: Vec<String>,
    links: Vec<String>,
    graphs: Vec<String>,
    streams: Vec<Stream>,
    outputs: Vec<(String, Class)>,
    counts: bool,
    leftovers: bool,
    fails: bool,
    /// Firings of several blocks meet in a tool, or what is new and what goes around in a circle.
    mixes: bool,
    /// About how many firings there are at most, those of calls too.
    firings: usize,
}

/// A pin to be linked: its reference, its streams, and whether it is sticky.
struct Feed {
    pin: String,
    streams: Vec<usize>,
    sticky: bool,
}

impl<'d> Builder<'d> {
    fn new(draw: &'d mut Draw, (racy, import): (bool, bool), depth: usize) -> Self {
        Self {
            draw,
            racy,
            import,
            depth,
            nodes: Vec::new(),
            links: Vec::new(),
            graphs: Vec::new(),
            streams: Vec::new(),
            outputs: Vec::new(),
            counts: true,
            leftovers: true,
            fails: false,
            mixes: false,
            firings: 0,
        }
    }

    fn node(&mut self, block: &str, inputs: &str) -> String {
        let id = format!("n{}", self.nodes.len());
        let more = match self.draw.below(6) {
            0 => ", \"concurrency\": 1",
            1 => ", \"concurrency\": 2",
            _ => "",
        };
        self.nodes.push(format!(
            "\"{id}\": {{\"block\": \"{block}\", \"inputs\": {{{inputs}}}{more}}}"
        ));
        id
    }

    fn give(&mut self, from: String, class: Class, most: usize) -> usize {
        // One value has no order.
        let class = if most <= 1 && class == Class::Set {
            Class::Exact
        } else {
            class
        };
        self.streams.push(Stream {
            from,
            class,
            most,
            used: false,
        });
        self.streams.len() - 1
    }

    fn source(&mut self) {
        let n = match self.draw.below(10) {
            0 => 0,
            1 => 60 + self.draw.below(80),
            2..=4 => 1,
            _ => 2 + self.draw.below(8),
        };
        let base = self.nodes.len();
        let id = self.node("t.source", &format!("\"n\": {n}, \"base\": {base}"));
        self.give(format!("{id}.item"), Class::Exact, n);
    }

    fn pick(&mut self) -> usize {
        // Fresh streams first, so that graphs get deep.
        let fresh: Vec<usize> = (0..self.streams.len())
            .filter(|at| !self.streams[*at].used)
            .collect();
        if !fresh.is_empty() && self.draw.chance(2, 3) {
            *self.draw.of(&fresh)
        } else {
            self.draw.below(self.streams.len())
        }
    }

    fn feed(&mut self, pin: String) -> Feed {
        let mut streams = vec![self.pick()];
        if self.racy && self.draw.chance(1, 6) {
            let other = self.pick();
            if other != streams[0] {
                streams.push(other);
            }
        }
        Feed {
            pin,
            streams,
            sticky: false,
        }
    }

    /// Links the feeds of one node. Returns the class of what it gives, and how often it fires at most.
    fn link(&mut self, feeds: &[Feed]) -> (Class, usize) {
        let mut plain: Vec<(Class, usize)> = Vec::new();
        let mut class = Class::Exact;
        for feed in feeds {
            let mut pin = (Class::Exact, 0);
            for (position, at) in feed.streams.iter().enumerate() {
                let stream = &mut self.streams[*at];
                stream.used = true;
                pin = (pin.0.min(stream.class), pin.1 + stream.most);
                if position > 0 {
                    pin.0 = pin.0.min(Class::Set);
                }
                let sticky = if feed.sticky {
                    ", \"sticky\": true"
                } else {
                    ""
                };
                let link = format!(
                    "{{\"from\": \"{}\", \"to\": \"{}\"{sticky}}}",
                    stream.from, feed.pin
                );
                self.links.push(link);
            }
            if pin.1 <= 1 && pin.0 == Class::Set {
                pin.0 = Class::Exact;
            }
            if !feed.sticky {
                plain.push(pin);
                continue;
            }
            if pin.1 > 1 && feeds.len() > 1 {
                // Which value a firing meets is a race.
                class = class.min(Class::Count);
                self.leftovers = false;
            }
            class = class.min(pin.0);
        }
        let fires = plain.iter().map(|pin| pin.1).min();
        let lowest = plain.iter().map(|pin| pin.0).min();
        class = class.min(lowest.unwrap_or(Class::Exact));
        if plain.len() > 1 && class == Class::Set {
            // Which values are paired is a race.
            class = Class::Count;
        }
        let alone = || {
            let streams = feeds.iter().flat_map(|feed| &feed.streams);
            streams.map(|at| self.streams[*at].most).sum()
        };
        let fires = fires.unwrap_or_else(alone);
        self.firings += fires;
        if self.import && class == Class::Set && feeds.iter().any(|feed| feed.sticky) {
            // A firing that starves uses up a sticky value (I9): whether it is the first is a race.
            class = Class::Count;
        }
        if self.import {
            // Which firings starve depends on the values.
            class = self.by_value(class);
        }
        (class, fires)
    }

    /// What depends on the values of a stream of which only the number is known is not known at all.
    fn by_value(&mut self, class: Class) -> Class {
        if class >= Class::Set {
            return class;
        }
        self.counts = false;
        self.leftovers = false;
        Class::Nothing
    }

    fn grow(&mut self) {
        match self.draw.below(24) {
            23 => self.one("t.maybe", "out"),
            20 => self.flaky(),
            21 if self.depth < 2 => self.ask(),
            22 => self.agent(),
            0 => self.source(),
            1 | 2 => self.one("t.map", "out"),
            3..=5 => self.join(),
            6 | 7 => self.sticky(),
            8 => self.split(),
            9 | 10 => self.fail(),
            11 | 12 => self.gather(),
            13 => self.spread(),
            14..=16 if self.depth < 2 => self.call(),
            17 => self.cycle(),
            18 => self.object(),
            19 => self.pair(),
            _ => self.loose(),
        }
    }

    fn one(&mut self, block: &str, out: &str) {
        let id = self.node(block, "");
        let feed = self.feed(format!("{id}.value"));
        let (class, most) = self.link(&[feed]);
        self.give(format!("{id}.{out}"), class, most);
    }

    fn join(&mut self) {
        let id = self.node("t.join", "");
        let three = self.draw.chance(1, 3);
        let mut feeds = vec![self.feed(format!("{id}.a")), self.feed(format!("{id}.b"))];
        if three {
            feeds.push(self.feed(format!("{id}.c")));
        }
        let (class, most) = self.link(&feeds);
        self.give(format!("{id}.out"), class, most);
    }

    fn sticky(&mut self) {
        let id = self.node("t.join", "");
        let mut b = self.feed(format!("{id}.b"));
        let singles: Vec<usize> = (0..self.streams.len())
            .filter(|at| self.streams[*at].most <= 1)
            .collect();
        if !self.racy || self.draw.chance(1, 2) {
            if singles.is_empty() {
                let one = self.node("t.source", "\"base\": 7");
                let at = self.give(format!("{one}.item"), Class::Exact, 1);
                b.streams = vec![at];
            } else {
                b.streams = vec![*self.draw.of(&singles)];
            }
        }
        b.sticky = true;
        let a = self.feed(format!("{id}.a"));
        let (class, most) = self.link(&[a, b]);
        self.give(format!("{id}.out"), class, most);
    }

    fn split(&mut self) {
        let id = self.node("t.split", "");
        let feed = self.feed(format!("{id}.value"));
        let (class, most) = self.link(&[feed]);
        let class = self.by_value(class);
        self.give(format!("{id}.even"), class, most);
        self.give(format!("{id}.odd"), class, most);
    }

    fn fail(&mut self) {
        let every = 1 + self.draw.below(3);
        let id = self.node("t.fail", &format!("\"every\": {every}"));
        let feed = self.feed(format!("{id}.value"));
        let (class, most) = self.link(&[feed]);
        let class = self.by_value(class);
        self.fails = true;
        self.give(format!("{id}.out"), class, most);
        if self.draw.chance(1, 2) {
            self.give(format!("{id}.error"), class, most);
        }
    }

    fn gather(&mut self) {
        let block = *self.draw.of(&["t.gather", "t.total", "t.every"]);
        let id = self.node(block, "");
        let feed = self.feed(format!("{id}.items"));
        let (class, most) = self.link(&[feed]);
        let class = match (block, class) {
            (_, Class::Exact) | ("t.total", Class::Set) => Class::Exact,
            (_, Class::Set | Class::Count) => Class::Count,
            (_, Class::Nothing) => Class::Nothing,
        };
        if block == "t.every" {
            self.give(format!("{id}.out"), class, most / 3 + 1);
            return;
        }
        self.give(format!("{id}.out"), class, 1);
        if block == "t.gather" {
            // The size is known where the number is.
            let size = if class == Class::Count {
                Class::Exact
            } else {
                class
            };
            self.give(format!("{id}.size"), size, 1);
        }
    }

    fn spread(&mut self) {
        let n = 1 + self.draw.below(4);
        let id = self.node("t.source", &format!("\"n\": {n}"));
        let feed = self.feed(format!("{id}.trigger"));
        let (class, most) = self.link(&[feed]);
        if most * n > 300 {
            // Grown too wide: the rest of the graph does not hang on it.
            self.streams.retain(|stream| stream.most <= 300);
        }
        self.give(format!("{id}.item"), class, most * n);
    }

    fn cycle(&mut self) {
        self.mixes = true;
        let id = self.node("t.loop", "");
        let feed = self.feed(format!("{id}.value"));
        let (class, most) = self.link(&[feed]);
        // Two producers feed the pin, but one value after the other keeps its order.
        let class = if most > 1 {
            class.min(Class::Set)
        } else {
            class
        };
        let class = self.by_value(class);
        let mut back = format!("{id}.again");
        if self.draw.chance(1, 2) {
            let pass = self.node("t.pass", "");
            self.links.push(format!(
                "{{\"from\": \"{back}\", \"to\": \"{pass}.value\"}}"
            ));
            back = format!("{pass}.out");
        }
        self.links
            .push(format!("{{\"from\": \"{back}\", \"to\": \"{id}.value\"}}"));
        self.give(format!("{id}.done"), class, most);
    }

    fn object(&mut self) {
        let id = self.node("t.object", "");
        let mut feeds = Vec::new();
        for place in ["left", "deep.list[1]", "deep[\"any text\"]"]
            .iter()
            .take(1 + self.draw.below(3))
        {
            feeds.push(self.feed(format!("{id}.values.{place}").replace('"', "\\\"")));
        }
        let (class, most) = self.link(&feeds);
        self.give(format!("{id}.out"), class, most);
    }

    fn pair(&mut self) {
        let id = self.node("t.pair", "");
        let feed = self.feed(format!("{id}.value"));
        let (class, most) = self.link(&[feed]);
        for path in ["left", "list[0]", "list[-1]", "nothing"] {
            if self.draw.chance(1, 2) {
                let most = if path == "nothing" { 0 } else { most };
                self.give(format!("{id}.out.{path}"), class, most);
            }
        }
    }

    fn loose(&mut self) {
        if !self.racy {
            return self.one("t.map", "out");
        }
        let id = self.node("t.loose", "");
        let (a, b) = (
            self.feed(format!("{id}.value")),
            self.feed(format!("{id}.extra")),
        );
        let (known, most) = self.link(&[a]);
        let (extra, _) = self.link(&[b]);
        // Whether the extra value is there in time is a race.
        self.leftovers = false;
        self.give(
            format!("{id}.out"),
            known.min(extra).min(Class::Count),
            most,
        );
    }

    fn flaky(&mut self) {
        let id = self.node("t.flaky", "");
        self.retry();
        let feed = self.feed(format!("{id}.value"));
        let (class, most) = self.link(&[feed]);
        self.give(format!("{id}.out"), class, 2 * most);
    }

    /// The newest node may try again.
    fn retry(&mut self) {
        let retry = "\"retry\": {\"max_attempts\": 3, \"backoff_ms\": 1, \"max_backoff_ms\": 2}";
        let node = self.nodes.last_mut().expect("a node was added");
        *node = node.replace("\"inputs\"", &format!("{retry}, \"inputs\""));
    }

    fn agent(&mut self) {
        self.mixes = true;
        let id = self.node("t.agent", "");
        let feed = self.feed(format!("{id}.value"));
        let (class, most) = self.link(&[feed]);
        if self.draw.chance(1, 4) {
            let name = format!("o{}", self.outputs.len());
            let tool = self.node("t.out", &format!("\"name\": \"{name}\""));
            self.links.push(format!(
                "{{\"from\": \"{id}.tools\", \"to\": \"{tool}.value\"}}"
            ));
            self.outputs.push((name, class.min(Class::Set)));
        }
        for _ in 0..1 + self.draw.below(2) {
            let tool = self.node("t.map", "");
            self.links.push(format!(
                "{{\"from\": \"{id}.tools\", \"to\": \"{tool}.value\"}}"
            ));
            // In which order several firings come to it is a race.
            self.give(format!("{tool}.out"), class.min(Class::Set), most);
        }
        self.give(format!("{id}.out"), class, most);
    }

    fn ask(&mut self) {
        let (case, name, _) = self.child(1, "continue");
        let id = self.node("t.ask", &format!("\"graph\": \"{name}\""));
        let feed = self.feed(format!("{id}.value"));
        let (class, most) = self.link(&[feed]);
        self.firings += most * case.firings;
        let class = self.by_value(class);
        self.counts &= case.counts;
        self.leftovers &= case.leftovers;
        self.fails = true;
        // It gives one value that depends on all outputs.
        let inner = case.outputs.iter().map(|(_, class)| *class).min();
        let inner = match inner.unwrap_or(Class::Exact) {
            Class::Exact => Class::Exact,
            _ => Class::Count,
        };
        self.give(format!("{id}.out"), class.min(inner), most);
    }

    /// Draws a graph with so many inputs. Returns it, its name, and at most how many values an output of it gets.
    fn child(&mut self, inputs: usize, on_error: &str) -> (Case, String, usize) {
        let size = 1 + self.draw.below(5);
        let mut child = Builder::new(self.draw, (self.racy, self.import), self.depth + 1);
        for position in 0..inputs {
            let id = child.node("t.in", &format!("\"name\": \"x{position}\""));
            child.give(format!("{id}.result"), Class::Exact, 1);
        }
        for _ in 0..size {
            child.grow();
        }
        let (fails, mixes) = (child.fails, child.mixes);
        let wide = child.streams.iter().map(|stream| stream.most).max();
        let case = child.finish(on_error);
        self.fails |= fails;
        self.mixes |= mixes;
        let name = format!("g{}_{}", self.depth, self.graphs.len());
        self.graphs.push(format!("\"{name}\": {}", case.json));
        (case, name, wide.unwrap_or(1))
    }

    fn call(&mut self) {
        let inputs = 1 + self.draw.below(2);
        let on_error = *self.draw.of(&["fail", "continue"]);
        let (case, name, wide) = self.child(inputs, on_error);
        let id = self.node("t.call", &format!("\"graph\": \"{name}\""));
        if on_error == "fail" && self.draw.chance(4, 5) {
            self.retry();
        }
        let feeds: Vec<Feed> = (0..inputs)
            .map(|position| self.feed(format!("{id}.x{position}")))
            .collect();
        let (class, most) = self.link(&feeds);
        self.firings += most * case.firings;
        let class = self.by_value(class);
        self.counts &= case.counts;
        self.leftovers &= case.leftovers;
        let fails = on_error == "fail" && self.fails;
        if fails {
            // How far the others come before the failure is a race.
            self.counts = false;
            self.leftovers = false;
        }
        for (output, inner) in case.outputs {
            let inner = if fails { Class::Nothing } else { inner };
            self.give(format!("{id}.{output}"), class.min(inner), most * wide);
        }
        self.streams.retain(|stream| stream.most <= 300);
        if self.streams.is_empty() {
            self.source();
        }
    }

    /// Gives each loose end an output, and writes the graph.
    fn finish(mut self, on_error: &str) -> Case {
        for at in 0..self.streams.len() {
            if self.streams[at].used && !self.draw.chance(1, 4) {
                continue;
            }
            let name = format!("o{}", self.outputs.len());
            let id = self.node("t.out", &format!("\"name\": \"{name}\""));
            let feed = Feed {
                pin: format!("{id}.value"),
                streams: vec![at],
                sticky: false,
            };
            let (class, _) = self.link(&[feed]);
            self.outputs.push((name, class));
        }
        let mut json = format!(
            "{{\"format\": 1, \"policy\": {{\"cycles\": \"allow\", \"on_error\": \"{on_error}\"{}}}, \"nodes\": {{\n  {}\n}}, \"links\": [\n  {}\n]",
            if self.import { IMPORT } else { "" },
            self.nodes.join(",\n  "),
            self.links.join(",\n  ")
        );
        if !self.graphs.is_empty() {
            let _ = write!(json, ", \"graphs\": {{{}}}", self.graphs.join(",\n"));
        }
        json.push('}');
        Case {
            json,
            outputs: self.outputs,
            counts: self.counts,
            leftovers: self.leftovers,
            races: self.racy || self.mixes,
            firings: self.firings,
        }
    }
}
