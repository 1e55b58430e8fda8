//! From Python's regular expressions to Rust's: the same but for details of escapes, classes and `$`.

use std::iter::Peekable;
use std::str::Chars;

/// Python's `\w`: letters, numbers and the underscore; Rust's has combining marks too.
const WORD: &str = r"\p{L}\p{N}_";

/// Python's `\s`: white space and four separators of ASCII.
const SPACE: &str = r"\s\x1C-\x1F";

/// Translates a pattern. `marks` says that `\w` takes combining marks for letters; `line_break_last` that the text
/// ends in a line break, which `$` then also matches before.
pub(super) fn translate(
    pattern: &str,
    marks: bool,
    line_break_last: bool,
) -> Result<String, String> {
    let mut translator = Translator {
        rest: pattern.chars().peekable(),
        out: String::with_capacity(pattern.len() + 16),
        last: Last::Nothing,
        n_groups: 0,
        marks,
        line_break_last,
        multi_line: false,
        verbose: false,
        ascii: false,
    };
    while let Some(c) = translator.rest.next() {
        translator.step(c)?;
    }
    Ok(translator.out)
}

/// What stands before the place of the translator: whether a repetition may follow.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Nothing,
    Atom,
    Repetition,
}

struct Translator<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    last: Last,
    n_groups: u32,
    marks: bool,
    line_break_last: bool,
    multi_line: bool,
    verbose: bool,
    ascii: bool,
}

/// What an escape stands for.
enum Escaped {
    /// One character.
    Char(char),
    /// A set of characters, as the inside of a class.
    Set(String),
}

