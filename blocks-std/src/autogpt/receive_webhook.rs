//! `autogpt.receive_webhook`: what a webhook brought.

use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Emits what a webhook brought.
pub(super) struct ReceiveWebhook;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// What the webhook brought; whoever starts the run puts it here.
    #[serde(default)]
    payload: Map,
    /// Values that are always the same.
    #[serde(default)]
    constants: Map,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// What the webhook brought.
    Payload(Map),
    /// The values that are always the same.
    Constants(Map),
}

impl Block for ReceiveWebhook {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.receive_webhook",
        1,
        "Emits what a webhook brought.",
    )
    .category(Category::Io)
    .autogpt(
        "8fa8c167-2002-47ce-aba8-97572fc5d387",
        "GenericWebhookTriggerBlock",
    )
    .examples(&[Example::new(
        "payload and constants",
        r#"{"payload": {"a": 1}, "constants": {"c": 2}}"#,
        r#"[["constants", {"c": 2}], ["payload", {"a": 1}]]"#,
    )]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        out.emit(Output::Constants(input.constants)).await?;
        out.emit(Output::Payload(input.payload)).await?;
        Ok(())
    }
}
