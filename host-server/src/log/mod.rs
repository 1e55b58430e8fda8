//! What the program writes down of itself, on standard error: a line of text or of JSON for each event.
//!
//! An embedder has a subscriber of its own; the library only tells `tracing`. In the program nothing of a request is told but
//! its route, its ids and who asked, and every line goes through [`redact`] before it is written, in case a dependency or a
//! message of the system has what must not be seen.

mod queue;
mod redact;

use std::fmt;
use std::io;
use std::str::FromStr;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::Log;

use self::queue::{Flush, Queue};

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

/// Writes events from now on, by a thread of its own; where somebody does already, that stays. The last lines are written
/// when what it returns is dropped.
pub(crate) fn begin(settings: &Log) -> Flush {
    let filter = EnvFilter::new(&settings.level.0);
    let all = tracing_subscriber::registry().with(filter);
    let queue = Queue::begin(io::stderr());
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(queue.clone());
    let done = match settings.format {
        LogFormat::Text => all.with(lines).try_init(),
        LogFormat::Json => {
            let lines = lines.json().flatten_event(true).with_span_list(false);
            all.with(lines).try_init()
        }
    };
    if done.is_err() {
        return Flush::nothing();
    }
    std::panic::set_hook(Box::new(panicked));
    queue.flush()
}

/// What a panic says may be anything, so only where it was is told; whoever catches it tells more.
fn panicked(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let place = place.unwrap_or_default();
    tracing::error!(place, "something panicked");
}
