//! A model whose answers are written down beforehand.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use graphloom::block::BoxFuture;
use graphloom::host::{Credential, Extensions};
use graphloom::{BlockError, Context, Engine, EngineBuilder, Registry, Value, value};
use graphloom_blocks::llm::{
    ChatAnswer, ChatError, ChatRequest, Message, Models, Provider, Stop, ToolCall,
};
use serde::Deserialize;
use tokio::sync::Notify;

use crate::blocks;

/// What the model does when it is asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Scripted {
    text: Option<String>,
    calls: Vec<Call>,
    /// `too_long`, `failed` or `hangs`.
    error: Option<String>,
    stop: Stop,
}

/// A call: the tool, and the arguments as a text or as a value.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    id: String,
    name: String,
    #[serde(default)]
    arguments: Value,
}

impl Scripted {
    pub(crate) fn text(text: &str) -> Self {
        Self {
            text: Some(text.to_owned()),
            ..Self::default()
        }
    }

    pub(crate) fn call(mut self, id: &str, name: &str, arguments: Value) -> Self {
        self.calls.push(Call {
            id: id.to_owned(),
            name: name.to_owned(),
            arguments,
        });
        self
    }

    pub(crate) fn hangs() -> Self {
        Self {
            error: Some("hangs".to_owned()),
            ..Self::default()
        }
    }
}

/// Answers in the order of its script.
#[derive(Default)]
pub(crate) struct Stub {
    answers: Mutex<VecDeque<Scripted>>,
    asked: Mutex<Vec<ChatRequest>>,
    /// Is told when the model begins to hang.
    pub(crate) hung: Arc<Notify>,
}

impl Stub {
    pub(crate) fn new(answers: impl IntoIterator<Item = Scripted>) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new(answers.into_iter().collect()),
            ..Self::default()
        })
    }

    /// Everything that the model was asked, in order.
    pub(crate) fn asked(&self) -> Vec<ChatRequest> {
        self.asked.lock().unwrap().clone()
    }

    /// How many answers nobody asked for.
    pub(crate) fn left(&self) -> usize {
        self.answers.lock().unwrap().len()
    }

    /// An engine whose only model is this one, under the name `stub/any`.
    pub(crate) fn builder(self: &Arc<Self>) -> EngineBuilder {
        let mut registry = Registry::new();
        graphloom_blocks::register(&mut registry).unwrap();
        blocks::register(&mut registry).unwrap();
        self.builder_of(registry)
    }

    pub(crate) fn builder_of(self: &Arc<Self>, registry: Registry) -> EngineBuilder {
        let models = Models::default()
            .with("stub", Arc::clone(self) as _)
            .retries(0);
        Engine::builder(registry).extensions(Extensions::new().with(models))
    }
}

impl Provider for Stub {
    fn chat<'a>(
        &'a self,
        _: &'a Context,
        _: Option<&'a Credential>,
        request: &'a ChatRequest,
        heard: &'a (dyn Fn(&str) + Sync),
    ) -> BoxFuture<'a, Result<ChatAnswer, ChatError>> {
        self.asked.lock().unwrap().push(request.clone());
        let next = self.answers.lock().unwrap().pop_front();
        Box::pin(async move {
            let Some(next) = next else {
                return Err(BlockError::failed("the script has no more answers").into());
            };
            match next.error.as_deref() {
                Some("too_long") => {
                    return Err(ChatError::TooLong {
                        message: "too many tokens".to_owned(),
                    });
                }
                Some("hangs") => {
                    self.hung.notify_one();
                    std::future::pending().await
                }
                Some(message) => return Err(BlockError::failed(message).into()),
                None => {}
            }
            let mut answer = ChatAnswer::default();
            if let Some(text) = &next.text {
                heard(text);
                answer.text = Some(text.as_str().into());
            }
            answer.stop = next.stop;
            answer.calls = next.calls.into_iter().map(call).collect();
            Ok(answer)
        })
    }
}

fn call(call: Call) -> ToolCall {
    let arguments = match &call.arguments {
        Value::Text(text) => text.to_string(),
        other => other.to_string(),
    };
    ToolCall::new(call.id, call.name, arguments)
}

/// A message, short to read.
pub(crate) fn brief(message: &Message) -> Value {
    match message {
        Message::System(text) => value!({ "system": text.clone() }),
        Message::User(text) => value!({ "user": text.clone() }),
        Message::Assistant { text, calls } => {
            let call = |call: &ToolCall| {
                value!([call.id.clone(), call.name.clone(), call.arguments.clone()])
            };
            let calls: Vec<Value> = calls.iter().map(call).collect();
            value!({ "assistant": text.clone().map_or(Value::Null, Value::from), "calls": calls })
        }
        Message::Tool { call, output } => {
            value!({ "tool": call.clone(), "output": output.clone() })
        }
        other => panic!("{other:?}"),
    }
}
