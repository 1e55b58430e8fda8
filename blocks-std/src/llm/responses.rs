//! OpenAI's Responses API: <https://platform.openai.com/docs/api-reference/responses>.

use graphloom::block::BoxFuture;
use graphloom::host::Credential;
use graphloom::value::Map;
use graphloom::{Context, Text, Value, value};

use super::chat::{ChatAnswer, ChatRequest, Message, Stop, ToolCall, Usage};
use super::endpoint::{Endpoint, signed};
use super::provider::{ChatError, Provider};
use super::wire::{self, Assemble, at, count_at, items_at, stopped, text_at};

/// Asks over the Responses API, at `{base}/responses`. Nothing is kept there (`store` is false): each question has the
/// whole conversation.
#[derive(Debug, Clone)]
pub struct OpenAiResponses(Endpoint);

impl OpenAiResponses {
    /// Returns the way to a service, e.g. `https://api.openai.com/v1`.
    #[must_use]
    pub fn new(endpoint: impl Into<Endpoint>) -> Self {
        Self(endpoint.into())
    }
}

impl Provider for OpenAiResponses {
    fn chat<'a>(
        &'a self,
        cx: &'a Context,
        credential: Option<&'a Credential>,
        request: &'a ChatRequest,
        heard: &'a (dyn Fn(&str) + Sync),
    ) -> BoxFuture<'a, Result<ChatAnswer, ChatError>> {
        let body = body(request, self.0.streaming);
        let request = signed(self.0.request("/responses"), credential, None).json(&body);
        Box::pin(wire::ask::<Assembly>(cx, request, heard))
    }
}

fn body(request: &ChatRequest, streaming: bool) -> Value {
    let input: Vec<Value> = request.messages.iter().flat_map(items).collect();
    let mut body = Map::new();
    body.insert("model", request.model.clone());
    body.insert("input", input);
    body.insert("store", false);
    if streaming {
        body.insert("stream", true);
    }
    if let Some(max) = request.max_tokens {
        body.insert("max_output_tokens", max);
    }
    if request.json {
        body.insert("text", value!({"format": {"type": "json_object"}}));
    }
    if !request.tools.is_empty() {
        let tool = |tool: &super::ToolSpec| {
            value!({
                "type": "function",
                "name": (tool.name.clone()),
                "description": (tool.description.clone()),
                "parameters": (tool.parameters.clone()),
                "strict": false,
            })
        };
        let tools: Vec<Value> = request.tools.iter().map(tool).collect();
        body.insert("tools", tools);
        body.insert("parallel_tool_calls", request.parallel_tools);
    }
    Value::Map(body)
}

/// A message is one item, and each call of an assistant one more.
fn items(message: &Message) -> Vec<Value> {
    let said = |role: &str, text: &Text| value!({"role": role, "content": (text.clone())});
    match message {
        Message::System(text) => vec![said("system", text)],
        Message::User(text) => vec![said("user", text)],
        Message::Assistant { text, calls } => {
            let call = |call: &ToolCall| {
                value!({
                    "type": "function_call",
                    "call_id": (call.id.clone()),
                    "name": (call.name.clone()),
                    "arguments": (call.arguments.clone()),
                })
            };
            let text = text.iter().map(|text| said("assistant", text));
            text.chain(calls.iter().map(call)).collect()
        }
        Message::Tool { call, output } => vec![value!({
            "type": "function_call_output",
            "call_id": (call.clone()),
            "output": (output.clone()),
        })],
    }
}

#[derive(Debug, Default)]
struct Assembly {
    answer: ChatAnswer,
    /// Items as they were finished, for services whose last event does not repeat them.
    items: Vec<Value>,
}

impl Assemble for Assembly {
    fn take(
        &mut self,
        name: &str,
        data: &Value,
        heard: &(dyn Fn(&str) + Sync),
    ) -> Result<bool, ChatError> {
        match text_at(data, &["type"]).unwrap_or(name) {
            "response.output_text.delta" => {
                heard(text_at(data, &["delta"]).unwrap_or_default());
            }
            "response.output_item.done" => self.items.extend(at(data, &["item"]).cloned()),
            "response.completed" | "response.incomplete" | "response.failed" => {
                self.whole(at(data, &["response"]).unwrap_or(data))?;
                return Ok(true);
            }
            "error" => return Err(wire::broken_off(at(data, &["error"]).unwrap_or(data))),
            _ => {}
        }
        Ok(false)
    }

