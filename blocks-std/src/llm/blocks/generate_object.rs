//! `llm.generate_object`: an object, or several, from a model.

use graphloom::block::{Literals, Needs};
use graphloom::prelude::*;
use graphloom::value::{List, Map};
use graphloom::{Category, Effect, Example, Text, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::needs;
use super::asking::{CAPABILITIES, Model, expected, model, ollama_host};
use super::conversation;
use super::structured::Question;
use crate::CredentialPin;

/// Asks a model for an object with given keys.
pub(super) struct GenerateObject;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// What is asked. With `prompt_values` it is a template, in Jinja: `Describe {{ place }}`.
    prompt: Text,
    /// The keys of the object, and in words what the value of each is to be. Empty: the answer is `{"response": text}`.
    expected_format: Map,
    /// Asks for a list of such objects.
    #[serde(default)]
    list_result: bool,
    /// The model, as for `llm.generate_text`.
    #[serde(default = "model")]
    model: Text,
    /// Has the provider see to it that the whole answer is JSON, so that the model cannot think aloud before it.
    #[serde(default)]
    force_json_output: bool,
    /// Which credential is used; without it, the one that is called as the model's provider.
    #[serde(default)]
    credential: CredentialPin,
    /// What holds for the whole conversation; a template as `prompt` is.
    #[serde(default)]
    sys_prompt: Text,
    /// What was said before: a list of `{"role", "content"}`.
    #[serde(default)]
    conversation_history: Option<List>,
    /// How often the model is asked at most: an answer that will not do is shown to it with what is wrong.
    #[serde(default = "three")]
    retry: i64,
    /// Fills `prompt` and `sys_prompt`; empty: they are taken as they stand.
    #[serde(default)]
    prompt_values: Map,
    /// How many tokens the answer may have; null: as many as the model gives.
    #[serde(default)]
    max_tokens: Option<i64>,
    /// Shortens messages, in their middle, where they have more tokens than half of what the model can read.
    #[serde(default = "yes")]
    compress_prompt_to_fit: bool,
    /// The machine that Ollama runs on, for models that it serves.
    #[serde(default = "ollama_host")]
    ollama_host: Text,
}

fn three() -> i64 {
    3
}

fn yes() -> bool {
    true
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The object, which may have more keys than were asked for; a list of them with `list_result`.
    Response(Response),
    /// The messages that were sent to the model at last.
    Prompt(Vec<Value>),
}

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub(super) enum Response {
    /// One object.
    One(Map),
    /// Several.
    Several(Vec<Map>),
}

impl Block for GenerateObject {
    const INFO: BlockInfo = BlockInfo::new(
        "llm.generate_object",
        1,
        "Asks a language model for an object with given keys, or for a list of them.",
    )
    .details(
        "The model writes the object between marks with an id that differs in each firing, so that no text which comes in \
         can stand for its answer. Of the values nothing is checked: `json.schema_check` does that.",
    )
    .category(Category::Ai)
    .effect(Effect::Idempotent)
    .capabilities(CAPABILITIES)
    .autogpt("ed55ac19-356e-4243-a6cb-bc599e9b716f", "AIStructuredResponseGeneratorBlock")
    .autogpt_pins(&[("credentials", "credential")])
    .examples(&[Example::new(
        "a capital",
        r#"{"prompt": "France", "expected_format": {"capital": "the name of its capital"}}"#,
        r#"[["response", {"capital": "Paris"}], ["prompt", [{"role": "user", "content": "France"}]]]"#,
    )
    .varies()]);
    type Input = Input;
    type Output = Output;

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        let pins = [
            "prompt",
            "sys_prompt",
            "prompt_values",
            "conversation_history",
            "expected_format",
        ];
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
            compress: input.compress_prompt_to_fit,
            pin: None,
        };
        let history = input.conversation_history.unwrap_or_default();
        let question = Question {
            history: conversation::read(&history)?,
            prompt: input.prompt,
            sys_prompt: input.sys_prompt,
            prompt_values: input.prompt_values,
            expected_format: input.expected_format,
            list_result: input.list_result,
            force_json: input.force_json_output,
            tries: input.retry,
            ..Question::default()
        };
        let answered = question.ask(model).await?;
        let response = match answered.response {
            Value::List(list) => Response::Several(
                list.iter()
                    .filter_map(|item| item.as_map().cloned())
                    .collect(),
            ),
            other => Response::One(other.as_map().cloned().unwrap_or_default()),
        };
        out.emit(Output::Response(response)).await?;
        out.emit(Output::Prompt(answered.prompt)).await?;
        Ok(())
    }
}
