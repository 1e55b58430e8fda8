//! `llm.chat`: the next word of a conversation.

use graphloom::block::{Literals, Needs};
use graphloom::prelude::*;
use graphloom::value::List;
use graphloom::{Category, Effect, Example, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Expected, Message, needs};
use super::asking::{CAPABILITIES, Model, model, ollama_host, written};
use super::conversation;
use super::structured::Question;
use crate::CredentialPin;

/// Goes on with a conversation.
pub(super) struct Chat;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// What is said last; empty: the messages are all there is.
    #[serde(default)]
    prompt: Text,
    /// What was said before: a list of `{"role", "content"}`.
    messages: List,
    /// The model, as for `llm.generate_text`.
    #[serde(default = "model")]
    model: Text,
    /// Which credential is used; without it, the one that is called as the model's provider.
    #[serde(default)]
    credential: CredentialPin,
    /// How many tokens the answer may have; null: as many as the model gives.
    #[serde(default)]
    max_tokens: Option<i64>,
    /// The machine that Ollama runs on, for models that it serves.
    #[serde(default = "ollama_host")]
    ollama_host: Text,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// What the model said.
    Response(Text),
    /// The messages that were sent to it.
    Prompt(Vec<Value>),
}

impl Block for Chat {
    const INFO: BlockInfo = BlockInfo::new(
        "llm.chat",
        1,
        "Sends a conversation to a language model, and returns what it says next.",
    )
    .details("While the answer comes in, observers hear it as parts of `response`.")
    .category(Category::Ai)
    .effect(Effect::Idempotent)
    .capabilities(CAPABILITIES)
    .autogpt("32a87eab-381e-4dd4-bdb8-4c47151be35a", "AIConversationBlock")
    .autogpt_pins(&[("credentials", "credential")])
    .examples(&[Example::new(
        "one more word",
        r#"{"messages": [{"role": "system", "content": "Be short."}], "prompt": "Hi"}"#,
        r#"[["response", "Hello!"], ["prompt", [{"role": "system", "content": "Be short."}, {"role": "user", "content": "Hi"}]]]"#,
    )
    .varies()]);
    type Input = Input;
    type Output = Output;

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        let mut expected = Expected::calls(1, Some(1));
        expected.input = written(literals, &["prompt", "messages"]);
        expected.max_output = literals.get("max_tokens").and_then(Value::as_u64);
        needs(literals, &expected)
    }

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let history = conversation::read(&input.messages)?;
        if input.prompt.trim().is_empty() && !history.iter().any(says_something) {
            return Err(BlockError::input(
                "there is nothing to say: the prompt is empty, and so are all messages",
            ));
        }
        let model = Model {
            cx,
            name: input.model,
            credential: input.credential,
            ollama_host: input.ollama_host,
            max_tokens: input.max_tokens,
            compress: true,
            pin: Some("response".into()),
        };
        let question = Question {
            history,
            prompt: input.prompt,
            ..Question::default()
        };
        let answered = question.ask(model).await?;
        let text = match answered.response.get("response") {
            Some(Value::Text(text)) => text.clone(),
            _ => Text::default(),
        };
        out.emit(Output::Response(text)).await?;
        out.emit(Output::Prompt(answered.prompt)).await?;
        Ok(())
    }
}

fn says_something(message: &Message) -> bool {
    match message {
        Message::System(text) | Message::User(text) => !text.trim().is_empty(),
        Message::Assistant { text, .. } => {
            text.as_ref().is_some_and(|text| !text.trim().is_empty())
        }
        Message::Tool { output, .. } => !output.trim().is_empty(),
    }
}
