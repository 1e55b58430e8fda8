//! Code between fences in a text.

use crate::python::is_space;

/// What stands on both sides of code.
const FENCE: &str = "```";

/// A text taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fenced<'t> {
    /// The word after the fence and the code, without white space at its ends; in the order of the text.
    pub(super) blocks: Vec<(&'t str, &'t str)>,
    /// The text without the blocks, and without empty lines.
    pub(super) remaining: String,
}

/// Takes a text apart at the fences with these words.
pub(super) fn split<'t>(text: &'t str, words: &[&'t str]) -> Fenced<'t> {
    let mut blocks = Vec::new();
    let mut from = 0;
    while let Some((_, word, code)) = opening(text, from, words, true) {
        // The code ends where a line begins with a fence.
        let rest = text.get(code..).unwrap_or("");
        let Some(n) = rest.find("\n```") else { break };
        blocks.push((word, rest.get(..n).unwrap_or("").trim_matches(is_space)));
        from = code + n + 1 + FENCE.len();
    }
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    while let Some((start, _, code)) = opening(text, from, words, false) {
        // What is taken away ends at any fence.
        let Some(n) = text.get(code..).and_then(|rest| rest.find(FENCE)) else {
            break;
        };
        kept.push_str(text.get(from..start).unwrap_or(""));
        from = code + n + FENCE.len();
    }
    kept.push_str(text.get(from..).unwrap_or(""));
    let blocks = blocks
        .into_iter()
        .filter(|(_, code)| !code.is_empty())
        .collect();
    Fenced {
        blocks,
        remaining: without_empty_lines(&kept),
    }
}

/// Finds the next fence with one of the words and nothing but blanks after it; returns where it starts, the word, and
/// where the code starts.
fn opening<'t>(
    text: &str,
    from: usize,
    words: &[&'t str],
    any_case: bool,
) -> Option<(usize, &'t str, usize)> {
    let rest = text.get(from..)?;
    rest.match_indices(FENCE).find_map(|(at, _)| {
        let start = from + at;
        let line = text.get(start + FENCE.len()..)?.split_once('\n')?.0;
        let name = line.trim_end_matches([' ', '\t']);
        let same = |word: &&&str| {
            if any_case {
                name.eq_ignore_ascii_case(word)
            } else {
                name == **word
            }
        };
        let word = words.iter().find(same)?;
        Some((start, *word, start + FENCE.len() + line.len() + 1))
    })
}

/// Joins lines across empty ones, and takes white space away at both ends.
fn without_empty_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut lines = text.split('\n').enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let inside = index > 0 && lines.peek().is_some();
        if inside && line.chars().all(is_space) {
            continue;
        }
        if index > 0 {
            out.push('\n');
        }
        out.push_str(line);
    }
    out.trim_matches(is_space).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_text_are_told_apart() {
        let check = |text: &str, blocks: &[(&str, &str)], remaining: &str| {
            let expected = Fenced {
                blocks: blocks.to_vec(),
                remaining: remaining.to_owned(),
            };
            assert_eq!(split(text, &["py", "js"]), expected, "{text:?}");
        };
        check("```py\na\n```", &[("py", "a")], "");
        check(
            "a\n\n\n```js\nx\n```\n\n\nb\n \n c",
            &[("js", "x")],
            "a\nb\n c",
        );
        check("text ```py\nx``` more", &[], "text  more");
        check("```PY\nx\n```", &[("py", "x")], "```PY\nx\n```");
        check("```py x\n```", &[], "```py x\n```");
        check("```py\nno end", &[], "```py\nno end");
        check("```py\r\nx\r\n```", &[], "```py\r\nx\r\n```");
    }
}
