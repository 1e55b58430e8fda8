//! One sample of one peer: build it, and run a workload often enough to be steady, in this process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::lanes::Lanes;
use crate::memory::Memory;
use crate::peer::{Peer, Runtime};
use crate::workloads::{Mode, Workload};

/// Measures a workload in this process.
pub(crate) type Sampler = fn(Runtime, Workload, Repeat) -> Sample;

/// How often to build and to run, and what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Repeat {
    /// How often to run; `None`: until it is steady.
    pub(crate) reps: Option<usize>,
    /// How often to build beforehand, only for the time of it. At least 1; who can run again runs what was built last.
    pub(crate) builds: usize,
    /// Leaves out the runs, and nothing else.
    pub(crate) build_only: bool,
}

impl Default for Repeat {
    fn default() -> Self {
        Self {
            reps: None,
            builds: 3,
            build_only: false,
        }
    }
}

/// What a sample found.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) correct: bool,
    /// A node had more inputs than the peer can take.
    pub(crate) narrowed: bool,
    pub(crate) builds: Vec<Duration>,
    pub(crate) runs: Vec<Duration>,
    pub(crate) memory: Memory,
}

/// Measures one peer.
pub(crate) fn sample<P: Peer>(runtime: Runtime, mut workload: Workload, repeat: Repeat) -> Sample {
    let narrowed = workload.spec.widest() > P::MAX_INPUTS;
    if narrowed {
        workload.spec = Arc::new(workload.spec.narrowed(P::MAX_INPUTS));
    }
    let workers = match runtime {
        Runtime::Workers => true,
        // Two threads call, since each call blocks.
        Runtime::Blocking => matches!(workload.mode, Mode::Lanes { .. }),
        Runtime::Current => false,
    };
    let tokio = tokio_runtime(workers);
    let mut sample = Sample {
        correct: true,
        narrowed,
        builds: Vec::new(),
        runs: Vec::new(),
        memory: Memory::empty(),
    };
    // Built on this thread, so that what building leaves behind is in its part of the heap, and not in each worker's.
    let mut lanes = tokio.block_on(async {
        let source = P::source(&workload.spec);
        let mut first = timed::<P>(&source, &mut sample.builds);
        for _ in 1..repeat.builds {
            drop(first);
            first = timed::<P>(&source, &mut sample.builds);
        }
        drop(source);
        Lanes::new(first, workload, repeat.build_only)
    });
    sample.memory.built();
    let since = Instant::now();
    while !enough(repeat, since.elapsed(), &sample.runs) {
        let once = lanes.run();
        let (after, ran) = if workers {
            tokio.block_on(async { tokio::spawn(once).await.unwrap() })
        } else {
            tokio.block_on(once)
        };
        lanes = after;
        sample.correct &= ran.correct;
        sample.runs.push(ran.took);
    }
    sample.memory.ran();
    // The first warms up the caches, where there are enough without it.
    if sample.runs.len() >= 3 && repeat.reps.is_none() {
        sample.runs.remove(0);
    }
    sample
}

fn timed<P: Peer>(source: &P::Source, builds: &mut Vec<Duration>) -> P {
    let since = Instant::now();
    let peer = P::build(source);
    builds.push(since.elapsed());
    peer
}

fn enough(repeat: Repeat, elapsed: Duration, runs: &[Duration]) -> bool {
    match repeat.reps {
        Some(reps) => runs.len() >= reps,
        None => {
            let ran: Duration = runs.iter().sum();
            runs.len() >= 60
                || (runs.len() >= 3 && ran > Duration::from_millis(60))
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
