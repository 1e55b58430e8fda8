//! One conversation with a model: questions, the calls that it makes, what it is told of them.

use graphloom::prelude::*;
use graphloom::{Level, Text};

use super::compact::compact;
use super::results::{Way, make};
use super::toolbox::{Absent, Ready, Toolbox};
use crate::CredentialPin;
use crate::llm::chat::{ChatAnswer, ChatRequest, Message, Stop};
use crate::llm::fit;
use crate::llm::provider::ChatError;
use crate::llm::{Asking, Models};

/// The most turns of one firing, whatever a node asks for.
pub(crate) const MAX_TURNS: u32 = 1000;

/// A model that nothing is known of is taken to read so many tokens.
const USUAL_CONTEXT: u64 = 128_000;

/// A conversation that a service finds too long is halved so often.
const HALVINGS: u32 = 3;

/// How a model is talked to.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) model: Text,
    pub(crate) credential: CredentialPin,
    pub(crate) max_tokens: Option<u32>,
    /// How many tokens the model can read, where the graph says so.
    pub(crate) context: Option<u32>,
    /// The model may call several tools at once, and they run at the same time.
    pub(crate) parallel: bool,
    /// How often it is asked for one turn, until what it calls can be called.
    pub(crate) attempts: u32,
    /// A conversation that outgrows the model is made shorter.
    pub(crate) compacts: bool,
    pub(crate) ollama_host: Option<Text>,
    /// The output pin of the answer.
    pub(crate) pin: &'static str,
    /// The model is told why a tool failed.
    pub(crate) tells_failures: bool,
}

/// A conversation in motion.
pub(crate) struct Talk<'t> {
    cx: &'t Context,
    tools: &'t Toolbox,
    settings: &'t Settings,
    /// All that was said.
    pub(crate) messages: Vec<Message>,
    /// How many questions the firing has asked; the next step is called by it.
    asked: u32,
    /// How often the room for the conversation was halved.
    halved: u32,
}

/// What came of a question.
#[derive(Debug)]
pub(crate) enum Turn {
    /// The model has answered.
    Answer(Text),
    /// It has called tools.
    Calls {
        /// What it said with that.
        text: Option<Text>,
        /// What was called, and what the model is told of it.
        calls: Vec<(Ready, Text)>,
    },
}

impl<'t> Talk<'t> {
    pub(crate) fn new(
        cx: &'t Context,
        tools: &'t Toolbox,
        settings: &'t Settings,
        messages: Vec<Message>,
    ) -> Self {
        Self {
            cx,
            tools,
            settings,
            messages,
            asked: 0,
            halved: 0,
        }
    }

    /// Asks for one turn, and makes the calls of it.
    ///
    /// # Errors
    /// As [`Talk::ask`]; [`BlockError::Cancelled`].
    pub(crate) async fn turn(&mut self) -> Result<Turn, BlockError> {
        let (answer, calls) = self.ask(Absent::Default).await?;
        if calls.is_empty() {
            return Ok(Turn::Answer(answer.text.unwrap_or_default()));
        }
        let way = Way {
            parallel: self.settings.parallel,
            tells_failures: self.settings.tells_failures,
        };
        let results = make(self.cx, calls.clone(), way).await?;
        for (call, output) in calls.iter().zip(&results) {
            self.messages.push(Message::Tool {
                call: call.id.clone(),
                output: output.clone(),
            });
        }
        Ok(Turn::Calls {
            text: answer.text,
            calls: calls.into_iter().zip(results).collect(),
        })
    }

