//! Which runs have which blobs: a record for each, under the hash.
//!
//! A run has what its blocks have put and got, what it was given to begin with, and what the run had whose results it takes.
//! That is noted when it happens, by the run's id, so that whether bytes may go is one question to an index; reading the
//! events of all runs for it would take longer with each run that is kept. A reference that is only handed on (as a text in
//! an answer, out of a value that is kept beyond a run) and that no block has looked into holds nothing.

use std::sync::Arc;

use graphloom::Text;
use graphloom::value::BlobRef;
use serde::{Deserialize, Serialize};

use super::Space;
use crate::problem::Problem;
use crate::records::{Change, Draft, Expect, Kind, Query};

/// How many are looked at, or written, at a time.
const PAGE: usize = 256;

/// What is noted of a blob that a run has.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) media_type: Option<Text>,
}

/// Between the id of a run and a hash: the ids of a run are together, and nothing else is among them.
pub(super) const MARK: char = '.';

fn id(run: &str, hash: &str) -> Text {
    Text::from(format!("{run}{MARK}{hash}"))
}

/// Notes that a run has a blob.
pub(super) async fn note(space: &Space, run: &Text, blob: &BlobRef) -> Result<(), Problem> {
    note_all(space, run, std::slice::from_ref(blob)).await
}

/// Notes that a run has these blobs, all by one write.
async fn note_all(space: &Space, run: &Text, blobs: &[BlobRef]) -> Result<(), Problem> {
    let mut changes = Vec::with_capacity(blobs.len());
    for blob in blobs {
        let held = Held {
            bytes: blob.bytes,
            media_type: blob.media_type.clone(),
        };
        let id = id(run, &blob.hash);
        let draft = Draft::new(&space.tenant, Kind::Artifact, id, &held)?;
        changes.push(Change::Put(draft.parent(blob.hash.clone()), Expect::Any));
    }
    if !changes.is_empty() {
        space.records.write(changes, space.clock.now()).await?;
    }
    Ok(())
}

/// Returns what is noted of a blob of a run.
pub(super) async fn of(space: &Space, run: &Text, hash: &str) -> Result<Option<Held>, Problem> {
    let id = id(run, hash);
    let entry = space
        .records
        .get(&space.tenant, Kind::Artifact, &id)
        .await?;
    entry.map(|entry| entry.read()).transpose()
}

/// Says whether a file or a run has a blob.
pub(super) async fn by_any(space: &Space, hash: &str) -> Result<bool, Problem> {
    for kind in [Kind::File, Kind::Artifact] {
        let query = Query::of(kind, 1).under(hash);
        if !space.records.list(&space.tenant, query).await?.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns the hashes of the next blobs of a run, at most [`PAGE`], behind one.
async fn page(space: &Space, run: &Text, after: Option<&Text>) -> Result<Vec<Text>, Problem> {
    let begins = format!("{run}{MARK}");
    // The list goes down from the greatest: behind all that can begin so.
    let after = after.map_or_else(|| id(run, "\u{7f}"), |hash| id(run, hash));
    let query = Query::of(Kind::Artifact, PAGE).after(Some(after));
    let found = space.records.list(&space.tenant, query).await?;
    let hashes = found
        .iter()
        .map_while(|entry| entry.id.strip_prefix(&begins).map(Text::from));
    Ok(hashes.collect())
}

impl Space {
    /// Notes that a run has what another one has.
    ///
    /// # Errors
    /// What the records failed with.
    pub(crate) async fn share(&self, from: &Text, to: &Text) -> Result<(), Problem> {
        let mut after = None;
        loop {
            let hashes = page(self, from, after.as_ref()).await?;
            let Some(last) = hashes.last() else {
                return Ok(());
            };
            after = Some(last.clone());
            let _hold = self.hold().await;
            let mut blobs = Vec::with_capacity(hashes.len());
            for hash in hashes {
                if let Some(held) = of(self, from, &hash).await? {
                    let mut blob = BlobRef::new(hash, held.bytes);
                    blob.media_type = held.media_type;
                    blobs.push(blob);
                }
            }
            note_all(self, to, &blobs).await?;
        }
    }

    /// Notes that a run has these blobs, as far as they are there.
    ///
    /// # Errors
    /// What the records or the disk failed with.
    pub(crate) async fn give_to(
        self: &Arc<Self>,
        run: &Text,
        blobs: &[BlobRef],
    ) -> Result<(), Problem> {
        let _hold = self.hold().await;
        let mut there = Vec::with_capacity(blobs.len());
        for blob in blobs {
            if let Some(content) = self.open(&blob.hash).await? {
                let mut own = blob.clone();
                own.bytes = content.len();
                there.push(own);
            }
        }
        note_all(self, run, &there).await
    }

    /// Forgets what a run had; bytes that nobody else has are gone.
    ///
    /// # Errors
    /// What the records or the disk failed with.
    pub(crate) async fn release(self: &Arc<Self>, run: &Text) -> Result<(), Problem> {
        let (space, run) = (Arc::clone(self), run.clone());
        let work = async move { space.release_all(&run).await };
        self.tasks.to_the_end(work).await
    }

    async fn release_all(self: &Arc<Self>, run: &Text) -> Result<(), Problem> {
        // What its blocks had put before they were stopped.
        self.settle().await;
        loop {
            let hashes = page(self, run, None).await?;
            if hashes.is_empty() {
                return Ok(());
            }
            let gone = hashes.iter().map(|hash| {
                Change::remove(&self.tenant, Kind::Artifact, &id(run, hash), Expect::Any)
            });
            let gone: Vec<Change> = gone.collect();
            self.records.write(gone, self.clock.now()).await?;
            for hash in hashes {
                self.forget(&hash).await?;
            }
        }
    }

    /// Returns the media type of a blob that a run has; `None`: it has no such blob.
    ///
    /// # Errors
    /// What the records failed with.
    pub(crate) async fn of_run(
        &self,
        run: &Text,
        hash: &str,
    ) -> Result<Option<Option<Text>>, Problem> {
        let held = of(self, run, hash).await?;
        Ok(held.map(|held| held.media_type))
    }
}
