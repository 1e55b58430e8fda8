//! Blocks run by themselves.

use std::collections::BTreeMap;

use graphloom::graph::Coercion;
use graphloom::value::Map;
use graphloom::{Failure, Text, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a block is run with.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BlockRunBody {
    /// Values of its inputs, by name.
    #[schema(value_type = Object)]
    pub inputs: Map,
    /// How inputs are made to fit.
    pub coercion: CoercionWord,
    /// What random numbers follow from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uint64", maximum = 18_446_744_073_709_551_615_u64)]
    pub seed: Option<u64>,
    /// The time zone of whoever the block is run for, by its IANA name; `UTC` without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub time_zone: Option<Text>,
    /// How long it may take, in milliseconds. The server allows five sixths of the time that it has for an answer to begin
    /// (`requests.time_ms`): more is taken as that, and so is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub timeout_ms: Option<u64>,
    /// What it may cost at most, by unit.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub max_cost: BTreeMap<String, f64>,
    /// The only machines that it may reach, whatever the server allows beyond.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<String>>)]
    pub only_hosts: Option<Vec<Text>>,
    /// Machines that it may not reach.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    pub deny_hosts: Vec<Text>,
}

/// How inputs are made to fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CoercionWord {
    /// Without loss.
    #[default]
    Strict,
    /// By AutoGPT's table.
    Lenient,
}

impl From<CoercionWord> for Coercion {
    fn from(word: CoercionWord) -> Self {
        match word {
            CoercionWord::Strict => Self::Strict,
            CoercionWord::Lenient => Self::Lenient,
        }
    }
}

/// What a block gave.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlockRunView {
    /// What it emitted, in order: pairs of pin and value.
    #[schema(value_type = Vec<Vec<serde_json::Value>>)]
    pub outputs: Vec<(Text, Value)>,
    /// Why it failed, with what it emitted before in `outputs`; null where it did not.
    #[schema(value_type = Option<Object>)]
    pub error: Option<Failure>,
}
