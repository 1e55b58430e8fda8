//! A disk that forgets: what is written is read back at once, and is there after a power cut only if it was synced.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::harness::Draw;

/// What is written or not as a whole.
const SECTOR: usize = 512;

/// A disk in memory. Clones are the same disk.
#[derive(Debug, Clone, Default)]
pub(crate) struct Disk(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, File>,
    /// How many operations have changed something.
    changes: u64,
    /// The power fails before the change with this number.
    fails_at: Option<u64>,
    is_dead: bool,
    syncs: u64,
    syncs_fail: bool,
    writes_fail: bool,
    room: Option<usize>,
}

#[derive(Debug, Clone, Default)]
struct File {
    /// What is read.
    seen: Vec<u8>,
    /// What a power cut leaves for certain; `None`: not even the name.
    synced: Option<Vec<u8>>,
    /// What has happened since, in order.
    unsynced: Vec<Change>,
    /// It was removed, and nobody has made that certain.
    is_gone: bool,
    /// What had the name before, as long as it may come back.
    former: Option<Box<File>>,
}

#[derive(Debug, Clone)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Resize(usize),
}

impl Change {
    fn apply(&self, content: &mut Vec<u8>) {
        match self {
            Self::Write { at, bytes } => {
                let end = at + bytes.len();
                if content.len() < end {
                    content.resize(end, 0);
                }
                if let Some(place) = content.get_mut(*at..end) {
                    place.copy_from_slice(bytes);
                }
            }
            Self::Resize(bytes) => content.resize(*bytes, 0),
        }
    }

    /// Does what is left of it when the power fails: all, nothing, or some of the sectors.
    fn apply_some(&self, content: &mut Vec<u8>, draw: &mut Draw) {
        match (draw.below(3), self) {
            (0, _) => {}
            (1, Self::Write { at, bytes }) => {
                let mut from = 0;
                while from < bytes.len() {
                    let to = ((at + from) / SECTOR + 1) * SECTOR - at;
                    let to = to.min(bytes.len());
                    if draw.below(2) == 0 {
                        let bytes = bytes.get(from..to).unwrap_or_default().to_vec();
                        let at = at + from;
                        Self::Write { at, bytes }.apply(content);
                    }
                    from = to;
                }
            }
            _ => self.apply(content),
        }
    }
}

impl File {
    /// What is left of it when the power fails; `None`: not even the name.
    fn survivor(self, draw: &mut Draw) -> Option<Vec<u8>> {
        let came_back = self.is_gone && draw.below(2) == 0;
        let is_there = self.synced.is_some() || draw.below(2) == 0;
        if (self.is_gone && !came_back) || !is_there {
            // The name may still stand for what had it before.
            let former = self.former.filter(|_| draw.below(2) == 0);
            return former.and_then(|former| former.survivor(draw));
        }
        let mut content = self.synced.unwrap_or_default();
        for change in &self.unsynced {
            change.apply_some(&mut content, draw);
        }
        Some(content)
    }
}

impl Disk {
    /// Returns how often something was synced.
    pub(crate) fn syncs(&self) -> u64 {
        self.lock().syncs
    }

    /// Returns how many changes there were.
    pub(crate) fn changes(&self) -> u64 {
        self.lock().changes
    }

    /// Has the power fail after so many more changes: nothing works from then on.
    pub(crate) fn fail_after(&self, changes: u64) {
        let mut state = self.lock();
        state.fails_at = Some(state.changes + changes);
    }

    /// Has every sync fail, or not any more. What was to be synced is lost for good when one fails, as it is on Linux.
    pub(crate) fn fail_syncs(&self, fail: bool) {
        self.lock().syncs_fail = fail;
    }

    /// Has every write fail, or not any more.
    pub(crate) fn fail_writes(&self, fail: bool) {
        self.lock().writes_fail = fail;
    }

    /// Bounds it to so many bytes.
    pub(crate) fn limit(&self, bytes: Option<usize>) {
        self.lock().room = bytes;
    }

    /// Cuts the power, and switches it on again: what was not synced is there, or not, or in part, as the seed has it.
    pub(crate) fn cut(&self, seed: u64) {
        let mut state = self.lock();
        let mut draw = Draw(seed);
        let files = std::mem::take(&mut state.files);
        for (name, file) in files {
            if let Some(content) = file.survivor(&mut draw) {
                let file = File {
                    seen: content.clone(),
                    synced: Some(content),
                    ..File::default()
                };
                state.files.insert(name, file);
            }
        }
        (state.is_dead, state.fails_at) = (false, None);
    }

    pub(super) fn exists(&self, name: &str) -> io::Result<bool> {
        let state = self.alive()?;
        let found = state.files.get(name);
        Ok(found.is_some_and(|file| !file.is_gone))
    }

    pub(super) fn create(&self, name: &str) -> io::Result<()> {
        if self.exists(name)? {
            return Ok(());
        }
        let mut state = self.change()?;
        let former = state.files.remove(name).map(Box::new);
        let file = File {
            former,
            ..File::default()
        };
        state.files.insert(name.to_owned(), file);
        Ok(())
    }

    pub(super) fn remove(&self, name: &str) -> io::Result<()> {
        if !self.exists(name)? {
            return Err(io::ErrorKind::NotFound.into());
        }
        let mut state = self.change()?;
        // Of a rollback journal that is the moment of the commit, and SQLite syncs the folder. Of a log it does not.
        if name.ends_with("-journal") {
            state.files.remove(name);
        } else if let Some(file) = state.files.get_mut(name) {
            file.is_gone = true;
        }
        Ok(())
    }

    pub(super) fn read<T>(&self, name: &str, look: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
        let state = self.alive()?;
        let file = state.files.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(look(&file.seen))
    }

    pub(super) fn write(&self, name: &str, at: usize, bytes: &[u8]) -> io::Result<()> {
        let bytes = bytes.to_vec();
        self.add(name, Change::Write { at, bytes })
    }

    pub(super) fn resize(&self, name: &str, bytes: usize) -> io::Result<()> {
        self.add(name, Change::Resize(bytes))
    }

    pub(super) fn sync(&self, name: &str) -> io::Result<()> {
        let mut state = self.change()?;
        let fail = state.syncs_fail;
        state.syncs += u64::from(!fail);
        let file = state.files.get_mut(name).ok_or(io::ErrorKind::NotFound)?;
        file.unsynced.clear();
        if fail {
            return Err(io::Error::other("the sync failed"));
        }
        file.former = None;
        file.synced = Some(file.seen.clone());
        Ok(())
    }

    fn add(&self, name: &str, change: Change) -> io::Result<()> {
        let mut state = self.change()?;
        if state.writes_fail {
            return Err(io::Error::other("the write failed"));
        }
        let used: usize = state.files.values().map(|file| file.seen.len()).sum();
        let room = state
            .room
            .map_or(usize::MAX, |room| room.saturating_sub(used));
        let file = state.files.get_mut(name).ok_or(io::ErrorKind::NotFound)?;
        let mut seen = file.seen.clone();
        change.apply(&mut seen);
        if seen.len().saturating_sub(file.seen.len()) > room {
            return Err(io::ErrorKind::WriteZero.into());
        }
        file.seen = seen;
        file.unsynced.push(change);
        Ok(())
    }

    fn alive(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.lock();
        if state.is_dead {
            return Err(io::Error::other("the power is gone"));
        }
        Ok(state)
    }

    fn change(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.alive()?;
        if state.fails_at == Some(state.changes) {
            state.is_dead = true;
            return Err(io::Error::other("the power is gone"));
        }
        state.changes += 1;
        Ok(state)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
