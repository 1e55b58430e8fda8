//! Filters on texts.

use graphloom::Text;

use super::super::Result;
use super::super::call::Args;
use super::super::escape::{escape, escaped, marked};
use super::super::frame::Place;
use super::super::item::Item;
use super::super::methods::texts::{capitalize, upper_first};
use crate::python::is_space;
use crate::text::size::MAX_TEXT;

pub(super) fn apply(name: &str, item: &Item, args: &Args, place: &Place) -> Result<Item> {
    let text = item.to_text();
    let markup = matches!(item, Item::Markup(_));
    Ok(match name {
        "upper" => marked(text.to_uppercase(), markup),
        "lower" => marked(text.to_lowercase(), markup),
        "capitalize" => marked(capitalize(&text), markup),
        "title" => Item::text(title(&text)),
        "trim" => {
            args.only(&["chars"])?;
            let chars = args.text(0, "chars")?;
            let trimmed = match &chars {
                Some(chars) => text.trim_matches(|c| chars.contains(c)),
                None => text.trim_matches(is_space),
            };
            marked(trimmed.to_owned(), markup)
        }
        "string" if markup => Item::Markup(text),
        "string" => Item::Text(text),
        "safe" => Item::Markup(text),
        "escape" | "e" => Item::Markup(escaped(item)),
        "forceescape" => Item::Markup(Text::from(escape(&text))),
        "striptags" => Item::text(without_tags(&text)),
        "urlencode" => Item::text(url_encoded(item)?),
        _ => replace(item, args, place)?,
    })
}

fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let is_start = |c: char| is_space(c) || matches!(c, '-' | '(' | '{' | '[' | '<');
    for word in text.split_inclusive(is_start) {
        out.push_str(&upper_first(word));
    }
    out
}

fn replace(item: &Item, args: &Args, place: &Place) -> Result<Item> {
    args.only(&["old", "new", "count"])?;
    let (old, new) = (args.get(0, "old"), args.get(1, "new"));
    let count = args.get(2, "count");
    let (Some(old), Some(new)) = (old, new) else {
        return Err("needs what to replace and what to put there".to_owned());
    };
    let is_markup = |item: &Item| matches!(item, Item::Markup(_));
    let markup = is_markup(item) || (place.escape && (is_markup(old) || is_markup(new)));
    let as_text = |item: &Item| {
        if markup {
            escaped(item)
        } else {
            item.to_text()
        }
    };
    let (text, old, new) = (as_text(item), as_text(old), as_text(new));
    let n = match count {
        Some(Item::Int(n)) if *n >= 0 => usize::try_from(*n).unwrap_or(usize::MAX),
        _ => usize::MAX,
    };
    let n = text.matches(old.as_str()).take(n).count();
    if text.len().saturating_add(n.saturating_mul(new.len())) > MAX_TEXT {
        return Err("the text would be too large".to_owned());
    }
    Ok(marked(text.replacen(old.as_str(), &new, n), markup))
}

fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tag)) = rest.split_once('<') {
        let end = match tag.strip_prefix("!--") {
            Some(comment) => comment.split_once("-->").map(|(_, rest)| rest),
            None => tag.split_once('>').map(|(_, rest)| rest),
        };
        plain.push_str(before);
        match end {
            Some(end) => rest = end,
            None => {
                plain.push('<');
                rest = tag;
            }
        }
    }
    plain.push_str(rest);
    let words: Vec<&str> = plain
        .split(is_space)
        .filter(|word| !word.is_empty())
        .collect();
    let text = words.join(" ");
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", "\u{a0}"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text, |text, (entity, c)| text.replace(entity, c))
}

fn url_encoded(item: &Item) -> Result<String> {
    let pairs = match item {
        Item::Dict(dict) => dict.borrow().pairs(),
        Item::List(_) | Item::Tuple(_) | Item::Made(_) => item.items()?,
        other => return Ok(percent(&other.to_text(), true)),
    };
    let mut parts = Vec::with_capacity(pairs.len());
    for pair in pairs {
        match pair.items()?.as_slice() {
            [key, value] => parts.push(format!(
                "{}={}",
                percent(&key.to_text(), false).replace("%20", "+"),
                percent(&value.to_text(), false).replace("%20", "+")
            )),
            _ => return Err("needs pairs of a key and a value".to_owned()),
        }
    }
    Ok(parts.join("&"))
}

fn percent(text: &str, keep_slash: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'/' if keep_slash => out.push('/'),
            b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
