//! The Chat Completions API: <https://platform.openai.com/docs/api-reference/chat>, which many services speak.

use graphloom::block::BoxFuture;
use graphloom::host::Credential;
use graphloom::value::Map;
use graphloom::{Context, Text, Value, value};

use super::chat::{ChatAnswer, ChatRequest, Message, Stop, ToolCall, ToolSpec, Usage};
use super::endpoint::{Endpoint, signed};
use super::provider::{ChatError, Provider};
use super::wire::{self, Assemble, at, count_at, items_at, stopped, text_at};

/// An answer has no more calls than this.
const MAX_CALLS: u64 = 1_024;

/// Asks over the Chat Completions API, at `{base}/chat/completions`: OpenRouter, Groq, vLLM, llama.cpp, Ollama (`/v1`) and
/// others.
#[derive(Debug, Clone)]
pub struct OpenAiChat {
    endpoint: Endpoint,
    limit: Text,
}

impl OpenAiChat {
    /// Returns the way to a service, e.g. `https://openrouter.ai/api/v1`.
    #[must_use]
    pub fn new(endpoint: impl Into<Endpoint>) -> Self {
        Self {
            endpoint: endpoint.into(),
            limit: Text::from("max_tokens"),
        }
    }

    /// Says what the service calls the limit on an answer: `max_tokens` unless it is told otherwise; OpenAI's newer models
    /// take `max_completion_tokens`.
    #[must_use]
    pub fn limit_name(mut self, name: impl Into<Text>) -> Self {
        self.limit = name.into();
        self
    }
}

impl Provider for OpenAiChat {
    fn chat<'a>(
        &'a self,
        cx: &'a Context,
        credential: Option<&'a Credential>,
        request: &'a ChatRequest,
        heard: &'a (dyn Fn(&str) + Sync),
    ) -> BoxFuture<'a, Result<ChatAnswer, ChatError>> {
        let body = body(request, self.endpoint.streaming, &self.limit);
        let to = self.endpoint.request("/chat/completions");
        let request = signed(to, credential, None).json(&body);
        Box::pin(wire::ask::<Assembly>(cx, request, heard))
    }
}

fn body(request: &ChatRequest, streaming: bool, limit: &Text) -> Value {
    let messages: Vec<Value> = request.messages.iter().map(message).collect();
    let mut body = Map::new();
    body.insert("model", request.model.clone());
    body.insert("messages", messages);
    if streaming {
        body.insert("stream", true);
        body.insert("stream_options", value!({"include_usage": true}));
    }
    if let Some(max) = request.max_tokens {
        body.insert(limit.clone(), max);
    }
    if request.json {
        body.insert("response_format", value!({"type": "json_object"}));
    }
    if !request.tools.is_empty() {
        let tool = |tool: &ToolSpec| {
            value!({
                "type": "function",
                "function": {
                    "name": (tool.name.clone()),
                    "description": (tool.description.clone()),
                    "parameters": (tool.parameters.clone()),
                },
            })
        };
        let tools: Vec<Value> = request.tools.iter().map(tool).collect();
        body.insert("tools", tools);
        body.insert("parallel_tool_calls", request.parallel_tools);
    }
    Value::Map(body)
}

fn message(message: &Message) -> Value {
    match message {
        Message::System(text) => value!({"role": "system", "content": (text.clone())}),
        Message::User(text) => value!({"role": "user", "content": (text.clone())}),
        Message::Assistant { text, calls } => {
            let call = |call: &ToolCall| {
                value!({
                    "id": (call.id.clone()),
                    "type": "function",
                    "function": {"name": (call.name.clone()), "arguments": (call.arguments.clone())},
                })
            };
            let mut message = Map::new();
            message.insert("role", "assistant");
            message.insert("content", text.clone().map_or(Value::Null, Value::from));
            if !calls.is_empty() {
                let calls: Vec<Value> = calls.iter().map(call).collect();
                message.insert("tool_calls", calls);
            }
            Value::Map(message)
        }
        Message::Tool { call, output } => value!({
            "role": "tool",
            "tool_call_id": (call.clone()),
            "content": (output.clone()),
        }),
    }
}

#[derive(Debug, Default)]
struct Assembly {
    text: Option<String>,
    refused: bool,
    calls: Vec<Call>,
    usage: Usage,
    reason: Option<String>,
}

/// A call as it comes in.
#[derive(Debug, Default)]
struct Call {
    id: String,
    name: String,
    arguments: String,
}

impl Assembly {
    /// Takes a message, or a part of one.
    fn add(&mut self, part: &Value, heard: &(dyn Fn(&str) + Sync)) {
        let refusal = text_at(part, &["refusal"]);
        self.refused |= refusal.is_some_and(|text| !text.is_empty());
        if let Some(text) = text_at(part, &["content"]).or(refusal) {
            self.text.get_or_insert_default().push_str(text);
            heard(text);
        }
        for (position, call) in (0_u64..).zip(items_at(part, &["tool_calls"])) {
            // Without an index, as some services and whole answers have it, calls stand in their order.
            let index = at(call, &["index"]).and_then(Value::as_u64);
            let index = index.unwrap_or(position).min(MAX_CALLS);
            let Ok(index) = usize::try_from(index) else {
                continue;
            };
            if self.calls.len() <= index {
                self.calls.resize_with(index + 1, Call::default);
            }
            let Some(own) = self.calls.get_mut(index) else {
                continue;
            };
            if let Some(id) = text_at(call, &["id"]).filter(|id| !id.is_empty()) {
                id.clone_into(&mut own.id);
            }
            own.name += text_at(call, &["function", "name"]).unwrap_or_default();
            own.arguments += text_at(call, &["function", "arguments"]).unwrap_or_default();
        }
    }

