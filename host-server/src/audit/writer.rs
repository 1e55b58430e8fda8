//! The thread that writes the log, and its file.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::config::AuditFile;

/// How long to wait before a write that failed is tried again.
const PAUSE: Duration = Duration::from_millis(500);
/// How many lines are written at once.
const BATCH: usize = 256;

/// How long to wait for more lines where nobody waits for them: to be woken for each costs more than to write it.
const GATHER: Duration = Duration::from_millis(1);

/// A line, with its line end.
pub(super) struct Entry {
    pub(super) line: String,
    /// Who waits for it to be on the disk is told whether it is.
    pub(super) done: Option<oneshot::Sender<bool>>,
}

/// The way to the thread. When it is dropped what waits is written, as far as it can be.
pub(super) struct Writer {
    lines: Option<mpsc::Sender<Entry>>,
    failing: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(path: &Path, queue: usize, turning: Turning) -> io::Result<Self> {
        let (lines, waiting) = mpsc::channel(queue.max(1));
        let failing = Arc::new(AtomicBool::new(false));
        let log = Log::open(path.to_owned(), turning)?;
        let told = Arc::clone(&failing);
        let thread = std::thread::Builder::new().name("audit".to_owned());
        let thread = thread.spawn(move || work(log, waiting, &told))?;
        Ok(Self {
            lines: Some(lines),
            failing,
            thread: Some(thread),
        })
    }

    /// Says whether lines cannot be written at the moment.
    pub(super) fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Acquire)
    }

    /// Puts a line into the queue; waits for room. Says whether it is there. Cancel safe.
    pub(super) async fn send(&self, entry: Entry) -> bool {
        match &self.lines {
            Some(lines) => lines.send(entry).await.is_ok(),
            None => false,
        }
    }

    /// Puts a line into the queue if there is room.
    pub(super) fn offer(&self, entry: Entry) -> bool {
        self.lines
            .as_ref()
            .is_some_and(|lines| lines.try_send(entry).is_ok())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.lines.take());
        if let Some(thread) = self.thread.take() {
            // What a panic of the thread has left cannot be mended here.
            let _ = thread.join();
        }
    }
}

fn work(mut log: Log, mut waiting: mpsc::Receiver<Entry>, failing: &AtomicBool) {
    let mut batch = Vec::new();
    while let Some(first) = waiting.blocking_recv() {
        batch.push(first);
        while batch.len() < BATCH
            && let Ok(more) = waiting.try_recv()
        {
            batch.push(more);
        }
        let text: String = batch.iter().map(|entry| entry.line.as_str()).collect();
        let sync = batch.iter().any(|entry| entry.done.is_some());
        let mut said = false;
        loop {
            let written = log.write(text.as_bytes(), sync);
            failing.store(written.is_err(), Ordering::Release);
            for done in batch.iter_mut().filter_map(|entry| entry.done.take()) {
                // Who does not wait any more has no need to know.
                let _ = done.send(written.is_ok());
            }
            let Err(error) = written else { break };
            if !said {
                tracing::error!(%error, path = %log.path.display(), "the audit log cannot be written");
                said = true;
            }
            if waiting.is_closed() {
                return;
            }
            std::thread::sleep(PAUSE);
        }
        if !sync {
            std::thread::sleep(GATHER);
        }
        batch.clear();
    }
}

/// When a file is put aside for a new one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turning {
    /// How large it may be; 0: it grows on.
    max_bytes: u64,
    /// How many are kept that were put aside.
    keep: u32,
}

impl Turning {
    pub(super) fn of(settings: &AuditFile) -> Self {
        Self {
            max_bytes: settings.max_bytes,
            keep: settings.keep_files,
        }
    }

    /// Puts a file aside: `FILE.1` is the latest that was, and the oldest goes.
    fn aside(self, path: &Path) -> io::Result<()> {
        let named = |number: u32| {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        };
        // Names are free up to the first that is not taken; what was kept under a larger limit goes, too.
        let taken = (1..).take_while(|number| named(*number).exists()).count();
        let taken = u32::try_from(taken).unwrap_or(u32::MAX);
        for number in (self.keep..=taken).filter(|number| *number > 0) {
            std::fs::remove_file(named(number))?;
        }
        for number in (1..self.keep.min(taken.saturating_add(1))).rev() {
            std::fs::rename(named(number), named(number + 1))?;
        }
        std::fs::rename(path, named(1))
    }
}

/// The file.
struct Log {
    path: PathBuf,
    turning: Turning,
    file: File,
    /// How long it is as far as all is well.
    length: u64,
}

