//! Conversations as values of a graph.
//!
//! Written as the Chat Completions API writes them, which is the form that most programs know: messages with `role` and
//! `content`, `tool_calls` with an assistant, `tool_call_id` with what a tool gave. Read in that form, and in those of the
//! Anthropic Messages API (`tool_use` and `tool_result` parts) and of the Responses API (`function_call` and
//! `function_call_output` items), which exports of AutoGPT hold.

use std::collections::HashSet;

use graphloom::json::to_json;
use graphloom::value::{List, Map};
use graphloom::{Text, Value};

use crate::llm::chat::{Message, ToolCall};

/// Returns a conversation as a list of messages.
pub(crate) fn written(messages: &[Message]) -> List {
    messages.iter().map(write).collect()
}

fn write(message: &Message) -> Value {
    let mut map = Map::new();
    match message {
        Message::System(text) => {
            map.insert("role", "system");
            map.insert("content", text.clone());
        }
        Message::User(text) => {
            map.insert("role", "user");
            map.insert("content", text.clone());
        }
        Message::Assistant { text, calls } => {
            map.insert("role", "assistant");
            map.insert("content", text.clone().map_or(Value::Null, Value::from));
            if !calls.is_empty() {
                let calls: Vec<Value> = calls.iter().map(write_call).collect();
                map.insert("tool_calls", calls);
            }
        }
        Message::Tool { call, output } => {
            map.insert("role", "tool");
            map.insert("tool_call_id", call.clone());
            map.insert("content", output.clone());
        }
    }
    map.into()
}

fn write_call(call: &ToolCall) -> Value {
    let mut function = Map::new();
    function.insert("name", call.name.clone());
    function.insert("arguments", call.arguments.clone());
    let mut map = Map::new();
    map.insert("id", call.id.clone());
    map.insert("type", "function");
    map.insert("function", function);
    map.into()
}

/// Reads a conversation.
///
/// # Errors
/// Which message cannot be read, and why.
pub(crate) fn read(conversation: &[Value]) -> Result<Vec<Message>, String> {
    let mut messages = Vec::with_capacity(conversation.len());
    for (position, value) in conversation.iter().enumerate() {
        let wrong = |what: String| format!("message {position} of the conversation {what}");
        let Value::Map(map) = value else {
            return Err(wrong(format!(
                "is to be a map, and is {}",
                value.type_name()
            )));
        };
        match text(map, "type") {
            Some("function_call") => {
                let call = ToolCall::new(
                    text(map, "call_id").or(text(map, "id")).unwrap_or_default(),
                    text(map, "name").unwrap_or_default(),
                    arguments(map.get("arguments")),
                );
                called(&mut messages, call);
                continue;
            }
            Some("function_call_output") => {
                messages.push(Message::Tool {
                    call: text(map, "call_id").unwrap_or_default().into(),
                    output: plain(map.get("output")),
                });
                continue;
            }
            // What a model thought cannot be told to another one.
            Some("reasoning") => continue,
            _ => {}
        }
        match text(map, "role") {
            Some("system" | "developer") => {
                messages.push(Message::System(plain(map.get("content"))));
            }
            Some("user") => user(&mut messages, map.get("content")),
            Some("assistant") => assistant(&mut messages, map),
            Some("tool") => messages.push(Message::Tool {
                call: text(map, "tool_call_id").unwrap_or_default().into(),
                output: plain(map.get("content")),
            }),
            Some(other) => {
                return Err(wrong(format!("has the role \"{other}\", which nobody has")));
            }
            None => return Err(wrong("has no \"role\"".to_owned())),
        }
    }
    Ok(messages)
}

/// Returns the ids of the calls that nothing has answered yet, in order.
pub(crate) fn pending(messages: &[Message]) -> Vec<Text> {
    let mut answered = HashSet::new();
    let mut calls = Vec::new();
    for message in messages {
        match message {
            Message::Assistant { calls: own, .. } => calls.extend(own.iter().map(|call| &call.id)),
            Message::Tool { call, .. } => drop(answered.insert(call)),
            _ => {}
        }
    }
    calls.retain(|call| !answered.contains(*call));
    calls.into_iter().cloned().collect()
}

fn text<'m>(map: &'m Map, key: &str) -> Option<&'m str> {
    map.get(key).and_then(Value::as_str)
}

/// Returns the words of a content: a text, or a list of parts. What is no text is written as JSON.
fn plain(content: Option<&Value>) -> Text {
    match content {
        None | Some(Value::Null) => Text::from(""),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::List(parts)) => {
            let words = parts.iter().map(|part| match part {
                Value::Map(map) => text(map, "text").map_or_else(|| to_json(part), str::to_owned),
                other => plain(Some(other)).to_string(),
            });
            Text::from(words.collect::<Vec<_>>().join("\n"))
        }
        Some(other) => Text::from(to_json(other)),
    }
}

