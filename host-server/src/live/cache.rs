//! The pages that are kept for whoever asks next: as many as fit, over all runs.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use super::page::Page;

use crate::locked::lock;

/// Keeps pages within a number of bytes. When there are more, the oldest goes that nobody has wanted since it was last looked
/// at (the clock algorithm). What whoever watches has in hand lives on without the cache.
pub(super) struct Cache {
    max_bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Each with the number of its feed.
    pages: VecDeque<(u64, Arc<Page>)>,
    bytes: usize,
}

impl Cache {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            kept: Mutex::default(),
        }
    }

    /// Returns how many bytes may be kept.
    pub(super) fn max_bytes(&self) -> usize {
        self.max_bytes
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        lock(&self.kept)
    }

    /// Keeps one more page, of this feed.
    pub(super) fn keep(&self, feed: u64, page: Arc<Page>) {
        let mut kept = self.lock();
        page.set_kept(true);
        kept.bytes += page.weight();
        kept.pages.push_back((feed, page));
        let gone = kept.shrink(self.max_bytes);
        drop(kept);
        drop(gone);
    }

    /// A page has grown.
    pub(super) fn grew(&self, page: &Page, bytes: usize) {
        let mut kept = self.lock();
        page.add_weight(bytes);
        if page.is_kept() {
            kept.bytes += bytes;
            let gone = kept.shrink(self.max_bytes);
            drop(kept);
            drop(gone);
        }
    }

    /// Forgets the pages of a feed.
    pub(super) fn forget(&self, feed: u64) {
        let mut kept = self.lock();
        kept.pages.retain(|(of, _)| *of != feed);
        kept.bytes = kept.pages.iter().map(|(_, page)| page.weight()).sum();
    }

    /// Returns how many bytes are kept.
    pub(super) fn bytes(&self) -> usize {
        self.lock().bytes
    }
}

impl Kept {
    /// Takes out pages until the rest fits; the caller drops them, without the lock.
    fn shrink(&mut self, max_bytes: usize) -> Vec<Arc<Page>> {
        let mut gone = Vec::new();
        let mut spared = 0;
        while self.bytes > max_bytes {
            let Some((feed, page)) = self.pages.pop_front() else {
                break;
            };
            // Each is spared once at most, so that this ends.
            if page.was_used() && spared < self.pages.len() {
                spared += 1;
                self.pages.push_back((feed, page));
                continue;
            }
            page.set_kept(false);
            self.bytes = self.bytes.saturating_sub(page.weight());
            gone.push(page);
        }
        gone
    }
}
