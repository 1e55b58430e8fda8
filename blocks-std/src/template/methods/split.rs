//! The methods of texts that take them apart.

use graphloom::Text;

use super::super::Result;
use super::super::call::Args;
use super::super::escape::marked;
use super::super::item::Item;
use super::texts::{lines, needed};
use crate::python::is_space;

pub(super) const NAMES: [&str; 5] = ["split", "rsplit", "splitlines", "partition", "rpartition"];

pub(super) fn call(text: &Text, name: &str, args: &Args, markup: bool) -> Result<Item> {
    let item = |part: &str| marked(part.to_owned(), markup);
    match name {
        "splitlines" => {
            args.only(&["keepends"])?;
            Ok(Item::list(lines(text).into_iter().map(item).collect()))
        }
        "partition" | "rpartition" => {
            let separator = needed(args, 0, "sep")?;
            let parts = if name == "partition" {
                text.split_once(separator.as_str())
            } else {
                text.rsplit_once(separator.as_str())
            };
            Ok(match parts {
                Some((before, after)) => Item::tuple([item(before), item(&separator), item(after)]),
                None if name == "partition" => Item::tuple([item(text), item(""), item("")]),
                None => Item::tuple([item(""), item(""), item(text)]),
            })
        }
        _ => {
            args.only(&["sep", "maxsplit"])?;
            let separator = args.text(0, "sep")?;
            let n = match args.int(1, "maxsplit")? {
                Some(n) if n >= 0 => usize::try_from(n).unwrap_or(usize::MAX - 1),
                _ => usize::MAX - 1,
            };
            let parts = match (&separator, name) {
                (Some(separator), _) if separator.is_empty() => {
                    return Err("empty separator".to_owned());
                }
                (Some(separator), "split") => text.splitn(n + 1, separator.as_str()).collect(),
                (Some(separator), _) => {
                    let mut parts: Vec<&str> = text.rsplitn(n + 1, separator.as_str()).collect();
                    parts.reverse();
                    parts
                }
                (None, "split") => words(text, n),
                (None, _) => words_from_end(text, n),
            };
            Ok(Item::list(parts.into_iter().map(item).collect()))
        }
    }
}

fn words(text: &str, n: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        let end = rest.find(is_space);
        match end {
            Some(end) if parts.len() < n => {
                let (word, after) = rest.split_at(end);
                parts.push(word);
                rest = after.trim_start_matches(is_space);
            }
            _ => {
                parts.push(if parts.len() < n {
                    rest
                } else {
                    rest.trim_end_matches(is_space)
                });
                rest = "";
            }
        }
    }
    parts
}

fn words_from_end(text: &str, n: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text.trim_end_matches(is_space);
    while !rest.is_empty() {
        let start = rest.char_indices().rev().find(|(_, c)| is_space(*c));
        match start {
            Some((at, c)) if parts.len() < n => {
                parts.push(rest.get(at + c.len_utf8()..).unwrap_or(""));
                rest = rest.get(..at).unwrap_or("").trim_end_matches(is_space);
            }
            _ => {
                parts.push(rest.trim_start_matches(is_space));
                rest = "";
            }
        }
    }
    parts.reverse();
    parts
}
