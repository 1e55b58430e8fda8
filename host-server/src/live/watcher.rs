//! Someone who watches a run: where they are, and nothing else.

use std::sync::Arc;

use bytes::Bytes;
use graphloom::Status;
use tokio::sync::{broadcast, watch};

use crate::problem::Problem;

use super::feed::{Feed, Head};
use super::page::Page;

/// What comes next for whoever watches a run.
pub(crate) enum Step {
    /// Events: those of a page from one on.
    Events(Arc<Page>, u64),
    /// Something that a block told about itself, as JSON. It is no event, and some are left out for whoever is slow.
    Note(Bytes),
    /// The run is over, and all of its events were told.
    Over(Status),
}

/// What whoever watches a run wants of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Wanted {
    /// Only events behind this one.
    pub(crate) after: Option<u64>,
    /// Notes too.
    pub(crate) notes: bool,
}

/// Where someone is who watches a run.
pub(crate) struct Watcher {
    feed: Arc<Feed>,
    next: u64,
    head: watch::Receiver<Head>,
    /// `None`: they are not wanted.
    notes: Option<broadcast::Receiver<Bytes>>,
}

impl Watcher {
    pub(super) fn new(feed: Arc<Feed>, wanted: Wanted) -> Self {
        let head = feed.head();
        let notes = wanted.notes.then(|| feed.notes());
        Self {
            feed,
            next: wanted.after.map_or(0, |after| after.saturating_add(1)),
            head,
            notes,
        }
    }

    /// Returns what is watched.
    pub(crate) fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }

    /// Returns what is there without waiting for more of the run; `None`: nothing.
    ///
    /// # Errors
    /// As [`Feed::page`].
    pub(crate) async fn ready(&mut self) -> Result<Option<Step>, Problem> {
        let head = *self.head.borrow_and_update();
        if self.next < head.events {
            let page = self.feed.page(self.next).await?;
            let from = self.next;
            self.next = page.next();
            return Ok(Some(Step::Events(page, from)));
        }
        if head.gone {
            return Err(Problem::not_found("run", self.feed.run()));
        }
        Ok(head.over.map(Step::Over))
    }

    /// Waits for what comes next.
    ///
    /// # Errors
    /// As [`Feed::page`].
    pub(crate) async fn step(&mut self) -> Result<Step, Problem> {
        loop {
            if let Some(step) = self.ready().await? {
                return Ok(step);
            }
            tokio::select! {
                biased;
                // The feed that tells it is in our hands.
                _ = self.head.changed() => {}
                note = heard(&mut self.notes) => return Ok(Step::Note(note)),
            }
        }
    }
}

/// Waits for the next note, for ever if none is wanted.
async fn heard(notes: &mut Option<broadcast::Receiver<Bytes>>) -> Bytes {
    let Some(notes) = notes else {
        return std::future::pending().await;
    };
    loop {
        match notes.recv().await {
            Ok(note) => return note,
            // Some were left out.
            Err(broadcast::error::RecvError::Lagged(_)) => {}
            // The feed that tells them is in our hands: this cannot be.
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}
