//! What the program writes down of itself, on standard error: a line of text or of JSON for each event.
//!
//! An embedder has a subscriber of its own; the library only tells `tracing`. In the program nothing of a request is told but
//! its route, its ids and who asked, and every line goes through [`redact`] before it is written, in case a dependency or a
//! message of the system has what must not be seen.

mod redact;

use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::Log;

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: JSON Lines.
    Json,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

impl FromStr for LogFormat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

/// Which events are written, as `tracing-subscriber` has it: `info`, or `warn,graphloom_server=debug`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl Default for LogFilter {
    fn default() -> Self {
        Self("info".to_owned())
    }
}

impl fmt::Display for LogFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for LogFilter {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let fits = !text.trim().is_empty() && EnvFilter::try_new(text).is_ok();
        fits.then(|| Self(text.to_owned())).ok_or(())
    }
}

/// Writes events from now on; where somebody does already, that stays.
pub(crate) fn begin(settings: &Log) {
    let filter = EnvFilter::new(&settings.level.0);
    let all = tracing_subscriber::registry().with(filter);
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(Redacted(io::stderr));
    let done = match settings.format {
        LogFormat::Text => all.with(lines).try_init(),
        LogFormat::Json => {
            let lines = lines.json().flatten_event(true).with_span_list(false);
            all.with(lines).try_init()
        }
    };
    if done.is_ok() {
        std::panic::set_hook(Box::new(panicked));
    }
}

/// What a panic says may be anything, so only where it was is told; whoever catches it tells more.
fn panicked(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let place = place.unwrap_or_default();
    tracing::error!(place, "something panicked");
}

/// Writes to another writer what may be seen.
struct Redacted<W>(W);

struct Line<W>(W);

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Redacted<W> {
    type Writer = Line<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Line(self.0.make_writer())
    }
}

impl<W: Write> Write for Line<W> {
    /// Is given a whole event at a time.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        self.0.write_all(redact::line(&text).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
