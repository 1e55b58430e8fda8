//! What a request tells, once it is proven: its event, what it is known by when it comes again, what a graph sees of its head.

use axum::http::HeaderMap;
use graphloom::value::Map;
use graphloom::{Text, Value};

use super::kept::Found;
use super::payload::Payload;
use super::prove::Proven;
use super::schemes::{Place, Scheme};
use crate::once::Key;

/// Headers that a graph may see, beside those with the id and the event.
const TOLD: [&str; 7] = [
    "content-type",
    "user-agent",
    "webhook-timestamp",
    "x-github-hook-id",
    "x-gitlab-instance",
    "x-slack-retry-num",
    "x-slack-retry-reason",
];

/// A request that was proven and read.
pub(super) struct Sent<'a> {
    pub(super) headers: &'a HeaderMap,
    pub(super) payload: Payload,
    pub(super) proven: Proven,
    /// How long its body was.
    pub(super) bytes: usize,
}

impl Sent<'_> {
    pub(super) fn first(&self, places: &[Option<Place<'_>>]) -> Option<Text> {
        let mut there = places.iter().flatten();
        there.find_map(|place| self.payload.text_at(*place, self.headers))
    }

    /// Returns the name of its event.
    pub(super) fn event(&self, scheme: &Scheme<'_>) -> Option<Text> {
        let name = self.first(&scheme.event)?;
        let action = self.first(&[scheme.action]);
        Some(match action {
            Some(action) => Text::from(format!("{name}.{action}")),
            None => name,
        })
    }

    /// Returns what the run is known by when the same comes again; `None`: nothing tells.
    pub(super) fn key(&self, scheme: &Scheme<'_>, hook: &Found, id: Option<&str>) -> Option<Key> {
        let of = |what: &str, text: &str| {
            let once = format!("{}:{what}:{text}", hook.kept.found_by);
            Key::of(&hook.tenant, "webhook", &once)
        };
        if let Some(id) = id.filter(|_| scheme.is_known_by_id) {
            return Some(of("id", id));
        }
        let key = of("content", self.proven.content.as_deref()?);
        Some(match self.proven.is_timed {
            true => key,
            // The sender may mean the same another day.
            false => key.for_a_day(),
        })
    }

    /// Returns the headers that a graph may see.
    pub(super) fn told(&self, scheme: &Scheme<'_>) -> Value {
        let named = scheme.id.iter().chain(&scheme.event).flatten();
        let named = named.filter_map(|place| match place {
            Place::Header(name) => Some(*name),
            Place::Body(_) => None,
        });
        let names = TOLD.iter().copied().chain(named);
        let names = names.filter(|name| {
            let proves = scheme.proves();
            !proves.is_some_and(|proves| proves.eq_ignore_ascii_case(name))
        });
        let told = names.filter_map(|name| {
            let said = self.headers.get(name)?.to_str().ok()?;
            Some((Text::from(name.to_ascii_lowercase()), Value::from(said)))
        });
        Value::from(told.collect::<Map>())
    }
}

/// Says whether an event is among those that become runs.
pub(super) fn is_wanted(events: &[Text], event: Option<&str>) -> bool {
    let Some(event) = event else {
        return events.is_empty();
    };
    let fits = |wanted: &Text| match event.strip_prefix(wanted.as_str()) {
        Some(rest) => rest.is_empty() || rest.starts_with('.'),
        None => false,
    };
    events.is_empty() || events.iter().any(fits)
}