    fn ended(&mut self, choice: &Value) {
        if let Some(reason) = text_at(choice, &["finish_reason"]) {
            self.reason = Some(reason.to_owned());
        }
    }

    fn count(&mut self, answer: &Value) {
        if at(answer, &["usage"]).is_some() {
            self.usage = Usage {
                input: count_at(answer, &["usage", "prompt_tokens"]),
                cached: count_at(answer, &["usage", "prompt_tokens_details", "cached_tokens"]),
                output: count_at(answer, &["usage", "completion_tokens"]),
            };
        }
    }
}

impl Assemble for Assembly {
    fn take(
        &mut self,
        _: &str,
        data: &Value,
        heard: &(dyn Fn(&str) + Sync),
    ) -> Result<bool, ChatError> {
        if let Some(error) = at(data, &["error"]) {
            return Err(wire::broken_off(error));
        }
        self.count(data);
        if let Some(choice) = items_at(data, &["choices"]).next() {
            if let Some(delta) = at(choice, &["delta"]) {
                self.add(delta, heard);
            }
            self.ended(choice);
        }
        // What it took comes behind the last choice.
        Ok(false)
    }

    fn whole(&mut self, answer: &Value) -> Result<(), ChatError> {
        if let Some(error) = at(answer, &["error"]) {
            return Err(wire::broken_off(error));
        }
        let choice = items_at(answer, &["choices"]).next();
        let message = choice.and_then(|choice| at(choice, &["message"]));
        let (Some(choice), Some(message)) = (choice, message) else {
            return Err(wire::failed(
                "what came is no answer of this protocol".to_owned(),
            ));
        };
        self.count(answer);
        self.add(message, &|_| {});
        self.ended(choice);
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.reason.is_some()
    }

    fn answer(self) -> ChatAnswer {
        let call = |call: Call| ToolCall::new(call.id, call.name, call.arguments);
        let calls = self.calls.into_iter().filter(|call| !call.name.is_empty());
        ChatAnswer {
            text: self.text.map(Text::from),
            calls: calls.map(call).collect(),
            usage: self.usage,
            stop: if self.refused {
                Stop::Refused
            } else {
                stopped(self.reason.as_deref())
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_becomes_messages() {
        let mut request = ChatRequest::new(
            "m",
            vec![
                Message::System("s".into()),
                Message::Assistant {
                    text: None,
                    calls: vec![ToolCall::new("c1", "add", "{}")],
                },
                Message::Tool {
                    call: "c1".into(),
                    output: "3".into(),
                },
            ],
        );
        request.max_tokens = Some(5);
        request.json = true;
        request.tools = vec![ToolSpec::new("add", "adds", value!({"type": "object"}))];
        request.parallel_tools = true;
        assert_eq!(
            body(&request, true, &"max_tokens".into()),
            value!({
                "model": "m",
                "messages": [
                    {"role": "system", "content": "s"},
                    {"role": "assistant", "content": null, "tool_calls": [
                        {"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{}"}},
                    ]},
                    {"role": "tool", "tool_call_id": "c1", "content": "3"},
                ],
                "stream": true,
                "stream_options": {"include_usage": true},
                "max_tokens": 5,
                "response_format": {"type": "json_object"},
                "tools": [{"type": "function", "function": {
                    "name": "add", "description": "adds", "parameters": {"type": "object"},
                }}],
                "parallel_tool_calls": true,
            })
        );
    }

    #[test]
    fn pieces_become_an_answer() {
        let mut assembly = Assembly::default();
        for data in [
            value!({"choices": [{"delta": {"role": "assistant", "content": "he"}}]}),
            value!({"choices": [{"delta": {"content": "y", "tool_calls": [
                {"index": 0, "id": "a", "function": {"name": "f", "arguments": ""}},
            ]}}]}),
            value!({"choices": [{"delta": {"tool_calls": [
                {"index": 1, "id": "b", "function": {"name": "g", "arguments": "{}"}},
                {"index": 0, "function": {"arguments": "{\"x\":"}},
            ]}}]}),
            value!({"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": "1}"}}]}}]}),
            value!({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}),
            value!({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}),
        ] {
            assert!(!assembly.take("message", &data, &|_| {}).unwrap());
        }
        assert!(assembly.is_over());
        let answer = assembly.answer();
        assert_eq!(answer.text.as_deref(), Some("hey"));
        let calls = [
            ToolCall::new("a", "f", "{\"x\":1}"),
            ToolCall::new("b", "g", "{}"),
        ];
        assert_eq!(answer.calls, calls);
        assert_eq!((answer.usage.input, answer.usage.output), (3, 4));
    }

    #[test]
    fn an_index_from_outside_costs_no_memory() {
        let mut assembly = Assembly::default();
        let data = value!({"choices": [{"delta": {"tool_calls": [
            {"index": (u64::MAX), "id": "a", "function": {"name": "f", "arguments": "{}"}},
        ]}}]});
        assembly.take("message", &data, &|_| {}).unwrap();
        assert!(assembly.calls.len() <= 1_025);
        assert_eq!(assembly.answer().calls.len(), 1);
    }

    #[test]
    fn an_error_within_a_stream_is_an_error() {
        let data = value!({"error": {"message": "context window exceeded"}});
        let error = Assembly::default().take("message", &data, &|_| {});
        assert!(matches!(error, Err(ChatError::TooLong { .. })), "{error:?}");
    }
}
