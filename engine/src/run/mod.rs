//! A plan in motion.
//!
//! [`state`](self) decides, drivers perform: `RunState` is a pure machine, and a driver takes what it says can start,
//! calls the blocks and hands it what they gave. There are two drivers over the same machine: the one on tokio, and a
//! serial one that follows a seed or recorded events.

mod accept;
mod addresses;
mod begin;
mod block_run;
mod burst;
mod call;
mod calls;
mod closing;
mod core;
mod deliver;
mod driver;
mod durable;
mod engine;
mod examples;
mod facts;
mod flight;
mod fold;
mod handle;
mod head;
mod ids;
mod keep;
mod keeper;
mod left;
mod limits;
mod log;
mod machine;
mod mail;
mod observe;
mod open;
mod options;
mod outcome;
mod pins;
mod played;
mod rare_options;
mod replay;
mod restore;
mod results;
mod retaken;
mod room;
mod scope;
mod scopes;
mod seen;
mod serial;
mod silent;
mod snapshot;
mod stalled;
mod state;
mod stop;
mod suspend;
mod task;
mod timers;
mod took;
mod totals;
mod trace;
mod travel;
mod wire;
mod worker;

pub use accept::Accepted;
pub use block_run::BlockRun;
pub use engine::{Engine, EngineBuilder};
pub use examples::ExampleMismatch;
pub use handle::{Question, RunHandle, Snapshot};
pub use head::{LimitsHead, RunHead};
pub use ids::fresh_id;
pub use keep::KeepError;
pub use limits::RunLimits;
pub use machine::Machine;
pub use observe::{Batch, EventStream, Note, Observed, Observer, observe, observe_notes};
pub use options::{Durability, RunOptions};
pub use outcome::{CancelReceipt, RunOutcome, Stalled, Unused};
pub use serial::SerialOptions;
pub use trace::Trace;
#[doc(hidden)]
pub use travel::check_trail;
pub use travel::{
    Both, Cause, CauseKind, Change, CostDiff, FiringDiff, NodeChange, NodeDiff, NodePicture,
    OutputDiff, Picture, PinPicture, Replayed, RunDiff, ScopePicture, Waits, Why, WhyError,
    Working, diff, why,
};
pub use worker::{Submitted, Worker, WorkerOptions};
