//! One call over the wire: send, tell refusals apart, put the pieces of an answer together.

use std::time::Duration;

use graphloom::host::{HttpRequest, HttpResponse};
use graphloom::json::{Limits, parse};
use graphloom::{Context, Value};

use super::chat::{ChatAnswer, Stop};
use super::provider::ChatError;
use super::sse::{Event, Reader};

/// So much of a refusal is read.
const MAX_REFUSAL_BYTES: usize = 64 << 10;

/// So many characters of what a service says are shown.
const MAX_SHOWN: usize = 1_000;

/// Puts together what one protocol sends.
pub(super) trait Assemble: Default {
    /// Takes one event; says whether it was the last.
    fn take(
        &mut self,
        name: &str,
        data: &Value,
        heard: &(dyn Fn(&str) + Sync),
    ) -> Result<bool, ChatError>;

    /// Reads an answer that came whole.
    fn whole(&mut self, answer: &Value) -> Result<(), ChatError>;

    /// Returns the answer.
    fn answer(self) -> ChatAnswer;

    /// Says whether what came so far is an answer, where the stream ends without its last event.
    fn is_over(&self) -> bool {
        false
    }
}

/// Sends a question and waits for all of the answer.
pub(super) async fn ask<A: Assemble>(
    cx: &Context,
    request: HttpRequest,
    heard: &(dyn Fn(&str) + Sync),
) -> Result<ChatAnswer, ChatError> {
    let mut response = cx.http()?.send(request).await?;
    if !response.is_success() {
        return Err(refusal(response).await?);
    }
    let mut assembly = A::default();
    let kind = response.header("content-type").unwrap_or_default();
    if !kind.to_ascii_lowercase().contains("text/event-stream") {
        // Some services answer whole, whatever they were asked.
        let body = response
            .body
            .bytes()
            .await
            .map_err(graphloom::BlockError::from)?;
        let Some(value) = read(&body) else {
            return Err(failed(format!(
                "what came is no JSON: {}",
                shown(&String::from_utf8_lossy(&body))
            )));
        };
        assembly.whole(&value)?;
        let answer = assembly.answer();
        if let Some(text) = answer.text.as_deref().filter(|text| !text.is_empty()) {
            heard(text);
        }
        return Ok(answer);
    }
    let mut reader = Reader::default();
    loop {
        while let Some(Event { name, data }) = reader.next() {
            if data.trim() == "[DONE]" {
                return over(assembly);
            }
            let Some(value) = read(data.as_bytes()) else {
                return Err(failed(format!("an event is no JSON: {}", shown(&data))));
            };
            if assembly.take(&name, &value, heard)? {
                return Ok(assembly.answer());
            }
        }
        match response
            .body
            .next()
            .await
            .map_err(graphloom::BlockError::from)?
        {
            Some(piece) => reader
                .feed(&piece)
                .map_err(|_| failed("an event is longer than anything that is read".to_owned()))?,
            None => return over(assembly),
        }
    }
}

fn over<A: Assemble>(assembly: A) -> Result<ChatAnswer, ChatError> {
    if assembly.is_over() {
        return Ok(assembly.answer());
    }
    Err(failed("the answer was cut off".to_owned()))
}

pub(super) fn failed(message: String) -> ChatError {
    ChatError::Failed { message }
}

/// Reads JSON as leniently as it can be read: a key that stands twice has its first value, a number that does not fit is
/// a float. Text holds whole characters only, so half a surrogate pair is not read at all.
pub(super) fn read(bytes: &[u8]) -> Option<Value> {
    let limits = Limits::default()
        .with_max_bytes(64 << 20)
        .with_max_depth(256)
        .with_max_text_bytes(64 << 20);
    parse(bytes, &limits).tree.map(|tree| tree.root.to_value())
}

/// Follows keys; `None` where one is not there or null stands there.
pub(super) fn at<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a Value> {
    let found = keys.iter().try_fold(value, |value, key| value.get(key))?;
    (!found.is_null()).then_some(found)
}

pub(super) fn text_at<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a str> {
    at(value, keys)?.as_str()
}

pub(super) fn count_at(value: &Value, keys: &[&str]) -> u64 {
    at(value, keys).and_then(Value::as_u64).unwrap_or_default()
}

pub(super) fn items_at<'a>(value: &'a Value, keys: &[&str]) -> impl Iterator<Item = &'a Value> {
    let list = at(value, keys).and_then(Value::as_list);
    list.into_iter().flat_map(|list| list.iter())
}

/// Says why an answer with text or calls in it may have ended early.
pub(super) fn stopped(reason: Option<&str>) -> Stop {
    match reason {
        Some("length" | "max_tokens" | "max_output_tokens" | "model_context_window_exceeded") => {
            Stop::Length
        }
        Some("content_filter") => Stop::Filtered,
        Some("refusal") => Stop::Refused,
        _ => Stop::Done,
    }
}

