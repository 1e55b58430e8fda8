//! Times and failures of blocks, read off what runs tell.
//!
//! A firing counts from its start to its end: attempts, and the pauses between them. One that waits for an answer is not
//! timed, since it would tell how long people take. Times are those of events, in milliseconds.

use std::collections::HashMap;
use std::sync::Arc;

use graphloom::{Batch, Event, EventStream, How, NodeIx, Observed, Text, Timestamp, Trace};
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
    firings: HashMap<Firing, Timestamp>,
}

/// The series of a block, looked up once.
struct Series {
    seconds: Histogram,
    failed: Counter,
}

/// Reads what runs tell, for as long as there is someone who tells.
pub(super) async fn read(blocks: Arc<Blocks>, mut events: EventStream) {
    let mut reader = Reader {
        blocks,
        runs: HashMap::new(),
        series: HashMap::new(),
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
    series: HashMap<Text, Series>,
}

impl Reader {
    fn batch(&mut self, batch: &Batch) {
        if self.runs.len() >= RUNS && !self.runs.contains_key(&batch.run) {
            self.runs.clear();
        }
        let going = self.runs.entry(batch.run.clone());
        let going = going.or_insert_with(|| Going {
            trace: Trace::new(&batch.plan),
            firings: HashMap::new(),
        });
        for record in batch.records() {
            going.trace.pass(&record);
            let scope = record.scope;
            let (node, firing, failed) = match record.event {
                Event::Started { node, firing } | Event::ToolStarted { node, firing, .. } => {
                    going.firings.insert((scope, node, firing), record.at);
                    continue;
                }
                Event::Waiting { node, firing, .. } => {
                    going.firings.remove(&(scope, node, firing));
                    continue;
                }
                Event::Done { node, firing, .. } => (node, firing, false),
                Event::Finished { node, firing, how } => {
                    (node, firing, matches!(how, How::Failed(_)))
                }
                _ => continue,
            };
            let began = going.firings.remove(&(scope, node, firing));
            let Some(plan) = going.trace.plan(scope) else {
                continue;
            };
            let series = series(&self.blocks, &mut self.series, plan.block_id(node));
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
            self.runs.remove(&batch.run);
        }
    }
}

/// Returns the series of a block. A plan has none but those of its registry.
fn series<'a>(
    blocks: &Blocks,
    known: &'a mut HashMap<Text, Series>,
    block: &str,
) -> &'a mut Series {
    known.entry(Text::from(block)).or_insert_with(|| {
        let block = block.to_owned();
        let of = Of { block };
        Series {
            seconds: blocks.seconds.get_or_create(&of).clone(),
            failed: blocks.failed.get_or_create(&of).clone(),
        }
    })
}
