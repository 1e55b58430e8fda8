//! What a host says about providers and models: the file of `--models`, and the table that comes along. Described in
//! `docs/guides/language-models.md`.

use std::collections::BTreeMap;

use graphloom::Text;
use graphloom::json::{Limits, read_value};
use graphloom::value::from_value;
use serde::Deserialize;

/// A file of providers and models that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct ModelsError {
    /// What is wrong, where, and what would do.
    pub message: String,
}

impl ModelsError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    /// Always 1.
    pub(super) format: u32,
    #[serde(default)]
    pub(super) providers: BTreeMap<Text, ProviderEntry>,
    #[serde(default)]
    pub(super) models: Vec<Model>,
}

/// A provider; where one of this name is known already, what is left out stays as it is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProviderEntry {
    #[serde(default)]
    pub(super) protocol: Option<Protocol>,
    #[serde(default)]
    pub(super) base_url: Option<Text>,
    /// The credential; without it, the one that is called as the provider.
    #[serde(default)]
    pub(super) credential: Option<Text>,
    #[serde(default)]
    pub(super) needs_credential: Option<bool>,
    #[serde(default)]
    pub(super) streaming: Option<bool>,
    /// What the service calls the limit on an answer.
    #[serde(default)]
    pub(super) limit_name: Option<Text>,
    #[serde(default)]
    pub(super) timeout_seconds: Option<u64>,
    /// Header lines, none of them secret.
    #[serde(default)]
    pub(super) headers: Option<BTreeMap<Text, Text>>,
    /// Models whose names begin like this are its.
    #[serde(default)]
    pub(super) prefixes: Option<Vec<Text>>,
    /// What else graphs call it.
    #[serde(default)]
    pub(super) aliases: Option<Vec<Text>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Protocol {
    OpenaiResponses,
    OpenaiChat,
    Anthropic,
}

/// What is known of a model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Model {
    /// What graphs call it.
    pub name: Text,
    /// Who serves it.
    pub provider: Text,
    /// What its provider calls it, where that is not its name.
    #[serde(default)]
    pub id: Option<Text>,
    /// What else graphs call it.
    #[serde(default)]
    pub aliases: Vec<Text>,
    /// How many tokens a question and its answer may have together.
    #[serde(default)]
    pub context: Option<u32>,
    /// How many tokens an answer may have.
    #[serde(default)]
    pub max_output: Option<u32>,
    /// What it costs, where that is known.
    #[serde(default)]
    pub price: Option<Price>,
}

/// What a model costs, in US dollars a million tokens.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Price {
    /// What it is asked.
    pub input: f64,
    /// What it is asked and has cached; as `input` where there is none.
    #[serde(default)]
    pub cached: Option<f64>,
    /// What it answers.
    pub output: f64,
    /// When this was so: `2026-11`.
    #[serde(default)]
    pub as_of: Option<Text>,
    /// The vendor's page that says so.
    #[serde(default)]
    pub page: Option<Text>,
}

impl Price {
    /// Returns what so many tokens cost, in US dollars; `cached` is a part of `input`.
    #[must_use]
    pub fn of(&self, input: u64, cached: u64, output: u64) -> f64 {
        let cached = cached.min(input);
        let part = |tokens: u64, price: f64| tokens as f64 * price / 1e6;
        part(input - cached, self.input)
            + part(cached, self.cached.unwrap_or(self.input))
            + part(output, self.output)
    }
}

impl Table {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ModelsError> {
        let value = read_value(bytes, &Limits::default())
            .map_err(|faults| ModelsError::new(faults.to_string()))?;
        let table: Self =
            from_value(&value).map_err(|error| ModelsError::new(error.to_string()))?;
        if table.format != 1 {
            return Err(ModelsError::new(format!(
                "\"format\" is {}; this version reads 1",
                table.format
            )));
        }
        for model in &table.models {
            if let Some(price) = &model.price {
                let numbers = [Some(price.input), price.cached, Some(price.output)];
                let bad = numbers
                    .into_iter()
                    .flatten()
                    .any(|n| !n.is_finite() || n < 0.0);
                if bad {
                    return Err(ModelsError::new(format!(
                        "model \"{}\": a price is 0 or more dollars a million tokens",
                        model.name
                    )));
                }
            }
        }
        Ok(table)
    }
}
