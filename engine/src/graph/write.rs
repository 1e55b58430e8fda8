//! A graph to format 1: what is at its default is left out, and the keys stand in the order of the documentation.

use serde::{Serialize, Serializer};

use super::{Graph, Link, Node, Policy, Retry};
use crate::{
    json,
    value::{List, Map, Text, Value},
};

/// What goes into a form of the graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Everything.
    All,
    /// Only what bears on a run: no names, titles and docs, nothing that is kept for editors.
    Meaning,
}

impl Graph {
    /// Returns the graph in format 1. An imported graph carries its policy in it. Reading it gives an equal graph.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::from(self.form(Detail::All, true))
    }

    /// Returns the graph in format 1 as canonical text, with a line for each value and a line end at the end.
    #[must_use]
    pub fn to_json_pretty(&self) -> String {
        let mut text = json::to_json_pretty(&self.to_value());
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text
    }

    pub(super) fn form(&self, detail: Detail, top: bool) -> Map {
        let mut map = self.opening(detail, top);
        let nodes: Map = self
            .nodes
            .iter()
            .map(|n| (n.id.as_text().clone(), Value::from(n.form(detail))))
            .collect();
        map.insert("nodes", nodes);
        if !self.links.is_empty() {
            let links: List = self
                .links
                .iter()
                .map(|l| Value::from(l.form(detail)))
                .collect();
            map.insert("links", links);
        }
        if !self.graphs.is_empty() {
            let graphs = self
                .graphs
                .iter()
                .map(|(name, graph)| (name.clone(), Value::from(graph.form(detail, false))));
            map.insert("graphs", graphs.collect::<Map>());
        }
        self.close(&mut map, detail);
        map
    }

    /// Returns the form without nodes, links and sub-graphs.
    pub(super) fn head(&self, detail: Detail, top: bool) -> Map {
        let mut map = self.opening(detail, top);
        self.close(&mut map, detail);
        map
    }

    fn opening(&self, detail: Detail, top: bool) -> Map {
        let mut map = Map::default();
        if top {
            map.insert("format", 1_i64);
        }
        if detail == Detail::All {
            put(&mut map, "name", self.name.clone());
            put(&mut map, "doc", self.doc.clone());
        }
        map
    }

    fn close(&self, map: &mut Map, detail: Detail) {
        let policy = self.policy.form();
        if !policy.is_empty() {
            map.insert("policy", policy);
        }
        put_notes(map, detail, self.ui.as_ref(), &self.extra);
    }
}

impl Serialize for Graph {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl Node {
    pub(super) fn form(&self, detail: Detail) -> Map {
        let mut map = Map::default();
        map.insert("block", self.block.clone());
        if !self.inputs.is_empty() {
            map.insert("inputs", self.inputs.clone());
        }
        put(&mut map, "timeout_ms", self.timeout_ms);
        put(&mut map, "retry", self.retry.map(Retry::form));
        put(&mut map, "on_error", self.on_error.map(|o| o.as_str()));
        put(&mut map, "concurrency", self.concurrency);
        if detail == Detail::All {
            put(&mut map, "title", self.title.clone());
            put(&mut map, "doc", self.doc.clone());
        }
        put_notes(&mut map, detail, self.ui.as_ref(), &self.extra);
        map
    }
}

impl Retry {
    pub(super) fn form(self) -> Map {
        let mut map = Map::default();
        map.insert("max_attempts", self.max_attempts);
        put(
            &mut map,
            "backoff_ms",
            differs(self.backoff_ms, Self::BACKOFF_MS),
        );
        put(
            &mut map,
            "max_backoff_ms",
            differs(self.max_backoff_ms, Self::MAX_BACKOFF_MS),
        );
        map
    }
}

impl Link {
    pub(super) fn form(&self, detail: Detail) -> Map {
        let mut map = Map::default();
        map.insert("from", self.from.to_string());
        map.insert("to", self.to.to_string());
        if self.sticky {
            map.insert("sticky", true);
        }
        if detail == Detail::All {
            put(&mut map, "doc", self.doc.clone());
        }
        put_notes(&mut map, detail, self.ui.as_ref(), &self.extra);
        map
    }
}

impl Policy {
    fn form(&self) -> Map {
        let default = Self::default();
        let mut map = Map::default();
        put(
            &mut map,
            "on_error",
            differs(self.on_error, default.on_error).map(|w| w.as_str()),
        );
        put(
            &mut map,
            "coercion",
            differs(self.coercion, default.coercion).map(|w| w.as_str()),
        );
        put(
            &mut map,
            "cycles",
            differs(self.cycles, default.cycles).map(|w| w.as_str()),
        );
        put(
            &mut map,
            "nulls",
            differs(self.nulls, default.nulls).map(|w| w.as_str()),
        );
        put(&mut map, "timeout_ms", self.timeout_ms);
        put(&mut map, "max_parallel", self.max_parallel);
        put(&mut map, "max_firings", self.max_firings);
        map
    }
}

fn put(map: &mut Map, key: &'static str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(key, value.into());
    }
}

fn put_notes(map: &mut Map, detail: Detail, ui: Option<&Value>, extra: &Map) {
    if detail == Detail::Meaning {
        return;
    }
    put(map, "ui", ui.cloned());
    for (key, value) in extra.iter().filter(|(key, _)| is_extra(key)) {
        map.insert(key.clone(), value.clone());
    }
}

/// Says whether a key is kept without being understood. Others in `extra` could not be read back.
fn is_extra(key: &Text) -> bool {
    key.starts_with("x-")
}

fn differs<T: PartialEq + Copy>(value: T, default: T) -> Option<T> {
    (value != default).then_some(value)
}
