//! Following one run on one connection: what comes next, until the run, the right to see it, or the server is over.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use graphloom::Status;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use crate::problem::Problem;

use super::page::Page;
use super::places::Place;
use super::standing::Standing;
use super::stop::Stop;
use super::watcher::{Step, Watcher};

/// What comes next on a connection that follows a run.
pub(crate) enum Part {
    /// Events: those of a page from one on.
    Events(Arc<Page>, u64),
    /// What a block told about itself, as JSON.
    Note(Bytes),
    /// Nothing has come for a while.
    Beat,
    /// The run is over. The last part.
    Over(Status),
    /// It goes on no more, since this is wrong. The last part.
    Refused(Problem),
}

/// The next step of a watcher on its way, so that nothing that was begun for it is begun again.
pub(super) type Turn = Pin<Box<dyn Future<Output = (Watcher, Result<Step, Problem>)> + Send>>;

/// Returns the next step of a watcher, and the watcher.
pub(super) fn turn(mut watcher: Watcher) -> Turn {
    Box::pin(async move {
        let step = watcher.step().await;
        (watcher, step)
    })
}

/// Returns a beat that begins after its first interval.
pub(super) fn beat(every: Duration) -> Interval {
    let every = every.max(Duration::from_millis(1));
    let mut beat = interval_at(Instant::now() + every, every);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat
}

/// Someone who follows a run on a connection of their own.
pub(crate) struct Follow {
    turn: Option<Turn>,
    standing: Standing,
    beat: Interval,
    stop: Stop,
    _place: Place,
}

impl Follow {
    pub(super) fn new(
        watcher: Watcher,
        standing: Standing,
        heartbeat: Duration,
        stop: Stop,
        place: Place,
    ) -> Self {
        Self {
            turn: Some(turn(watcher)),
            standing,
            beat: beat(heartbeat),
            stop,
            _place: place,
        }
    }

    /// Waits for what comes next; `None`: nothing, either since the last part was told or since the server stops.
    pub(crate) async fn next(&mut self) -> Option<Part> {
        let turn_on_its_way = self.turn.as_mut()?;
        let (watcher, step) = tokio::select! {
            biased;
            () = self.stop.asked() => {
                self.turn = None;
                return None;
            }
            problem = self.standing.lapses() => {
                self.turn = None;
                return Some(Part::Refused(problem));
            }
            done = turn_on_its_way => done,
            _ = self.beat.tick() => return Some(Part::Beat),
        };
        self.turn = None;
        self.beat.reset();
        let part = match step {
            Ok(Step::Over(status)) => return Some(Part::Over(status)),
            Err(problem) => return Some(Part::Refused(problem)),
            Ok(Step::Events(page, from)) => Part::Events(page, from),
            Ok(Step::Note(note)) => Part::Note(note),
        };
        self.turn = Some(turn(watcher));
        Some(part)
    }
}
