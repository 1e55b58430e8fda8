//! The head of a kept run: all that is needed to go on with it anywhere, beside its events and the blocks.
//!
//! The format is docs/formats/journal.md, "The head".

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::JOURNAL_FORMAT;
use crate::host::Grants;
use crate::json::{Limits, read_value, to_json, write_json};
use crate::plan::{Origin, Plan};
use crate::value::{Map, Text, Value, from_value, to_value};

use super::limits::RunLimits;
use super::options::{Durability, RunOptions};

/// What a run was accepted with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunHead {
    /// The format of the head and of the events; [`JOURNAL_FORMAT`].
    pub format: u32,
    /// The version of the engine that accepted it.
    pub engine: Text,
    /// The graph, in its canonical form.
    pub graph: Value,
    /// The semantic hash of the graph.
    pub hash: Text,
    /// The version of each block that the graph uses, those of its sub-graphs too.
    pub blocks: BTreeMap<Text, u32>,
    /// The hash of what events name by number: nodes, pins and ports in the order of the plan.
    pub layout: Text,
    /// Run inputs, by name.
    #[serde(default)]
    pub inputs: Map,
    /// Values that replace what pins have or receive: node, pin, value.
    #[serde(default)]
    pub set: Vec<(Text, Text, Value)>,
    /// What random numbers and back-offs follow from.
    pub seed: u64,
    /// The time zone of whoever the run is for.
    #[serde(default)]
    pub time_zone: Option<Text>,
    /// What its events must outlive before anything depends on them.
    #[serde(default)]
    pub durability: Durability,
    /// What it may do; whoever goes on with it may narrow that.
    #[serde(default)]
    pub grants: Grants,
    /// What it may use.
    pub limits: LimitsHead,
}

/// The limits of a run, as they are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
#[expect(
    missing_docs,
    reason = "the fields of `RunLimits`, which has the documentation"
)]
pub struct LimitsHead {
    pub max_queued: u64,
    pub max_queued_bytes: u64,
    pub max_input_bytes: u64,
    pub max_events: u64,
    pub max_parallel: u64,
    pub max_depth: u32,
    pub max_value_depth: u32,
    pub max_value_bytes: u64,
    pub soft_limit: u64,
    #[serde(default)]
    pub timeout_ms: Option<u64>,
    pub grace_ms: u64,
}

