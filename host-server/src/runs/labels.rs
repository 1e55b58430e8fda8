//! Labels of a run that are the server's own. What begins with `graphloom.` is not shown as a label, and not taken as one.

use graphloom::value::Map;
use graphloom::{RunOptions, Text, Value};

/// What the names of the server's own labels begin with.
pub(crate) const OWN: &str = "graphloom.";

/// What the request was that started it, to hold a repeated one against it.
pub(crate) const REQUEST: &str = "graphloom.request";
/// Which version of the stored graph it is a run of.
pub(crate) const VERSION: &str = "graphloom.version";
/// The preset that it was started from.
pub(crate) const PRESET: &str = "graphloom.preset";
/// The span of the request that has started it, as `traceparent` has it.
pub(crate) const TRACE: &str = "graphloom.trace";
const ORIGIN: &str = "graphloom.origin";

/// What started a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Somebody who asked.
    Request,
    /// The schedule with this id.
    Schedule(Text),
    /// The webhook with this id.
    Webhook(Text),
}

impl Origin {
    /// Notes it on a run.
    pub(crate) fn note(&self, options: RunOptions) -> RunOptions {
        match self {
            Self::Request => options,
            Self::Schedule(id) => options.label(ORIGIN, format!("schedule:{id}")),
            Self::Webhook(id) => options.label(ORIGIN, format!("webhook:{id}")),
        }
    }

    /// Returns what started a run, and the id of it.
    pub(crate) fn of(labels: &Map) -> (&str, Option<&str>) {
        let noted = labels.get(ORIGIN).and_then(Value::as_str);
        let noted = noted.and_then(|noted| noted.split_once(':'));
        noted.map_or(("request", None), |(what, id)| (what, Some(id)))
    }
}

/// Returns the labels that are not the server's own.
pub(crate) fn shown(labels: &Map) -> Map {
    let shown = labels
        .iter()
        .filter(|(name, _)| !name.starts_with(OWN))
        .map(|(name, text)| (name.clone(), text.clone()));
    shown.collect()
}
