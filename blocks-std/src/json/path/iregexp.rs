//! Patterns of JSONPath: I-Regexp (RFC 9485), a small language that every engine of regular expressions can say, in linear
//! time. `^` and `$` are the ends of the text, as authors expect and the compliance tests of JSONPath have it.

use fancy_regex::{Regex, RegexBuilder};

/// The largest compiled form of a pattern, in bytes.
const MAX_COMPILED: usize = 1 << 20;

/// Compiles a pattern; `None` if it is none.
pub(super) fn compile(pattern: &str, whole: bool) -> Option<Regex> {
    let translated = translate(pattern)?;
    let translated = match whole {
        true => format!(r"\A(?:{translated})\z"),
        false => translated,
    };
    RegexBuilder::new(&translated)
        .delegate_size_limit(MAX_COMPILED)
        .build()
        .ok()
}

/// Writes a pattern in the engine's language. Whatever is no I-Regexp (look-arounds, back-references, lazy repetition) has
/// no translation.
fn translate(pattern: &str) -> Option<String> {
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut chars = pattern.chars().peekable();
    // A repetition needs something before it, and no other repetition.
    let mut repeatable = false;
    while let Some(c) = chars.next() {
        match c {
            '.' => {
                out.push_str(r"[^\n\r]");
                repeatable = true;
            }
            '^' | '$' => {
                out.push(c);
                repeatable = false;
            }
            '(' | '|' => {
                out.push_str(if c == '(' { "(?:" } else { "|" });
                repeatable = false;
            }
            ')' => {
                out.push(')');
                repeatable = true;
            }
            '*' | '+' | '?' if repeatable => {
                out.push(c);
                repeatable = false;
            }
            '{' if repeatable => {
                out.push('{');
                loop {
                    let c = chars.next()?;
                    out.push(c);
                    match c {
                        '}' => break,
                        '0'..='9' | ',' => {}
                        _ => return None,
                    }
                }
                repeatable = false;
            }
            '[' => {
                class(&mut chars, &mut out)?;
                repeatable = true;
            }
            '\\' => {
                escape(&mut chars, &mut out)?;
                repeatable = true;
            }
            '*' | '+' | '?' | '{' | '}' | ']' => return None,
            other => {
                literal(&mut out, other);
                repeatable = true;
            }
        }
    }
    Some(out)
}

type Chars<'t> = std::iter::Peekable<std::str::Chars<'t>>;

fn class(chars: &mut Chars<'_>, out: &mut String) -> Option<()> {
    out.push('[');
    if chars.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    let mut is_empty = true;
    loop {
        match chars.next()? {
            ']' if is_empty => return None,
            ']' => break,
            '[' => return None,
            '\\' => escape(chars, out)?,
            // At either end it stands for itself, between two characters for what is between them.
            '-' if is_empty || chars.peek() == Some(&']') => out.push_str(r"\-"),
            '-' => out.push('-'),
            other => literal(out, other),
        }
        is_empty = false;
    }
    out.push(']');
    Some(())
}

fn escape(chars: &mut Chars<'_>, out: &mut String) -> Option<()> {
    match chars.next()? {
        c @ ('(' | ')' | '*' | '+' | '-' | '.' | '?' | '[' | '\\' | ']' | '^' | 'n' | 'r' | 't'
        | '{' | '|' | '}') => {
            out.push('\\');
            out.push(c);
        }
        c @ ('p' | 'P') => {
            chars.next_if_eq(&'{')?;
            out.push('\\');
            out.push(c);
            out.push('{');
            loop {
                match chars.next()? {
                    '}' => break,
                    c if c.is_ascii_alphabetic() => out.push(c),
                    _ => return None,
                }
            }
            out.push('}');
        }
        _ => return None,
    }
    Some(())
}

fn literal(out: &mut String, c: char) {
    // Not all punctuation: `\<` is the begin of a word.
    if "\\.+*?()|[]{}^$#&-~".contains(c) {
        out.push('\\');
    }
    out.push(c);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_the_rfc() {
        let check = |pattern: &str, text: &str, expected: Option<bool>| {
            let found = compile(pattern, true).map(|regex| regex.is_match(text).unwrap());
            assert_eq!(found, expected, "{pattern} on {text:?}");
        };
        check("a.c", "a\u{2028}c", Some(true));
        check("a.c", "a\nc", Some(false));
        check("^a$", "a", Some(true));
        check("a$", "a\n", Some(false));
        check(r"\^a[$]", "^a$", Some(true));
        check("[a-c&&-]{2,3}", "&b-", Some(true));
        check(r"\p{Lu}+", "ÄB", Some(true));
        check("[^\\-]", "-", Some(false));
        check("<>\"'~#@ =", "<>\"'~#@ =", Some(true));
        for bad in [
            "a**",
            "(?=a)",
            "a*?",
            "\\d",
            "\\1",
            "[]",
            "[[a]]",
            "(",
            "a{1",
            "{1}",
            "a{x}",
            "((a{1000}){1000}){1000}",
        ] {
            check(bad, "a", None);
        }
    }
}