/// Writes what has no numbers but whole ones.
fn put(out: &mut String, part: &impl Serialize) {
    if let Ok(part) = serde_json::to_string(part) {
        out.push_str(&part);
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn size(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

impl From<&RunLimits> for LimitsHead {
    fn from(limits: &RunLimits) -> Self {
        Self {
            max_queued: limits.max_queued,
            max_queued_bytes: limits.max_queued_bytes,
            max_input_bytes: limits.max_input_bytes,
            max_events: limits.max_events,
            max_parallel: limits.max_parallel as u64,
            max_depth: limits.max_depth,
            max_value_depth: limits.max_value_depth,
            max_value_bytes: limits.max_value_bytes as u64,
            soft_limit: limits.soft_limit as u64,
            timeout_ms: limits.timeout.map(millis),
            grace_ms: millis(limits.grace),
        }
    }
}

impl From<&LimitsHead> for RunLimits {
    fn from(head: &LimitsHead) -> Self {
        Self {
            max_queued: head.max_queued,
            max_queued_bytes: head.max_queued_bytes,
            max_input_bytes: head.max_input_bytes,
            max_events: head.max_events,
            max_parallel: size(head.max_parallel),
            max_depth: head.max_depth,
            max_value_depth: head.max_value_depth,
            max_value_bytes: size(head.max_value_bytes),
            soft_limit: size(head.soft_limit),
            timeout: head.timeout_ms.map(Duration::from_millis),
            grace: Duration::from_millis(head.grace_ms),
        }
    }
}

impl RunHead {
    /// Returns the head of a run that is about to be accepted; seed and limits are drawn and known by now.
    pub(super) fn new(
        origin: &Origin,
        options: &RunOptions,
        seed: u64,
        limits: &RunLimits,
    ) -> Self {
        Self {
            format: JOURNAL_FORMAT,
            engine: Text::from(env!("CARGO_PKG_VERSION")),
            graph: origin.value.clone(),
            hash: origin.hash.clone(),
            blocks: origin.blocks.clone(),
            layout: origin.layout.clone(),
            inputs: options.inputs.clone().unwrap_or_default(),
            set: options.overrides.clone(),
            seed,
            time_zone: options
                .host
                .as_ref()
                .and_then(|host| host.time_zone.clone()),
            durability: options.kept().durability,
            grants: options.own_grants(),
            limits: LimitsHead::from(limits),
        }
    }

    /// Writes it as JSON.
    #[must_use]
    pub fn to_json(&self) -> Text {
        let graph = to_json(&self.graph);
        self.around(&Origin::write_part(
            &graph,
            &self.hash,
            &self.blocks,
            &self.layout,
        ))
    }

    /// Writes it as JSON around what [`Origin::write_part`] has written.
    pub(super) fn around(&self, of_plan: &str) -> Text {
        // As many bytes as the rest has with a few inputs.
        let mut out = String::with_capacity(of_plan.len() + 768);
        // Writing to a `String` cannot fail; the parts are numbers, texts and values, which can always be JSON.
        let _ = write!(out, "{{\"format\":{},\"engine\":", self.format);
        put(&mut out, &self.engine);
        out.push_str(of_plan);
        out.push_str(",\"inputs\":");
        // Maps are cheap to share.
        let _ = write_json(&mut out, &Value::from(self.inputs.clone()));
        out.push_str(",\"set\":");
        if self.set.is_empty() {
            out.push_str("[]");
        } else {
            let _ = write_json(&mut out, &to_value(&self.set).unwrap_or_default());
        }
        let _ = write!(out, ",\"seed\":{},\"time_zone\":", self.seed);
        put(&mut out, &self.time_zone);
        out.push_str(",\"durability\":");
        put(&mut out, &self.durability);
        out.push_str(",\"grants\":");
        // They have numbers with fractions, which values write in their own way.
        let _ = write_json(&mut out, &to_value(&self.grants).unwrap_or_default());
        out.push_str(",\"limits\":");
        put(&mut out, &self.limits);
        out.push('}');
        Text::from(out)
    }

    /// Reads what [`RunHead::to_json`] wrote.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_json(json: &str) -> Result<Self, String> {
        let value = read_value(json.as_bytes(), &Limits::unlimited())
            .map_err(|faults| faults.to_string())?;
        let format = value.get("format").and_then(Value::as_u64);
        match format {
            Some(format) if format <= u64::from(JOURNAL_FORMAT) => {}
            Some(format) => {
                return Err(format!(
                    "it has format {format}; this version knows {JOURNAL_FORMAT} and those before it"
                ));
            }
            None => return Err("it has no format".to_owned()),
        }
        from_value(&value).map_err(|error| error.to_string())
    }

    /// Says what has changed since the run was accepted, so that its events mean something else now; `None`: nothing has.
    pub(super) fn changed(&self, plan: &Plan) -> Option<String> {
        let now = plan.block_versions();
        let mut changed = Vec::new();
        for (block, version) in &self.blocks {
            match now.get(block) {
                Some(found) if found == version => {}
                Some(found) => changed.push(format!(
                    "block \"{block}\" has version {found}, and had {version}"
                )),
                None => changed.push(format!("block \"{block}\" is another one")),
            }
        }
        if changed.is_empty() && plan.layout().to_string() != self.layout.as_str() {
            changed.push("the pins of its nodes, or their order, have changed".to_owned());
        }
        (!changed.is_empty()).then(|| changed.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value;

    #[test]
    fn a_head_is_written_as_its_fields_are() {
        let mut head: RunHead = from_value(&value!({
            "format": (JOURNAL_FORMAT), "engine": "0.1.0", "hash": "h", "layout": "l",
            "graph": { "format": 1, "name": "a \"b\"", "nodes": {} },
            "blocks": { "io.input": 1, "text.\u{e9}": 2 },
            "inputs": { "x": [1, 0.5, (f64::NAN), null, "\u{1}\n"], "y": { "$blob": 1 } },
            "seed": (u64::MAX),
            "limits": {
                "max_queued": 1, "max_queued_bytes": 2, "max_input_bytes": 3, "max_events": 4, "max_parallel": 5,
                "max_depth": 6, "max_value_depth": 7, "max_value_bytes": 8, "soft_limit": 9, "grace_ms": 10
            }
        }))
        .unwrap();
        for zone in [None, Some(Text::from("Europe/Berlin"))] {
            head.time_zone = zone;
            for spend in [None, Some(0.25)] {
                if let Some(spend) = spend {
                    head.grants = head.grants.spend("usd", spend);
                    head.set = vec![("n".into(), "p".into(), Value::from(1.0))];
                }
                let text = head.to_json();
                assert_eq!(text.as_str(), to_json(&to_value(&head).unwrap()));
                assert_eq!(RunHead::from_json(&text).unwrap(), head);
            }
        }
    }
}
