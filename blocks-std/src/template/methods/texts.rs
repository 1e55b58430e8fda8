//! The methods of texts that give a text, a number or an answer.

use graphloom::Text;

use super::super::Result;
use super::super::call::Args;
use super::super::escape::{concat, escaped, marked};
use super::super::item::Item;
use super::super::printf::bounded;
use super::super::{format, lookup};
use crate::python::is_space;
use crate::text::size::MAX_TEXT;

pub(super) const NAMES: [&str; 36] = [
    "upper",
    "lower",
    "title",
    "capitalize",
    "swapcase",
    "casefold",
    "strip",
    "lstrip",
    "rstrip",
    "replace",
    "startswith",
    "endswith",
    "find",
    "rfind",
    "index",
    "rindex",
    "count",
    "join",
    "isdigit",
    "isdecimal",
    "isnumeric",
    "isalpha",
    "isalnum",
    "isspace",
    "isupper",
    "islower",
    "isidentifier",
    "zfill",
    "center",
    "ljust",
    "rjust",
    "format",
    "encode",
    "removeprefix",
    "removesuffix",
    "expandtabs",
];

pub(super) fn call(text: &Text, name: &str, args: &Args, markup: bool) -> Result<Item> {
    let made = |text: String| Ok(marked(text, markup));
    let all = |is: fn(char) -> bool| Ok(Item::Bool(!text.is_empty() && text.chars().all(is)));
    match name {
        "upper" => made(text.to_uppercase()),
        "lower" | "casefold" => made(text.to_lowercase()),
        "title" => made(title(text)),
        "capitalize" => made(capitalize(text)),
        "swapcase" => made(text.chars().map(swapped).collect()),
        "strip" | "lstrip" | "rstrip" => {
            let chars = args.text(0, "chars")?;
            let is = |c: char| {
                chars
                    .as_ref()
                    .map_or_else(|| is_space(c), |chars| chars.contains(c))
            };
            made(match name {
                "strip" => text.trim_matches(is).to_owned(),
                "lstrip" => text.trim_start_matches(is).to_owned(),
                _ => text.trim_end_matches(is).to_owned(),
            })
        }
        "replace" => made(replace(text, args, markup)?),
        "startswith" | "endswith" => ends(text, name, args),
        "find" | "rfind" | "index" | "rindex" => find(text, name, args),
        "count" => {
            let part = needed(args, 0, "sub")?;
            let text = part_of(text, args)?;
            // An empty part is counted between all characters and at both ends.
            Ok(Item::Int(
                i128::try_from(text.matches(part.as_str()).count()).unwrap_or(0),
            ))
        }
        "join" => Ok(concat(
            &args.need(0, "iterable")?.items()?,
            &marked(text.to_string(), markup),
            markup,
        )),
        "isdigit" | "isdecimal" => {
            all(|c| c.is_numeric() && c.to_digit(10).is_some_and(|_| true) || is_digit(c))
        }
        "isnumeric" => all(char::is_numeric),
        "isalpha" => all(char::is_alphabetic),
        "isalnum" => all(char::is_alphanumeric),
        "isspace" => all(is_space),
        "isupper" => Ok(Item::Bool(cased(
            text,
            char::is_uppercase,
            char::is_lowercase,
        ))),
        "islower" => Ok(Item::Bool(cased(
            text,
            char::is_lowercase,
            char::is_uppercase,
        ))),
        "isidentifier" => {
            let start = text
                .chars()
                .next()
                .is_some_and(|c| c.is_alphabetic() || c == '_');
            Ok(Item::Bool(
                start && text.chars().all(|c| c.is_alphanumeric() || c == '_'),
            ))
        }
        "zfill" => {
            let width = bounded(Some(args.size(0, "width", 0)?))?;
            let (sign, digits) = text.split_at(usize::from(text.starts_with(['+', '-'])));
            let width = width.saturating_sub(sign.len());
            made(format!("{sign}{digits:0>width$}"))
        }
        "center" | "ljust" | "rjust" => {
            let width = bounded(Some(args.size(0, "width", 0)?))?;
            let fill = args
                .text(1, "fillchar")?
                .and_then(|fill| fill.chars().next())
                .unwrap_or(' ');
            let missing = width.saturating_sub(text.chars().count());
            let padding: String = std::iter::repeat_n(fill, missing).collect();
            made(match name {
                "center" => center(text, width, fill),
                "ljust" => format!("{text}{padding}"),
                _ => format!("{padding}{text}"),
            })
        }
        "format" => made(format::format(text, args)?),
        "encode" => Ok(Item::Bytes(text.as_bytes().into())),
        "removeprefix" => {
            let prefix = needed(args, 0, "prefix")?;
            made(
                text.strip_prefix(prefix.as_str())
                    .unwrap_or(text)
                    .to_owned(),
            )
        }
        "removesuffix" => {
            let suffix = needed(args, 0, "suffix")?;
            made(
                text.strip_suffix(suffix.as_str())
                    .unwrap_or(text)
                    .to_owned(),
            )
        }
        _ => {
            let size = bounded(Some(args.size(0, "tabsize", 8)?))?;
            let mut out = String::new();
            let mut column = 0;
            for c in text.chars() {
                let n = if c == '\t' && size > 0 {
                    size - column % size
                } else {
                    1
                };
                match c {
                    '\t' => out.extend(std::iter::repeat_n(' ', if size > 0 { n } else { 0 })),
                    c => out.push(c),
                }
                column = if c == '\n' { 0 } else { column + n };
            }
            made(out)
        }
    }
}

