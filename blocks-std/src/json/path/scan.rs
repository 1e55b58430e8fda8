//! Characters, blanks, numbers and quoted texts of a path.

use graphloom::Value;
use graphloom::json::{Limits, read_value};

/// Integers in a path are exact in every JSON program (RFC 7493).
const MAX_INTEGER: i64 = (1 << 53) - 1;

/// Where in the path the reader is.
pub(super) struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scan<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Goes past this text if it is what comes next.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let is_next = self.rest().starts_with(token);
        if is_next {
            self.at += token.len();
        }
        is_next
    }

    pub(super) fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.eat(token) {
            return Ok(());
        }
        Err(self.wrong(&format!("`{token}`")))
    }

    pub(super) fn blanks(&mut self) {
        let rest = self.rest();
        let more = rest.trim_start_matches([' ', '\t', '\n', '\r']);
        self.at += rest.len() - more.len();
    }

    /// Goes past the characters for which this holds.
    pub(super) fn take_while(&mut self, holds: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|c| !holds(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    /// Says what is expected here instead of what is there.
    pub(super) fn wrong(&self, expected: &str) -> String {
        let at = self.text.get(..self.at).unwrap_or_default().chars().count() + 1;
        match self.peek() {
            Some(found) => format!("character {at}: expected {expected}, found {found:?}"),
            None => format!("character {at}: expected {expected}, found the end"),
        }
    }

    pub(super) const fn place(&self) -> usize {
        self.at
    }

    pub(super) const fn go_back(&mut self, at: usize) {
        self.at = at;
    }

    /// Reads an integer: `0`, or digits without a leading zero and perhaps a sign.
    pub(super) fn integer(&mut self) -> Result<i64, String> {
        let begin = self.at;
        let negative = self.eat("-");
        let digits = self.take_while(|c| c.is_ascii_digit());
        let leading = digits.starts_with('0') && (digits.len() > 1 || negative);
        let integer = digits.parse::<i64>().ok();
        match integer.filter(|n| !leading && *n <= MAX_INTEGER) {
            Some(n) => Ok(if negative { -n } else { n }),
            None => {
                self.at = begin;
                Err(self.wrong("an integer of at most 53 bits, without leading zeros"))
            }
        }
    }

    /// Reads a number as JSON has it.
    pub(super) fn number(&mut self) -> Result<Value, String> {
        let begin = self.at;
        let digits =
            self.take_while(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'));
        read_value(digits.as_bytes(), &Limits::default()).map_err(|_| {
            self.at = begin;
            self.wrong("a number as JSON has it, of at most 64 bits")
        })
    }

    /// Reads a text in single or double quotes.
    pub(super) fn quoted(&mut self) -> Result<String, String> {
        let Some(quote @ ('"' | '\'')) = self.peek() else {
            return Err(self.wrong("a text in quotes"));
        };
        self.take();
        let mut text = String::new();
        loop {
            text.push_str(self.take_while(|c| c != quote && c != '\\' && c >= ' '));
            match self.peek() {
                Some('\\') => {
                    self.take();
                    text.push(self.escape(quote)?);
                }
                Some(c) if c == quote => {
                    self.take();
                    return Ok(text);
                }
                _ => return Err(self.wrong(&format!("`{quote}` at the end of the text"))),
            }
        }
    }

    fn escape(&mut self, quote: char) -> Result<char, String> {
        let meant = match self.peek() {
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some(c @ ('/' | '\\')) => c,
            Some(c) if c == quote => c,
            Some('u') => {
                self.take();
                return self.code();
            }
            _ => return Err(self.wrong("one of `bfnrt/\\u` or the quote after a backslash")),
        };
        self.take();
        Ok(meant)
    }

    /// Reads four hexadecimal digits, and four more if two codes make one character.
    fn code(&mut self) -> Result<char, String> {
        let high = self.unit()?;
        let low = match high {
            0xd800..=0xdbff if self.eat("\\u") => Some(self.unit()?),
            _ => None,
        };
        match char::decode_utf16([high].into_iter().chain(low)).next() {
            Some(Ok(c)) => Ok(c),
            _ => Err(self.wrong("two halves of a character before this")),
        }
    }

    fn unit(&mut self) -> Result<u16, String> {
        let digits = self
            .rest()
            .get(..4)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        match unit {
            Some(unit) => {
                self.at += 4;
                Ok(unit)
            }
            None => Err(self.wrong("four hexadecimal digits")),
        }
    }
}