fn arguments(value: Option<&Value>) -> Text {
    match value {
        None | Some(Value::Null) => Text::from("{}"),
        Some(Value::Text(text)) => text.clone(),
        Some(other) => Text::from(to_json(other)),
    }
}

/// Adds a call to what the model said last, or begins a message with it.
fn called(messages: &mut Vec<Message>, call: ToolCall) {
    if let Some(Message::Assistant { calls, .. }) = messages.last_mut() {
        calls.push(call);
        return;
    }
    messages.push(Message::Assistant {
        text: None,
        calls: vec![call],
    });
}

fn user(messages: &mut Vec<Message>, content: Option<&Value>) {
    let Some(Value::List(parts)) = content else {
        messages.push(Message::User(plain(content)));
        return;
    };
    let mut rest = Vec::new();
    for part in parts {
        match part
            .as_map()
            .filter(|map| text(map, "type") == Some("tool_result"))
        {
            Some(result) => messages.push(Message::Tool {
                call: text(result, "tool_use_id").unwrap_or_default().into(),
                output: plain(result.get("content")),
            }),
            None => rest.push(part.clone()),
        }
    }
    if !rest.is_empty() {
        messages.push(Message::User(plain(Some(&rest.into()))));
    }
}

fn assistant(messages: &mut Vec<Message>, map: &Map) {
    let mut calls = Vec::new();
    let content = map.get("content");
    let mut words = Vec::new();
    match content {
        Some(Value::List(parts)) => {
            for part in parts {
                match part
                    .as_map()
                    .filter(|map| text(map, "type") == Some("tool_use"))
                {
                    Some(call) => calls.push(ToolCall::new(
                        text(call, "id").unwrap_or_default(),
                        text(call, "name").unwrap_or_default(),
                        arguments(call.get("input")),
                    )),
                    None => words.push(part.clone()),
                }
            }
        }
        Some(other) if !other.is_null() => words.push(other.clone()),
        _ => {}
    }
    for call in map
        .get("tool_calls")
        .and_then(Value::as_list)
        .into_iter()
        .flatten()
    {
        let call = call.as_map();
        let function = call.and_then(|call| call.get("function")?.as_map());
        calls.push(ToolCall::new(
            call.and_then(|call| text(call, "id")).unwrap_or_default(),
            function
                .and_then(|function| text(function, "name"))
                .unwrap_or_default(),
            arguments(function.and_then(|function| function.get("arguments"))),
        ));
    }
    let words = plain(Some(&words.into()));
    messages.push(Message::Assistant {
        text: Some(words).filter(|words| !words.is_empty()),
        calls,
    });
}

#[cfg(test)]
mod tests {
    use graphloom::value;

    use super::*;

    fn all() -> Vec<Message> {
        vec![
            Message::System("Be brief.".into()),
            Message::User("What is it?".into()),
            Message::Assistant {
                text: None,
                calls: vec![
                    ToolCall::new("a", "look", r#"{"x":1}"#),
                    ToolCall::new("b", "look", "{}"),
                ],
            },
            Message::Tool {
                call: "a".into(),
                output: "one".into(),
            },
        ]
    }

    #[track_caller]
    fn check(conversation: &Value) {
        let list = conversation.as_list().unwrap();
        assert_eq!(read(list).unwrap(), all(), "{conversation}");
    }

    #[test]
    fn what_is_written_reads_back() {
        check(&written(&all()).into());
        assert_eq!(pending(&all()), ["b"]);
        assert!(pending(&[]).is_empty());
    }

    #[test]
    fn the_forms_of_other_services_are_read() {
        check(&value!([
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "input_text", "text": "What is it?"}]},
            {"type": "reasoning", "id": "r", "summary": []},
            {"type": "function_call", "call_id": "a", "name": "look", "arguments": "{\"x\":1}"},
            {"type": "function_call", "call_id": "b", "name": "look", "arguments": null},
            {"type": "function_call_output", "call_id": "a", "output": "one"}
        ]));
        check(&value!([
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "What is it?"},
            {"role": "assistant", "content": [
                {"type": "tool_use", "id": "a", "name": "look", "input": {"x": 1}},
                {"type": "tool_use", "id": "b", "name": "look", "input": {}}
            ]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "a", "content": [{"type": "text", "text": "one"}]}]}
        ]));
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        for (conversation, expected) in [
            (
                value!([1]),
                "message 0 of the conversation is to be a map, and is integer",
            ),
            (
                value!([{}]),
                "message 0 of the conversation has no \"role\"",
            ),
            (
                value!([{"role": "user", "content": ""}, {"role": "bot"}]),
                "message 1 of the conversation has the role \"bot\", which nobody has",
            ),
        ] {
            assert_eq!(read(conversation.as_list().unwrap()).unwrap_err(), expected);
        }
    }
}
