//! Servers whose clock the test turns, over stores that outlive them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use graphloom::host::{BoxFuture, Clock, ManualClock, MemoryStore, Store};
use graphloom::{Engine, Registry, Timestamp};
use graphloom_backends::credentials::{Key, Keys};
use graphloom_server::records::{Change, MemoryRecords, Records};
use graphloom_server::{App, AppBuilder};
use serde_json::{Value, json};

use crate::harness::{A, Server};
use crate::records::{Handed, hand_on};

/// What outlives a server.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) clock: Turned,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) records: Arc<dyn Records>,
    pub(crate) keys: Keys,
}

/// A clock that is turned, and whose hands can be put forward and back without time passing.
#[derive(Clone, Default)]
pub(crate) struct Turned {
    inner: ManualClock,
    shown: Arc<AtomicI64>,
}

impl Turned {
    /// Lets time pass.
    pub(crate) fn pass(&self, seconds: u64) {
        self.inner.advance(Duration::from_secs(seconds));
    }

    /// Puts the hands elsewhere: an hour back is -3600.
    pub(crate) fn put(&self, seconds: i64) {
        self.shown.fetch_add(seconds * 1_000, Ordering::Relaxed);
    }
}

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        Timestamp(self.inner.now().as_millis() + self.shown.load(Ordering::Relaxed))
    }

    fn elapsed(&self) -> Duration {
        self.inner.elapsed()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        self.inner.sleep(time)
    }
}

impl World {
    /// Begins at this moment.
    pub(crate) fn at(moment: &str) -> Self {
        let clock = Turned::default();
        let moment: jiff::Timestamp = moment.parse().expect("a moment");
        clock.put(moment.as_second());
        Self {
            clock,
            store: Arc::new(MemoryStore::default()),
            records: Arc::new(MemoryRecords::default()),
            keys: Keys::new(Key::generate().expect("random bytes"), []),
        }
    }

    /// Begins to build a server over it.
    pub(crate) fn app(&self) -> AppBuilder {
        let mut registry = Registry::new();
        graphloom_blocks::register(&mut registry).expect("the standard blocks");
        let engine = Engine::builder(registry).clock(Arc::new(self.clock.clone()));
        App::builder(engine.build())
            .clock(Arc::new(self.clock.clone()))
            .store(Arc::clone(&self.store))
            .records(Arc::clone(&self.records))
            .keys(self.keys.clone())
    }

    /// Starts a server over it.
    pub(crate) async fn start(&self) -> Server {
        Server::with(self.app()).await
    }
}

/// Waits until something is so; for a minute at most.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..6_000 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came: {what}");
}

/// Waits until there are so many runs, and returns them, the first accepted first.
pub(crate) async fn runs(server: &Server, count: usize) -> Vec<Value> {
    until(&format!("{count} runs"), async || {
        let listed = server.get("/v1/runs?limit=200", A).await.json();
        let mut items = listed["items"].as_array().cloned().unwrap_or_default();
        items.reverse();
        (items.len() >= count).then_some(items)
    })
    .await
}

/// A graph that waits until somebody says yes.
pub(crate) fn review() -> Value {
    json!({
        "format": 1,
        "name": "review",
        "nodes": {
            "ask": { "block": "flow.review", "inputs": { "data": "fine?", "name": "look" } },
            "out": { "block": "io.output", "inputs": { "name": "said" } }
        },
        "links": [{ "from": "ask.approved_data", "to": "out.value" }]
    })
}

/// Says yes to a run of [`review`].
pub(crate) async fn approve(server: &Server, run: &str) {
    let path = format!("/v1/runs/{run}/answers");
    let answer = json!({ "node": "ask", "value": true });
    let answered = server.post(&path, A, &answer).await;
    assert_eq!(answered.status, 202, "{}", answered.text);
}

/// Records of a process that is killed: from one write on nothing is written and nobody is told.
pub(crate) struct Killed {
    records: Arc<dyn Records>,
    /// Only writes that have this count.
    kind: String,
    /// How many of them are left; negative: any number.
    left: AtomicI64,
    /// The last one is written, and nobody is told.
    written: bool,
}

impl Killed {
    /// Returns the records of a world, whose writes of this kind count. `written`: the one at which it is killed is written.
    pub(crate) fn at(world: &World, kind: &str, written: bool) -> Self {
        Self {
            records: Arc::clone(&world.records),
            kind: format!("kind: {kind},"),
            left: AtomicI64::new(-1),
            written,
        }
    }

    /// Kills it after so many more writes.
    pub(crate) fn after(&self, writes: i64) {
        self.left.store(writes, Ordering::SeqCst);
    }

    /// Says whether it is dead.
    pub(crate) fn is_dead(&self) -> bool {
        self.left.load(Ordering::SeqCst) == i64::MIN
    }
}

impl Records for Killed {
    hand_on!(records: get list due find usage rest);

    fn write(&self, changes: Vec<Change>, now: Timestamp) -> Handed<'_, Vec<u64>> {
        let counts = format!("{changes:?}").contains(&self.kind);
        let left = match self.left.load(Ordering::SeqCst) {
            left if counts && left >= 0 => self.left.fetch_sub(1, Ordering::SeqCst),
            left => left,
        };
        match left {
            0 if counts => {
                self.left.store(i64::MIN, Ordering::SeqCst);
                Box::pin(async move {
                    if self.written {
                        self.records.write(changes, now).await?;
                    }
                    std::future::pending().await
                })
            }
            i64::MIN => Box::pin(std::future::pending()),
            _ => self.records.write(changes, now),
        }
    }
}
