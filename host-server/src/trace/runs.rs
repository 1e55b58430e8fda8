//! Spans of runs.
//!
//! A run keeps the span of the request that has started it as a label, so that whoever ends it, a process later perhaps,
//! knows what it is a part of. Its own span is named by its id: no second one is drawn for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use graphloom::host::{RunEntry, Store};
use graphloom::{RunOutcome, Status, Text, Value};
use sha2::{Digest, Sha256};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use super::{Span, SpanSink, SpanStatus, TraceContext, current, time};
use crate::runs::{RunEnded, is_lost, labels};

/// How many ended runs may wait to be looked at; the spans of others are lost.
const QUEUE: usize = 4_096;
/// How long to wait for the spans of runs that have just ended.
const FLUSH: Duration = Duration::from_secs(2);

/// Returns what a run keeps of the span that it is started in.
pub(crate) fn label_of() -> Option<String> {
    current().map(|context| context.to_string())
}

/// Returns the span of a run, and the one that has started it. A run that nobody has asked for begins a trace.
pub(crate) fn of_run(entry: &RunEntry) -> (TraceContext, Option<TraceContext>) {
    let label = entry.labels.get(labels::TRACE).and_then(Value::as_str);
    let parent: Option<TraceContext> = label.and_then(|label| label.parse().ok());
    let hash: [u8; 32] = Sha256::digest(entry.run.as_bytes()).into();
    let (trace, rest) = hash.split_at(16);
    let (span, _) = rest.split_at(8);
    let number = |bytes: &[u8]| bytes.iter().fold(0, |n: u128, b| n << 8 | u128::from(*b));
    let span = u64::try_from(number(span)).unwrap_or(u64::MAX).max(1);
    let context = match parent {
        Some(parent) => TraceContext { span, ..parent },
        None => TraceContext {
            trace: number(trace).max(1),
            span,
            sampled: true,
        },
    };
    (context, parent)
}

/// Gives a span of each run that ends here.
pub(crate) struct RunSpans {
    ended: mpsc::Sender<(Text, Status, Option<String>)>,
    waiting: Arc<Waiting>,
    _task: JoinSet<()>,
}

/// How many have ended and were not given yet.
#[derive(Default)]
struct Waiting {
    count: AtomicUsize,
    less: Notify,
}

impl RunSpans {
    /// On the current tokio runtime.
    pub(crate) fn begin(sink: Arc<dyn SpanSink>, store: Arc<dyn Store>) -> Self {
        let (ended, mut come) = mpsc::channel::<(Text, Status, Option<String>)>(QUEUE);
        let waiting = Arc::<Waiting>::default();
        let done = Arc::clone(&waiting);
        let mut task = JoinSet::new();
        task.spawn(async move {
            while let Some((run, status, code)) = come.recv().await {
                match store.entry(&run).await {
                    Ok(entry) => {
                        if let Some(span) = span(&entry, status, code) {
                            sink.ended(span);
                        }
                    }
                    // It was deleted at once, or the store does not answer: a span is not worth more.
                    Err(error) => tracing::debug!(%run, %error, "the span of a run is lost"),
                }
                done.count.fetch_sub(1, Ordering::AcqRel);
                done.less.notify_waiters();
            }
        });
        Self {
            ended,
            waiting,
            _task: task,
        }
    }

    /// Waits until the spans of all runs that have ended so far were given.
    pub(crate) async fn flush(&self) {
        let all = async {
            loop {
                let less = self.waiting.less.notified();
                if self.waiting.count.load(Ordering::Acquire) == 0 {
                    return;
                }
                less.await;
            }
        };
        let _ = tokio::time::timeout(FLUSH, all).await;
    }
}

impl RunEnded for RunSpans {
    fn ended(&self, run: &Text, outcome: &RunOutcome, _: bool) {
        if outcome.status.is_terminal() && !is_lost(outcome) {
            let failure = outcome.failure.as_ref();
            let code = failure.map(|failure| failure.code.as_str().to_owned());
            self.waiting.count.fetch_add(1, Ordering::AcqRel);
            let told = self.ended.try_send((run.clone(), outcome.status, code));
            if told.is_err() {
                self.waiting.count.fetch_sub(1, Ordering::AcqRel);
            }
        }
    }
}

fn span(entry: &RunEntry, status: Status, code: Option<String>) -> Option<Span> {
    let (context, parent) = of_run(entry);
    if !context.sampled {
        return None;
    }
    let mut attributes = vec![
        ("graphloom.run.id", entry.run.to_string()),
        ("graphloom.run.status", status.to_string()),
    ];
    if !entry.source.is_empty() {
        attributes.push(("graphloom.graph.id", entry.source.to_string()));
    }
    Some(Span {
        context,
        parent: parent.map(|parent| parent.span),
        is_remote: false,
        name: "run".to_owned(),
        is_request: false,
        began: time(entry.created),
        ended: time(entry.updated),
        status: match status {
            Status::Failed => SpanStatus::Failed(code.unwrap_or_default()),
            _ => SpanStatus::Unset,
        },
        attributes,
    })
}
