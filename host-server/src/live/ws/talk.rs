//! One WebSocket connection: what the client asks for, what it watches, and when it ends.

use std::collections::HashMap;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use graphloom::Text;
use tokio::sync::{broadcast, oneshot};
use tokio::time::Instant;

use crate::App;
use crate::live::follow::beat;
use crate::live::standing::Standing;
use crate::live::stop::Stop;
use crate::live::watcher::{Step, Wanted, Watcher};
use crate::principal::Scope;
use crate::problem::{Problem, ServerCode};

use super::bucket::Bucket;
use super::frames::{Close, Frames, Received};
use super::message::{self, Request, Topic};

/// A connection and what is watched over it.
pub(super) struct Talk {
    app: App,
    frames: Frames,
    standing: Standing,
    stop: Stop,
    rate: Bucket,
    /// Dropping one ends its turn.
    watched: HashMap<Topic, oneshot::Sender<()>>,
    turns: FuturesUnordered<Turn>,
}

/// How a connection ends.
enum End {
    /// The client is told to go.
    Close(Close),
    /// The client has gone, or takes nothing.
    Gone,
}

/// The next thing to tell of what is watched, on its way.
type Turn = Pin<Box<dyn Future<Output = Option<Told>> + Send>>;

/// Something to tell, and what it comes from.
enum Told {
    Run(Watcher, Result<Step, Problem>, oneshot::Receiver<()>),
    Graph(Runs, Result<Bytes, u64>, oneshot::Receiver<()>),
}

/// Where the runs of a graph stand.
struct Runs {
    graph: Text,
    changes: broadcast::Receiver<Bytes>,
}

/// Returns the next step of a run, unless it is not watched any more.
fn run_turn(mut watcher: Watcher, mut watched: oneshot::Receiver<()>) -> Turn {
    Box::pin(async move {
        let step = tokio::select! {
            biased;
            _ = &mut watched => return None,
            step = watcher.step() => step,
        };
        Some(Told::Run(watcher, step, watched))
    })
}

/// Returns the next change of a graph's runs, unless it is not watched any more.
fn graph_turn(mut runs: Runs, mut watched: oneshot::Receiver<()>) -> Turn {
    Box::pin(async move {
        let change = tokio::select! {
            biased;
            _ = &mut watched => return None,
            change = runs.changes.recv() => change,
        };
        let change = match change {
            Ok(change) => Ok(change),
            Err(broadcast::error::RecvError::Lagged(count)) => Err(count),
            // The server stops.
            Err(broadcast::error::RecvError::Closed) => return None,
        };
        Some(Told::Graph(runs, change, watched))
    })
}

impl Talk {
    pub(super) fn new(app: &App, frames: Frames, standing: Standing, stop: Stop) -> Self {
        let options = app.live().options();
        let (rate, burst) = (options.messages_per_second, options.message_burst);
        Self {
            app: app.clone(),
            frames,
            standing,
            stop,
            rate: Bucket::new(f64::from(rate), f64::from(burst)),
            watched: HashMap::new(),
            turns: FuturesUnordered::new(),
        }
    }

    /// Talks until one of the two has enough.
    pub(super) async fn run(mut self) {
        let end = self.go_on().await;
        if let End::Close(why) = end {
            let Self { frames, .. } = self;
            frames.close(why).await;
        }
    }

