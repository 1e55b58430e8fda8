//! Times and failures of blocks, read off what runs tell.
//!
//! A firing counts from its start to its end: attempts, and the pauses between them. One that waits for an answer is not
//! timed, since it would tell how long people take. Times are those of events, in milliseconds.

use std::collections::HashMap;
use std::sync::Arc;

use graphloom::{Batch, Event, EventStream, How, NodeIx, Observed, Plan, Text, Timestamp, Trace};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::{Histograms, counter, counters, short};

/// Of how many runs firings are known. One that leaves the process is forgotten when there are more.
const RUNS: usize = 16_384;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    block: String,
}

/// Counts firings.
pub(super) struct Blocks {
    seconds: Histograms<Of>,
    failed: Family<Of, Counter>,
    missed: Counter,
}

impl Blocks {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let seconds = Histograms::new_with_constructor(short as fn() -> _);
        let what = "Time from the start of a firing to its end";
        registry.register("block_seconds", what, seconds.clone());
        Self {
            seconds,
            failed: counters(registry, "block_failures", "Firings that failed, by block"),
            missed: counter(
                registry,
                "events_missed",
                "Events that were not read for these numbers, since there were too many",
            ),
        }
    }
}

/// Which firing of a run: scope, node, number.
type Firing = (u32, NodeIx, u32);

/// What is known of a run that goes on.
struct Going {
    trace: Trace,
    /// The firing that started last: most end before another one starts, and need not be found again among many.
    latest: Option<(Firing, Timestamp)>,
    firings: HashMap<Firing, Timestamp>,
}

impl Going {
    fn new(plan: &Arc<Plan>) -> Self {
        Self {
            trace: Trace::new(plan),
            latest: None,
            firings: HashMap::new(),
        }
    }

    fn began(&mut self, firing: Firing, at: Timestamp) {
        self.firings.extend(self.latest.replace((firing, at)));
    }

    /// Says when it began, where it is timed, and forgets it.
    fn over(&mut self, firing: Firing) -> Option<Timestamp> {
        match self.latest {
            Some((latest, at)) if latest == firing => {
                self.latest = None;
                Some(at)
            }
            _ => self.firings.remove(&firing),
        }
    }
}

/// The series of a block.
struct Series {
    seconds: Histogram,
    failed: Counter,
}

/// The series of blocks, each made once, and found without making a key of the block's name.
#[derive(Default)]
struct Known {
    names: HashMap<Text, usize>,
    series: Vec<Series>,
}

/// Reads what runs tell, for as long as there is someone who tells.
pub(super) async fn read(blocks: Arc<Blocks>, mut events: EventStream) {
    let mut reader = Reader {
        blocks,
        runs: HashMap::new(),
        known: Known::default(),
    };
    while let Some(seen) = events.next().await {
        match seen {
            Observed::Events(batch) => reader.batch(&batch),
            Observed::Missed(count) => drop(reader.blocks.missed.inc_by(count)),
            _ => {}
        }
        // There may be always more: others want the thread, too.
        tokio::task::consume_budget().await;
    }
}

struct Reader {
    blocks: Arc<Blocks>,
    runs: HashMap<Text, Going>,
    known: Known,
}

impl Reader {
    fn batch(&mut self, batch: &Batch) {
        let known = self.runs.remove(&batch.run);
        let mut going = known.unwrap_or_else(|| Going::new(&batch.plan));
        for record in batch.records() {
            going.trace.pass(&record);
            let scope = record.scope;
            let (node, firing, failed) = match record.event {
                Event::Started { node, firing } | Event::ToolStarted { node, firing, .. } => {
                    going.began((scope, node, firing), record.at);
                    continue;
                }
                Event::Waiting { node, firing, .. } => {
                    going.over((scope, node, firing));
                    continue;
                }
                Event::Done { node, firing, .. } => (node, firing, false),
                Event::Finished { node, firing, how } => {
                    (node, firing, matches!(how, How::Failed(_)))
                }
                _ => continue,
            };
            let began = going.over((scope, node, firing));
            let Some(plan) = going.trace.plan(scope) else {
                continue;
            };
            let block = plan.block_id(node);
            let Some(series) = self.known.of(&self.blocks, block) else {
                continue;
            };
            if let Some(began) = began {
                let ms = record.at.as_millis().saturating_sub(began.as_millis());
                let ms = u32::try_from(ms.max(0)).unwrap_or(u32::MAX);
                series.seconds.observe(f64::from(ms) / 1_000.0);
            }
            if failed {
                series.failed.inc();
            }
        }
        if batch.is_last() {
            return;
        }
        if self.runs.len() >= RUNS {
            self.runs.clear();
        }
        self.runs.insert(batch.run.clone(), going);
    }
}

impl Known {
    /// Returns the series of a block. A plan has none but those of its registry.
    fn of(&mut self, blocks: &Blocks, block: &str) -> Option<&Series> {
        let at = match self.names.get(block) {
            Some(at) => *at,
            None => self.add(blocks, block),
        };
        self.series.get(at)
    }

    #[cold]
    fn add(&mut self, blocks: &Blocks, block: &str) -> usize {
        let (name, at) = (Text::from(block), self.series.len());
        let block = block.to_owned();
        let of = Of { block };
        self.series.push(Series {
            seconds: blocks.seconds.get_or_create(&of).clone(),
            failed: blocks.failed.get_or_create(&of).clone(),
        });
        self.names.insert(name, at);
        at
    }
}

#[cfg(test)]
mod tests {
    use graphloom::Engine;

    use super::*;

    #[test]
    fn firings_are_timed_in_whatever_order_they_end() {
        let graph = r#"{"format": 1, "nodes": {"a": {"block": "id.new"}}}"#;
        let mut blocks = graphloom::Registry::new();
        graphloom_blocks::register(&mut blocks).expect("the standard blocks");
        let plan = Engine::new(blocks).load(graph.as_bytes()).expect("a plan");
        let mut going = Going::new(&plan);
        let node = plan.node("a").expect("a node");
        let firing = |number| (0, node, number);
        for number in 0..4 {
            going.began(firing(number), Timestamp(i64::from(number)));
        }
        for number in [3, 0, 2, 1] {
            let began = going.over(firing(number));
            assert_eq!(began, Some(Timestamp(i64::from(number))));
            assert_eq!(going.over(firing(number)), None, "it is over");
        }
        assert!(going.latest.is_none() && going.firings.is_empty());
    }
}
