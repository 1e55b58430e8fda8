//! Events that follow one on the other, encoded once for all who watch. A page never changes.

use std::fmt::Write as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;
use graphloom::json::to_json;
use graphloom::{Event, Record, Status, Trace};

/// How many events a page has at most.
pub(super) const MAX_EVENTS: usize = 128;
/// A page that has so many bytes takes no further event.
pub(super) const FULL_BYTES: usize = 16 << 10;
/// What a page takes beside its bytes, and what an open graph in its trace does: about.
const OVERHEAD: usize = 256;
const OVERHEAD_SCOPE: usize = 64;

/// Where an event is in a page: the frame that server-sent events have for it, and in that its line.
#[derive(Debug, Clone, Copy)]
struct Spot {
    frame: usize,
    line: usize,
    end: usize,
}

/// Some events of a run.
#[derive(Debug)]
pub(crate) struct Page {
    first: u64,
    frames: Bytes,
    spots: Box<[Spot]>,
    over: Option<Status>,
    /// What the names in the events behind these follow from.
    after: Trace,
    /// As one message of a WebSocket connection, where someone asked for that.
    message: OnceLock<Bytes>,
    weight: AtomicUsize,
    used: AtomicBool,
    kept: AtomicBool,
}

/// A page that is being made.
pub(super) struct Draft {
    first: u64,
    frames: String,
    spots: Vec<Spot>,
    over: Option<Status>,
    opens: bool,
}

impl Draft {
    /// Begins one at this event.
    pub(super) fn new(first: u64) -> Self {
        Self {
            first,
            frames: String::new(),
            spots: Vec::new(),
            over: None,
            opens: false,
        }
    }

    /// Adds the next event.
    pub(super) fn add(&mut self, trace: &mut Trace, record: &Record) {
        let line = to_json(&trace.line(record));
        let frame = self.frames.len();
        let (seq, kind) = (record.seq, record.event.kind_name());
        // A text takes all that is written.
        let _ = write!(self.frames, "id: {seq}\nevent: {kind}\ndata: ");
        let start = self.frames.len();
        self.frames.push_str(&line);
        self.spots.push(Spot {
            frame,
            line: start,
            end: self.frames.len(),
        });
        self.frames.push_str("\n\n");
        self.opens |= matches!(record.event, Event::Opened { .. } | Event::Closed { .. });
        if let Event::Ended { status, .. } = record.event {
            self.over = Some(status);
        }
    }

    /// Says whether it takes no further event.
    pub(super) fn is_full(&self) -> bool {
        self.spots.len() >= MAX_EVENTS || self.frames.len() >= FULL_BYTES
    }

    /// Returns the page; `after` is the trace behind its last event.
    pub(super) fn done(self, after: &Trace) -> Page {
        let scopes = if self.opens { after.n_open() } else { 0 };
        let spots = self.spots.into_boxed_slice();
        let mut frames = self.frames;
        frames.shrink_to_fit();
        let weight = OVERHEAD + frames.len() + size_of_val(&*spots) + scopes * OVERHEAD_SCOPE;
        Page {
            first: self.first,
            frames: Bytes::from(frames),
            spots,
            over: self.over,
            after: after.clone(),
            message: OnceLock::new(),
            weight: AtomicUsize::new(weight),
            used: AtomicBool::new(true),
            kept: AtomicBool::new(false),
        }
    }
}

impl Page {
    /// Returns the number of its first event.
    pub(crate) fn first(&self) -> u64 {
        self.first
    }

    /// Returns the number of the event behind its last one.
    pub(crate) fn next(&self) -> u64 {
        self.first + self.spots.len() as u64
    }

    /// Says how the run ended, where it ended with this page.
    pub(crate) fn over(&self) -> Option<Status> {
        self.over
    }

    pub(super) fn after(&self) -> &Trace {
        &self.after
    }

    /// Returns how much memory it takes, about.
    pub(super) fn weight(&self) -> usize {
        self.weight.load(Ordering::Relaxed)
    }

    /// Notes that it takes so much more.
    pub(super) fn add_weight(&self, bytes: usize) {
        self.weight.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Notes whether the cache has it.
    pub(super) fn set_kept(&self, kept: bool) {
        self.kept.store(kept, Ordering::Relaxed);
    }

    pub(super) fn is_kept(&self) -> bool {
        self.kept.load(Ordering::Relaxed)
    }

    /// Notes that someone wanted it.
    pub(super) fn touch(&self) {
        self.used.store(true, Ordering::Relaxed);
    }

    /// Says whether someone wanted it since this was last asked.
    pub(super) fn was_used(&self) -> bool {
        self.used.swap(false, Ordering::Relaxed)
    }

    fn spots_from(&self, seq: u64) -> &[Spot] {
        let skip = usize::try_from(seq.saturating_sub(self.first)).unwrap_or(usize::MAX);
        self.spots.get(skip..).unwrap_or_default()
    }

    /// Returns the events from this one on, as server-sent events.
    pub(crate) fn frames_from(&self, seq: u64) -> Bytes {
        let from = self.spots_from(seq).first();
        from.map_or_else(Bytes::new, |spot| self.frames.slice(spot.frame..))
    }

    /// Returns the lines of the events from this one on: each a JSON object.
    pub(crate) fn lines_from(&self, seq: u64) -> impl Iterator<Item = &[u8]> {
        let spots = self.spots_from(seq).iter();
        spots.map(|spot| self.frames.get(spot.line..spot.end).unwrap_or_default())
    }

    /// Returns the events from this one on as one message for a WebSocket client, and how many bytes of memory that took
    /// which the page keeps: a message with all of its events is made once.
    pub(super) fn message_from(&self, seq: u64, run: &str) -> (Bytes, usize) {
        if seq > self.first {
            return (self.message(seq, run), 0);
        }
        let mut made = 0;
        let message = self.message.get_or_init(|| {
            let message = self.message(seq, run);
            made = message.len();
            message
        });
        (message.clone(), made)
    }

    fn message(&self, seq: u64, run: &str) -> Bytes {
        let spots = self.spots_from(seq);
        let bytes: usize = spots.iter().map(|spot| spot.end - spot.line + 1).sum();
        let mut message = Vec::with_capacity(bytes + run.len() + 48);
        message.extend_from_slice(b"{\"type\":\"events\",\"run\":");
        message.extend_from_slice(to_json(&run.into()).as_bytes());
        message.extend_from_slice(b",\"events\":[");
        for (number, line) in self.lines_from(seq).enumerate() {
            if number > 0 {
                message.push(b',');
            }
            message.extend_from_slice(line);
        }
        message.extend_from_slice(b"]}");
        Bytes::from(message)
    }
}
