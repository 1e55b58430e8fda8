//! Conversations that outgrow what a model can read: what it is told in place of older turns.
//!
//! A turn is what the model said with what its tools gave, or what somebody said to it. Turns are shortened and left out
//! as a whole, so that no call is without its result and no result without its call. What stays in any case: what holds
//! for the whole conversation, the task (the first thing that is said to the model), and the last turn.
//!
//! First the results of tools are shortened, oldest first, in all but the last two turns. If that is not enough, turns
//! are left out, oldest first, and a line in their place says how many and which tools they called. At last long texts of
//! what is left lose their middle, those of the task only where it is too long by itself. It costs no question to a model,
//! and gives the same for the same conversation: an attempt that is repeated asks the same again. What is kept for the
//! graph is the whole conversation; only what is sent is shorter.

use std::collections::BTreeMap;

use graphloom::Text;

use crate::llm::chat::Message;
use crate::llm::fit::{compact as shorten, shortened, size, tokens};

/// A result of a tool in an older turn keeps about so many tokens.
const OLD_RESULT: u64 = 100;

/// The results of so many of the last turns stay whole as long as turns can be left out.
const RECENT: usize = 2;

/// Returns what to send of a conversation that is to have at most so many tokens; `None` where all of it fits.
pub(super) fn compact(messages: &[Message], limit: u64) -> Option<Vec<Message>> {
    let mut total: u64 = messages.iter().map(size).sum();
    if total <= limit {
        return None;
    }
    let (head, mut turns) = turns(messages);
    let old = turns.len().saturating_sub(RECENT);
    for turn in turns.iter_mut().take(old) {
        for message in turn {
            if total <= limit {
                break;
            }
            let before = size(message);
            if let Message::Tool { output, .. } = message
                && tokens(output) > OLD_RESULT
            {
                *output = Text::from(shortened(output, OLD_RESULT));
            }
            total = total - before + size(message);
        }
    }
    let mut left_out = LeftOut::default();
    let most = turns.len().saturating_sub(1);
    let mut n = 0;
    for turn in turns.iter().take(most) {
        if total + size(&left_out.note()) <= limit {
            break;
        }
        total -= turn.iter().map(size).sum::<u64>();
        left_out.add(turn);
        n += 1;
    }
    let task: u64 = head.iter().map(size).sum();
    let mut kept = head;
    let first = kept.len();
    if n > 0 {
        kept.push(left_out.note());
    }
    kept.extend(turns.into_iter().skip(n).flatten());
    // The last turn may be too much by itself: its longest texts lose their middle, and those of the task only if it is
    // too long alone.
    let cut = match task < limit {
        true => kept
            .get_mut(first..)
            .map(|rest| shorten(rest, limit - task)),
        false => Some(shorten(&mut kept, limit)),
    };
    debug_assert!(
        cut.is_some(),
        "what is behind the task begins where it ends"
    );
    Some(kept)
}

/// Cuts a conversation into what stays in any case and turns.
fn turns(messages: &[Message]) -> (Vec<Message>, Vec<Vec<Message>>) {
    let mut head = Vec::new();
    let mut turns: Vec<Vec<Message>> = Vec::new();
    let mut is_told = false;
    for message in messages {
        match message {
            Message::System(_) => head.push(message.clone()),
            Message::User(_) if !is_told && turns.is_empty() => {
                is_told = true;
                head.push(message.clone());
            }
            Message::Tool { .. } if !turns.is_empty() => {
                turns
                    .last_mut()
                    .into_iter()
                    .for_each(|turn| turn.push(message.clone()));
            }
            _ => turns.push(vec![message.clone()]),
        }
    }
    (head, turns)
}

/// What was left out.
#[derive(Default)]
struct LeftOut {
    turns: usize,
    /// How often each tool was called.
    calls: BTreeMap<Text, usize>,
}

impl LeftOut {
    fn add(&mut self, turn: &[Message]) {
        self.turns += 1;
        for message in turn {
            let Message::Assistant { calls, .. } = message else {
                continue;
            };
            for call in calls {
                *self.calls.entry(call.name.clone()).or_default() += 1;
            }
        }
    }

