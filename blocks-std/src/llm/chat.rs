//! What is asked of a model, and what it answers: the same for every provider.

use graphloom::Text;
use graphloom::Value;
use serde::{Deserialize, Serialize};

/// One question to a model.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ChatRequest {
    /// The model, as its provider calls it.
    pub model: Text,
    /// What was said so far, in order.
    pub messages: Vec<Message>,
    /// What it may call.
    pub tools: Vec<ToolSpec>,
    /// It may call several tools at once.
    pub parallel_tools: bool,
    /// It is to answer with a JSON object and nothing else.
    pub json: bool,
    /// How many tokens the answer may have; `None`: as many as the model gives.
    pub max_tokens: Option<u32>,
}

impl ChatRequest {
    /// Returns a question with these messages and everything else at its default.
    #[must_use]
    pub fn new(model: impl Into<Text>, messages: Vec<Message>) -> Self {
        Self {
            model: model.into(),
            messages,
            ..Self::default()
        }
    }
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Message {
    /// What holds for the whole conversation.
    System(Text),
    /// What a person, or the graph, says.
    User(Text),
    /// What the model said, and what it called.
    Assistant {
        /// Its words; `None` where it only called tools.
        text: Option<Text>,
        /// What it called, in order.
        calls: Vec<ToolCall>,
    },
    /// What a tool gave.
    Tool {
        /// Which call it answers.
        call: Text,
        /// What it gave.
        output: Text,
    },
}

/// Something that a model may call.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ToolSpec {
    /// Its name: 1 to 64 letters, digits, `_` and `-`.
    pub name: Text,
    /// What it does.
    pub description: Text,
    /// The JSON Schema of its arguments, an object.
    pub parameters: Value,
}

impl ToolSpec {
    /// Returns a tool.
    #[must_use]
    pub fn new(name: impl Into<Text>, description: impl Into<Text>, parameters: Value) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
            parameters,
        }
    }
}

/// A call that a model asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ToolCall {
    /// What the provider knows the call by.
    pub id: Text,
    /// The tool.
    pub name: Text,
    /// The arguments as the model wrote them: JSON, if it kept to what it was told.
    pub arguments: Text,
}

impl ToolCall {
    /// Returns a call.
    #[must_use]
    pub fn new(id: impl Into<Text>, name: impl Into<Text>, arguments: impl Into<Text>) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            arguments: arguments.into(),
        }
    }
}

/// What a model answered.
// It is kept as a paid step, so that it comes and goes as a value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ChatAnswer {
    /// Its words; `None` where it only called tools.
    pub text: Option<Text>,
    /// What it calls, in order.
    pub calls: Vec<ToolCall>,
    /// What it took.
    pub usage: Usage,
    /// Why it ended.
    pub stop: Stop,
}

/// How many tokens an answer took. A provider that does not say gives 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Usage {
    /// What it was asked, with what was cached.
    pub input: u64,
    /// How much of that was cached.
    pub cached: u64,
    /// What it answered, with its reasoning.
    pub output: u64,
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stop {
    /// The model had said what it had to say, or called a tool.
    #[default]
    Done,
    /// It had said as much as it may.
    Length,
    /// The provider cut it off: its rules forbid what would have come.
    Filtered,
    /// The model refuses.
    Refused,
}
