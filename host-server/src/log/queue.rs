//! The thread that writes the log: whoever reads it slowly, or not at all, must not stop the server.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use tracing_subscriber::fmt::MakeWriter;

use super::redact;

/// How many lines may wait; what comes beyond is lost, and counted.
const QUEUE: usize = 8_192;
/// How many are written at once.
const BATCH: usize = 64;
/// How long the last lines may take.
const LAST: Duration = Duration::from_secs(1);

enum Message {
    Line(String),
    /// All before it is written.
    Flush(SyncSender<()>),
}

/// Where lines go. Clones are the same.
#[derive(Clone)]
pub(super) struct Queue {
    lines: SyncSender<Message>,
    lost: Arc<AtomicU64>,
}

/// Has the last lines written when it is dropped, if that is done in a second.
#[must_use]
pub(crate) struct Flush(Option<Queue>);

impl Queue {
    /// Begins to write. Where there is no thread to be had nothing is written.
    pub(super) fn begin(to: impl Write + Send + 'static) -> Self {
        let (lines, come) = sync_channel(QUEUE);
        let lost = Arc::new(AtomicU64::new(0));
        let told = Arc::clone(&lost);
        let thread = std::thread::Builder::new().name("log".to_owned());
        // It ends when nobody can send any more.
        drop(thread.spawn(move || work(&come, &told, to)));
        Self { lines, lost }
    }

    pub(super) fn flush(self) -> Flush {
        Flush(Some(self))
    }
}

impl Flush {
    /// There is nothing to write.
    pub(super) const fn nothing() -> Self {
        Self(None)
    }
}

impl Drop for Flush {
    fn drop(&mut self) {
        let Some(queue) = self.0.take() else { return };
        let until = Instant::now() + LAST;
        let (done, written) = sync_channel(1);
        while queue.lines.try_send(Message::Flush(done.clone())).is_err() {
            if Instant::now() > until {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = written.recv_timeout(until.saturating_duration_since(Instant::now()));
    }
}

fn work(come: &Receiver<Message>, lost: &AtomicU64, mut to: impl Write) {
    while let Ok(first) = come.recv() {
        let more = std::iter::once(first).chain(come.try_iter().take(BATCH - 1));
        let mut text = String::new();
        let mut flushed = Vec::new();
        for message in more {
            match message {
                Message::Line(line) => text += &redact::line(&line),
                Message::Flush(done) => flushed.push(done),
            }
        }
        // There is nobody to tell that nothing can be told.
        let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
        for done in flushed {
            let _ = done.try_send(());
        }
        let lines = lost.swap(0, Ordering::Relaxed);
        if lines > 0 {
            tracing::warn!(
                lines,
                "lines of this log are lost: they came faster than they were read"
            );
        }
    }
}

/// Takes one event.
pub(super) struct Line(Queue);

impl<'a> MakeWriter<'a> for Queue {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line(self.clone())
    }
}

impl Write for Line {
    /// Is given a whole event at a time; waits for nobody.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes).into_owned();
        if self.0.lines.try_send(Message::Line(line)).is_err() {
            self.0.lost.fetch_add(1, Ordering::Relaxed);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use super::*;

    #[derive(Clone, Default)]
    struct Slow(Arc<Mutex<Vec<u8>>>);

    impl Slow {
        fn held(&self) -> MutexGuard<'_, Vec<u8>> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.held().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn whoever_does_not_read_holds_up_nobody() {
        let to = Slow::default();
        let queue = Queue::begin(to.clone());
        // Nothing can be written as long as this is held.
        let held = to.held();
        let began = Instant::now();
        for n in 0..QUEUE + 1_000 {
            let line = format!("{n} glk_abcdefgh\n");
            let done = queue.make_writer().write(line.as_bytes());
            assert_eq!(done.expect("it is taken"), line.len());
        }
        assert!(began.elapsed() < Duration::from_secs(30));
        let lost = queue.lost.load(Ordering::Relaxed);
        assert!((1_000 - BATCH as u64..=1_000).contains(&lost), "{lost}");
        drop(held);
        drop(queue.flush());
        let text = String::from_utf8(to.held().clone()).expect("text");
        assert_eq!(text.lines().count() as u64, QUEUE as u64 + 1_000 - lost);
        assert!(text.starts_with("0 glk_[redacted]\n1 "));
    }
}
