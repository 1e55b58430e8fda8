//! A template cut into text and tokens.

use std::fmt;

use graphloom::Text;

use super::Result;
use crate::python::is_space;
use crate::text::unescape;

/// A piece of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// Text outside of all tags.
    Data(String),
    /// `{{`.
    PrintStart,
    /// `}}`.
    PrintEnd,
    /// `{%`.
    BlockStart,
    /// `%}`.
    BlockEnd,
    Name(Text),
    Text(Text),
    Int(i128),
    Float(f64),
    Operator(&'static str),
}

impl Token {
    /// Returns how a message calls it.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Data(_) => "text".to_owned(),
            Self::PrintStart => "{{".to_owned(),
            Self::PrintEnd => "}}".to_owned(),
            Self::BlockStart => "{%".to_owned(),
            Self::BlockEnd => "%}".to_owned(),
            Self::Name(name) => name.to_string(),
            Self::Text(text) => format!("\"{text}\""),
            Self::Int(int) => int.to_string(),
            Self::Float(float) => float.to_string(),
            Self::Operator(operator) => (*operator).to_owned(),
        }
    }
}

/// Where something stands in a template, from 1 on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) line: u32,
    /// In characters.
    pub(super) column: u32,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// The longest first, so that the first that fits is the one.
const OPERATORS: [&str; 27] = [
    "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}",
    ">", "<", "=", ".", ":", "|", ",", ";", "!",
];

/// Cuts a template; each token with its place.
pub(super) fn tokens(source: &str) -> Result<Vec<(Token, Spot)>> {
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    // One line break at the end is the file's, not the text's.
    let source = source.strip_suffix('\n').unwrap_or(&source);
    let mut lexer = Lexer::new(source);
    lexer.run()?;
    Ok(lexer.tokens)
}

/// Cuts an expression that stands by itself.
pub(super) fn expression_tokens(source: &str) -> Result<Vec<(Token, Spot)>> {
    let mut lexer = Lexer::new(source);
    lexer.inside(None)?;
    Ok(lexer.tokens)
}

struct Lexer<'s> {
    rest: &'s str,
    tokens: Vec<(Token, Spot)>,
    /// The tag before ended in `-`: white space after it goes.
    trim: bool,
    /// Where `counted` begins.
    spot: Spot,
    counted: &'s str,
}

impl<'s> Lexer<'s> {
    const fn new(source: &'s str) -> Self {
        Self {
            rest: source,
            tokens: Vec::new(),
            trim: false,
            spot: Spot { line: 1, column: 1 },
            counted: source,
        }
    }

    fn run(&mut self) -> Result<()> {
        while !self.rest.is_empty() {
            let is_tag =
                |at: &usize| matches!(self.rest.as_bytes().get(at + 1), Some(b'{' | b'%' | b'#'));
            let tag = self.rest.match_indices('{').map(|(at, _)| at).find(is_tag);
            let (data, rest) = self.rest.split_at(tag.unwrap_or(self.rest.len()));
            self.rest = rest;
            let opening = rest.get(..2).unwrap_or("");
            let modifier = rest
                .get(2..3)
                .filter(|c| matches!(*c, "-" | "+"))
                .unwrap_or("");
            self.data(data, modifier == "-");
            self.skip(opening.len() + modifier.len());
            match opening {
                "{{" => self.tag(Token::PrintStart, "}}", Token::PrintEnd)?,
                "{%" if !self.raw()? => self.tag(Token::BlockStart, "%}", Token::BlockEnd)?,
                "{#" => self.comment()?,
                _ => {}
            }
        }
        Ok(())
    }

    fn skip(&mut self, n: usize) {
        self.rest = self.rest.get(n..).unwrap_or("");
    }

    fn spot(&mut self) -> Spot {
        let n = self.counted.len() - self.rest.len();
        for c in self.counted.get(..n).unwrap_or("").chars() {
            if c == '\n' {
                self.spot.line = self.spot.line.saturating_add(1);
                self.spot.column = 1;
            } else {
                self.spot.column = self.spot.column.saturating_add(1);
            }
        }
        self.counted = self.rest;
        self.spot
    }