impl Translator<'_> {
    fn step(&mut self, c: char) -> Result<(), String> {
        match c {
            '\\' => return self.escape(),
            '[' => self.class()?,
            '(' => return self.open(),
            ')' | '.' => self.out.push(c),
            '|' => return self.assertion("|"),
            '^' => return self.assertion("^"),
            '$' if self.multi_line => return self.assertion("$"),
            '$' if self.line_break_last => return self.assertion(r"(?=\n?\z)"),
            '$' => return self.assertion(r"\z"),
            '*' | '+' | '?' => return self.repeat(&c.to_string()),
            '{' => {
                if let Some(count) = self.count() {
                    return self.repeat(&count);
                }
                self.literal(c);
            }
            '#' if self.verbose => {
                while self.rest.next_if(|c| *c != '\n').is_some() {}
                return Ok(());
            }
            c if self.verbose && c.is_ascii_whitespace() => return Ok(()),
            c => self.literal(c),
        }
        self.last = Last::Atom;
        Ok(())
    }

    fn assertion(&mut self, written: &str) -> Result<(), String> {
        self.out.push_str(written);
        self.last = Last::Nothing;
        Ok(())
    }

    fn repeat(&mut self, written: &str) -> Result<(), String> {
        match self.last {
            Last::Nothing => return Err("there is nothing to repeat".to_owned()),
            Last::Repetition => return Err("a repetition follows a repetition".to_owned()),
            Last::Atom => {}
        }
        self.out.push_str(written);
        // Lazy or possessive.
        self.out
            .extend(self.rest.next_if(|c| matches!(c, '?' | '+')));
        self.last = Last::Repetition;
        Ok(())
    }

    /// Reads what follows a brace if it is a count, `{2}`, `{2,}`, `{,3}` or `{2,3}`; otherwise the brace is a brace.
    fn count(&mut self) -> Option<String> {
        let mut ahead = self.rest.clone();
        let digits = |ahead: &mut Peekable<Chars<'_>>| -> String {
            std::iter::from_fn(|| ahead.next_if(char::is_ascii_digit)).collect()
        };
        let from = digits(&mut ahead);
        let count = if ahead.next_if_eq(&',').is_some() {
            let to = digits(&mut ahead);
            let from = if from.is_empty() { "0" } else { &from };
            format!("{{{from},{to}}}")
        } else if from.is_empty() {
            return None;
        } else {
            format!("{{{from}}}")
        };
        ahead.next_if_eq(&'}')?;
        self.rest = ahead;
        Some(count)
    }

    fn open(&mut self) -> Result<(), String> {
        self.last = Last::Nothing;
        if self.rest.next_if_eq(&'?').is_none() {
            self.n_groups += 1;
            self.out.push('(');
            return Ok(());
        }
        match self.rest.next() {
            Some('#') => {
                if !self.rest.any(|c| c == ')') {
                    return Err("a comment has no end".to_owned());
                }
            }
            Some('P') => match self.rest.next() {
                Some('<') => {
                    self.n_groups += 1;
                    self.out.push_str("(?P<");
                }
                Some('=') => {
                    self.out.push_str("(?P=");
                    // The name and the parenthesis after it are the rest of one atom.
                    while let Some(c) = self.rest.next_if(|c| *c != ')') {
                        self.out.push(c);
                    }
                }
                _ => return Err("after (?P comes < or =".to_owned()),
            },
            Some(c @ (':' | '=' | '!' | '>' | '(')) => {
                self.out.push_str("(?");
                self.out.push(c);
            }
            Some('<') => match self.rest.next() {
                Some(c @ ('=' | '!')) => {
                    self.out.push_str("(?<");
                    self.out.push(c);
                }
                _ => return Err("after (?< comes = or !; a named group is (?P<name>".to_owned()),
            },
            Some(c @ ('a' | 'i' | 'm' | 's' | 'u' | 'x' | '-')) => return self.flags(c),
            _ => return Err("this kind of group is not known".to_owned()),
        }
        Ok(())
    }

    /// Reads flags, `(?im)` for the whole pattern or `(?im-s:` for a group.
    fn flags(&mut self, first: char) -> Result<(), String> {
        let at_start = self.out.is_empty();
        let mut kept = String::new();
        let mut c = Some(first);
        let mut on = true;
        loop {
            match c {
                Some('-') => {
                    on = false;
                    kept.push('-');
                }
                Some('m') => {
                    self.multi_line = on;
                    kept.push('m');
                }
                Some(c @ ('i' | 's')) => kept.push(c),
                Some('x') => self.verbose = on,
                Some('a') => self.ascii = on,
                Some('u') => {}
                Some(end @ (')' | ':')) => {
                    if end == ')' && !at_start {
                        return Err("flags for the whole pattern stand at its beginning".to_owned());
                    }
                    let kept = kept.trim_end_matches('-');
                    if end == ':' || !kept.is_empty() {
                        self.out.push_str("(?");
                        self.out.push_str(kept);
                        self.out.push(end);
                    }
                    return Ok(());
                }
                _ => return Err("this flag is not known".to_owned()),
            }
            c = self.rest.next();
        }
    }

    fn escape(&mut self) -> Result<(), String> {
        match self.rest.peek() {
            Some('A') => return self.assertion_escape(r"\A"),
            Some('Z') => return self.assertion_escape(r"\z"),
            Some('b') => return self.assertion_escape(r"\b"),
            Some('B') => return self.assertion_escape(r"\B"),
            Some('1'..='9') => {
                if let Some(group) = self.reference()? {
                    self.out.push_str(&format!(r"(?:\{group})"));
                    self.last = Last::Atom;
                    return Ok(());
                }
            }
            _ => {}
        }
        match self.escaped()? {
            Escaped::Char(c) => self.literal(c),
            Escaped::Set(set) => {
                self.out.push('[');
                self.out.push_str(&set);
                self.out.push(']');
            }
        }
        self.last = Last::Atom;
        Ok(())
    }

    fn assertion_escape(&mut self, written: &str) -> Result<(), String> {
        self.rest.next();
        self.assertion(written)
    }

    /// Reads a reference to a group, unless three octal digits say a character.
    fn reference(&mut self) -> Result<Option<u32>, String> {
        let ahead: Vec<char> = self.rest.clone().take(3).collect();
        if ahead.len() == 3 && ahead.iter().all(|c| ('0'..='7').contains(c)) {
            return Ok(None);
        }
        let digits: String = ahead
            .iter()
            .take(2)
            .take_while(|c| c.is_ascii_digit())
            .collect();
        for _ in 0..digits.len() {
            self.rest.next();
        }
        match digits.parse() {
            Ok(group) if group <= self.n_groups => Ok(Some(group)),
            _ => Err(format!("there is no group {digits} before its use")),
        }
    }

    /// Reads what follows a backslash and means the same inside and outside of a class.
    fn escaped(&mut self) -> Result<Escaped, String> {
        let Some(c) = self.rest.next() else {
            return Err("it ends in a backslash".to_owned());
        };
        let char = match c {
            'd' | 'D' | 's' | 'S' | 'w' | 'W' => return Ok(Escaped::Set(self.set(c))),
            'a' => '\x07',
            'f' => '\x0C',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0B',
            'x' => self.code(2, 16)?,
            'u' => self.code(4, 16)?,
            'U' => self.code(8, 16)?,
            '0'..='7' => {
                let mut code = u32::from(c) - u32::from('0');
                for _ in 0..2 {
                    let Some(digit) = self.rest.next_if(|c| c.is_digit(8)) else {
                        break;
                    };
                    code = code * 8 + digit.to_digit(8).unwrap_or(0);
                }
                char::from_u32(code).ok_or_else(|| format!("\\{c} is no character"))?
            }
            c if c.is_ascii_alphanumeric() => return Err(format!("\\{c} is no escape")),
            c => c,
        };
        Ok(Escaped::Char(char))
    }

    fn set(&self, kind: char) -> String {
        let inside = match (kind.to_ascii_lowercase(), self.ascii) {
            ('d', false) => r"\d",
            ('d', true) => "0-9",
            ('s', false) => SPACE,
            ('s', true) => r"\t-\r\x20",
            (_, true) => "A-Za-z0-9_",
            _ if self.marks => r"\w",
            _ => WORD,
        };
        if kind.is_ascii_uppercase() {
            format!("[^{inside}]")
        } else {
            inside.to_owned()
        }
    }

    fn code(&mut self, n_digits: usize, radix: u32) -> Result<char, String> {
        let digits: String = (0..n_digits)
            .map_while(|_| self.rest.next_if(|c| c.is_digit(radix)))
            .collect();
        if digits.len() < n_digits {
            return Err(format!("an escape needs {n_digits} hexadecimal digits"));
        }
        u32::from_str_radix(&digits, radix)
            .ok()
            .and_then(char::from_u32)
            .ok_or_else(|| format!("{digits} is no character"))
    }

    fn literal(&mut self, c: char) {
        if matches!(
            c,
            '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$'
        ) {
            self.out.push('\\');
        }
        self.out.push(c);
    }

    /// Reads a class; the bracket is behind us.
    fn class(&mut self) -> Result<(), String> {
        self.out.push('[');
        self.out.extend(self.rest.next_if_eq(&'^'));
        let mut first = true;
        loop {
            if !first && self.rest.next_if_eq(&']').is_some() {
                self.out.push(']');
                return Ok(());
            }
            first = false;
            let from = match self.class_item()? {
                Escaped::Char(c) => c,
                Escaped::Set(set) => {
                    self.out.push_str(&set);
                    continue;
                }
            };
            self.class_literal(from);
            let mut ahead = self.rest.clone();
            if ahead.next() != Some('-') || matches!(ahead.peek(), None | Some(']')) {
                continue;
            }
            self.rest = ahead;
            match self.class_item()? {
                Escaped::Char(to) if to >= from => {
                    self.out.push('-');
                    self.class_literal(to);
                }
                _ => return Err("a range in a class ends before it begins".to_owned()),
            }
        }
    }

    fn class_item(&mut self) -> Result<Escaped, String> {
        match self.rest.next() {
            None => Err("a class has no end".to_owned()),
            Some('\\') if self.rest.next_if_eq(&'b').is_some() => Ok(Escaped::Char('\x08')),
            Some('\\') => self.escaped(),
            Some(c) => Ok(Escaped::Char(c)),
        }
    }

    fn class_literal(&mut self, c: char) {
        if matches!(c, '\\' | '[' | ']' | '^' | '-' | '&' | '~') {
            self.out.push('\\');
        }
        self.out.push(c);
    }
}
