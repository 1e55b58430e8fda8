//! What is written down of requests: who has done what, from where, and how it ended. And the rules of whoever runs the
//! server, which see the same before anything is done.
//!
//! A line of JSON for each request that changes something, is sensitive, or is refused; for those that read too, where the
//! settings say so. No token, no body and no query is ever in it. A thread of its own writes, so that no disk stops the
//! runtime; lines wait in a queue with a bound, and requests wait for room in it. What is highly sensitive is answered when
//! its line is on the disk. While lines cannot be written nothing is changed: such requests get `HTTP_UNAVAILABLE`.
//!
//! | file | what it is for |
//! |---|---|
//! | `what` | what a request is after: route, resource, how sensitive it is |
//! | `line` | what is written |
//! | `writer` | the thread and its file |
//! | `layer` | the layer that notes requests |
//! | `risk` | rules |

mod layer;
mod line;
mod risk;
mod what;
mod writer;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use graphloom::Text;
use tokio::sync::oneshot;

use self::writer::{Entry, Turning, Writer};
use crate::address::Place;
use crate::brief::Brief;
use crate::config::AuditFile;

pub use risk::{RiskRule, Verdict};
pub use what::{Asked, Sensitivity};

pub(crate) use layer::layer;
pub(crate) use risk::layer as risk_layer;

/// For how long someone who asks too often is noted once.
const MUTED_FOR: Duration = Duration::from_mins(1);
/// How many of them are remembered.
const MUTED: usize = 10_000;

/// Who was told to ask less often.
type Muted = (Option<Place>, Option<(Text, Text)>);

/// The log of requests.
pub struct Audit {
    writer: Writer,
    reads: bool,
    muted: Brief<Muted, ()>,
    /// How many lines could be neither written nor waited for.
    lost: AtomicU64,
}

impl Audit {
    /// Opens the log, which is made for its owner only if it is not there, and appended to otherwise. A file that is moved
    /// away while it is written is made anew.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn open(file: &Path, settings: &AuditFile) -> io::Result<Self> {
        Ok(Self {
            writer: Writer::start(file, settings.queue, Turning::of(settings))?,
            reads: settings.reads,
            muted: Brief::new(MUTED_FOR, MUTED),
            lost: AtomicU64::new(0),
        })
    }

    /// Writes a line; waits for room, and with `through` until it is on the disk.
    async fn write(&self, line: String, through: bool) {
        let (done, written) = oneshot::channel();
        let entry = Entry {
            line,
            done: through.then_some(done),
        };
        if !self.writer.send(entry).await {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        if through && !matches!(written.await, Ok(true)) {
            tracing::error!(
                "a line of the audit log could not be written yet: it is kept, and tried again"
            );
        }
    }

    /// Writes a line if there is room for it: for what cannot wait.
    fn offer(&self, line: String) {
        if !self.writer.offer(Entry { line, done: None }) {
            self.lost.fetch_add(1, Ordering::Relaxed);
            tracing::error!("a line of the audit log is lost: its queue is full");
        }
    }

    /// Returns how many lines were lost since it was last asked.
    fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::Relaxed)
    }
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit")
            .field("reads", &self.reads)
            .finish_non_exhaustive()
    }
}
