//! What a killed process has left in a space: bytes that nobody has, notes of runs that are gone. It is looked for once, beside
//! all that goes on, when the space is opened.

use std::collections::HashSet;
use std::sync::Arc;

use graphloom::Text;
use graphloom::host::StoreError;

use super::Space;
use super::held::MARK;
use crate::problem::Problem;
use crate::records::{Change, Entry, Expect, Kind, Query, RecordError};

/// What is noted of a run that is not there yet, and is not older, is of one that is about to be.
const YOUNG_MS: i64 = 60 * 60 * 1_000;
/// How many records are looked at at a time.
const PAGE: usize = 256;

/// Forgets what nobody has. `old` are the hashes of the bytes that are not young.
pub(super) async fn sweep(space: Arc<Space>, old: HashSet<Text>) {
    let swept = async {
        runs_gone(&space).await?;
        for hash in nobodys(&space, old).await? {
            // Somebody may have got them since: that is asked once more, in turn with those who do.
            space.forget(&hash).await?;
        }
        Ok::<(), Problem>(())
    };
    if let Err(problem) = swept.await {
        let problem = problem.detail();
        tracing::warn!(
            problem,
            "what a killed process has left stays until the space is opened again"
        );
    }
}

/// Returns those of the hashes that no file and no run has.
async fn nobodys(space: &Space, mut hashes: HashSet<Text>) -> Result<HashSet<Text>, Problem> {
    for kind in [Kind::File, Kind::Artifact] {
        let mut after = None;
        while !hashes.is_empty() {
            let page = page(space, kind, after).await?;
            let Some(last) = page.last() else {
                break;
            };
            after = Some(last.id.clone());
            for entry in page {
                hashes.remove(&entry.parent);
            }
        }
    }
    Ok(hashes)
}

/// Forgets what is noted of runs that are not there: the process was killed while one was deleted, or before it was accepted.
async fn runs_gone(space: &Space) -> Result<(), Problem> {
    let before = space.clock.now().as_millis().saturating_sub(YOUNG_MS);
    let (mut after, mut last) = (None, (Text::from(""), false));
    loop {
        let page = page(space, Kind::Artifact, after).await?;
        let Some(end) = page.last() else {
            return Ok(());
        };
        after = Some(end.id.clone());
        for entry in &page {
            let run = entry.id.split(MARK).next().unwrap_or_default();
            if entry.created.as_millis() > before {
                continue;
            }
            if last.0 != run {
                let run = Text::from(run);
                let found = space.store.entry(&run).await;
                last = (run, matches!(found, Err(StoreError::UnknownRun { .. })));
            }
            if last.1 {
                forget(space, entry).await?;
            }
        }
    }
}

async fn forget(space: &Space, note: &Entry) -> Result<(), Problem> {
    let seen = Expect::Revision(note.revision);
    let gone = Change::remove(&space.tenant, Kind::Artifact, &note.id, seen);
    match space.records.write(vec![gone], space.clock.now()).await {
        // It was forgotten meanwhile, or is noted anew.
        Err(RecordError::Changed { .. }) => Ok(()),
        done => Ok(done.map(drop)?),
    }
}

async fn page(space: &Space, kind: Kind, after: Option<Text>) -> Result<Vec<Entry>, Problem> {
    let query = Query::of(kind, PAGE).after(after);
    Ok(space.records.list(&space.tenant, query).await?)
}
