//! Anthropic's Messages API: <https://platform.claude.com/docs/en/api/messages>.

use std::collections::BTreeMap;

use graphloom::block::BoxFuture;
use graphloom::host::Credential;
use graphloom::value::Map;
use graphloom::{Context, Text, Value, value};

use super::chat::{ChatAnswer, ChatRequest, Message, ToolCall, ToolSpec, Usage};
use super::endpoint::{Endpoint, signed};
use super::provider::{ChatError, Provider};
use super::wire::{self, Assemble, at, count_at, items_at, read, stopped, text_at};

/// The version of the protocol that requests name.
const VERSION: &str = "2023-06-01";

/// The protocol asks for a limit on each answer: this one, where nobody says another.
const MAX_TOKENS: u32 = 4_096;

/// Asks over the Messages API, at `{base}/v1/messages`. It has no switch for JSON answers: the messages have to ask for
/// them.
#[derive(Debug, Clone)]
pub struct Anthropic(Endpoint);

impl Anthropic {
    /// Returns the way to a service, e.g. `https://api.anthropic.com`.
    #[must_use]
    pub fn new(endpoint: impl Into<Endpoint>) -> Self {
        Self(endpoint.into())
    }
}

impl Provider for Anthropic {
    fn chat<'a>(
        &'a self,
        cx: &'a Context,
        credential: Option<&'a Credential>,
        request: &'a ChatRequest,
        heard: &'a (dyn Fn(&str) + Sync),
    ) -> BoxFuture<'a, Result<ChatAnswer, ChatError>> {
        let body = body(request, self.0.streaming);
        let to = self.0.request("/v1/messages");
        let to = to.header("anthropic-version", VERSION);
        let request = signed(to, credential, Some("x-api-key")).json(&body);
        Box::pin(wire::ask::<Assembly>(cx, request, heard))
    }
}

fn body(request: &ChatRequest, streaming: bool) -> Value {
    let mut turns = Turns::default();
    let mut system = Vec::new();
    for message in &request.messages {
        match message {
            Message::System(text) => system.push(text.as_str()),
            Message::User(text) => turns.say("user", text),
            Message::Assistant { text, calls } => {
                turns.say("assistant", text.as_deref().unwrap_or_default());
                for call in calls {
                    turns.push("assistant", used(call));
                }
            }
            Message::Tool { call, output } => turns.push(
                "user",
                value!({
                    "type": "tool_result",
                    "tool_use_id": (call.clone()),
                    "content": (output.clone()),
                }),
            ),
        }
    }
    let mut system = system.join("\n\n");
    if turns.0.is_empty() {
        // There is no conversation without a word of the user.
        turns.say("user", &std::mem::take(&mut system));
    }
    let mut body = Map::new();
    body.insert("model", request.model.clone());
    body.insert("max_tokens", request.max_tokens.unwrap_or(MAX_TOKENS));
    if !system.trim().is_empty() {
        body.insert("system", system);
    }
    body.insert("messages", turns.into_messages());
    if streaming {
        body.insert("stream", true);
    }
    if !request.tools.is_empty() {
        let tool = |tool: &ToolSpec| {
            value!({
                "name": (tool.name.clone()),
                "description": (tool.description.clone()),
                "input_schema": (tool.parameters.clone()),
            })
        };
        let tools: Vec<Value> = request.tools.iter().map(tool).collect();
        body.insert("tools", tools);
        body.insert(
            "tool_choice",
            value!({"type": "auto", "disable_parallel_tool_use": (!request.parallel_tools)}),
        );
    }
    Value::Map(body)
}

fn used(call: &ToolCall) -> Value {
    // The protocol takes arguments as an object; those that the model wrote badly are shown to it as they were.
    let arguments = read(call.arguments.as_bytes()).filter(|value| value.as_map().is_some());
    let arguments = arguments.unwrap_or_else(|| match call.arguments.trim().is_empty() {
        true => value!({}),
        false => value!({"arguments": (call.arguments.clone())}),
    });
    value!({
        "type": "tool_use",
        "id": (call.id.clone()),
        "name": (call.name.clone()),
        "input": (arguments),
    })
}

