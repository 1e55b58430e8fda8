//! Floors: blocks behind trait objects that take and give `serde_json` values, in a known order; with two events a
//! node to a consumer task, or without.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::body::body;
use crate::peer::Peer;
use crate::spec::{Spec, Work};

type Given<'a> = Pin<Box<dyn Future<Output = Result<Value, String>> + Send + 'a>>;

trait Block: Send + Sync {
    fn call<'a>(&'a self, inputs: &'a [Arc<Value>]) -> Given<'a>;
}

struct Add(u64, Work);

impl Block for Add {
    fn call<'a>(&'a self, inputs: &'a [Arc<Value>]) -> Given<'a> {
        Box::pin(async move {
            let mut sum = self.0;
            for value in inputs {
                sum = sum.wrapping_add(value.as_u64().ok_or("not a number")?);
            }
            Ok(Value::from(body(self.1, sum).await))
        })
    }
}

/// What happened. Numbered, since events of a batch share their time, as ours do.
#[expect(dead_code, reason = "who consumes them reads none of it")]
enum Event {
    Started {
        seq: u64,
        node: u32,
    },
    Finished {
        seq: u64,
        node: u32,
        output: Arc<Value>,
    },
}

struct Batch {
    #[expect(dead_code, reason = "who consumes it does not read it")]
    at: Instant,
    events: Vec<Event>,
}

const BATCH: usize = 128;

/// Collects events and hands them over in batches to a task that counts them.
struct Events {
    batch: Vec<Event>,
    next: u64,
    sender: mpsc::UnboundedSender<Batch>,
    counted: JoinHandle<usize>,
}

impl Events {
    fn new() -> Self {
        let (sender, mut receiver) = mpsc::unbounded_channel::<Batch>();
        let count = async move {
            let mut n = 0;
            while let Some(batch) = receiver.recv().await {
                n += batch.events.len();
            }
            n
        };
        Self {
            batch: Vec::with_capacity(BATCH),
            next: 0,
            sender,
            counted: tokio::spawn(count),
        }
    }

    fn push(&mut self, event: impl FnOnce(u64) -> Event) {
        self.batch.push(event(self.next));
        self.next += 1;
        if self.batch.len() == BATCH {
            let full = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
            self.send(full);
        }
    }

    fn send(&self, events: Vec<Event>) {
        let at = Instant::now();
        self.sender.send(Batch { at, events }).ok();
    }

    async fn finish(mut self) {
        let rest = std::mem::take(&mut self.batch);
        self.send(rest);
        drop(self.sender);
        assert_eq!(self.counted.await.unwrap() as u64, self.next);
    }
}

pub(super) struct SeqJson<const EVENTS: bool> {
    spec: Arc<Spec>,
    blocks: Vec<Arc<dyn Block>>,
}

impl<const EVENTS: bool> Peer for SeqJson<EVENTS> {
    type Source = Arc<Spec>;

    fn source(spec: &Arc<Spec>) -> Arc<Spec> {
        Arc::clone(spec)
    }

    fn build(source: &Arc<Spec>) -> Self {
        let block = |i: usize| Arc::new(Add(source.add[i], source.work[i])) as Arc<dyn Block>;
        Self {
            spec: Arc::clone(source),
            blocks: (0..source.n).map(block).collect(),
        }
    }

    async fn run(&mut self) -> u64 {
        let spec = &*self.spec;
        let mut events = EVENTS.then(Events::new);
        let mut values: Vec<Arc<Value>> = Vec::with_capacity(spec.n);
        let mut inputs: Vec<Arc<Value>> = Vec::new();
        for i in 0..spec.n {
            let node = i as u32;
            if let Some(events) = &mut events {
                events.push(|seq| Event::Started { seq, node });
            }
            inputs.clear();
            inputs.extend(spec.p(i).iter().map(|&p| Arc::clone(&values[p as usize])));
            let output = Arc::new(self.blocks[i].call(&inputs).await.unwrap());
            if let Some(events) = &mut events {
                let output = Arc::clone(&output);
                events.push(|seq| Event::Finished { seq, node, output });
            }
            values.push(output);
        }
        if let Some(events) = events {
            events.finish().await;
        }
        spec.checksum(|i| values[i].as_u64().unwrap())
    }
}
