//! `llm.summarize`: a long text in short.

use graphloom::block::{Cost, Literals, Needs};
use graphloom::prelude::*;
use graphloom::{Category, Effect, Example, Text, Value, value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Expected, needs};
use super::asking::{CAPABILITIES, Model, model, ollama_host, written};
use super::structured::{Answered, Question};
use crate::CredentialPin;

/// Only so many characters are summed up; more are left out.
const MAX_CHARS: usize = 1_000_000;

/// A text is cut into so many parts at most; what comes behind them is left out.
const MAX_CHUNKS: usize = 100;

/// Summaries of summaries end here, and where they grow no shorter.
const MAX_ROUNDS: usize = 10;

/// How often the model is asked for each part.
const TRIES: i64 = 3;

/// Sums a text up.
pub(super) struct Summarize;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The text. Its first million characters count.
    text: Text,
    /// The model, as for `llm.generate_text`.
    #[serde(default = "model")]
    model: Text,
    /// What the summary is to look at.
    #[serde(default = "general")]
    focus: Text,
    /// The form of the summary.
    #[serde(default)]
    style: Style,
    /// Which credential is used; without it, the one that is called as the model's provider.
    #[serde(default)]
    credential: CredentialPin,
    /// How many words go into one question; a longer text is cut into parts, which are summed up one by one.
    #[serde(default = "words")]
    #[schemars(range(min = 1))]
    max_tokens: i64,
    /// How many words a part has in common with the one before.
    #[serde(default = "overlap")]
    chunk_overlap: i64,
    /// The machine that Ollama runs on, for models that it serves.
    #[serde(default = "ollama_host")]
    ollama_host: Text,
}

fn general() -> Text {
    Text::from("general information")
}

fn words() -> i64 {
    4096
}

fn overlap() -> i64 {
    100
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(inline)]
enum Style {
    #[default]
    #[serde(rename = "concise")]
    Concise,
    #[serde(rename = "detailed")]
    Detailed,
    #[serde(rename = "bullet points")]
    BulletPoints,
    #[serde(rename = "numbered list")]
    NumberedList,
}

impl Style {
    const fn words(self) -> &'static str {
        match self {
            Self::Concise => "in few sentences",
            Self::Detailed => "in detail, with all that matters",
            Self::BulletPoints => "as bullet points",
            Self::NumberedList => "as a numbered list",
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The summary.
    Summary(Text),
    /// The messages of the last question.
    Prompt(Vec<Value>),
}

impl Block for Summarize {
    const INFO: BlockInfo = BlockInfo::new(
        "llm.summarize",
        1,
        "Sums a text up with a language model, in parts where it is long.",
    )
    .details(
        "A text is cut into at most 100 parts of `max_tokens` words; what comes behind them is left out. The summaries of \
         the parts are summed up in turn, in as many rounds as it takes, at most 10.",
    )
    .category(Category::Ai)
    .effect(Effect::Idempotent)
    .capabilities(CAPABILITIES)
    .autogpt("a0a69be1-4528-491c-a85a-a4ab6873e3f0", "AITextSummarizerBlock")
    .autogpt_pins(&[("credentials", "credential")])
    .examples(&[Example::new(
        "short",
        r#"{"text": "Ada wrote the first program. It was for a machine that was never built."}"#,
        r#"[["summary", "Ada wrote a program for a machine that never was."], ["prompt", []]]"#,
    )
    .varies()]);
    type Input = Input;
    type Output = Output;

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        // One question for the text as a whole, and one for its summary, at the least.
        let mut expected = Expected::calls(2, None);
        expected.input = written(literals, &["text", "focus"]);
        let mut needs = needs(literals, &expected);
        let most = |cost: &mut Cost| cost.high = None;
        needs.costs.iter_mut().for_each(most);
        needs
    }

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let answered = Summary {
            cx,
            input: &input,
            asked: 0,
        }
        .of_all()
        .await?;
        let summary = summary(&answered, "final_summary")?;
        out.emit(Output::Summary(summary)).await?;
        out.emit(Output::Prompt(answered.prompt)).await?;
        Ok(())
    }
}

