//! The tags and texts of a page, one after the other.
//!
//! Reads what people write and machines make, and never fails; it goes through a page once and keeps nothing of it, so
//! that no page costs more than its length. How a page is put together is not looked at.

use std::borrow::Cow;

/// A piece of a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'p> {
    /// A text, without escapes.
    Text(Cow<'p, str>),
    /// A tag that begins something.
    Open(Tag<'p>),
    /// A tag that ends something: its name in lower case.
    Close(String),
}

/// A tag that begins something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag<'p> {
    /// Its name in lower case.
    pub(super) name: String,
    inside: &'p str,
}

/// Elements whose content is no markup: it ends at their end tag.
const RAW: [&str; 8] = [
    "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
];

/// Splits a page.
pub(super) struct Pieces<'p> {
    rest: &'p str,
    /// The element whose content comes next, where that is no markup.
    raw: Option<String>,
}

impl<'p> Pieces<'p> {
    pub(super) const fn new(page: &'p str) -> Self {
        Self {
            rest: page,
            raw: None,
        }
    }

    /// Takes so many bytes off.
    fn take(&mut self, bytes: usize) -> &'p str {
        let (taken, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn raw(&mut self, name: &str) -> Option<Piece<'p>> {
        let bytes = self.rest.as_bytes();
        let ends = |at: usize| {
            let end = bytes.get(at + 2..at + 2 + name.len());
            let behind = bytes.get(at + 2 + name.len());
            end.is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes()))
                && behind
                    .is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
        };
        let end = self
            .rest
            .match_indices("</")
            .map(|(at, _)| at)
            .find(|at| ends(*at));
        let text = self.take(end.unwrap_or(self.rest.len()));
        let escapes = matches!(name, "title" | "textarea");
        (!text.is_empty()).then(|| {
            Piece::Text(if escapes {
                unescaped(text)
            } else {
                Cow::Borrowed(text)
            })
        })
    }

    fn markup(&mut self) -> Option<Piece<'p>> {
        let mut signs = self.rest.bytes().skip(1);
        match signs.next() {
            Some(b'!') if self.rest.starts_with("<!--") => {
                let behind = self.rest.get(4..).unwrap_or_default();
                let end = behind.find("-->").map_or(self.rest.len(), |at| at + 7);
                self.take(end);
                None
            }
            Some(b'!' | b'?') => {
                self.take(self.rest.find('>').map_or(self.rest.len(), |at| at + 1));
                None
            }
            Some(b'/') => {
                let tag = self.take(self.rest.find('>').map_or(self.rest.len(), |at| at + 1));
                Some(Piece::Close(name(tag.get(2..).unwrap_or_default())))
                    .filter(|piece| *piece != Piece::Close(String::new()))
            }
            Some(letter) if letter.is_ascii_alphabetic() => {
                let end = end_of_tag(self.rest);
                let inside = self.take(end).trim_start_matches('<').trim_end_matches('>');
                let name = name(inside);
                let inside = inside.get(name.len()..).unwrap_or_default();
                if RAW.contains(&name.as_str()) {
                    self.raw = Some(name.clone());
                }
                Some(Piece::Open(Tag { name, inside }))
            }
            _ => Some(Piece::Text(Cow::Borrowed(self.take(1)))),
        }
    }
}

impl<'p> Iterator for Pieces<'p> {
    type Item = Piece<'p>;

    fn next(&mut self) -> Option<Piece<'p>> {
        if let Some(name) = self.raw.take()
            && let Some(text) = self.raw(&name)
        {
            return Some(text);
        }
        while !self.rest.is_empty() {
            if self.rest.starts_with('<') {
                match self.markup() {
                    Some(piece) => return Some(piece),
                    None => continue,
                }
            }
            let end = self.rest.find('<').unwrap_or(self.rest.len());
            return Some(Piece::Text(unescaped(self.take(end))));
        }
        None
    }
}

