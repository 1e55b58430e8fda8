//! `llm.generate_text`: what a model says to a prompt.

use graphloom::block::{Literals, Needs};
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Effect, Example, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::needs;
use super::asking::{CAPABILITIES, Model, expected, model, ollama_host};
use super::structured::Question;
use crate::CredentialPin;

/// Asks a model for a text.
pub(super) struct GenerateText;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// What is asked. With `prompt_values` it is a template, in Jinja: `Write about {{ topic }}`.
    prompt: Text,
    /// The model: `gpt-5.2`, `claude-sonnet-4-5`, or behind the name of who serves it, `open_router/google/gemini-2.5-pro`.
    #[serde(default = "model")]
    model: Text,
    /// Which credential is used; without it, the one that is called as the model's provider.
    #[serde(default)]
    credential: CredentialPin,
    /// What holds for the whole conversation; a template as `prompt` is.
    #[serde(default)]
    sys_prompt: Text,
    /// How often the model is asked at most, where the conversation proves too long.
    #[serde(default = "three")]
    retry: i64,
    /// Fills `prompt` and `sys_prompt`; empty: they are taken as they stand.
    #[serde(default)]
    prompt_values: Map,
    /// The machine that Ollama runs on, for models that it serves.
    #[serde(default = "ollama_host")]
    ollama_host: Text,
    /// How many tokens the answer may have; null: as many as the model gives.
    #[serde(default)]
    max_tokens: Option<i64>,
}

fn three() -> i64 {
    3
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// What the model said.
    Response(Text),
    /// The messages that were sent to it.
    Prompt(Vec<Value>),
}

impl Block for GenerateText {
    const INFO: BlockInfo = BlockInfo::new(
        "llm.generate_text",
        1,
        "Asks a language model, and returns what it says.",
    )
    .details(
        "While the answer comes in, observers hear it as parts of `response`. An answer that was paid for is not asked for \
         again after a crash. A template whose name has no value prints nothing there. See docs/guides/language-models.md.",
    )
    .category(Category::Ai)
    .effect(Effect::Idempotent)
    .capabilities(CAPABILITIES)
    .autogpt("1f292d4a-41a4-4977-9684-7c8d560b9f91", "AITextGeneratorBlock")
    .autogpt_pins(&[("credentials", "credential")])
    .examples(&[Example::new(
        "a greeting",
        r#"{"prompt": "Greet {{ who }}", "prompt_values": {"who": "Ada"}}"#,
        r#"[["response", "Hello Ada!"], ["prompt", [{"role": "user", "content": "Greet Ada"}]]]"#,
    )
    .varies()]);
    type Input = Input;
    type Output = Output;

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        let pins = ["prompt", "sys_prompt", "prompt_values"];
        needs(literals, &expected(literals, &pins, "retry"))
    }

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
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
            prompt: input.prompt,
            sys_prompt: input.sys_prompt,
            prompt_values: input.prompt_values,
            tries: input.retry,
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
