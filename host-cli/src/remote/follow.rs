//! The events of a run as they come: followed to its end, and taken up again where a connection broke.

use std::sync::Arc;
use std::time::Duration;

use graphloom::Value;
use graphloom::host::EgressError;
use graphloom::json::{Limits, read_value};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::client::{Client, foreign};
use super::refused;
use super::sse::{Frame, Frames};
use crate::problem::{HostCode, Problem};

/// How long a server may be away before it is given up: a new one begins in a few seconds, an old one may have to let go
/// of its connections first.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long to wait before the first new connection, and at most before a later one.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(3));

/// How many lines may wait to be printed.
const AHEAD: usize = 1_024;

/// What comes next of a run.
#[derive(Debug)]
pub(super) enum Seen {
    /// An event, or what a block told about itself, as a line.
    Line(Value),
    /// It is over: nothing comes behind this.
    Over,
}

/// Someone who follows a run. What is on its way is given up when it is dropped.
pub(super) struct Follow {
    seen: mpsc::Receiver<Result<Seen, Problem>>,
    _task: JoinSet<()>,
}

impl Follow {
    /// Follows a run behind this event, or from the first one on. Inside of a runtime.
    pub(super) fn begin(client: &Arc<Client>, run: &str, after: Option<u64>) -> Self {
        let (tell, seen) = mpsc::channel(AHEAD);
        let following = Following {
            client: Arc::clone(client),
            run: run.to_owned(),
            last: after,
            tell,
        };
        let mut task = JoinSet::new();
        task.spawn(following.follow_on());
        Self { seen, _task: task }
    }

    /// Waits for what comes next. Cancel safe.
    ///
    /// # Errors
    /// Once, where the run cannot be followed any more.
    pub(super) async fn next(&mut self) -> Result<Seen, Problem> {
        // The task tells the end before it ends.
        self.seen.recv().await.unwrap_or(Ok(Seen::Over))
    }

    /// Returns what is there already.
    pub(super) fn ready(&mut self) -> Option<Result<Seen, Problem>> {
        self.seen.try_recv().ok()
    }
}

struct Following {
    client: Arc<Client>,
    run: String,
    /// The number of the last event that was told.
    last: Option<u64>,
    tell: mpsc::Sender<Result<Seen, Problem>>,
}

/// How a connection ended.
enum Cut {
    /// The run is over, or nobody listens.
    Done,
    /// The connection broke; whether something had come.
    Broken { came: bool },
}

impl Following {
    async fn follow_on(mut self) {
        let mut since = Instant::now();
        let mut pause = PAUSES.0;
        loop {
            let lost = match self.connect().await {
                Ok(Cut::Done) => return,
                Ok(Cut::Broken { came }) => {
                    if came {
                        (since, pause) = (Instant::now(), PAUSES.0);
                    }
                    None
                }
                // A server that is away, starting or about to stop comes back.
                Err(problem) if is_passing(&problem) => Some(problem),
                Err(problem) => {
                    let _ = self.tell.send(Err(problem)).await;
                    return;
                }
            };
            if since.elapsed() >= PATIENCE
                && let Some(problem) = lost
            {
                let _ = self.tell.send(Err(problem)).await;
                return;
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Opens a stream behind the last event, and tells what comes in it.
    async fn connect(&mut self) -> Result<Cut, Problem> {
        let asking = self.client.get(&["runs", &self.run, "events"]);
        let mut asking = asking.header("accept", "text/event-stream, application/problem+json");
        if let Some(last) = self.last {
            asking = asking.header("last-event-id", last.to_string());
        }
        let response = asking.stream().await?;
        let kind = response.header("content-type").unwrap_or_default();
        if !kind.starts_with("text/event-stream") {
            return Err(foreign(
                response.status,
                "something else than a stream of events",
            ));
        }
        let mut frames = Frames::new(response.body);
        let mut came = false;
        loop {
            let frame = match frames.next().await {
                Ok(Some(frame)) => frame,
                Err(EgressError::TooLarge { .. }) => {
                    return Err(foreign(200, "an event without an end"));
                }
                Ok(None) | Err(_) => return Ok(Cut::Broken { came }),
            };
            came = true;
            let Some(seen) = self.read(&frame)? else {
                continue;
            };
            let is_over = matches!(seen, Seen::Over);
            if self.tell.send(Ok(seen)).await.is_err() || is_over {
                return Ok(Cut::Done);
            }
        }
    }

    /// Reads an event; `None` for one that was told already.
    fn read(&mut self, frame: &Frame) -> Result<Option<Seen>, Problem> {
        if frame.event == "end" {
            return Ok(Some(Seen::Over));
        }
        let line = read_value(frame.data.as_bytes(), &Limits::unlimited())
            .map_err(|_| foreign(200, "an event that is no JSON"))?;
        if matches!(frame.event.as_str(), "problem" | "expired") {
            return Err(refused::of_stream(&line));
        }
        if let Some(seq) = frame.id.as_deref().and_then(|id| id.parse().ok()) {
            if self.last.is_some_and(|last| seq <= last) {
                return Ok(None);
            }
            self.last = Some(seq);
        }
        Ok(Some(Seen::Line(line)))
    }
}

/// Says whether it may be over by the next time.
pub(super) fn is_passing(problem: &Problem) -> bool {
    match problem {
        Problem::Host(error) => {
            matches!(
                error.code,
                HostCode::Unreachable | HostCode::ServerSilent | HostCode::ServerBusy
            )
        }
        Problem::Server(refusal) => matches!(refusal.status, 429 | 502..=504),
        _ => false,
    }
}
