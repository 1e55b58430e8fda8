//! The store: hands orders to the one who writes and questions to those who read.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use graphloom::host::{
    Append, BoxFuture, Claim, Created, Journal, Lease, Message, NewRun, Notice, Release, RunEntry,
    RunQuery, Store, StoreError,
};
use graphloom::json::to_json;
use graphloom::{Record, Text, Timestamp, Value};
use rusqlite::Connection;

use super::error::Stop;
use super::options::{BlobPlace, SqliteOptions};
use super::owners::Owner;
use super::queue::{How, Queue};
use super::readers::{Readers, Reading};
use super::write::{Desk, Rows};
use super::{connection, list, read, write, writer};
use crate::files;

/// The database in the folder of a store.
pub(super) const FILE: &str = "graphloom.db";

/// Runs kept in a folder by SQLite.
///
/// Clones are the same store. Several stores, also of several processes of one machine, may be open on one folder: each run
/// is written by whoever has its lease. A lease ends with its process, and is then free at once.
///
/// Calls are carried out in the order in which they are made, whether or not they are awaited. Dropping the last clone
/// waits until they are.
#[derive(Clone)]
pub struct SqliteStore(Arc<Open>);

struct Open {
    folder: PathBuf,
    readers: Readers,
    /// `None`: it is open for reading.
    writing: Option<Writing>,
}

struct Writing {
    queue: Arc<Queue>,
    thread: Option<JoinHandle<()>>,
    /// In place of those who read, where there can be one connection only.
    reads: bool,
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.take() {
            // One that panicked has told its callers by going away.
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("SqliteStore");
        debug
            .field("folder", &self.0.folder)
            .finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens the store in a folder, which is made if it is not there, and brings it to the format of this version.
    ///
    /// # Errors
    /// [`StoreError::Format`] for a store of a later version, [`StoreError::ReadOnly`] where it cannot be written,
    /// [`StoreError::Broken`] for what is damaged, [`StoreError::Busy`] and [`StoreError::Full`].
    pub fn open(folder: impl AsRef<Path>, options: SqliteOptions) -> Result<Self, StoreError> {
        let folder = folder.as_ref();
        let file = folder.join(FILE);
        Self::open_writing(folder, &file, options).map_err(|stop| stop.to_error(&file))
    }

    fn open_writing(folder: &Path, file: &Path, options: SqliteOptions) -> Result<Self, Stop> {
        files::make_folder(folder)?;
        let sql = connection::open_writer(file, &options)?;
        let id: String =
            sql.query_row("SELECT lower(hex(randomblob(16)))", [], |row| row.get(0))?;
        let owner = Arc::new(Owner::register(&folder.join("owners"), id)?);
        owner.clean();
        if options.blobs == BlobPlace::OnDisk {
            files::make_folder(&blob_folder(folder))?;
        }
        let (busy_timeout, reads) = (options.busy_timeout, options.vfs.is_some());
        let (file, blobs) = (file.to_owned(), blob_folder(folder));
        let desk = Desk::new(sql, file.clone(), blobs, owner, options);
        let queue = Arc::new(Queue::default());
        let thread = thread::Builder::new().name("store writer".to_owned());
        let thread = thread.spawn({
            let queue = Arc::clone(&queue);
            move || writer::run(desk, &queue)
        })?;
        Ok(Self(Arc::new(Open {
            folder: folder.to_owned(),
            readers: Readers::new(Reading {
                file,
                busy_timeout,
                immutable: false,
            }),
            writing: Some(Writing {
                queue,
                thread: Some(thread),
                reads,
            }),
        })))
    }

    /// Opens the store in a folder for reading: every call that would write gives [`StoreError::ReadOnly`]. Works in a folder
    /// that cannot be written, unless someone was cut off there in the middle of writing.
    ///
    /// # Errors
    /// [`StoreError::Failed`] where there is no store, [`StoreError::Format`] for a store of a later version,
    /// [`StoreError::ReadOnly`] where reading it takes writing, [`StoreError::Broken`] for what is damaged.
    pub fn open_read_only(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        let folder = folder.as_ref();
        let file = folder.join(FILE);
        if !file.exists() {
            let message = format!("there is no store in {}", folder.display());
            return Err(StoreError::Failed { message });
        }
        let busy_timeout = SqliteOptions::default().busy_timeout;
        let open = |immutable| connection::open_reader(&file, busy_timeout, immutable).map(drop);
        let immutable = match open(false).map_err(|stop| stop.to_error(&file)) {
            // Where there is no log, nobody has written what is not in the database.
            Err(StoreError::ReadOnly { .. }) if !has_log(&file) => {
                open(true).map_err(|stop| stop.to_error(&file))?;
                true
            }
            Err(error) => return Err(error),
            Ok(()) => false,
        };
        Ok(Self(Arc::new(Open {
            folder: folder.to_owned(),
            readers: Readers::new(Reading {
                file,
                busy_timeout,
                immutable,
            }),
            writing: None,
        })))
    }

    /// Gives back to the system the room that forgotten runs have left, files of large bodies among it, and empties the log.
    /// Others wait meanwhile. What somebody still reads or copies stays until the next time, and that is no error here; it is
    /// one of [`scrub`](Store::scrub).
    ///
    /// # Errors
    /// What the store failed with.
    pub async fn compact(&self) -> Result<(), StoreError> {
        self.write(How::Alone, |desk| desk.compact()).await
    }

    /// Writes, in the order of calls.
    fn write<T: Send + 'static>(
        &self,
        how: How,
        mut work: impl FnMut(&Desk) -> Result<T, Stop> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        self.add(how, move |desk| {
            desk.forget_recent()?;
            work(desk)
        })
    }

