//! Regular expressions whose time is bounded: those of the `regex` crate, without look-around and back-references.

use graphloom::prelude::*;
use regex::{Regex, RegexBuilder};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The largest compiled form of a pattern, in bytes.
const MAX_COMPILED: usize = 1 << 20;

/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 64 << 10;

/// The bytes that all searches of one firing may have before them, together. One search takes time in proportion to
/// them, so that many matches of a pattern that looks far ahead for each would take the square.
const MAX_AHEAD: u64 = 100_000_000_000;

/// After so many bytes it is asked whether the run was cancelled.
const LOOK_AFTER: u64 = 16 << 20;

/// The most matches in one firing.
pub(super) const MAX_MATCHES: usize = 1_000_000;

/// How letters and lines are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum Flag {
    /// Upper and lower case are alike.
    IgnoreCase,
    /// `^` and `$` match at each line too.
    MultiLine,
    /// A dot stands for a line break too.
    DotAll,
    /// White space and `# comments` in the pattern mean nothing.
    Verbose,
}

/// A compiled pattern.
pub(super) struct Linear {
    pub(super) regex: Regex,
    /// Its matches have a longest length, so that no search looks far ahead.
    short: bool,
}

impl Linear {
    pub(super) fn compile(pattern: &str, flags: &[Flag]) -> Result<Self, BlockError> {
        if pattern.len() > MAX_PATTERN {
            return Err(BlockError::input(format!(
                "the pattern has {} bytes: at most {MAX_PATTERN} are compiled",
                pattern.len()
            )));
        }
        let regex = RegexBuilder::new(pattern)
            .case_insensitive(flags.contains(&Flag::IgnoreCase))
            .multi_line(flags.contains(&Flag::MultiLine))
            .dot_matches_new_line(flags.contains(&Flag::DotAll))
            .ignore_whitespace(flags.contains(&Flag::Verbose))
            .size_limit(MAX_COMPILED)
            .build()
            .map_err(|error| unreadable(&error))?;
        let parsed = regex_syntax::parse(pattern);
        let short = parsed.is_ok_and(|hir| hir.properties().maximum_len().is_some());
        Ok(Self { regex, short })
    }

    /// Returns a guard of the searches in a text.
    pub(super) const fn watch<'t>(&self, text: &'t str) -> Watch<'t> {
        Watch {
            text,
            left: if self.short { u64::MAX } else { MAX_AHEAD },
            n: 0,
            unseen: 0,
        }
    }

    /// Returns the names of the groups, from group 1 on; those without one have none.
    pub(super) fn names(&self) -> impl Iterator<Item = Option<&str>> {
        self.regex.capture_names().skip(1)
    }
}

fn unreadable(error: &regex::Error) -> BlockError {
    BlockError::input(match error {
        regex::Error::CompiledTooBig(limit) => {
            format!("the pattern is too large: compiled it may have {limit} bytes")
        }
        // The pattern with a mark under the place, and the reason in the last line.
        other => {
            let text = other.to_string();
            let reason = text.lines().last().unwrap_or_default();
            let column = text
                .lines()
                .rev()
                .nth(1)
                .and_then(|line| line.find('^'))
                .filter(|_| text.lines().count() == 4)
                .map_or(String::new(), |at| {
                    format!(" at column {}", at.saturating_sub(3))
                });
            format!(
                "the pattern cannot be read{column}: {}",
                reason.strip_prefix("error: ").unwrap_or(reason)
            )
        }
    })
}

/// Counts what the searches of one firing cost.
pub(super) struct Watch<'t> {
    text: &'t str,
    left: u64,
    n: usize,
    /// What was counted since the last look at whether the run goes on.
    unseen: u64,
}

impl Watch<'_> {
    /// Counts a match, and the search for the next one from its end.
    ///
    /// # Errors
    /// [`BlockError::Input`] where there are too many; [`BlockError::Cancelled`].
    pub(super) fn found(&mut self, cx: &Context, end: usize) -> Result<(), BlockError> {
        self.n += 1;
        if self.n > MAX_MATCHES {
            return Err(BlockError::input(format!(
                "the pattern matches more than {MAX_MATCHES} times: search the text in parts"
            )));
        }
        let ahead = self.text.len().saturating_sub(end) as u64;
        let Some(left) = self.left.checked_sub(ahead) else {
            return Err(BlockError::input(format!(
                "the pattern takes too long: it has no longest match, and matches {} times in a text of {} bytes; \
                 search the text in parts, or bound the repetitions",
                self.n,
                self.text.len()
            )));
        };
        self.left = left;
        self.unseen += ahead.saturating_add(1_024);
        if self.unseen >= LOOK_AFTER {
            self.unseen = 0;
            if cx.is_cancelled() {
                return Err(BlockError::Cancelled);
            }
        }
        Ok(())
    }
}
