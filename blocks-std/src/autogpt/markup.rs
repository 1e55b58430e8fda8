//! A text with tags cut into tags and texts.

use crate::python::is_space;

/// A piece.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// `<name>`.
    Open(String),
    /// `</name>`.
    Close(String),
    /// Text without white space at its ends; never empty.
    Text(&'t str),
}

/// Cuts a text; comments are left out, and a `<` that begins no tag.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        push_text(&mut tokens, rest.get(..at).unwrap_or(""));
        rest = rest.get(at..).unwrap_or("");
        if let Some(comment) = rest.strip_prefix("<!--")
            && let Some((_, after)) = comment.split_once("-->")
        {
            rest = after;
        } else if let Some((token, after)) = tag(rest) {
            tokens.push(token);
            rest = after;
        } else {
            rest = rest.get(1..).unwrap_or("");
        }
    }
    push_text(&mut tokens, rest);
    tokens
}

fn push_text<'t>(tokens: &mut Vec<Token<'t>>, text: &'t str) {
    // A line break that was escaped on its way here is white space too.
    let mut text = text.trim_matches(is_space);
    while let Some(shorter) = text
        .strip_prefix("\\n")
        .or_else(|| text.strip_suffix("\\n"))
    {
        text = shorter.trim_matches(is_space);
    }
    if !text.is_empty() {
        tokens.push(Token::Text(text));
    }
}

fn tag(text: &str) -> Option<(Token<'_>, &str)> {
    let closing = text.strip_prefix("</");
    let inside = closing.or_else(|| text.strip_prefix('<'))?;
    // A slash ends the attempt: <a/> is no tag.
    let end = inside.find(['>', '/'])?;
    let (name, after) = inside.split_at(end);
    let after = after.strip_prefix('>')?;
    let words: Vec<&str> = name
        .split(is_space)
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() {
        return None;
    }
    let name = words.join("_").to_lowercase();
    let token = if closing.is_some() {
        Token::Close(name)
    } else {
        Token::Open(name)
    };
    Some((token, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_texts_are_told_apart() {
        let open = |name: &str| Token::Open(name.to_owned());
        let close = |name: &str| Token::Close(name.to_owned());
        assert_eq!(
            tokens("<My Tag> x </my tag>"),
            [open("my_tag"), Token::Text("x"), close("my_tag")]
        );
        assert_eq!(
            tokens("<a><b/></a>"),
            [open("a"), Token::Text("b/>"), close("a")]
        );
        assert_eq!(
            tokens("<a>a < b</a>"),
            [open("a"), Token::Text("a"), Token::Text("b"), close("a")]
        );
        assert_eq!(tokens("<a><!-- c -->\\n</a>"), [open("a"), close("a")]);
        assert_eq!(tokens("<>"), [Token::Text(">")]);
    }
}
