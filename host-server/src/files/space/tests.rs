use std::pin::pin;
use std::sync::atomic::AtomicU32;

use futures_util::FutureExt;
use graphloom::host::{MemoryStore, SystemClock};

use super::*;
use crate::files::{FileOptions, Owner};
use crate::records::{Kind, MemoryRecords, Query};

/// What three bytes are counted as.
const THREE: u64 = 3 + crate::files::place::EACH;

/// Files in a folder, gone with it.
struct Kept(PathBuf, Arc<Files>);

impl Kept {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("graphloom-space-{}-{next}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let files = files(Some(folder.clone()));
        Self(folder, files)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn files(folder: Option<PathBuf>) -> Arc<Files> {
    let options = FileOptions {
        folder,
        limits: FileLimits::default(),
    };
    let records: Arc<dyn Records> = Arc::new(MemoryRecords::default());
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    Files::new(options, &records, &store, &clock)
}

fn tenant() -> Tenant {
    Tenant::of_kept("a")
}

fn used(space: &Space) -> u64 {
    space.used.load(Ordering::Relaxed)
}

async fn draft(space: &Arc<Space>, bytes: &str) -> Draft {
    let mut draft = space.begin().await.expect("a draft");
    draft.write(bytes.into()).await.expect("written");
    draft
}

async fn notes(space: &Space) -> usize {
    let query = Query::of(Kind::Artifact, 100);
    let listed = space.records.list(&space.tenant, query).await;
    listed.expect("a list").len()
}

/// Keeps bytes for a run.
async fn keep(draft: Draft, run: &'static str) -> Result<BlobRef, Problem> {
    let space = Arc::clone(&draft.space);
    let have = move |blob: BlobRef| async move {
        held::note(&space, &run.into(), &blob).await?;
        Ok((blob, true))
    };
    draft.keep(None, have).await
}

/// Whoever waits goes away while the bytes get their name.
#[tokio::test]
async fn what_is_being_kept_is_kept_whoever_goes_away() {
    let kept = Kept::new();
    let space = kept.1.of(&tenant());
    let draft = draft(&space, "abc").await;
    {
        let mut keep = pin!(keep(draft, "r"));
        assert!((&mut keep).now_or_never().is_none());
    }
    space.tasks.over().await;
    assert_eq!((used(&space), notes(&space).await), (THREE, 1));
    space.release(&"r".into()).await.expect("forgotten");
    assert_eq!((used(&space), notes(&space).await), (0, 0));
}

/// A run is over, and so nobody waits for what it was putting: that is forgotten with it all the same.
#[tokio::test]
async fn a_run_is_forgotten_with_what_it_was_putting() {
    let kept = Kept::new();
    let space = kept.1.of(&tenant());
    let draft = draft(&space, "abc").await;
    {
        let mut keep = pin!(keep(draft, "r"));
        assert!((&mut keep).now_or_never().is_none());
    }
    space.release(&"r".into()).await.expect("forgotten");
    space.tasks.over().await;
    assert_eq!((used(&space), notes(&space).await), (0, 0));
}

#[tokio::test]
async fn the_same_bytes_that_come_twice_at_once_are_counted_once() {
    let kept = Kept::new();
    for files in [&kept.1, &files(None)] {
        let space = files.of(&tenant());
        let drafts = [draft(&space, "abc").await, draft(&space, "abc").await];
        let [one, other] = drafts;
        let both = tokio::join!(keep(one, "r"), keep(other, "s"));
        assert!(both.0.is_ok() && both.1.is_ok());
        assert_eq!((used(&space), notes(&space).await), (THREE, 2));
        space.release(&"r".into()).await.expect("forgotten");
        assert_eq!(used(&space), THREE);
        space.release(&"s".into()).await.expect("forgotten");
        assert_eq!(used(&space), 0);
    }
}

#[tokio::test]
async fn what_is_not_noted_is_gone() {
    let kept = Kept::new();
    let space = kept.1.of(&tenant());
    let have = |_| async { Err::<((), bool), _>(Problem::internal("refused")) };
    let refused = draft(&space, "abc").await.keep(None, have).await;
    assert_eq!(
        refused.map_err(|problem| problem.code()),
        Err("HTTP_INTERNAL")
    );
    let have = |_| async { Ok(((), false)) };
    let known = draft(&space, "abc").await.keep(None, have).await;
    assert!(known.is_ok());
    assert_eq!(used(&space), 0);
}

/// Nothing is kept for a tenant between the end of its bytes and that of its records, and by whoever came before never again.
#[tokio::test]
async fn nothing_is_kept_while_a_tenant_is_forgotten() {
    let kept = Kept::new();
    for files in [&kept.1, &files(None)] {
        let before = files.of(&tenant());
        let blob = keep(draft(&before, "abc").await, "r").await.expect("kept");
        let late = draft(&before, "late").await;
        let lent = files.lend(&tenant(), Owner::Run("r".into()));
        let closed = files.erase(&tenant()).await.expect("erased");
        for space in [&before, &files.of(&tenant())] {
            let refused = space.begin().await.map(drop);
            assert_eq!(
                refused.map_err(|problem| problem.code()),
                Err("HTTP_UNAVAILABLE")
            );
        }
        drop(closed);
        let refused = keep(late, "s").await.map(drop);
        assert_eq!(
            refused.map_err(|problem| problem.code()),
            Err("HTTP_UNAVAILABLE")
        );
        assert!(lent.put(b"late".to_vec(), None).await.is_err());
        let in_folder = files.options.folder.is_some();
        let own = kept.0.join(crate::files::folder_of(&tenant()));
        assert!(!in_folder || !own.exists());

        // What comes then is not touched by those who were there before.
        let anew = files.of(&tenant());
        assert!(anew.open(&blob.hash).await.expect("an answer").is_none());
        keep(draft(&anew, "abc").await, "t").await.expect("kept");
        before.release(&"t".into()).await.expect("an answer");
        assert!(anew.open(&blob.hash).await.expect("an answer").is_some());
    }
}

/// Somebody may be about to note them: another process, or a request of this one.
#[tokio::test]
async fn what_is_young_is_not_swept() {
    let kept = Kept::new();
    let space = kept.1.of(&tenant());
    let blob = keep(draft(&space, "abc").await, "r").await.expect("kept");
    let again = files(Some(kept.0.clone())).of(&tenant());
    assert_eq!(notes(&again).await, 0);
    assert!(again.open(&blob.hash).await.expect("an answer").is_some());
    again.tasks.over().await;
    assert!(again.open(&blob.hash).await.expect("an answer").is_some());
    assert_eq!(used(&again), THREE);
}