    async fn go_on(&mut self) -> End {
        let options = self.app.live().options();
        let accept_time = options.accept_time;
        let mut beat = beat(options.heartbeat);
        // Since when the client owes a sign of life.
        let mut asked: Option<Instant> = None;
        loop {
            let overdue = async {
                match asked {
                    Some(at) => tokio::time::sleep_until(at + accept_time).await,
                    None => std::future::pending().await,
                }
            };
            let done = tokio::select! {
                biased;
                () = self.stop.asked() => return End::Close(Close::Stops),
                _ = self.standing.lapses() => return End::Close(Close::Expired),
                () = overdue => return End::Gone,
                received = self.frames.receive() => {
                    asked = None;
                    self.received(received).await
                }
                Some(told) = self.turns.next(), if !self.turns.is_empty() => match told {
                    Some(told) => self.tell(told).await,
                    None => Ok(()),
                },
                _ = beat.tick() => {
                    asked.get_or_insert_with(Instant::now);
                    self.send(None).await
                }
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    /// Sends a message, or asks for a sign of life.
    async fn send(&mut self, message: Option<Bytes>) -> Result<(), End> {
        let accept_time = self.app.live().options().accept_time;
        let frames = &mut self.frames;
        let sending = async {
            match message {
                Some(message) => frames.send(message).await,
                None => frames.ping().await,
            }
        };
        tokio::select! {
            biased;
            sent = sending => sent.map_err(|_| End::Gone),
            () = self.stop.asked() => Err(End::Gone),
            () = tokio::time::sleep(accept_time) => Err(End::Gone),
        }
    }

    async fn received(&mut self, received: Received) -> Result<(), End> {
        let text = match received {
            Received::Gone => return Err(End::Gone),
            Received::Fault(why) => return Err(End::Close(why)),
            _ if !self.rate.take(1.0, Instant::now()) => return Err(End::Close(Close::Flood)),
            Received::Control => return Ok(()),
            Received::Text(text) => text,
        };
        let answer = match Request::read(&text) {
            Err(problem) => message::error(None, &problem),
            Ok(Request::Ping) => message::pong(),
            Ok(Request::Unsubscribe(topic)) => {
                self.watched.remove(&topic);
                message::unsubscribed(&topic)
            }
            Ok(Request::Subscribe(topic, wanted)) => match self.subscribe(&topic, wanted).await {
                Ok(turn) => {
                    self.turns.push(turn);
                    message::subscribed(&topic, wanted)
                }
                Err(problem) if problem.code() == ServerCode::AuthExpired.as_str() => {
                    return Err(End::Close(Close::Expired));
                }
                Err(problem) => message::error(Some(&topic), &problem),
            },
        };
        self.send(Some(answer)).await
    }

    /// Begins to watch something, after looking whether the principal may.
    async fn subscribe(&mut self, topic: &Topic, wanted: Wanted) -> Result<Turn, Problem> {
        self.standing.in_time()?;
        let tenant = self.standing.who().may(Scope::RunsRead)?.clone();
        let max = self.app.live().options().max_subscriptions;
        if self.watched.contains_key(topic) {
            let detail = "it is watched over this connection already: unsubscribe first";
            return Err(Problem::new(ServerCode::Conflict, detail));
        }
        if self.watched.len() >= max {
            let detail = format!("{max} runs and graphs are watched, as many as may be");
            return Err(Problem::new(ServerCode::TooMany, detail));
        }
        let (keep, watched) = oneshot::channel();
        let live = self.app.live();
        let turn = match topic {
            Topic::Run(run) => {
                let (watcher, _) = live.watch(&self.app, &tenant, run, wanted).await?;
                run_turn(watcher, watched)
            }
            Topic::Graph(graph) => {
                self.app.graphs().get(&tenant, graph).await?;
                let runs = Runs {
                    graph: graph.clone(),
                    changes: live.watch_graph(&tenant, graph).await?,
                };
                graph_turn(runs, watched)
            }
        };
        self.watched.insert(topic.clone(), keep);
        Ok(turn)
    }

    async fn tell(&mut self, told: Told) -> Result<(), End> {
        let (message, turn) = match told {
            Told::Graph(runs, change, watched) => {
                let message = change.unwrap_or_else(|count| message::missed(&runs.graph, count));
                (message, Some(graph_turn(runs, watched)))
            }
            Told::Run(watcher, step, watched) => {
                let run = watcher.feed().run();
                match step {
                    Ok(Step::Events(page, from)) => {
                        let message = watcher.feed().message(&page, from);
                        (message, Some(run_turn(watcher, watched)))
                    }
                    Ok(Step::Note(note)) => {
                        let message = message::note(run, &note);
                        (message, Some(run_turn(watcher, watched)))
                    }
                    Ok(Step::Over(status)) => {
                        self.watched.remove(&Topic::Run(run.clone()));
                        (message::end(run, status), None)
                    }
                    Err(problem) => {
                        let topic = Topic::Run(run.clone());
                        self.watched.remove(&topic);
                        (message::error(Some(&topic), &problem), None)
                    }
                }
            }
        };
        self.turns.extend(turn);
        self.send(Some(message)).await
    }
}
