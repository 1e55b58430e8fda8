//! Floors: blocks behind trait objects that take and give `serde_json` values, in a known order; with two events a
//! node to a consumer task, or without.
//!
//! There are two floors with events, since there are two contracts. In `seq_json_ev` each event has a time of its own,
//! which costs a read of the counter: about as much again as putting the event into its batch. In `seq_json_ev_batch`
//! events have numbers and their batch has the time; that is what Graphloom does, so it is the harder one to come near
//! to.

mod events;

use std::pin::Pin;
use std::sync::Arc;

use serde_json::Value;

use crate::body::body;
use crate::form::Form;
use crate::peer::Peer;
use crate::spec::{Spec, Work};

use events::Events;
pub(super) use events::{Mark, Number, OwnTime, Quiet};

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

pub(super) struct SeqJson<M> {
    spec: Arc<Spec>,
    blocks: Vec<Arc<dyn Block>>,
    mark: M,
}

impl<M: Mark> Peer for SeqJson<M> {
    type Source = Arc<Spec>;

    fn source(spec: &Arc<Spec>) -> Arc<Spec> {
        Arc::clone(spec)
    }

    fn build(source: &Arc<Spec>) -> Self {
        let block = |i: usize| Arc::new(Add(source.add[i], source.work[i])) as Arc<dyn Block>;
        Self {
            spec: Arc::clone(source),
            blocks: (0..source.n).map(block).collect(),
            mark: M::new(),
        }
    }

    async fn run(&mut self) -> u64 {
        let spec = &*self.spec;
        let mut events = M::EVENTS.then(|| Events::new(&mut self.mark));
        let mut values: Vec<Arc<Value>> = Vec::with_capacity(spec.n);
        let mut inputs: Vec<Arc<Value>> = Vec::new();
        // A stream goes through the nodes item by item; the first node has the item as its input.
        let (stream, items) = match spec.form {
            Form::Stream(items) => (true, items),
            _ => (false, 1),
        };
        let mut sum = 0_u64;
        for item in 0..items {
            values.clear();
            for i in 0..spec.n {
                let node = i as u32;
                if let Some(events) = &mut events {
                    events.started(node);
                }
                inputs.clear();
                inputs.extend(spec.p(i).iter().map(|&p| Arc::clone(&values[p as usize])));
                if stream && i == 0 {
                    inputs.push(Arc::new(Value::from(item)));
                }
                let output = Arc::new(self.blocks[i].call(&inputs).await.unwrap());
                if let Some(events) = &mut events {
                    events.finished(node, Arc::clone(&output));
                }
                values.push(output);
            }
            sum = sum.wrapping_add(spec.checksum(|i| values[i].as_u64().unwrap()));
            if M::EVENTS && item % 1024 == 1023 {
                // Else nobody reads the events of a stream before its end.
                tokio::task::yield_now().await;
            }
        }
        if let Some(events) = events {
            events.finish().await;
        }
        sum
    }
}