impl Log {
    fn open(path: PathBuf, turning: Turning) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        let mut length = file.metadata()?.len();
        if length > 0 {
            // A line that was cut off, by a crash or a full disk, ends here and spoils no other.
            let mut last = [0];
            file.seek(SeekFrom::Start(length - 1))?;
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                file.write_all(b"\n")?;
                length += 1;
            }
        }
        Ok(Self {
            path,
            turning,
            file,
            length,
        })
    }

    fn write(&mut self, lines: &[u8], sync: bool) -> io::Result<()> {
        if !self.is_there() {
            *self = Self::open(self.path.clone(), self.turning)?;
        }
        let max = self.turning.max_bytes;
        if max > 0 && self.length > 0 && self.length.saturating_add(lines.len() as u64) > max {
            self.file.sync_data()?;
            self.turning.aside(&self.path)?;
            *self = Self::open(self.path.clone(), self.turning)?;
        }
        let done = self.file.write_all(lines).and_then(|()| match sync {
            true => self.file.sync_data(),
            false => Ok(()),
        });
        match done {
            Ok(()) => {
                self.length += lines.len() as u64;
                Ok(())
            }
            Err(error) => {
                // What was written of it is taken back: it is written again.
                let _ = self.file.set_len(self.length);
                Err(error)
            }
        }
    }

    /// Says whether the file is still the one of its name: whoever turns logs over moves it away, and one that was cut short is
    /// begun anew.
    #[cfg(unix)]
    fn is_there(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        let (Ok(there), Ok(own)) = (std::fs::metadata(&self.path), self.file.metadata()) else {
            return false;
        };
        (there.dev(), there.ino()) == (own.dev(), own.ino()) && own.len() == self.length
    }

    #[cfg(not(unix))]
    fn is_there(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|there| there.len() == self.length)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn path() -> PathBuf {
        let name: [u8; 8] = crate::ids::random().expect("random numbers");
        std::env::temp_dir().join(format!(
            "graphloom-audit-{:x}.jsonl",
            u64::from_be_bytes(name)
        ))
    }

    fn read(path: &Path) -> String {
        std::fs::read_to_string(path).expect("it is there")
    }

    const STAYS: Turning = Turning {
        max_bytes: 0,
        keep: 9,
    };

    async fn write(writer: &Writer, line: &str) -> bool {
        let (done, written) = oneshot::channel();
        let line = format!("{line}\n");
        assert!(
            writer
                .send(Entry {
                    line,
                    done: Some(done)
                })
                .await
        );
        written.await.expect("it is told")
    }

    #[tokio::test]
    async fn lines_are_written_for_their_owner_only() {
        let path = path();
        let writer = Writer::start(&path, 4, STAYS).expect("a file");
        for line in ["a", "b"] {
            assert!(write(&writer, line).await);
        }
        for n in 0..100 {
            assert!(
                writer
                    .send(Entry {
                        line: format!("{n}\n"),
                        done: None
                    })
                    .await
            );
        }
        drop(writer);
        assert_eq!(
            read(&path).lines().count(),
            102,
            "what waits is written at the end"
        );
        let mode = std::fs::metadata(&path)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::remove_file(path).expect("it was there");
    }

    #[tokio::test]
    async fn a_line_that_was_cut_off_spoils_no_other() {
        let path = path();
        std::fs::write(&path, "whole\ncut o").expect("it is written");
        let writer = Writer::start(&path, 4, STAYS).expect("a file");
        assert!(write(&writer, "next").await);
        drop(writer);
        assert_eq!(read(&path), "whole\ncut o\nnext\n");
        std::fs::remove_file(path).expect("it was there");
    }

    #[tokio::test]
    async fn a_file_that_is_moved_away_or_cut_short_is_begun_anew() {
        let path = path();
        let writer = Writer::start(&path, 4, STAYS).expect("a file");
        assert!(write(&writer, "old").await);
        let moved = path.with_extension("1");
        std::fs::rename(&path, &moved).expect("it is moved");
        assert!(write(&writer, "new").await);
        assert_eq!(
            (read(&moved).as_str(), read(&path).as_str()),
            ("old\n", "new\n")
        );
        std::fs::write(&path, "").expect("it is cut short");
        assert!(write(&writer, "newer").await);
        assert_eq!(read(&path), "newer\n");
        for path in [path, moved] {
            std::fs::remove_file(path).expect("it was there");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_written_is_kept_and_told() {
        let folder = path().with_extension("d");
        std::fs::create_dir(&folder).expect("a folder");
        let path = folder.join("log");
        let writer = Writer::start(&path, 4, STAYS).expect("a file");
        assert!(write(&writer, "a").await && !writer.is_failing());
        // The file is gone, and so is the folder that it was in.
        std::fs::remove_dir_all(&folder).expect("it was there");
        assert!(!write(&writer, "b").await);
        assert!(writer.is_failing());
        std::fs::create_dir(&folder).expect("a folder");
        assert!(write(&writer, "c").await);
        assert!(!writer.is_failing());
        assert_eq!(read(&path), "b\nc\n");
        drop(writer);
        std::fs::remove_dir_all(&folder).expect("it was there");
    }

    #[tokio::test]
    async fn a_large_file_is_put_aside_and_the_oldest_goes() {
        let path = path();
        let turning = Turning {
            max_bytes: 10,
            keep: 2,
        };
        let writer = Writer::start(&path, 4, turning).expect("a file");
        let aside = |number: u32| PathBuf::from(format!("{}.{number}", path.display()));
        for line in [
            "one",
            "two",
            "three",
            "four",
            "a line that is too long",
            "six",
        ] {
            assert!(write(&writer, line).await);
        }
        drop(writer);
        assert_eq!(read(&path), "six\n");
        assert_eq!(read(&aside(1)), "a line that is too long\n");
        assert_eq!(read(&aside(2)), "four\n");
        assert!(!aside(3).exists());
        let mode = std::fs::metadata(&path)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        for file in [path.clone(), aside(1), aside(2)] {
            std::fs::remove_file(file).expect("it is removed");
        }
    }
}
