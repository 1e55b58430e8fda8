//! Asking until an answer has the form that was asked for.

use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Text, Value, value};

use super::super::{ChatError, Message, Stop};
use super::asking::Model;
use super::conversation;
use super::tagged::Format;
use crate::template::render;

/// What is asked.
#[derive(Default)]
pub(super) struct Question {
    pub(super) history: Vec<Message>,
    pub(super) sys_prompt: Text,
    pub(super) prompt: Text,
    /// Fills the two prompts as templates, unless it is empty.
    pub(super) prompt_values: Map,
    /// Keys of the answer, and what each is; empty: the answer is words.
    pub(super) expected_format: Map,
    pub(super) list_result: bool,
    pub(super) force_json: bool,
    /// How often the model is asked at most.
    pub(super) tries: i64,
    /// Stands before the names of the steps, for a firing with several questions.
    pub(super) step: &'static str,
    /// Which of several, for the same.
    pub(super) number: usize,
}

/// What came of it.
pub(super) struct Answered {
    /// The object, or the list of objects; `{"response": text}` where no format was asked for.
    pub(super) response: Value,
    /// The messages that were sent, at last.
    pub(super) prompt: Vec<Value>,
}

impl Question {
    /// Asks. An answer that will not do is shown to the model with what is wrong about it, and it is asked again.
    pub(super) async fn ask(self, mut model: Model<'_>) -> Result<Answered, BlockError> {
        let sys_prompt = self.filled(&self.sys_prompt, "sys_prompt")?;
        let prompt = self.filled(&self.prompt, "prompt")?;
        let format = match self.expected_format.is_empty() {
            true => None,
            false => Some(Format {
                keys: &self.expected_format,
                list: self.list_result,
                bare: self.force_json,
                id: format!("{:016x}", model.cx.random()?),
            }),
        };
        let mut messages = self.history.clone();
        if !sys_prompt.is_empty() {
            messages.push(Message::System(sys_prompt));
        }
        if let Some(format) = &format {
            messages.push(Message::System(format.instructions().into()));
        }
        if !prompt.is_empty() {
            messages.push(Message::User(prompt));
        }
        let mut last = String::new();
        for attempt in 0..self.tries.max(1) {
            let step = format!("{}{}:{attempt}", self.step, self.number);
            // Words have no form: where none is asked for, a JSON answer would be one.
            let json = self.force_json && format.is_some();
            let answer = match model.ask(step, messages.clone(), json).await {
                Ok(answer) => answer,
                Err(error @ ChatError::TooLong { .. }) => {
                    last = error.to_string();
                    model.ask_for_less();
                    continue;
                }
                // It was tried again where that may help.
                Err(error) => return Err(unanswered(error)),
            };
            let said = answer.text.unwrap_or_default();
            let Some(format) = &format else {
                return Ok(Answered {
                    response: value!({"response": said}),
                    prompt: conversation::write(&messages),
                });
            };
            let wrong = match format.find(&said) {
                Ok(response) => {
                    return Ok(Answered {
                        response,
                        prompt: conversation::write(&messages),
                    });
                }
                Err(wrong) => wrong,
            };
            last = match answer.stop {
                Stop::Length => {
                    format!("the answer was cut off where it grew too long, and {wrong}")
                }
                Stop::Refused => format!("the model refuses, and {wrong}"),
                _ => wrong,
            };
            messages.push(Message::Assistant {
                text: Some(said),
                calls: Vec::new(),
            });
            messages.push(Message::User(feedback(&last).into()));
        }
        Err(BlockError::failed(format!(
            "no answer of the model would do, in {} tries; the last: {last}",
            self.tries.max(1)
        )))
    }

    fn filled(&self, template: &Text, pin: &str) -> Result<Text, BlockError> {
        if self.prompt_values.is_empty() {
            return Ok(template.clone());
        }
        render(template, &self.prompt_values, false)
            .map(Text::from)
            .map_err(|error| BlockError::input(format!("\"{pin}\" cannot be filled: {error}")))
    }
}

/// Says what it was about, where the error alone does not.
pub(super) fn unanswered(error: ChatError) -> BlockError {
    match BlockError::from(error) {
        BlockError::Failed { message, retry } => BlockError::Failed {
            message: format!("the model gave no answer: {message}"),
            retry,
        },
        other => other,
    }
}

fn feedback(wrong: &str) -> String {
    format!(
        "That answer cannot be used: {wrong}. Give the whole answer once more, and keep to the form that was asked for."
    )
}