    /// Asks for one turn, and adds it to the conversation. Returns it with the calls that it makes. A model that calls
    /// what cannot be called is told so and asked again; neither that call nor what it is told stays in the conversation.
    ///
    /// # Errors
    /// What the model cannot be asked for; that it does not call rightly.
    pub(crate) async fn ask(
        &mut self,
        absent: Absent,
    ) -> Result<(ChatAnswer, Vec<Ready>), BlockError> {
        let mut feedback: Vec<Message> = Vec::new();
        let attempts = self.settings.attempts.max(1);
        let mut wrong = String::new();
        for _ in 0..attempts {
            let answer = self.once(&feedback).await?;
            match answer.stop {
                Stop::Refused => return Err(BlockError::failed("the model refuses to answer")),
                Stop::Filtered => {
                    return Err(BlockError::failed(
                        "the provider cut the answer off: its rules forbid what would have come",
                    ));
                }
                Stop::Length => self.cx.log(
                    Level::Warn,
                    "the answer is cut off: it was as long as it may be",
                ),
                Stop::Done => {}
            }
            match self.tools.read(&answer.calls, absent) {
                Ok(calls) => {
                    self.messages.push(Message::Assistant {
                        text: answer.text.clone(),
                        calls: named(&answer, &calls),
                    });
                    return Ok((answer, calls));
                }
                Err(what) => {
                    self.cx.log(
                        Level::Info,
                        format!(
                            "the model is asked again, for what it called cannot be called:\n{what}"
                        ),
                    );
                    feedback.push(Message::User(Text::from(format!(
                        "What you called cannot be called:\n{what}\nCall again, with the names and parameters as they are \
                         declared and with arguments that are one JSON object."
                    ))));
                    wrong = what;
                }
            }
        }
        Err(BlockError::failed(format!(
            "the model was asked {attempts} times and called what cannot be called:\n{wrong}"
        )))
    }

    /// Asks once, with what is not a part of the conversation behind it.
    async fn once(&mut self, feedback: &[Message]) -> Result<ChatAnswer, BlockError> {
        let models = Models::of(self.cx);
        let asking = Asking {
            step: Text::from(format!("ask:{}", self.asked)),
            pin: Some(Text::from(self.settings.pin)),
            credential: self.settings.credential.clone(),
            compress: false,
            ollama_host: self.settings.ollama_host.clone(),
        };
        self.asked += 1;
        loop {
            let mut request = ChatRequest::new(self.settings.model.clone(), self.messages.clone());
            request.messages.extend_from_slice(feedback);
            request.tools = self.tools.specs().to_vec();
            request.parallel_tools = self.settings.parallel;
            request.max_tokens = self.settings.max_tokens;
            if self.settings.compacts {
                self.fit(models, &mut request);
            }
            match models.chat(self.cx, &request, &asking).await {
                // What is known of the model, or guessed, was too much.
                Err(ChatError::TooLong { message })
                    if self.settings.compacts && self.halved < HALVINGS =>
                {
                    self.halved += 1;
                    self.cx.log(
                        Level::Info,
                        format!("the conversation is too long and is halved: {message}"),
                    );
                }
                answer => return Ok(answer?),
            }
        }
    }

    /// Leaves out of a question what is too much: messages and tools together have half of what the model can read.
    fn fit(&self, models: &Models, request: &mut ChatRequest) {
        let known = models
            .model(&self.settings.model)
            .and_then(|model| model.context);
        let context = self
            .settings
            .context
            .or(known)
            .map_or(USUAL_CONTEXT, u64::from);
        let messages = std::mem::take(&mut request.messages);
        let tools = fit::estimate(request);
        let room = (context >> (1 + self.halved)).saturating_sub(tools);
        let shorter = compact(&messages, room);
        if let Some(shorter) = &shorter {
            let text = format!(
                "older turns are shortened or left out: {} of {} messages are sent",
                shorter.len(),
                messages.len()
            );
            self.cx.log(Level::Info, text);
        }
        request.messages = shorter.unwrap_or(messages);
    }
}

/// The calls as they are kept: under the names that the tools have.
fn named(answer: &ChatAnswer, calls: &[Ready]) -> Vec<crate::llm::chat::ToolCall> {
    let kept = answer.calls.iter().zip(calls).map(|(call, ready)| {
        let mut call = call.clone();
        call.name = ready.name.clone();
        call
    });
    kept.collect()
}