    fn data(&mut self, data: &str, trim_end: bool) {
        let data = if self.trim {
            data.trim_start_matches(is_space)
        } else {
            data
        };
        let data = if trim_end {
            data.trim_end_matches(is_space)
        } else {
            data
        };
        if !data.is_empty() {
            // Nothing asks for the place of a text.
            self.tokens
                .push((Token::Data(data.to_owned()), Spot::default()));
        }
        self.trim = false;
    }

    fn comment(&mut self) -> Result<()> {
        let Some(end) = self.rest.find("#}") else {
            return Err(format!("{}: a comment has no end #}}", self.spot()));
        };
        self.trim = self
            .rest
            .get(..end)
            .is_some_and(|comment| comment.ends_with('-'));
        self.skip(end + 2);
        Ok(())
    }

    /// Takes `raw %}…{% endraw %}` for text; false if this tag is another.
    fn raw(&mut self) -> Result<bool> {
        let Some((end, trim)) = Self::tag_named(self.rest, "raw") else {
            return Ok(false);
        };
        let spot = self.spot();
        self.skip(end);
        self.trim = trim;
        let mut from = 0;
        while let Some(at) = self.rest.get(from..).and_then(|rest| rest.find("{%")) {
            let start = from + at;
            let inside = self.rest.get(start + 2..).unwrap_or("");
            let modifier = inside
                .get(..1)
                .filter(|c| matches!(*c, "-" | "+"))
                .unwrap_or("");
            let inside = inside.get(modifier.len()..).unwrap_or("");
            if let Some((end, trim)) = Self::tag_named(inside, "endraw") {
                let data = self.rest.get(..start).unwrap_or("").to_owned();
                self.data(&data, modifier == "-");
                self.trim = trim;
                self.skip(start + 2 + modifier.len() + end);
                return Ok(true);
            }
            from = start + 2;
        }
        Err(format!("{spot}: a raw block has no end {{% endraw %}}"))
    }

    /// Whether a tag is this name and nothing else: returns its length and whether it trims what follows.
    fn tag_named(tag: &str, name: &str) -> Option<(usize, bool)> {
        let after = tag.trim_start_matches(is_space).strip_prefix(name)?;
        let after = after.trim_start_matches(is_space);
        let (after, trim) = match after.strip_prefix('-') {
            Some(after) => (after, true),
            None => (after.strip_prefix('+').unwrap_or(after), false),
        };
        let rest = after.strip_prefix("%}")?;
        Some((tag.len() - rest.len(), trim))
    }

    fn tag(&mut self, start: Token, end: &str, token: Token) -> Result<()> {
        let spot = self.spot();
        self.tokens.push((start, spot));
        self.inside(Some(&(end, token)))
    }

    /// Takes the tokens of a tag with its end, or all there are.
    fn inside(&mut self, end: Option<&(&str, Token)>) -> Result<()> {
        let mut open: Vec<&str> = Vec::new();
        loop {
            self.rest = self.rest.trim_start_matches(is_space);
            let spot = self.spot();
            if self.rest.is_empty() {
                return match end {
                    Some((end, _)) => Err(format!("{spot}: a tag has no end {end}")),
                    None => Ok(()),
                };
            }
            // A brace that is open makes }} two braces.
            if let Some((end, token)) = end
                && open.is_empty()
            {
                for modifier in ["", "-", "+"] {
                    if self
                        .rest
                        .strip_prefix(modifier)
                        .is_some_and(|rest| rest.starts_with(*end))
                    {
                        self.skip(modifier.len() + end.len());
                        self.trim = modifier == "-";
                        self.tokens.push((token.clone(), spot));
                        return Ok(());
                    }
                }
            }
            let token = self.token(spot)?;
            if let Token::Operator(operator) = token {
                match operator {
                    "(" | "[" | "{" => open.push(operator),
                    ")" | "]" | "}" => {
                        let expected = match operator {
                            ")" => "(",
                            "]" => "[",
                            _ => "{",
                        };
                        if open.pop() != Some(expected) {
                            return Err(format!("{spot}: unexpected '{operator}'"));
                        }
                    }
                    _ => {}
                }
            }
            self.tokens.push((token, spot));
        }
    }