fn shown(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Reads what a service says against a question.
async fn refusal(mut response: HttpResponse) -> Result<ChatError, ChatError> {
    let mut body = Vec::new();
    while body.len() < MAX_REFUSAL_BYTES {
        match response.body.next().await {
            Ok(Some(piece)) => body.extend_from_slice(&piece),
            // The status is told, whatever became of the rest.
            Err(graphloom::host::EgressError::Cancelled) => {
                return Err(graphloom::BlockError::Cancelled.into());
            }
            Ok(None) | Err(_) => break,
        }
    }
    let after = response.header("retry-after").and_then(|text| {
        let seconds = text.trim().parse::<f64>().ok()?;
        Duration::try_from_secs_f64(seconds).ok()
    });
    Ok(refused(response.status, &body, after))
}

pub(super) fn refused(status: u16, body: &[u8], after: Option<Duration>) -> ChatError {
    let value = read(body).unwrap_or_default();
    let said = text_at(&value, &["error", "message"])
        .or_else(|| text_at(&value, &["error"]))
        .or_else(|| text_at(&value, &["message"]))
        .or_else(|| text_at(&value, &["detail"]))
        .map_or_else(|| shown(&String::from_utf8_lossy(body)), shown);
    let code = text_at(&value, &["error", "code"]).or_else(|| text_at(&value, &["error", "type"]));
    let message = match said.is_empty() {
        true => format!("the service answered {status} and says no more"),
        false => format!("the service answered {status}: {said}"),
    };
    match status {
        401 | 403 => ChatError::Unauthorized {
            credential: graphloom::Text::default(),
            message,
        },
        429 | 529 => ChatError::TooMany { message, after },
        400 | 413 | 422 if is_too_long(code, &said) => ChatError::TooLong { message },
        408 | 409 | 500.. => match (status, after) {
            (503, Some(_)) => ChatError::TooMany { message, after },
            _ => failed(message),
        },
        _ => ChatError::Invalid { message },
    }
}

/// Reads an error that comes within an answer which had begun well.
pub(super) fn broken_off(error: &Value) -> ChatError {
    let said = text_at(error, &["message"])
        .or_else(|| error.as_str())
        .map_or_else(|| "the service says no more".to_owned(), shown);
    let code = text_at(error, &["code"]).or_else(|| text_at(error, &["type"]));
    let message = format!("the service broke the answer off: {said}");
    match code {
        Some("rate_limit_exceeded" | "rate_limit_error" | "overloaded_error") => {
            ChatError::TooMany {
                message,
                after: None,
            }
        }
        code if is_too_long(code, &said) => ChatError::TooLong { message },
        Some("invalid_prompt" | "invalid_request_error") => ChatError::Invalid { message },
        _ => failed(message),
    }
}

/// Services say in their own words that a conversation does not fit.
fn is_too_long(code: Option<&str>, said: &str) -> bool {
    let said = said.to_lowercase();
    code == Some("context_length_exceeded")
        || [
            "maximum context length",
            "context length",
            "context window",
            "context size",
            "prompt is too long",
            "input is too long",
        ]
        .iter()
        .any(|words| said.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_apart() {
        let seconds = Some(Duration::from_secs(7));
        let check = |status: u16, body: &str, expected: &str| {
            let error = refused(status, body.as_bytes(), seconds);
            let kind = match error {
                ChatError::Unauthorized { .. } => "unauthorized",
                ChatError::TooMany { after, .. } => {
                    assert_eq!(after, seconds);
                    "too many"
                }
                ChatError::TooLong { .. } => "too long",
                ChatError::Invalid { .. } => "invalid",
                ChatError::Failed { .. } => "failed",
                _ => "other",
            };
            assert_eq!(kind, expected, "{status} {body}");
        };
        check(401, r#"{"error": {"message": "no"}}"#, "unauthorized");
        check(403, "", "unauthorized");
        check(429, r#"{"error": "slow down"}"#, "too many");
        check(529, "{}", "too many");
        check(
            400,
            r#"{"error": {"code": "context_length_exceeded"}}"#,
            "too long",
        );
        check(
            400,
            r#"{"error": {"message": "prompt is too long: 300000 tokens"}}"#,
            "too long",
        );
        check(400, r#"{"message": "no such parameter"}"#, "invalid");
        check(404, "<html>", "invalid");
        check(422, "[]", "invalid");
        check(302, "", "invalid");
        check(500, "", "failed");
        check(503, "", "too many");
    }

    #[test]
    fn what_is_shown_of_a_refusal_is_bounded() {
        let long = format!(r#"{{"error": {{"message": "{}"}}}}"#, "ä".repeat(5_000));
        let shown = refused(400, long.as_bytes(), None).to_string();
        assert!(shown.chars().count() < MAX_SHOWN + 100, "{}", shown.len());
    }
}