    fn whole(&mut self, answer: &Value) -> Result<(), ChatError> {
        if let Some(error) = at(answer, &["error"]) {
            return Err(wire::broken_off(error));
        }
        if text_at(answer, &["status"]) == Some("failed") {
            return Err(wire::failed("the service gave the answer up".to_owned()));
        }
        let mut items: Vec<&Value> = items_at(answer, &["output"]).collect();
        if items.is_empty() {
            items = self.items.iter().collect();
        }
        if at(answer, &["output"]).is_none() && items.is_empty() {
            return Err(wire::failed(
                "what came is no answer of this protocol".to_owned(),
            ));
        }
        let (text, calls, refused) = gather(&items);
        let reason = text_at(answer, &["incomplete_details", "reason"]);
        self.answer = ChatAnswer {
            text,
            calls,
            usage: Usage {
                input: count_at(answer, &["usage", "input_tokens"]),
                cached: count_at(answer, &["usage", "input_tokens_details", "cached_tokens"]),
                output: count_at(answer, &["usage", "output_tokens"]),
            },
            stop: if refused {
                Stop::Refused
            } else {
                stopped(reason)
            },
        };
        Ok(())
    }

    fn answer(self) -> ChatAnswer {
        self.answer
    }
}

/// Returns what was said, what is called, and whether the model refuses. Items of other kinds are passed over.
fn gather(items: &[&Value]) -> (Option<Text>, Vec<ToolCall>, bool) {
    let (mut text, mut calls, mut refused) = (None::<String>, Vec::new(), false);
    for item in items {
        match text_at(item, &["type"]) {
            Some("message") => {
                for part in items_at(item, &["content"]) {
                    let said = match text_at(part, &["type"]) {
                        Some("output_text") => text_at(part, &["text"]),
                        Some("refusal") => {
                            refused = true;
                            text_at(part, &["refusal"])
                        }
                        _ => None,
                    };
                    if let Some(said) = said {
                        text.get_or_insert_default().push_str(said);
                    }
                }
            }
            Some("function_call") => calls.push(ToolCall::new(
                text_at(item, &["call_id"])
                    .or_else(|| text_at(item, &["id"]))
                    .unwrap_or_default(),
                text_at(item, &["name"]).unwrap_or_default(),
                text_at(item, &["arguments"]).unwrap_or_default(),
            )),
            _ => {}
        }
    }
    (text.map(Text::from), calls, refused)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::ToolSpec;

    #[test]
    fn a_conversation_becomes_items() {
        let mut request = ChatRequest::new(
            "m",
            vec![
                Message::System("s".into()),
                Message::User("u".into()),
                Message::Assistant {
                    text: Some("a".into()),
                    calls: vec![ToolCall::new("c1", "add", "{}")],
                },
                Message::Tool {
                    call: "c1".into(),
                    output: "3".into(),
                },
            ],
        );
        assert_eq!(
            body(&request, false),
            value!({
                "model": "m",
                "input": [
                    {"role": "system", "content": "s"},
                    {"role": "user", "content": "u"},
                    {"role": "assistant", "content": "a"},
                    {"type": "function_call", "call_id": "c1", "name": "add", "arguments": "{}"},
                    {"type": "function_call_output", "call_id": "c1", "output": "3"},
                ],
                "store": false,
            })
        );
        request.messages.truncate(0);
        request.json = true;
        request.max_tokens = Some(9);
        request.tools = vec![ToolSpec::new("add", "adds", value!({"type": "object"}))];
        assert_eq!(
            body(&request, true),
            value!({
                "model": "m",
                "input": [],
                "store": false,
                "stream": true,
                "max_output_tokens": 9,
                "text": {"format": {"type": "json_object"}},
                "tools": [{
                    "type": "function", "name": "add", "description": "adds",
                    "parameters": {"type": "object"}, "strict": false,
                }],
                "parallel_tool_calls": false,
            })
        );
    }

    #[test]
    fn an_answer_is_read_and_what_is_unknown_passed_over() {
        let mut assembly = Assembly::default();
        let answer = value!({
            "id": "r", "new_field": [1], "status": "incomplete",
            "incomplete_details": {"reason": "max_output_tokens"},
            "output": [
                {"type": "reasoning", "summary": []},
                {"type": "hologram"},
                {"type": "message", "content": [
                    {"type": "output_text", "text": "he"}, {"type": "smell"}, {"type": "output_text", "text": "y"},
                ]},
                {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{\"a\":1}"},
            ],
            "usage": {"input_tokens": 12, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 5},
        });
        assembly.whole(&answer).unwrap();
        let answer = assembly.answer();
        assert_eq!(answer.text.as_deref(), Some("hey"));
        assert_eq!(answer.calls, [ToolCall::new("c", "f", "{\"a\":1}")]);
        assert_eq!(answer.stop, Stop::Length);
        let Usage {
            input,
            cached,
            output,
        } = answer.usage;
        assert_eq!((input, cached, output), (12, 4, 5));
    }

    #[test]
    fn errors_within_an_answer_are_errors() {
        let check = |answer: &Value| Assembly::default().whole(answer).unwrap_err();
        let error = check(&value!({"error": {"code": "rate_limit_exceeded", "message": "x"}}));
        assert!(matches!(error, ChatError::TooMany { .. }), "{error:?}");
        let error = check(&value!({"status": "failed", "output": []}));
        assert!(matches!(error, ChatError::Failed { .. }), "{error:?}");
        let error = check(&value!({"choices": []}));
        assert!(matches!(error, ChatError::Failed { .. }), "{error:?}");
    }
}