impl Tag<'_> {
    /// Returns the value of an attribute, without escapes; empty for one without a value.
    pub(super) fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.inside.trim_start_matches(between);
        while !rest.is_empty() {
            let end = rest
                .find(|c: char| c == '=' || between(c))
                .unwrap_or(rest.len());
            // A sign of equality in front is a part of the name.
            let end = if end == 0 { 1 } else { end };
            let (name, behind) = rest.split_at_checked(end)?;
            let (value, behind) = match behind.trim_start().strip_prefix('=') {
                None => ("", behind),
                Some(behind) => value(behind.trim_start()),
            };
            if name.eq_ignore_ascii_case(wanted) {
                return Some(unescaped(value).into_owned());
            }
            rest = behind.trim_start_matches(between);
        }
        None
    }
}

/// What stands between attributes.
fn between(c: char) -> bool {
    c.is_ascii_whitespace() || c == '/'
}

/// Splits a value from what is behind it.
fn value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    text.split_at_checked(
        text.find(|c: char| c.is_ascii_whitespace())
            .unwrap_or(text.len()),
    )
    .unwrap_or((text, ""))
}

/// Returns where a tag ends: behind the first `>` that does not stand in the quotes of a value.
fn end_of_tag(text: &str) -> usize {
    let mut quote = None;
    let mut before = b' ';
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') if before == b'=' => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
    }
    text.len()
}

fn name(text: &str) -> String {
    let end = text
        .find(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>'))
        .unwrap_or(text.len());
    text.get(..end).unwrap_or_default().to_ascii_lowercase()
}

fn unescaped(text: &str) -> Cow<'_, str> {
    html_escape::decode_html_entities(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(page: &str) -> Vec<String> {
        let show = |piece| match piece {
            Piece::Text(text) => format!("'{text}'"),
            Piece::Open(tag) => tag.name,
            Piece::Close(name) => format!("/{name}"),
        };
        Pieces::new(page).map(show).collect()
    }

    #[test]
    fn pages_fall_into_pieces() {
        let check = |page: &str, expected: &[&str]| assert_eq!(shown(page), expected, "{page}");
        check(
            "<!doctype html><P>a &lt; &eacute;<br/>b</p >",
            &["p", "'a < é'", "br", "'b'", "/p"],
        );
        check("a < b <c", &["'a '", "'<'", "' b '", "c"]);
        check("<!-- <b> --><?php x ?>c<!--", &["'c'"]);
        check(
            "<script>if (a < b) '</p>'</SCRIPT>d",
            &["script", "'if (a < b) '</p>''", "/script", "'d'"],
        );
        check(
            "<title>a &amp; <b></title>",
            &["title", "'a & <b>'", "/title"],
        );
        check("<style></style>x", &["style", "/style", "'x'"]);
        check("<script>never", &["script", "'never'"]);
        check("<a title='x>y' b=\"c>\">t</a>", &["a", "'t'", "/a"]);
        check("<", &["'<'"]);
        check("</>", &[]);
        check("é<é>", &["'é'", "'<'", "'é>'"]);
    }

    #[test]
    fn attributes_are_found() {
        let check = |tag: &str, name: &str, expected: Option<&str>| {
            let Some(Piece::Open(tag)) = Pieces::new(tag).next() else {
                panic!("{tag}")
            };
            assert_eq!(tag.attribute(name).as_deref(), expected, "{tag:?}");
        };
        check(
            "<a href=\"/x?a=1&amp;b=2\" HREF=other>",
            "href",
            Some("/x?a=1&b=2"),
        );
        check("<a b HREF = 'y z' c>", "href", Some("y z"));
        check("<a href=x/y>", "href", Some("x/y"));
        check("<a disabled/>", "disabled", Some(""));
        check("<a data-href=x =y>", "href", None);
        check("<a href='open", "href", Some("open"));
    }

    #[test]
    fn no_page_takes_longer_than_its_length() {
        for part in [
            "<", "<a ", "<a b", "</", "<!--", "</script", "<title>", "&", "<a '", "=\"<a ",
        ] {
            assert!(
                Pieces::new(&part.repeat(100_000)).count() < 2_000_000,
                "{part}"
            );
        }
    }
}
