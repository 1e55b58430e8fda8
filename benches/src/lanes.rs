//! A built graph that runs some times, in one lane or in many at once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::peer::Peer;
use crate::workloads::{Mode, Workload};

/// Who runs a workload: one peer, or as many as run at once.
///
/// Who can run again is built once, and then this is all that a repetition needs. Who cannot is built anew for each run:
/// before the time that counts where there is one lane, in it where there are many.
pub(crate) struct Lanes<P> {
    ready: Vec<P>,
    workload: Workload,
    expected: u64,
    build_only: bool,
}

/// What one repetition came to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ran {
    pub(crate) took: Duration,
    pub(crate) correct: bool,
}

impl<P: Peer> Lanes<P> {
    /// Makes as many of the first as there are lanes.
    pub(crate) fn new(first: P, workload: Workload, build_only: bool) -> Self {
        let ready = match workload.mode {
            Mode::Row { .. } => vec![first],
            Mode::Lanes { .. } if !P::REUSABLE => Vec::new(),
            Mode::Lanes { lanes, .. } => {
                let another = |_| first.another(&workload.spec);
                let mut ready: Vec<P> = (1..lanes).map(another).collect();
                ready.push(first);
                ready
            }
        };
        Self {
            ready,
            expected: workload.spec.expected(),
            workload,
            build_only,
        }
    }

    /// Does the workload once.
    pub(crate) async fn run(mut self) -> (Self, Ran) {
        let ran = match self.workload.mode {
            Mode::Row { runs } => self.one(runs).await,
            Mode::Lanes { lanes, runs } => self.all(lanes, runs).await,
        };
        (self, ran)
    }

    async fn one(&mut self, runs: usize) -> Ran {
        let (built, each) = if P::REUSABLE { (1, runs) } else { (runs, 1) };
        let mut ran = Ran {
            took: Duration::ZERO,
            correct: true,
        };
        for _ in 0..built {
            let mut peer = match self.ready.pop() {
                Some(peer) => peer,
                None => P::build(&P::source(&self.workload.spec)),
            };
            if !self.build_only {
                let since = Instant::now();
                ran.correct &= run(&mut peer, each, self.expected).await;
                peer.settle().await;
                ran.took += since.elapsed();
            }
            if P::REUSABLE {
                self.ready.push(peer);
            }
        }
        ran
    }

    async fn all(&mut self, lanes: usize, runs: usize) -> Ran {
        let (expected, build_only) = (self.expected, self.build_only);
        let since = Instant::now();
        let mut tasks = JoinSet::new();
        for _ in 0..lanes {
            if P::REUSABLE {
                let mut peer = self.ready.pop().unwrap();
                tasks.spawn(async move {
                    let correct = build_only || run(&mut peer, runs, expected).await;
                    (Some(peer), correct)
                });
            } else {
                let spec = Arc::clone(&self.workload.spec);
                tasks.spawn(async move {
                    let mut correct = true;
                    for _ in 0..runs {
                        let mut peer = P::build(&P::source(&spec));
                        correct &= build_only || run(&mut peer, 1, expected).await;
                    }
                    (None, correct)
                });
            }
        }
        let mut correct = true;
        while let Some(ended) = tasks.join_next().await {
            let (peer, ended_well) = ended.unwrap();
            self.ready.extend(peer);
            correct &= ended_well;
        }
        if let Some(peer) = self.ready.first_mut() {
            peer.settle().await;
        }
        Ran {
            took: since.elapsed(),
            correct,
        }
    }
}

async fn run<P: Peer>(peer: &mut P, runs: usize, expected: u64) -> bool {
    let mut correct = true;
    for _ in 0..runs {
        correct &= peer.run().await == expected;
    }
    correct
}
