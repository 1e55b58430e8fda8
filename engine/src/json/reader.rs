//! The reader behind [`super::parse()`]: goes down the document and notes what is wrong with it.

use std::borrow::Cow;
use std::collections::HashSet;

use super::limits::DEEPEST;
use super::number::{NumberProblem, read_number};
use super::parse::Found;
use super::quoted::unquote;
use super::{Kind, Limits, Member, Node, Pointer, Span, Tree};
use crate::fault::{Code, Fault};
use crate::value::{Names, Text, Value};

/// The most faults that are kept; a hostile document could hold millions.
const MAX_FAULTS: usize = 1_000;

/// Keys of a map are looked through one by one up to this many, then a set is made.
const FEW_KEYS: usize = 16;

/// A fault was found that cannot be read past.
struct Stop;

/// The way down to a value, for pointers; on the stack, so that it costs nothing until there is a fault.
enum Trail<'a> {
    Root,
    Key(&'a Trail<'a>, &'a str),
    Index(&'a Trail<'a>, usize),
}

impl Trail<'_> {
    fn pointer(&self) -> Pointer {
        match self {
            Trail::Root => Pointer::root(),
            Trail::Key(parent, key) => {
                let mut pointer = parent.pointer();
                pointer.push_mut(key);
                pointer
            }
            Trail::Index(parent, index) => parent.pointer().push_index(*index),
        }
    }
}

pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
    limits: &'a Limits,
    /// Keys seen before: a list of maps has the same ones in each.
    names: Names,
    found: Vec<Found>,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(text: &'a str, limits: &'a Limits) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            limits,
            names: Names::new(),
            found: Vec::new(),
        }
    }

    /// Reads all of it.
    pub(super) fn read(mut self) -> (Option<Tree>, Vec<Found>) {
        let tree = self.document().ok();
        (tree, self.found)
    }

    fn document(&mut self) -> Result<Tree, Stop> {
        self.space();
        if self.peek().is_none() {
            let fault = Fault::new(Code::JsonEmpty, Pointer::root(), "the document is empty");
            return Err(self.stop(fault.expected("a JSON value").actual("nothing"), 0));
        }
        let root = self.value(&Trail::Root)?;
        self.space();
        if self.peek().is_some() {
            let fault = Fault::new(
                Code::JsonTrailing,
                Pointer::root(),
                "something follows the end of the document",
            );
            let fault = fault.expected("the end").actual(self.actual());
            self.note(fault, self.at);
        }
        Ok(Tree { root })
    }

    fn value(&mut self, trail: &Trail<'_>) -> Result<Node, Stop> {
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.nested(trail, Self::map)?,
            Some(b'[') => self.nested(trail, Self::list)?,
            Some(b'"') => Kind::Text(self.quoted(trail)?.into()),
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => self.number(trail),
            Some(b'A'..=b'Z' | b'a'..=b'z' | b'_') => self.word(trail)?,
            _ => return Err(self.syntax(trail, "a value is missing", "a JSON value")),
        };
        Ok(Node {
            span: self.span(start),
            kind,
        })
    }

    fn nested(
        &mut self,
        trail: &Trail<'_>,
        read: fn(&mut Self, &Trail<'_>) -> Result<Kind, Stop>,
    ) -> Result<Kind, Stop> {
        let max_depth = self.limits.max_depth.min(DEEPEST);
        if self.depth >= max_depth {
            let fault = Fault::new(
                Code::JsonDepth,
                trail.pointer(),
                "lists and maps are nested too deep",
            );
            return Err(self.stop(
                fault
                    .expected(format!("at most {max_depth} levels"))
                    .actual(format!("level {}", max_depth + 1)),
                self.at,
            ));
        }
        self.depth += 1;
        self.at += 1;
        self.space();
        let kind = read(self, trail)?;
        self.depth -= 1;
        Ok(kind)
    }

    fn list(&mut self, trail: &Trail<'_>) -> Result<Kind, Stop> {
        let mut items = Vec::new();
        if self.eat(b']') {
            return Ok(Kind::List(items));
        }
        loop {
            let item = Trail::Index(trail, items.len());
            if self.peek() == Some(b']') {
                return Err(self.syntax(
                    &item,
                    "a comma stands behind the last item",
                    "a JSON value",
                ));
            }
            items.push(self.value(&item)?);
            self.space();
            if self.eat(b']') {
                fit(&mut items);
                return Ok(Kind::List(items));
            }
            if !self.eat(b',') {
                return Err(self.syntax(trail, "a list goes on without a comma", "`,` or `]`"));
            }
            self.space();
        }
    }

    fn map(&mut self, trail: &Trail<'_>) -> Result<Kind, Stop> {
        let mut members: Vec<Member> = Vec::new();
        let mut keys = HashSet::new();
        if self.eat(b'}') {
            return Ok(Kind::Map(members));
        }
        loop {
            match self.peek() {
                Some(b'"') => {}
                Some(b'}') => {
                    return Err(self.syntax(
                        trail,
                        "a comma stands behind the last entry",
                        "a key in double quotes",
                    ));
                }
                _ => return Err(self.syntax(trail, "a key is missing", "a key in double quotes")),
            }
            let start = self.at;
            let key = self.quoted(trail)?;
            let key = self.names.get(&key);
            let key_span = self.span(start);
            let here = Trail::Key(trail, &key);
            let is_new = is_new(&members, &mut keys, &key);
            if !is_new {
                let message = format!("the key {:?} stands twice", key.as_str());
                let fault = Fault::new(Code::JsonDuplicateKey, here.pointer(), message);
                self.note(
                    fault.expected("each key once").actual("the same key again"),
                    start,
                );
            }
            self.space();
            if !self.eat(b':') {
                return Err(self.syntax(&here, "a key has no value", "`:`"));
            }
            self.space();
            let value = self.value(&here)?;
            if is_new {
                members.push(Member {
                    key,
                    key_span,
                    value,
                });
            }
            self.space();
            if self.eat(b'}') {
                fit(&mut members);
                return Ok(Kind::Map(members));
            }
            if !self.eat(b',') {
                return Err(self.syntax(trail, "a map goes on without a comma", "`,` or `}`"));
            }
            self.space();
        }
    }

    fn quoted(&mut self, trail: &Trail<'_>) -> Result<Cow<'a, str>, Stop> {
        let start = self.at;
        match unquote(self.text, start + 1) {
            Ok((text, end)) => {
                self.at = end;
                let max = self.limits.max_text_bytes;
                if text.len() > max {
                    let fault =
                        Fault::new(Code::LimitTextBytes, trail.pointer(), "a text is too long");
                    let fault = fault
                        .expected(format!("at most {max} bytes"))
                        .actual(format!("{} bytes", text.len()));
                    self.note(fault, start);
                    // The document is refused, so its overlong texts need no room in the tree.
                    return Ok(cut(text));
                }
                Ok(text)
            }
            Err(problem) => {
                self.at = problem.at;
                let fault = Fault::new(Code::JsonSyntax, trail.pointer(), problem.message)
                    .actual(self.actual());
                Err(self.stop(fault, problem.at))
            }
        }
    }

    fn number(&mut self, trail: &Trail<'_>) -> Kind {
        let start = self.at;
        let token =
            self.token(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.' | b'_'));
        match read_number(token) {
            Ok(number) => Kind::Number(number),
            Err(problem) => self.bad_number(trail, start, token, problem),
        }
    }

    /// Notes the fault and goes on with a float in the place of what was written.
    fn bad_number(
        &mut self,
        trail: &Trail<'_>,
        start: usize,
        token: &str,
        problem: NumberProblem,
    ) -> Kind {
        let (message, expected) = match problem {
            NumberProblem::Form => (
                "this is not a JSON number",
                "digits such as `0`, `-1`, `0.5` or `1e3`",
            ),
            NumberProblem::Integer => (
                "an integer does not fit 64 bits",
                "-9223372036854775808 to 18446744073709551615",
            ),
            NumberProblem::Float => ("a number is too large", "at most 1.7976931348623157e308"),
        };
        let fault = Fault::new(Code::JsonNumber, trail.pointer(), message);
        self.note(fault.expected(expected).actual(shorten(token)), start);
        let stand_in = token
            .parse()
            .ok()
            .filter(|float: &f64| float.is_finite())
            .unwrap_or(0.0);
        Kind::Number(Value::Float(stand_in))
    }

    fn word(&mut self, trail: &Trail<'_>) -> Result<Kind, Stop> {
        let start = self.at;
        let word = self.token(|b| b.is_ascii_alphanumeric() || b == b'_');
        let expected = match word {
            "null" => return Ok(Kind::Null),
            "true" => return Ok(Kind::Bool(true)),
            "false" => return Ok(Kind::Bool(false)),
            "NaN" | "nan" | "Infinity" | "inf" => {
                return Ok(self.bad_number(trail, start, word, NumberProblem::Form));
            }
            "True" | "TRUE" => "`true`",
            "False" | "FALSE" => "`false`",
            "None" | "nil" | "undefined" | "NULL" | "Null" => "`null`",
            _ => "a JSON value; texts stand in double quotes",
        };
        let fault = Fault::new(Code::JsonSyntax, trail.pointer(), "a bare word is not JSON");
        Err(self.stop(
            fault
                .expected(expected)
                .actual(format!("`{}`", shorten(word))),
            start,
        ))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn token(&mut self, belongs: fn(u8) -> bool) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.bytes().position(|b| !belongs(b)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the document was found to be shorter than u32::MAX"
    )]
    fn span(&self, start: usize) -> Span {
        Span {
            start: start as u32,
            end: self.at as u32,
        }
    }

    fn actual(&self) -> String {
        match self
            .text
            .get(self.at..)
            .and_then(|rest| rest.chars().next())
        {
            None => "the end of the document".to_owned(),
            Some(c) if c.is_control() || !c.is_ascii() => format!("U+{:04X}", u32::from(c)),
            Some(c) => format!("`{c}`"),
        }
    }

    fn syntax(&mut self, trail: &Trail<'_>, message: &str, expected: &str) -> Stop {
        let message = match self.peek() {
            None => "the document ends too early",
            Some(b'/' | b'#') => "JSON has no comments",
            Some(b'\'') => "texts stand in double quotes",
            Some(_) => message,
        };
        let fault = Fault::new(Code::JsonSyntax, trail.pointer(), message)
            .expected(expected)
            .actual(self.actual());
        self.stop(fault, self.at)
    }

    fn note(&mut self, fault: Fault, at: usize) {
        if self.found.len() < MAX_FAULTS {
            self.found.push((fault, at));
        }
    }

    fn stop(&mut self, fault: Fault, at: usize) -> Stop {
        // What stopped the reading is kept even if much was found before it.
        self.found.push((fault, at));
        Stop
    }
}

/// Gives back the room that a vector has for more than it holds, where that is most of it: a document may be made of
/// millions of lists of one item.
fn fit<T>(items: &mut Vec<T>) {
    if items.len() * 2 <= items.capacity() {
        items.shrink_to_fit();
    }
}

/// Keeps the beginning of a text.
fn cut(text: Cow<'_, str>) -> Cow<'_, str> {
    let end = text
        .char_indices()
        .nth(64)
        .map_or(text.len(), |(end, _)| end);
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(..end).unwrap_or_default()),
        Cow::Owned(mut text) => {
            text.truncate(end);
            text.shrink_to_fit();
            Cow::Owned(text)
        }
    }
}

/// Returns true if no member has the key yet, and notes it.
fn is_new(members: &[Member], keys: &mut HashSet<Text>, key: &Text) -> bool {
    if members.len() < FEW_KEYS {
        return members.iter().all(|member| member.key != *key);
    }
    if keys.is_empty() {
        keys.extend(members.iter().map(|member| member.key.clone()));
    }
    keys.insert(key.clone())
}

fn shorten(token: &str) -> String {
    if token.len() <= 40 {
        token.to_owned()
    } else {
        format!(
            "{}… ({} characters)",
            token.get(..40).unwrap_or_default(),
            token.len()
        )
    }
}