struct Summary<'s> {
    cx: &'s Context,
    input: &'s Input,
    /// How many questions were asked.
    asked: usize,
}

impl Summary<'_> {
    async fn of_all(&mut self) -> Result<Answered, BlockError> {
        let size = usize::try_from(self.input.max_tokens.max(1)).unwrap_or(usize::MAX);
        let mut text = match self.input.text.char_indices().nth(MAX_CHARS) {
            Some((end, _)) => self.input.text.get(..end).unwrap_or_default().to_owned(),
            None => self.input.text.to_string(),
        };
        for _ in 0..MAX_ROUNDS {
            let chunks = chunks(&text, size, self.input.chunk_overlap);
            let mut summaries = Vec::with_capacity(chunks.len());
            for chunk in &chunks {
                let answered = self.of_one("summary", chunk).await?;
                summaries.push(summary(&answered, "summary")?);
            }
            let texts: Vec<&str> = summaries.iter().map(Text::as_str).collect();
            let joined = texts.join("\n\n");
            if joined.split_whitespace().count() <= size {
                return self.of_one("final_summary", &joined).await;
            }
            if joined.len() >= text.len() {
                return Err(BlockError::failed(
                    "the summaries are no shorter than the text: a larger \"max_tokens\" would do",
                ));
            }
            text = joined;
        }
        Err(BlockError::failed(format!(
            "there is no end of it after {MAX_ROUNDS} rounds of summaries: a larger \"max_tokens\" would do"
        )))
    }

    async fn of_one(&mut self, key: &str, text: &str) -> Result<Answered, BlockError> {
        let (style, focus) = (self.input.style.words(), &self.input.focus);
        let what = match key {
            "summary" => "Sum up the text below",
            _ => "Below are summaries of the parts of one text, in order. Make one summary of them",
        };
        let format = graphloom::value::Map::from_iter([(
            Text::from(key),
            value!("the summary, as one text"),
        )]);
        let number = self.asked;
        self.asked += 1;
        let question = Question {
            prompt: format!("{what}, {style}. Look at: {focus}.\n\n{text}").into(),
            expected_format: format,
            tries: TRIES,
            step: "part",
            number,
            ..Question::default()
        };
        let model = Model {
            cx: self.cx,
            name: self.input.model.clone(),
            credential: self.input.credential.clone(),
            ollama_host: self.input.ollama_host.clone(),
            // This block's limit is one on what is asked, not on what is answered.
            max_tokens: None,
            compress: true,
            pin: None,
        };
        question.ask(model).await
    }
}

/// Cuts a text into parts of so many words. There is one part at least, if there is a word.
fn chunks(text: &str, size: usize, overlap: i64) -> Vec<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let overlap = isize::try_from(overlap).unwrap_or(isize::MAX);
    let step = size.saturating_sub_signed(overlap).max(1);
    let starts = (0..words.len()).step_by(step).take(MAX_CHUNKS);
    starts
        .map(|start| {
            let end = start.saturating_add(size).min(words.len());
            words.get(start..end).unwrap_or_default().join(" ")
        })
        .collect()
}

fn summary(answered: &Answered, key: &str) -> Result<Text, BlockError> {
    match answered.response.get(key) {
        Some(Value::Text(text)) => Ok(text.clone()),
        Some(other) => Err(BlockError::failed(format!(
            "the model gave a summary that is no text but of the type {}",
            other.type_name()
        ))),
        None => Err(BlockError::failed("the model gave no summary")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_into_parts_that_overlap() {
        let check = |text: &str, size, overlap, expected: &[&str]| {
            assert_eq!(
                chunks(text, size, overlap),
                expected,
                "{text} {size} {overlap}"
            );
        };
        check(
            "one two three four five six",
            4,
            1,
            &["one two three four", "four five six"],
        );
        check("a b c", 2, 5, &["a b", "b c", "c"]);
        check("a  b\nc", 1, 0, &["a", "b", "c"]);
        check("a b c d", 2, -1, &["a b", "d"]);
        check(" ", 3, 1, &[]);
        assert_eq!(chunks(&"w ".repeat(500), 1, 0).len(), MAX_CHUNKS);
    }
}
