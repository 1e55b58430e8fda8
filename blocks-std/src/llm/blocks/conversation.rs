//! Conversations as values: a list of `{"role", "content"}`, as graphs keep them.

use graphloom::value::Map;
use graphloom::{BlockError, Text, Value, value};

use super::super::{Message, ToolCall};

/// Reads a conversation.
pub(super) fn read(messages: &[Value]) -> Result<Vec<Message>, BlockError> {
    let read = |(index, value): (usize, &Value)| {
        message(value).ok_or_else(|| {
            BlockError::input(format!(
                "message {index} of the conversation is none: expected {{\"role\": \"user\", \"content\": \"…\"}} with the role \
                 system, user, assistant or tool"
            ))
        })
    };
    messages.iter().enumerate().map(read).collect()
}

fn message(value: &Value) -> Option<Message> {
    // A call and what it gave, as the Responses API writes them into a conversation.
    match value.get("type").and_then(Value::as_str) {
        Some("function_call") => {
            return Some(Message::Assistant {
                text: None,
                calls: vec![ToolCall::new(
                    text(value.get("call_id"))?,
                    text(value.get("name"))?,
                    text(value.get("arguments"))?,
                )],
            });
        }
        Some("function_call_output") => {
            return Some(Message::Tool {
                call: text(value.get("call_id"))?,
                output: text(value.get("output"))?,
            });
        }
        _ => {}
    }
    let content = value.get("content");
    match value.get("role")?.as_str()? {
        "system" | "developer" => Some(Message::System(text(content)?)),
        "user" => Some(Message::User(text(content)?)),
        "assistant" => {
            let calls = value.get("tool_calls").and_then(Value::as_list);
            let calls: Option<Vec<ToolCall>> = calls
                .into_iter()
                .flat_map(|calls| calls.iter())
                .map(call)
                .collect();
            Some(Message::Assistant {
                text: content
                    .filter(|content| !content.is_null())
                    .and_then(|content| text(Some(content))),
                calls: calls?,
            })
        }
        "tool" => Some(Message::Tool {
            call: text(value.get("tool_call_id"))?,
            output: text(content)?,
        }),
        _ => None,
    }
}

fn call(value: &Value) -> Option<ToolCall> {
    let function = value.get("function")?;
    Some(ToolCall::new(
        text(value.get("id"))?,
        text(function.get("name"))?,
        text(function.get("arguments"))?,
    ))
}

/// A text as it is, and anything else, as parts of a message, as its JSON.
fn text(value: Option<&Value>) -> Option<Text> {
    match value? {
        Value::Text(text) => Some(text.clone()),
        other => Some(Text::from(graphloom::json::to_json(other))),
    }
}

/// Writes a conversation.
pub(super) fn write(messages: &[Message]) -> Vec<Value> {
    messages.iter().map(written).collect()
}

fn written(message: &Message) -> Value {
    let said = |role: &str, text: &Text| value!({"role": role, "content": (text.clone())});
    match message {
        Message::System(text) => said("system", text),
        Message::User(text) => said("user", text),
        Message::Assistant { text, calls } if calls.is_empty() => {
            said("assistant", &text.clone().unwrap_or_default())
        }
        Message::Assistant { text, calls } => {
            let call = |call: &ToolCall| {
                value!({
                    "id": (call.id.clone()),
                    "type": "function",
                    "function": {"name": (call.name.clone()), "arguments": (call.arguments.clone())},
                })
            };
            let calls: Vec<Value> = calls.iter().map(call).collect();
            let mut map = Map::new();
            map.insert("role", "assistant");
            map.insert("content", text.clone().map_or(Value::Null, Value::from));
            map.insert("tool_calls", calls);
            Value::Map(map)
        }
        Message::Tool { call, output } => value!({
            "role": "tool",
            "tool_call_id": (call.clone()),
            "content": (output.clone()),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversations_come_and_go() {
        let all = value!([
            {"role": "system", "content": "s"},
            {"role": "user", "content": "u"},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            ]},
            {"role": "tool", "tool_call_id": "c", "content": "1"},
            {"role": "assistant", "content": "a"},
        ]);
        let list = all.as_list().unwrap();
        assert_eq!(Value::from(write(&read(list).unwrap())), all);
    }

    #[test]
    fn what_is_no_message_is_told_by_its_place() {
        let all = value!([{"role": "user", "content": "u"}, {"role": "king", "content": "x"}]);
        let error = read(all.as_list().unwrap()).unwrap_err();
        assert!(error.to_string().contains("message 1"), "{error}");
        for odd in [value!(5), value!({}), value!({"role": "user"})] {
            assert!(read(&[odd]).is_err());
        }
    }
}
