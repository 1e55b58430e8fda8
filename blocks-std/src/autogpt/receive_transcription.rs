//! `autogpt.receive_transcription`: what a Compass recorder heard.

use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Emits what a Compass recorder heard.
pub(super) struct ReceiveTranscription;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// What the recorder sent; whoever starts the run puts it here.
    payload: Payload,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(inline)]
#[expect(
    dead_code,
    reason = "what a recorder sends beside the words has to be there"
)]
struct Payload {
    /// When it was said.
    date: String,
    /// What was said.
    transcription: String,
    /// The parts of it, each with its speaker and times.
    transcriptions: Vec<Map>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// What was said.
    Transcription(String),
}

impl Block for ReceiveTranscription {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.receive_transcription",
        1,
        "Emits what a Compass recorder heard.",
    )
    .category(Category::Io)
    .autogpt(
        "9464a020-ed1d-49e1-990f-7f2ac924a2b7",
        "CompassAITriggerBlock",
    )
    .examples(&[Example::new(
        "words",
        r#"{"payload": {"date": "2026-03-08", "transcription": "hi", "transcriptions": []}}"#,
        r#"[["transcription", "hi"]]"#,
    )]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        out.emit(Output::Transcription(input.payload.transcription))
            .await?;
        Ok(())
    }
}