    fn note(&self) -> Message {
        let calls: Vec<String> = self
            .calls
            .iter()
            .map(|(name, n)| format!("{name} ({n})"))
            .collect();
        let calls = match calls.is_empty() {
            true => String::new(),
            false => format!(
                " Tools that were called there, and how often: {}.",
                calls.join(", ")
            ),
        };
        Message::User(Text::from(format!(
            "[Left out here, for want of room: {} of the earlier turns.{calls}]",
            self.turns
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::chat::ToolCall;

    fn turn(n: usize, output: &str) -> [Message; 2] {
        let id = format!("c{n}");
        [
            Message::Assistant {
                text: None,
                calls: vec![ToolCall::new(id.as_str(), "look", "{}")],
            },
            Message::Tool {
                call: id.into(),
                output: output.into(),
            },
        ]
    }

    fn conversation(n: usize, output: &str) -> Vec<Message> {
        let mut messages = vec![
            Message::System("Be brief.".into()),
            Message::User("The task.".into()),
        ];
        messages.extend((0..n).flat_map(|n| turn(n, output)));
        messages
    }

    fn total(messages: &[Message]) -> u64 {
        messages.iter().map(size).sum()
    }

    /// Every call has its result behind it, and every result its call before it.
    fn check_pairs(messages: &[Message]) {
        let mut open: Vec<&Text> = Vec::new();
        for message in messages {
            match message {
                Message::Assistant { calls, .. } => {
                    assert!(open.is_empty(), "{messages:?}");
                    open.extend(calls.iter().map(|call| &call.id));
                }
                Message::Tool { call, .. } => {
                    let at = open.iter().position(|open| *open == call).unwrap();
                    open.remove(at);
                }
                _ => assert!(open.is_empty(), "{messages:?}"),
            }
        }
        assert!(open.is_empty(), "{messages:?}");
    }

    #[test]
    fn what_fits_is_left_alone() {
        let messages = conversation(3, "short");
        assert_eq!(compact(&messages, total(&messages)), None);
        assert!(compact(&messages, total(&messages) - 1).is_some());
    }

    #[test]
    fn old_results_are_shortened_before_turns_are_left_out() {
        let messages = conversation(6, &"word ".repeat(1000));
        let limit = 3 * size(&messages[3]) + 1000;
        let sent = compact(&messages, limit).unwrap();
        assert_eq!(sent.len(), messages.len(), "no turn is left out");
        assert!(total(&sent) <= limit);
        assert_eq!(sent[..3], messages[..3]);
        assert_eq!(sent[10..], messages[10..], "the last two turns are whole");
        check_pairs(&sent);
    }

    #[test]
    fn at_every_limit_pairs_stay_and_so_do_task_and_last_turn() {
        let messages = conversation(8, &"word ".repeat(300));
        // With less there is no room for the task, a call, and the line that tells what is left out.
        for limit in (100..total(&messages)).step_by(37) {
            let sent = compact(&messages, limit).unwrap();
            check_pairs(&sent);
            assert_eq!(sent[..2], messages[..2], "limit {limit}");
            let call = messages.len() - 2;
            assert_eq!(sent[sent.len() - 2], messages[call], "limit {limit}");
            assert!(total(&sent) <= limit, "limit {limit}: {}", total(&sent));
        }
    }

    #[test]
    fn a_task_that_is_too_long_alone_loses_its_middle() {
        let messages = vec![Message::User("word ".repeat(1000).into())];
        let sent = compact(&messages, 100).unwrap();
        assert!(total(&sent) <= 100, "{sent:?}");
        assert_ne!(sent, messages);
    }

    #[test]
    fn a_line_tells_what_is_left_out() {
        // No result is so long that it would be shortened first.
        let messages = conversation(5, &"word ".repeat(60));
        let turn = size(&messages[2]) + size(&messages[3]);
        let sent = compact(&messages, total(&messages) - turn - turn / 2).unwrap();
        let Some(Message::User(note)) = sent.get(2) else {
            panic!("{sent:?}");
        };
        assert!(
            note.contains("2 of the earlier turns") && note.contains("look (2)"),
            "{note}"
        );
        assert_eq!(sent[3..], messages[6..]);
    }

    #[test]
    fn odd_conversations_are_cut_too() {
        assert_eq!(compact(&[], 0), None);
        let lone = vec![Message::Tool {
            call: "x".into(),
            output: "y".repeat(100).into(),
        }];
        assert_eq!(compact(&lone, 1).unwrap().len(), 1, "the last turn stays");
    }
}
