//! Making a conversation fit: how many tokens it has, about, and what is left out where it has too many.

use graphloom::Text;

use super::chat::{ChatRequest, Message};

/// What stands around a message.
const AROUND: u64 = 4;

/// Stands where something was left out.
const GAP: &str = "\n[…]\n";

/// Returns about how many tokens a text has: one for each four ASCII characters and one for each other one. Tokenizers
/// differ by model and are large; this is on the high side for most languages, and for numbers on the low side.
pub(super) fn tokens(text: &str) -> u64 {
    let ascii = text.bytes().filter(u8::is_ascii).count();
    // Every other byte that begins a character.
    let others = text.bytes().filter(|byte| (0xc0..).contains(byte)).count();
    (ascii.div_ceil(4) + others) as u64
}

/// Returns about how many tokens a question has: its messages, and what is said of its tools.
pub(super) fn estimate(request: &ChatRequest) -> u64 {
    let tools = request.tools.iter().map(|tool| {
        let parameters = graphloom::json::to_json(&tool.parameters);
        tokens(&tool.name) + tokens(&tool.description) + tokens(&parameters) + AROUND
    });
    request.messages.iter().map(size).chain(tools).sum()
}

/// Returns about how many tokens a message has.
pub(super) fn size(message: &Message) -> u64 {
    text(message).map_or(0, |text| tokens(text)) + fixed(message)
}

/// What of a message cannot be shortened.
fn fixed(message: &Message) -> u64 {
    let calls = match message {
        Message::Assistant { calls, .. } => calls
            .iter()
            .map(|call| tokens(&call.name) + tokens(&call.arguments) + AROUND)
            .sum(),
        _ => 0,
    };
    calls + AROUND
}

fn text(message: &Message) -> Option<&Text> {
    match message {
        Message::System(text) | Message::User(text) => Some(text),
        Message::Assistant { text, .. } => text.as_ref(),
        Message::Tool { output, .. } => Some(output),
    }
}

fn text_mut(message: &mut Message) -> Option<&mut Text> {
    match message {
        Message::System(text) | Message::User(text) => Some(text),
        Message::Assistant { text, .. } => text.as_mut(),
        Message::Tool { output, .. } => Some(output),
    }
}

/// Shortens messages until they have at most this many tokens, by [`tokens`]; says whether any was.
///
/// Every message may keep the same number of tokens, as many as fit: short messages stay whole, long ones lose their
/// middle, and what the longest has too much is taken from no other. What a model called is never touched. A conversation
/// whose fixed parts alone are too much keeps at least the gaps.
pub(super) fn compact(messages: &mut [Message], limit: u64) -> bool {
    let fixed: u64 = messages.iter().map(fixed).sum();
    let texts: Vec<u64> = messages
        .iter()
        .map(|message| text(message).map_or(0, |text| tokens(text)))
        .collect();
    let room = limit.saturating_sub(fixed);
    if texts.iter().sum::<u64>() <= room {
        return false;
    }
    // The largest share with which all of them fit, by halving.
    let (mut low, mut high) = (0, texts.iter().copied().max().unwrap_or_default());
    while low < high {
        let share = low + (high - low).div_ceil(2);
        let sum: u64 = texts.iter().map(|&size| size.min(share)).sum();
        if sum <= room {
            low = share;
        } else {
            high = share - 1;
        }
    }
    for (message, size) in messages.iter_mut().zip(texts) {
        if size > low
            && let Some(text) = text_mut(message)
        {
            *text = Text::from(shortened(text, low));
        }
    }
    true
}

/// Leaves out the middle of a text, so that it has about this many tokens.
pub(super) fn shortened(text: &str, limit: u64) -> String {
    let side = limit.saturating_sub(tokens(GAP)) / 2;
    // Quarters of a token, as ASCII takes one and others four.
    let weight = |c: char| if c.is_ascii() { 1 } else { 4 };
    let end = |chars: &mut dyn Iterator<Item = char>| {
        let mut left = side * 4;
        chars
            .take_while(|&c| {
                let fits = left >= weight(c);
                left = left.saturating_sub(weight(c));
                fits
            })
            .map(char::len_utf8)
            .sum::<usize>()
    };
    let head = end(&mut text.chars());
    let tail = text.len() - end(&mut text.chars().rev());
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default();
    let head = part(0..head.min(tail));
    format!("{head}{GAP}{}", part(tail..text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_counted_by_kind_of_character() {
        for (text, expected) in [
            ("", 0),
            ("a", 1),
            ("abcd", 1),
            ("abcde", 2),
            ("äöü", 3),
            ("日本", 2),
            ("🦀", 1),
        ] {
            assert_eq!(tokens(text), expected, "{text}");
        }
    }

    fn sizes(messages: &[Message]) -> u64 {
        messages.iter().map(size).sum()
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let mut messages = vec![Message::User("abcd".repeat(10).into())];
        let before = messages.clone();
        assert!(!compact(&mut messages, 14));
        assert_eq!(messages, before);
    }

    #[test]
    fn long_messages_lose_their_middle_and_short_ones_nothing() {
        let long = format!("begin{}end", " word".repeat(2_000));
        let mut messages = vec![
            Message::System("short".into()),
            Message::User(long.clone().into()),
            Message::User("日本".repeat(3_000).into()),
        ];
        assert!(compact(&mut messages, 500));
        assert!(sizes(&messages) <= 500, "{}", sizes(&messages));
        assert!(sizes(&messages) > 400, "{}", sizes(&messages));
        assert_eq!(messages.first(), Some(&Message::System("short".into())));
        let Some(Message::User(text)) = messages.get(1) else {
            panic!("it was a user's");
        };
        assert!(text.starts_with("begin") && text.ends_with("end") && text.contains(GAP));
    }

    #[test]
    fn nothing_is_too_small_to_try() {
        let mut messages = vec![
            Message::Assistant {
                text: Some("x".repeat(100).into()),
                calls: vec![super::super::ToolCall::new("c", "f", "y".repeat(100))],
            };
            3
        ];
        assert!(compact(&mut messages, 1));
        for message in &messages {
            let Message::Assistant { text, calls } = message else {
                panic!("it was the assistant's");
            };
            assert_eq!(text.as_deref(), Some(GAP));
            assert_eq!(calls.first().map(|call| call.arguments.len()), Some(100));
        }
    }
}