/// Returns a text argument that must be there.
pub(super) fn needed(args: &Args, index: usize, name: &str) -> Result<Text> {
    args.text(index, name)?
        .ok_or_else(|| format!("misses the argument '{name}'"))
}

fn is_digit(c: char) -> bool {
    graphloom::block::types::number_from_text(c.encode_utf8(&mut [0; 4])).is_some()
}

fn swapped(c: char) -> char {
    let mut other = String::new();
    if c.is_uppercase() {
        other.extend(c.to_lowercase())
    } else {
        other.extend(c.to_uppercase())
    }
    other.chars().next().unwrap_or(c)
}

fn cased(text: &str, is: fn(char) -> bool, is_not: fn(char) -> bool) -> bool {
    text.chars().any(is) && !text.chars().any(is_not)
}

/// Returns a word with its first letter in upper case and the others in lower case.
pub(crate) fn upper_first(word: &str) -> String {
    let mut chars = word.chars();
    match chars.next() {
        Some(first) => first
            .to_uppercase()
            .chain(chars.as_str().to_lowercase().chars())
            .collect(),
        None => String::new(),
    }
}

/// Returns a text with its first letter in upper case and the others in lower case.
pub(crate) fn capitalize(text: &str) -> String {
    upper_first(text)
}

fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for c in text.chars() {
        if inside {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
        inside = c.is_alphabetic();
    }
    out
}

/// Returns a text in the middle of so many characters; where it cannot be, it stands as Python has it.
pub(crate) fn center(text: &str, width: usize, fill: char) -> String {
    let missing = width.saturating_sub(text.chars().count());
    let left = missing / 2 + (missing & width & 1);
    let pad = |n: usize| std::iter::repeat_n(fill, n).collect::<String>();
    format!("{}{text}{}", pad(left), pad(missing - left))
}

/// Returns the lines of a text, without their ends.
pub(crate) fn lines(text: &str) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(is_line_end) {
        let (line, end) = rest.split_at(at);
        lines.push(line);
        let n = if end.starts_with("\r\n") {
            2
        } else {
            end.chars().next().map_or(1, char::len_utf8)
        };
        rest = end.get(n..).unwrap_or("");
    }
    lines.extend(Some(rest).filter(|rest| !rest.is_empty()));
    lines
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n'..='\r' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn replace(text: &str, args: &Args, markup: bool) -> Result<String> {
    let as_text = |item: &Item| {
        if markup {
            escaped(item)
        } else {
            item.to_text()
        }
    };
    needed(args, 0, "old")?;
    needed(args, 1, "new")?;
    let (old, new) = (as_text(args.need(0, "old")?), as_text(args.need(1, "new")?));
    let n = match args.int(2, "count")? {
        Some(n) if n >= 0 => usize::try_from(n).unwrap_or(usize::MAX),
        _ => usize::MAX,
    };
    let n = text.matches(old.as_str()).take(n).count();
    if text.len().saturating_add(n.saturating_mul(new.len())) > MAX_TEXT {
        return Err("would make too large a text".to_owned());
    }
    Ok(text.replacen(old.as_str(), &new, n))
}

/// Returns the part of a text that the arguments `start` and `end` say.
fn part_of(text: &str, args: &Args) -> Result<Text> {
    let (start, end) = (args.int(1, "start")?, args.int(2, "end")?);
    if start.is_none() && end.is_none() {
        return Ok(Text::from(text));
    }
    lookup::slice(&Item::text(text), [start, end, None]).map(|item| item.to_text())
}

fn ends(text: &str, name: &str, args: &Args) -> Result<Item> {
    let text = part_of(text, args)?;
    let parts = match args.need(0, "prefix")? {
        Item::Tuple(parts) => parts.to_vec(),
        part => vec![part.clone()],
    };
    for part in parts {
        let Some(part) = part.as_text() else {
            return Err(format!("first arg must be str, not {}", part.type_name()));
        };
        let holds = match name {
            "startswith" => text.starts_with(part.as_str()),
            _ => text.ends_with(part.as_str()),
        };
        if holds {
            return Ok(Item::Bool(true));
        }
    }
    Ok(Item::Bool(false))
}

fn find(text: &str, name: &str, args: &Args) -> Result<Item> {
    let part = needed(args, 0, "sub")?;
    let searched = part_of(text, args)?;
    let found = if name.starts_with('r') {
        searched.rfind(part.as_str())
    } else {
        searched.find(part.as_str())
    };
    let Some(at) = found else {
        return if name.ends_with("find") {
            Ok(Item::Int(-1))
        } else {
            Err("substring not found".to_owned())
        };
    };
    let before = searched.get(..at).unwrap_or("").chars().count();
    let start = args.int(1, "start")?.unwrap_or(0);
    let start = lookup::place(start, || text.chars().count()).unwrap_or(0);
    Ok(Item::Int(
        i128::try_from(start.saturating_add(before)).unwrap_or(i128::MAX),
    ))
}
