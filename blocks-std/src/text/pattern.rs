//! Regular expressions as Python writes them.
//!
//! Most patterns run in linear time. One with a look-around or a back-reference may try again and again; it gets a
//! number of steps and then fails.

use fancy_regex::{Captures, Regex, RegexBuilder};
use graphloom::prelude::*;

use super::python_pattern::translate;

/// How often a pattern with a look-around or a back-reference may try again before it fails.
const MAX_STEPS: usize = 1_000_000;

/// The largest compiled form of a pattern, in bytes.
const MAX_COMPILED: usize = 1 << 20;

/// The longest pattern, in bytes.
const MAX_PATTERN: usize = 64 << 10;

/// How letters and line breaks are taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Flags {
    /// Upper and lower case are different.
    pub(crate) case_sensitive: bool,
    /// A dot stands for a line break too.
    pub(crate) dot_all: bool,
    /// Combining marks are parts of words: `\w` matches them.
    pub(crate) marks: bool,
}

/// A compiled pattern.
#[derive(Debug)]
pub(crate) struct Pattern {
    regex: Regex,
}

impl Pattern {
    /// Compiles a Python pattern for use on texts that end in a line break or do not: `$` matches before it.
    pub(crate) fn compile(pattern: &str, flags: Flags, text: &str) -> Result<Self, BlockError> {
        let bad = |reason: String| {
            BlockError::input(format!(
                "the pattern \"{pattern}\" cannot be read: {reason}"
            ))
        };
        if pattern.len() > MAX_PATTERN {
            return Err(BlockError::input(format!(
                "the pattern is longer than {MAX_PATTERN} bytes"
            )));
        }
        let translated = translate(pattern, flags.marks, text.ends_with('\n')).map_err(bad)?;
        let regex = RegexBuilder::new(&translated)
            .case_insensitive(!flags.case_sensitive)
            .dot_matches_new_line(flags.dot_all)
            .backtrack_limit(MAX_STEPS)
            .delegate_size_limit(MAX_COMPILED)
            .build()
            .map_err(|error| bad(error.to_string()))?;
        Ok(Self { regex })
    }

    /// Returns how many groups the pattern has; the whole match, which is group 0, is not among them.
    pub(crate) fn groups(&self) -> usize {
        self.regex.captures_len().saturating_sub(1)
    }

    /// Whether the pattern matches anywhere in the text.
    pub(crate) fn matches(&self, text: &str) -> Result<bool, BlockError> {
        self.regex.is_match(text).map_err(|_| too_slow())
    }

    /// Returns the matches from left to right. As in Python, an empty match may follow another match directly.
    pub(crate) fn find_all<'t>(
        &self,
        text: &'t str,
    ) -> impl Iterator<Item = Result<Captures<'t, str>, BlockError>> {
        let mut next = Some(0);
        std::iter::from_fn(move || {
            let from = next.take()?;
            match self.regex.captures_from_pos(text, from) {
                Ok(Some(found)) => {
                    next = found.get(0).and_then(|whole| {
                        if whole.end() > whole.start() {
                            return Some(whole.end());
                        }
                        let after = text.get(whole.end()..)?.chars().next()?;
                        Some(whole.end() + after.len_utf8())
                    });
                    Some(Ok(found))
                }
                Ok(None) => None,
                Err(_) => Some(Err(too_slow())),
            }
        })
    }
}

fn too_slow() -> BlockError {
    BlockError::input(format!(
        "the pattern took more than {MAX_STEPS} steps on this text: avoid repetitions inside repetitions"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Flags = Flags {
        case_sensitive: true,
        dot_all: true,
        marks: false,
    };

    fn found(pattern: &str, text: &str) -> Vec<String> {
        let pattern = Pattern::compile(pattern, PLAIN, text).unwrap();
        let all: Result<Vec<_>, _> = pattern.find_all(text).collect();
        all.unwrap()
            .iter()
            .map(|found| found.get(0).unwrap().as_str().to_owned())
            .collect()
    }

    #[test]
    fn matches_are_pythons() {
        let check = |pattern: &str, text: &str, expected: &[&str]| {
            assert_eq!(found(pattern, text), expected, "{pattern} on {text:?}");
        };
        check("a*", "baac", &["", "aa", "", ""]);
        check("x*", "é", &["", ""]);
        check("", "", &[""]);
        check(r"(ab)\1", "abab", &["abab"]);
        check("foo(?=bar)", "foobar", &["foo"]);
        check("(?<=f)o", "foo", &["o"]);
        check("abc$", "abc\n", &["abc"]);
        check("^l.$", "l1\nl2", &[]);
        check("(?m)^l.$", "l1\nl2\n", &["l1", "l2"]);
        check(r"\w", "e\u{301}a", &["e", "a"]);
        check(r"\d", "\u{663}", &["\u{663}"]);
        check("[[:upper:]]", "A", &[]);
        check("[]a]", "]", &["]"]);
        check("a{,2}b{", "aab{", &["aab{"]);
        check(r"\Aabc\Z", "abc", &["abc"]);
        check("(?x) a b # c", "ab", &["ab"]);
        check("a++", "aaa", &["aaa"]);
    }

    #[test]
    fn what_python_refuses_is_refused() {
        for bad in [
            "(",
            "[",
            "\\",
            r"\p{L}",
            "(?P<x>a)(?P=y)",
            "*a",
            "a**",
            r"(a)\2",
            "(?z)",
        ] {
            assert!(Pattern::compile(bad, PLAIN, "").is_err(), "{bad}");
        }
    }

    #[test]
    fn endless_patterns_end() {
        let text = "a".repeat(40) + "!";
        let slow = Pattern::compile(r"(?=x|(a+)+$)a", PLAIN, &text).unwrap();
        assert!(slow.matches(&text).is_err() || !slow.matches(&text).unwrap());
    }
}
