//! One sample of one peer: build and run a workload often enough to be steady, in this process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::peer::{Peer, Runtime};
use crate::workloads::{LANES, Mode, Workload};

/// Measures a workload in this process.
pub(crate) type Sampler = fn(Runtime, Workload, Repeat) -> Sample;

/// How often to run, and what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Repeat {
    /// `None`: until it is steady.
    pub(crate) reps: Option<usize>,
    /// Leaves the run out.
    pub(crate) build_only: bool,
}

/// What a sample found.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) correct: bool,
    /// A node had more inputs than the peer can take.
    pub(crate) narrowed: bool,
    pub(crate) times: Vec<Times>,
}

/// Of one repetition.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Times {
    pub(crate) build: Duration,
    pub(crate) run: Duration,
}

/// Measures one peer.
pub(crate) fn sample<P: Peer>(runtime: Runtime, mut workload: Workload, repeat: Repeat) -> Sample {
    let narrowed = workload.spec.widest() > P::MAX_INPUTS;
    if narrowed {
        workload.spec = Arc::new(workload.spec.narrowed(P::MAX_INPUTS));
    }
    let source = Arc::new(P::source(&workload.spec));
    let lanes = Lanes::<P> {
        source,
        runs: workload.runs(),
        expected: workload.spec.expected(),
    };
    let workers = match runtime {
        Runtime::Workers => true,
        // Two threads call, since each call blocks.
        Runtime::Blocking => workload.mode == Mode::Lanes,
        Runtime::Current => false,
    };
    let tokio = tokio_runtime(workers);
    let mut sample = Sample {
        correct: true,
        narrowed,
        times: Vec::new(),
    };
    let since = Instant::now();
    while !enough(repeat, since.elapsed(), &sample.times) {
        let lanes = lanes.clone();
        let once = async move {
            match workload.mode {
                _ if repeat.build_only => lanes.build_only(),
                Mode::Once | Mode::Row => lanes.one().await,
                Mode::Lanes => lanes.all().await,
            }
        };
        let (times, correct) = if workers {
            tokio.block_on(async { tokio::spawn(once).await.unwrap() })
        } else {
            tokio.block_on(once)
        };
        sample.correct &= correct;
        sample.times.push(times);
    }
    // The first warms up the caches, where there are enough without it.
    if sample.times.len() >= 3 && repeat.reps.is_none() {
        sample.times.remove(0);
    }
    sample
}

fn enough(repeat: Repeat, elapsed: Duration, done: &[Times]) -> bool {
    let ran: Duration = done.iter().map(|times| times.run).sum();
    match repeat.reps {
        Some(reps) => done.len() >= reps,
        None => {
            done.len() >= 60
                || (done.len() >= 3 && ran > Duration::from_millis(60))
                || elapsed > Duration::from_secs(1)
        }
    }
}

fn tokio_runtime(workers: bool) -> tokio::runtime::Runtime {
    let mut builder = if workers {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    // Nobody gets more than two threads to compute on.
    builder
        .worker_threads(2)
        .max_blocking_threads(2)
        .enable_time()
        .build()
        .unwrap()
}

/// A graph to run some times, in one lane or many.
struct Lanes<P: Peer> {
    source: Arc<P::Source>,
    runs: usize,
    expected: u64,
}

impl<P: Peer> Clone for Lanes<P> {
    fn clone(&self) -> Self {
        Self {
            source: Arc::clone(&self.source),
            ..*self
        }
    }
}

impl<P: Peer> Lanes<P> {
    fn build_only(&self) -> (Times, bool) {
        let (_, build) = self.build();
        let run = Duration::ZERO;
        (Times { build, run }, true)
    }

    fn build(&self) -> (P, Duration) {
        let since = Instant::now();
        let peer = P::build(&self.source);
        (peer, since.elapsed())
    }

    async fn run(&self, peer: &mut P, runs: usize) -> bool {
        let mut correct = true;
        for _ in 0..runs {
            correct &= peer.run().await == self.expected;
        }
        correct
    }

    /// Runs the graph in one lane.
    async fn one(&self) -> (Times, bool) {
        let (mut peer, build) = self.build();
        let mut times = Times {
            build,
            ..Times::default()
        };
        let (batches, runs) = if P::REUSABLE {
            (1, self.runs)
        } else {
            (self.runs, 1)
        };
        let mut correct = true;
        for batch in 0..batches {
            if batch > 0 {
                peer = P::build(&self.source);
            }
            let since = Instant::now();
            correct &= self.run(&mut peer, runs).await;
            peer.settle().await;
            times.run += since.elapsed();
        }
        (times, correct)
    }

    /// Runs the graph in many lanes at once.
    async fn all(self) -> (Times, bool) {
        let (mut first, build) = self.build();
        let n = if P::REUSABLE { LANES } else { 0 };
        let mut built: Vec<P> = (0..n).map(|_| first.another(&self.source)).collect();
        let since = Instant::now();
        let mut tasks = JoinSet::new();
        for _ in 0..LANES {
            let (lane, peer) = (self.clone(), built.pop());
            tasks.spawn(async move {
                match peer {
                    Some(mut peer) => lane.run(&mut peer, lane.runs).await,
                    // Who can run once only has to build in the time that counts.
                    None => lane.one().await.1,
                }
            });
        }
        let mut correct = true;
        while let Some(lane) = tasks.join_next().await {
            correct &= lane.unwrap();
        }
        first.settle().await;
        let run = since.elapsed();
        (Times { build, run }, correct)
    }
}