    fn token(&mut self, spot: Spot) -> Result<Token> {
        let Some(first) = self.rest.chars().next() else {
            return Err("the end".to_owned());
        };
        if first == '\'' || first == '"' {
            return self.text(first, spot);
        }
        if first.is_ascii_digit() {
            return self.number(spot);
        }
        if first.is_alphabetic() || first == '_' {
            let end = self
                .rest
                .find(|c: char| !c.is_alphanumeric() && c != '_' && !is_mark(c));
            let (name, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
            self.rest = rest;
            return Ok(Token::Name(Text::from(name)));
        }
        let operator = OPERATORS
            .into_iter()
            .find(|operator| self.rest.starts_with(operator));
        match operator {
            Some(operator) if operator != "!" => {
                self.skip(operator.len());
                Ok(Token::Operator(operator))
            }
            _ => Err(format!("{spot}: unexpected character '{first}'")),
        }
    }

    fn text(&mut self, quote: char, spot: Spot) -> Result<Token> {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, c)| {
            let end = *c == quote && !escaped;
            escaped = *c == '\\' && !escaped;
            end
        });
        let Some((end, _)) = end else {
            return Err(format!("{spot}: a text has no end {quote}"));
        };
        let inside = self.rest.get(1..end).unwrap_or("");
        let text = unescape(inside).map_err(|error| format!("{spot}: {error}"))?;
        self.skip(end + 1);
        Ok(Token::Text(Text::from(text)))
    }

    fn number(&mut self, spot: Spot) -> Result<Token> {
        let bad = || format!("{spot}: a number that cannot be read");
        for (prefix, radix) in [
            ("0x", 16),
            ("0X", 16),
            ("0o", 8),
            ("0O", 8),
            ("0b", 2),
            ("0B", 2),
        ] {
            if let Some(digits) = self.rest.strip_prefix(prefix) {
                let end = digits.find(|c: char| !c.is_digit(radix) && c != '_');
                let (digits, rest) = digits.split_at(end.unwrap_or(digits.len()));
                self.rest = rest;
                return i128::from_str_radix(&digits.replace('_', ""), radix)
                    .map(Token::Int)
                    .map_err(|_| bad());
            }
        }
        // After a dot (a.0.1) digits are an index, and the next dot is a dot.
        let index = matches!(self.tokens.last(), Some((Token::Operator("."), _)));
        let whole = digits(self.rest);
        let mut end = whole;
        if !index {
            if let Some(fraction) = self.rest.get(end..).and_then(|rest| rest.strip_prefix('.')) {
                let n = digits(fraction);
                if n > 0 {
                    end += 1 + n;
                }
            }
            if let Some(exponent) = self
                .rest
                .get(end..)
                .and_then(|r| r.strip_prefix(['e', 'E']))
            {
                let sign = usize::from(exponent.starts_with(['+', '-']));
                let n = digits(exponent.get(sign..).unwrap_or(""));
                if n > 0 {
                    end += 1 + sign + n;
                }
            }
        }
        let text = self.rest.get(..end).unwrap_or("").replace('_', "");
        self.skip(end);
        if end == whole {
            text.parse().map(Token::Int).map_err(|_| bad())
        } else {
            text.parse().map(Token::Float).map_err(|_| bad())
        }
    }
}

/// Returns how many bytes of digits there are at the start, with underscores between them.
fn digits(text: &str) -> usize {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '_')
        .unwrap_or(text.len());
    text.get(..end)
        .map_or(0, |digits| digits.trim_end_matches('_').len())
}

/// Combining marks go on with a name, as in Python.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{200d}')
}