/// The turns of a conversation: roles alternate, so that what one role says in a row is one message.
#[derive(Default)]
struct Turns(Vec<(&'static str, Vec<Value>)>);

impl Turns {
    fn push(&mut self, role: &'static str, block: Value) {
        match self.0.last_mut() {
            Some((last, blocks)) if *last == role => blocks.push(block),
            _ => self.0.push((role, vec![block])),
        }
    }

    /// An empty text is no block.
    fn say(&mut self, role: &'static str, text: &str) {
        // What the assistant said must not end in blanks, where it is the last word.
        let text = match role {
            "assistant" => text.trim_end(),
            _ => text,
        };
        if !text.trim().is_empty() {
            self.push(role, value!({"type": "text", "text": text}));
        }
    }

    fn into_messages(self) -> Vec<Value> {
        let message =
            |(role, blocks): (&str, Vec<Value>)| value!({"role": role, "content": blocks});
        self.0.into_iter().map(message).collect()
    }
}

#[derive(Debug, Default)]
struct Assembly {
    blocks: BTreeMap<u64, Block>,
    usage: Usage,
    reason: Option<String>,
}

/// A part of an answer as it comes in.
#[derive(Debug)]
enum Block {
    Text(String),
    Call {
        id: String,
        name: String,
        arguments: String,
    },
}

impl Assembly {
    fn begin(&mut self, index: u64, block: &Value, heard: &(dyn Fn(&str) + Sync)) {
        match text_at(block, &["type"]) {
            Some("text") => {
                let text = text_at(block, &["text"]).unwrap_or_default();
                heard(text);
                self.blocks.insert(index, Block::Text(text.to_owned()));
            }
            Some("tool_use") => {
                let arguments = at(block, &["input"]).map(graphloom::json::to_json);
                let call = Block::Call {
                    id: text_at(block, &["id"]).unwrap_or_default().to_owned(),
                    name: text_at(block, &["name"]).unwrap_or_default().to_owned(),
                    // A call that is streamed begins with an empty object, and its pieces make another.
                    arguments: arguments.filter(|text| text != "{}").unwrap_or_default(),
                };
                self.blocks.insert(index, call);
            }
            _ => {}
        }
    }

    fn go_on(&mut self, index: u64, delta: &Value, heard: &(dyn Fn(&str) + Sync)) {
        match self.blocks.get_mut(&index) {
            Some(Block::Text(text)) => {
                let part = text_at(delta, &["text"]).unwrap_or_default();
                heard(part);
                text.push_str(part);
            }
            Some(Block::Call { arguments, .. }) => {
                arguments.push_str(text_at(delta, &["partial_json"]).unwrap_or_default());
            }
            None => {}
        }
    }

    fn count(&mut self, usage: &Value) {
        let cached = count_at(usage, &["cache_read_input_tokens"]);
        let input = count_at(usage, &["input_tokens"])
            + count_at(usage, &["cache_creation_input_tokens"])
            + cached;
        // The last event of a stream tells all, or only what was answered.
        if input > 0 {
            (self.usage.input, self.usage.cached) = (input, cached);
        }
        let output = count_at(usage, &["output_tokens"]);
        self.usage.output = self.usage.output.max(output);
    }
}

impl Assemble for Assembly {
    fn take(
        &mut self,
        name: &str,
        data: &Value,
        heard: &(dyn Fn(&str) + Sync),
    ) -> Result<bool, ChatError> {
        let index = count_at(data, &["index"]);
        match text_at(data, &["type"]).unwrap_or(name) {
            "message_start" => {
                if let Some(usage) = at(data, &["message", "usage"]) {
                    self.count(usage);
                }
            }
            "content_block_start" => {
                if let Some(block) = at(data, &["content_block"]) {
                    self.begin(index, block, heard);
                }
            }
            "content_block_delta" => {
                if let Some(delta) = at(data, &["delta"]) {
                    self.go_on(index, delta, heard);
                }
            }
            "message_delta" => {
                if let Some(usage) = at(data, &["usage"]) {
                    self.count(usage);
                }
                let reason = text_at(data, &["delta", "stop_reason"]);
                self.reason = reason.map(str::to_owned).or(self.reason.take());
            }
            "message_stop" => return Ok(true),
            "error" => return Err(wire::broken_off(at(data, &["error"]).unwrap_or(data))),
            _ => {}
        }
        Ok(false)
    }

    fn whole(&mut self, answer: &Value) -> Result<(), ChatError> {
        if let Some(error) = at(answer, &["error"]) {
            return Err(wire::broken_off(error));
        }
        if at(answer, &["content"]).is_none() {
            return Err(wire::failed(
                "what came is no answer of this protocol".to_owned(),
            ));
        }
        for (index, block) in (0_u64..).zip(items_at(answer, &["content"])) {
            self.begin(index, block, &|_| {});
        }
        if let Some(usage) = at(answer, &["usage"]) {
            self.count(usage);
        }
        self.reason = text_at(answer, &["stop_reason"]).map(str::to_owned);
        Ok(())
    }

    fn answer(self) -> ChatAnswer {
        let (mut text, mut calls) = (None::<String>, Vec::new());
        for block in self.blocks.into_values() {
            match block {
                Block::Text(part) => text.get_or_insert_default().push_str(&part),
                Block::Call {
                    id,
                    name,
                    arguments,
                } => {
                    let arguments = match arguments.is_empty() {
                        true => "{}".to_owned(),
                        false => arguments,
                    };
                    calls.push(ToolCall::new(id, name, arguments));
                }
            }
        }
        ChatAnswer {
            text: text.map(Text::from),
            calls,
            usage: self.usage,
            stop: stopped(self.reason.as_deref()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::Stop;

    #[test]
    fn system_stands_apart_and_turns_alternate() {
        let mut request = ChatRequest::new(
            "m",
            vec![
                Message::System("s1".into()),
                Message::User("a".into()),
                Message::User("b".into()),
                Message::Assistant {
                    text: Some("c \n".into()),
                    calls: vec![
                        ToolCall::new("t1", "f", "{\"x\": 1}"),
                        ToolCall::new("t2", "f", "not json"),
                    ],
                },
                Message::Tool {
                    call: "t1".into(),
                    output: "1".into(),
                },
                Message::Tool {
                    call: "t2".into(),
                    output: "2".into(),
                },
                Message::System("s2".into()),
                Message::User(" ".into()),
                Message::User("d".into()),
            ],
        );
        request.tools = vec![ToolSpec::new("f", "fs", value!({"type": "object"}))];
        assert_eq!(
            body(&request, false),
            value!({
                "model": "m",
                "max_tokens": 4096,
                "system": "s1\n\ns2",
                "messages": [
                    {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
                    {"role": "assistant", "content": [
                        {"type": "text", "text": "c"},
                        {"type": "tool_use", "id": "t1", "name": "f", "input": {"x": 1}},
                        {"type": "tool_use", "id": "t2", "name": "f", "input": {"arguments": "not json"}},
                    ]},
                    {"role": "user", "content": [
                        {"type": "tool_result", "tool_use_id": "t1", "content": "1"},
                        {"type": "tool_result", "tool_use_id": "t2", "content": "2"},
                        {"type": "text", "text": "d"},
                    ]},
                ],
                "tools": [{"name": "f", "description": "fs", "input_schema": {"type": "object"}}],
                "tool_choice": {"type": "auto", "disable_parallel_tool_use": true},
            })
        );
        let request = ChatRequest::new("m", vec![Message::System("only".into())]);
        let body = body(&request, true);
        assert_eq!(body.get("system"), None);
        assert_eq!(
            body.get("messages"),
            Some(&value!([{"role": "user", "content": [{"type": "text", "text": "only"}]}]))
        );
    }

    #[test]
    fn pieces_become_an_answer() {
        let mut assembly = Assembly::default();
        let said = std::sync::Mutex::new(String::new());
        let heard = |text: &str| said.lock().unwrap().push_str(text);
        let events = [
            value!({"type": "message_start", "message": {"usage": {
                "input_tokens": 2, "cache_read_input_tokens": 3, "cache_creation_input_tokens": 4, "output_tokens": 1,
            }}}),
            value!({"type": "ping"}),
            value!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking"}}),
            value!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "x"}}),
            value!({"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}}),
            value!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "he"}}),
            value!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "y"}}),
            value!({"type": "content_block_start", "index": 2, "content_block":
                {"type": "tool_use", "id": "t", "name": "f", "input": {}}}),
            value!({"type": "content_block_delta", "index": 2, "delta":
                {"type": "input_json_delta", "partial_json": "{\"x\":"}}),
            value!({"type": "content_block_delta", "index": 2, "delta":
                {"type": "input_json_delta", "partial_json": " 1}"}}),
            value!({"type": "content_block_stop", "index": 2}),
            value!({"type": "message_delta", "delta": {"stop_reason": "max_tokens"}, "usage": {"output_tokens": 9}}),
        ];
        for event in &events {
            assert!(!assembly.take("", event, &heard).unwrap());
        }
        assert!(assembly.take("message_stop", &value!({}), &heard).unwrap());
        assert_eq!(*said.lock().unwrap(), "hey");
        let answer = assembly.answer();
        assert_eq!(answer.text.as_deref(), Some("hey"));
        assert_eq!(answer.calls, [ToolCall::new("t", "f", "{\"x\": 1}")]);
        assert_eq!(answer.stop, Stop::Length);
        let Usage {
            input,
            cached,
            output,
        } = answer.usage;
        assert_eq!((input, cached, output), (9, 3, 9));
    }

    #[test]
    fn too_much_to_do_is_told_apart() {
        let data = value!({"type": "error", "error": {"type": "overloaded_error", "message": "x"}});
        let error = Assembly::default().take("error", &data, &|_| {});
        assert!(matches!(error, Err(ChatError::TooMany { .. })), "{error:?}");
    }
}