    /// Accepts runs and adds events, in the order of calls with all other writes.
    fn add<T: Send + 'static>(
        &self,
        how: How,
        work: impl FnMut(&Desk) -> Result<T, Stop> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        match &self.0.writing {
            Some(writing) => writing.queue.push(how, work),
            None => {
                let message = format!("{} was opened for reading", self.0.folder.display());
                Box::pin(std::future::ready(Err(StoreError::ReadOnly { message })))
            }
        }
    }

    /// Reads, after all that was answered.
    pub(super) fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Stop> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, StoreError>> {
        match &self.0.writing {
            Some(writing) if writing.reads => {
                let mut work = Some(work);
                writing.queue.push(How::Alone, move |desk| {
                    let gone = Stop::Refused(super::queue::stopped());
                    let done = work.take().ok_or(gone)?(desk.connection());
                    if !desk.connection().is_autocommit() {
                        desk.roll_back();
                    }
                    done
                })
            }
            _ => self.0.readers.run(work),
        }
    }

    pub(super) fn blob_folder(&self) -> PathBuf {
        blob_folder(&self.0.folder)
    }
}

/// Returns where the files of large bodies are.
pub(super) fn blob_folder(folder: &Path) -> PathBuf {
    folder.join("blobs")
}

fn has_log(file: &Path) -> bool {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    Path::new(&log).metadata().is_ok_and(|log| log.len() > 0)
}

impl Journal for SqliteStore {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<(), StoreError>> {
        let how = if append.sync { How::Synced } else { How::Plain };
        let rows = Rows::of(append);
        self.add(how, move |desk| desk.append(&rows))
    }

    fn read<'a>(
        &'a self,
        run: &'a Text,
        from: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Record>, StoreError>> {
        let (run, blob_folder) = (run.clone(), self.blob_folder());
        self.read(move |sql| read::events(sql, &blob_folder, &run, from, limit))
    }
}

impl Store for SqliteStore {
    fn scrub(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.write(How::Alone, |desk| desk.scrub())
    }

    fn create(&self, new: NewRun) -> BoxFuture<'_, Result<Created, StoreError>> {
        if let Err(error) = new.check() {
            return Box::pin(std::future::ready(Err(error)));
        }
        let how = if new.sync { How::Synced } else { How::Plain };
        let labels = (!new.labels.is_empty()).then(|| to_json(&Value::from(new.labels.clone())));
        self.add(how, move |desk| desk.create(&new, labels.as_deref()))
    }

    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Lease>, StoreError>> {
        self.write(How::Plain, move |desk| desk.claim(&claim))
    }

    fn sync<'a>(&'a self, run: &'a Text) -> BoxFuture<'a, Result<(), StoreError>> {
        let run = run.clone();
        self.write(How::Synced, move |desk| desk.sync_run(&run))
    }

    fn heartbeat<'a>(
        &'a self,
        leases: &'a [Lease],
        ttl: Duration,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Notice>, StoreError>> {
        let leases = leases.to_vec();
        self.write(How::Plain, move |desk| desk.heartbeat(&leases, ttl, now))
    }

    fn release<'a>(
        &'a self,
        lease: &'a Lease,
        how: Release,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let lease = lease.clone();
        self.write(How::Plain, move |desk| desk.release(&lease, how, now))
    }

    fn send<'a>(
        &'a self,
        run: &'a Text,
        message: Message,
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        let run = run.clone();
        self.write(How::Synced, move |desk| desk.send(&run, &message))
    }

    fn messages<'a>(
        &'a self,
        run: &'a Text,
    ) -> BoxFuture<'a, Result<Vec<(u64, Message)>, StoreError>> {
        let run = run.clone();
        self.read(move |sql| read::messages(sql, &run))
    }

    fn entry<'a>(&'a self, run: &'a Text) -> BoxFuture<'a, Result<RunEntry, StoreError>> {
        let run = run.clone();
        self.read(move |sql| read::entry(sql, &run))
    }

    fn head<'a>(&'a self, run: &'a Text) -> BoxFuture<'a, Result<Text, StoreError>> {
        let run = run.clone();
        self.read(move |sql| read::head(sql, &run))
    }

    fn entries(&self, query: RunQuery) -> BoxFuture<'_, Result<Vec<RunEntry>, StoreError>> {
        self.read(move |sql| list::entries(sql, &query))
    }

    fn tenants(
        &self,
        after: Option<Text>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Text>, StoreError>> {
        self.read(move |sql| list::tenants(sql, after.as_deref(), limit))
    }

    fn going(&self, tenant: Option<Text>) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.read(move |sql| list::going(sql, tenant.as_deref()))
    }

    fn keyed<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Text>, StoreError>> {
        let key = key.to_owned();
        self.read(move |sql| write::keyed(sql, &key))
    }

    fn keep_snapshot<'a>(
        &'a self,
        run: &'a Text,
        events: u64,
        state: Text,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let run = run.clone();
        self.write(How::Plain, move |desk| {
            desk.keep_snapshot(&run, events, &state)
        })
    }

    fn snapshot<'a>(
        &'a self,
        run: &'a Text,
        at_most: u64,
    ) -> BoxFuture<'a, Result<Option<(u64, Text)>, StoreError>> {
        let run = run.clone();
        self.read(move |sql| read::snapshot(sql, &run, at_most))
    }

    fn delete<'a>(
        &'a self,
        run: &'a Text,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        let run = run.clone();
        self.write(How::Plain, move |desk| desk.delete(&run, now))
    }
}
