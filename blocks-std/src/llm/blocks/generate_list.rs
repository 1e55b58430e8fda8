//! `llm.generate_list`: a list of texts from a model.

use graphloom::block::{Literals, Needs};
use graphloom::prelude::*;
use graphloom::{Category, Effect, Example, Text, Value, value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::needs;
use super::asking::{CAPABILITIES, Model, expected, model, ollama_host};
use super::structured::Question;
use crate::CredentialPin;
use crate::python;

/// Asks a model for a list.
pub(super) struct GenerateList;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// What the list is of.
    #[serde(default)]
    focus: Option<Text>,
    /// The material that it is made from; null: the model's own knowledge.
    #[serde(default)]
    source_data: Option<Text>,
    /// The model, as for `llm.generate_text`.
    #[serde(default = "model")]
    model: Text,
    /// Which credential is used; without it, the one that is called as the model's provider.
    #[serde(default)]
    credential: CredentialPin,
    /// How often the model is asked at most, 1 to 5: an answer that will not do is shown to it with what is wrong.
    #[serde(default = "three")]
    #[schemars(range(min = 1, max = 5))]
    max_retries: i64,
    /// Has the provider see to it that the whole answer is JSON.
    #[serde(default)]
    force_json_output: bool,
    /// How many tokens the answer may have; null: as many as the model gives.
    #[serde(default)]
    max_tokens: Option<i64>,
    /// The machine that Ollama runs on, for models that it serves.
    #[serde(default = "ollama_host")]
    ollama_host: Text,
}

fn three() -> i64 {
    3
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// All of the list.
    GeneratedList(Vec<Text>),
    /// The messages that were sent to the model at last.
    Prompt(Vec<Value>),
    /// Each item, one after the other.
    ListItem(Text),
}

impl Block for GenerateList {
    const INFO: BlockInfo = BlockInfo::new(
        "llm.generate_list",
        1,
        "Asks a language model for a list of texts, from some material or from what it knows.",
    )
    .category(Category::Ai)
    .effect(Effect::Idempotent)
    .capabilities(CAPABILITIES)
    .autogpt("9c0b0450-d199-458b-a731-072189dd6593", "AIListGeneratorBlock")
    .autogpt_pins(&[("credentials", "credential")])
    .examples(&[Example::new(
        "planets",
        r#"{"focus": "the two planets nearest to the sun"}"#,
        r#"[["generated_list", ["Mercury", "Venus"]], ["prompt", []], ["list_item", "Mercury"], ["list_item", "Venus"]]"#,
    )
    .varies()]);
    type Input = Input;
    type Output = Output;

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        let pins = ["focus", "source_data"];
        needs(literals, &expected(literals, &pins, "max_retries"))
    }

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let format = value!({
            "list": "the list: a JSON array of texts, each of them one item and nothing else",
        });
        let question = Question {
            sys_prompt: "You make lists. An item stands in the list once, in as few words as it needs, without a number or a \
                         sign before it. From material you take what is there, and invent nothing."
                .into(),
            prompt: prompt(input.focus.as_deref(), input.source_data.as_deref()).into(),
            expected_format: format.as_map().cloned().unwrap_or_default(),
            force_json: input.force_json_output,
            tries: input.max_retries.clamp(1, 5),
            ..Question::default()
        };
        let model = Model {
            cx,
            name: input.model,
            credential: input.credential,
            ollama_host: input.ollama_host,
            max_tokens: input.max_tokens,
            compress: true,
            pin: None,
        };
        let answered = question.ask(model).await?;
        let Some(list) = answered.response.get("list").and_then(Value::as_list) else {
            return Err(BlockError::failed(
                "the model gave no list, but something else under \"list\"",
            ));
        };
        let items: Vec<Text> = list.iter().map(text).collect();
        out.emit(Output::GeneratedList(items.clone())).await?;
        out.emit(Output::Prompt(answered.prompt)).await?;
        for item in items {
            out.emit(Output::ListItem(item)).await?;
        }
        Ok(())
    }
}

fn text(item: &Value) -> Text {
    match item {
        Value::Text(text) => text.clone(),
        other => Text::from(python::str(other)),
    }
}

fn prompt(focus: Option<&str>, source: Option<&str>) -> String {
    let said = |text: Option<&str>| {
        text.filter(|text| !text.trim().is_empty())
            .map(str::to_owned)
    };
    match (said(focus), said(source)) {
        (Some(focus), Some(source)) => {
            format!("Make a list of: {focus}\n\nMake it from this material only:\n\n{source}")
        }
        (Some(focus), None) => format!("Make a list of: {focus}"),
        (None, Some(source)) => {
            format!(
                "Find what this material lists, or what is of one kind in it, and list that:\n\n{source}"
            )
        }
        (None, None) => "Make a list of five things of one kind, as an example.".to_owned(),
    }
}
