//! What is told to a run from outside.

use crate::json::{Limits, read_value, to_json};
use crate::value::{Map, Text, Value};

/// Something told to a run from outside; kept until the run has made an event of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Message {
    /// It shall stop.
    Cancel,
    /// The answer to a question.
    Answer {
        /// The node that asks, as the graph calls it; with `/` between a call and what is inside it, and `:firing` behind
        /// it where one firing of it is meant.
        node: Text,
        /// What it waits for; `None`: whatever it is.
        signal: Option<Text>,
        /// The answer.
        value: Value,
    },
}

impl Message {
    /// Writes it as JSON, for a store to keep.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut map = Map::new();
        match self {
            Self::Cancel => drop(map.insert("message", "cancel")),
            Self::Answer {
                node,
                signal,
                value,
            } => {
                map.insert("message", "answer");
                map.insert("node", node.clone());
                if let Some(signal) = signal {
                    map.insert("signal", signal.clone());
                }
                map.insert("value", value.clone());
            }
        }
        to_json(&Value::from(map))
    }

    /// Reads what [`Message::to_json`] wrote; `None` where it is nothing of that kind.
    #[must_use]
    pub fn from_json(json: &str) -> Option<Self> {
        let read = read_value(json.as_bytes(), &Limits::unlimited()).ok()?;
        match read.get("message")?.as_str()? {
            "cancel" => Some(Self::Cancel),
            "answer" => Some(Self::Answer {
                node: read.get("node")?.as_text()?.clone(),
                signal: read.get("signal").and_then(Value::as_text).cloned(),
                value: read.get("value")?.clone(),
            }),
            _ => None,
        }
    }
}
