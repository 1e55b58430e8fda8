//! What the server tells of itself as numbers, in the text form that Prometheus reads.
//!
//! Every application has numbers of its own: a program may have several applications, and a recorder for the whole process
//! would add them up. So the numbers are `prometheus-client`'s, whose registry is a value. The macros of `metrics` reach one
//! recorder of the process, and a recorder of one's own behind them would be called by key, with a look-up each time.
//!
//! No label is what a client has written: routes are templates, methods and codes are lists of ours, blocks are those of
//! the registry. So however many tenants, runs or paths there are, the series stay as they are.
//!
//! Nothing is counted while a node is at work. Runs are counted when they begin and leave; times of blocks are read off the
//! events, in batches, by a task of their own ([`blocks`]), which passes over some where it cannot keep up, and says so.
//!
//! | file | what it is for |
//! |---|---|
//! | `requests` | requests, by route |
//! | `runs` | runs, as they begin and leave |
//! | `blocks` | times and failures of blocks, read off the events |
//! | `beside` | callbacks and schedules |
//! | `standing` | what is looked up when somebody asks |
//! | `text` | the two text forms |

mod beside;
mod blocks;
mod requests;
mod runs;
mod standing;
mod text;

use std::sync::{Arc, Mutex};

use graphloom::{EventStream, Observer, observe};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tokio::task::JoinSet;

pub(crate) use text::Form;

use crate::locked::lock;

use self::beside::Beside;
use self::blocks::Blocks;
use self::requests::Requests;
use self::runs::Runs;
use self::standing::Standing;

/// How many events may wait to be read. Values in them are shared with their runs, and kept no longer than that.
const EVENTS: usize = 16_384;

/// A histogram for each set of labels.
type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// The numbers of an application.
pub(crate) struct Metrics {
    registry: Registry,
    pub(crate) requests: Arc<Requests>,
    pub(crate) runs: Arc<Runs>,
    pub(crate) beside: Beside,
    blocks: Arc<Blocks>,
    standing: Standing,
    observer: Observer,
    unread: Mutex<Option<EventStream>>,
    tasks: Mutex<JoinSet<()>>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("graphloom");
        let (observer, events) = observe(EVENTS);
        Self {
            requests: Arc::new(Requests::new(&mut registry)),
            runs: Arc::new(Runs::new(&mut registry)),
            beside: Beside::new(&mut registry),
            blocks: Arc::new(Blocks::new(&mut registry)),
            standing: Standing::new(&mut registry),
            registry,
            observer,
            unread: Mutex::new(Some(events)),
            tasks: Mutex::default(),
        }
    }

    /// Returns where runs tell what happens in them.
    pub(crate) fn observer(&self) -> Observer {
        self.observer.clone()
    }

    /// Begins to read what runs tell, on the current tokio runtime.
    pub(crate) fn begin(&self) {
        let events = lock(&self.unread).take();
        if let Some(events) = events {
            lock(&self.tasks).spawn(blocks::read(Arc::clone(&self.blocks), events));
        }
    }
}

/// Makes a counter for each set of labels.
fn counters<L>(registry: &mut Registry, name: &str, help: &str) -> Family<L, Counter>
where
    Family<L, Counter>: Default + Clone + prometheus_client::registry::Metric,
{
    let counters = Family::<L, Counter>::default();
    registry.register(name, help, counters.clone());
    counters
}

/// Makes a counter.
fn counter(registry: &mut Registry, name: &str, help: &str) -> Counter {
    let counter = Counter::default();
    registry.register(name, help, counter.clone());
    counter
}

/// Seconds that something takes which is answered while one waits.
fn short() -> Histogram {
    Histogram::new([
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
    ])
}

/// Seconds that something takes which may go on for long.
fn long() -> Histogram {
    Histogram::new([
        0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3_600.0,
        14_400.0, 86_400.0,
    ])
}
