//! What all of these blocks have in common: which model is asked, as whom, and where.

use graphloom::block::Literals;
use graphloom::prelude::*;
use graphloom::{Capability, Text};

use super::super::fit::tokens;
use super::super::{Asking, ChatAnswer, ChatError, ChatRequest, Expected, Message, Models};
use crate::CredentialPin;

/// The model where a graph names none.
pub(super) const MODEL: &str = "gpt-5.2-2025-12-11";

pub(super) fn model() -> Text {
    Text::from(MODEL)
}

pub(super) fn ollama_host() -> Text {
    Text::from("localhost:11434")
}

/// What these blocks reach outside for: a credential and the web for the model, the clock for waits, what the host says
/// about models.
pub(super) const CAPABILITIES: &[Capability] = &[
    Capability::Http,
    Capability::Credential,
    Capability::Clock,
    Capability::Ext,
    Capability::Random,
];

/// Which model is asked, as whom, and where.
pub(super) struct Model<'c> {
    pub(super) cx: &'c Context,
    pub(super) name: Text,
    pub(super) credential: CredentialPin,
    pub(super) ollama_host: Text,
    pub(super) max_tokens: Option<i64>,
    pub(super) compress: bool,
    /// The output that observers hear of while the answer comes in.
    pub(super) pin: Option<Text>,
}

impl Model<'_> {
    /// Asks once; `step` names the question among those of the firing.
    pub(super) async fn ask(
        &self,
        step: impl Into<Text>,
        messages: Vec<Message>,
        json: bool,
    ) -> Result<ChatAnswer, ChatError> {
        let mut request = ChatRequest::new(self.name.clone(), messages);
        request.json = json;
        // Less than one token is no answer.
        request.max_tokens = self
            .max_tokens
            .map(|max| u32::try_from(max.max(1)).unwrap_or(u32::MAX));
        let mut asking = Asking::step(step);
        asking.pin = self.pin.clone();
        asking.credential = self.credential.clone();
        asking.compress = self.compress;
        asking.ollama_host = Some(self.ollama_host.clone());
        Models::of(self.cx).chat(self.cx, &request, &asking).await
    }

    /// Lets the next answer have less tokens than this one might, where the model says that all of it is too long.
    pub(super) fn ask_for_less(&mut self) {
        let known = Models::of(self.cx).model(&self.name);
        let max = self
            .max_tokens
            .or_else(|| known.and_then(|model| model.max_output).map(i64::from));
        // The share that AutoGPT leaves.
        self.max_tokens = Some(max.unwrap_or(4_096).saturating_mul(85) / 100);
    }
}

/// Returns about how many tokens these literals have together; `None` where one of them comes in over a link.
pub(super) fn written(literals: &Literals<'_>, pins: &[&str]) -> Option<u64> {
    let count = |pin: &&str| match literals.get(pin)? {
        graphloom::Value::Text(text) => Some(tokens(text)),
        other => Some(tokens(&graphloom::json::to_json(other))),
    };
    pins.iter().map(count).sum()
}

/// Returns how many questions a node asks that asks again where an answer will not do.
pub(super) fn expected(literals: &Literals<'_>, pins: &[&str], tries: &str) -> Expected {
    let most = match literals.get(tries) {
        Some(tries) => tries.as_u64().map(|tries| tries.max(1)),
        None => None,
    };
    let mut expected = Expected::calls(1, most);
    expected.input = written(literals, pins);
    expected.max_output = literals
        .get("max_tokens")
        .and_then(graphloom::Value::as_u64);
    expected
}
