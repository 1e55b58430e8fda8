//! Filters that set texts in lines.

use super::super::Result;
use super::super::call::Args;
use super::super::escape::marked;
use super::super::item::Item;
use super::super::methods::texts::{center, lines};
use super::super::printf::bounded;

pub(super) fn apply(name: &str, item: &Item, args: &Args) -> Result<Item> {
    let text = item.to_text();
    let markup = matches!(item, Item::Markup(_));
    match name {
        "center" => {
            args.only(&["width"])?;
            let width = bounded(Some(args.size(0, "width", 80)?))?;
            Ok(marked(center(&text, width, ' '), markup))
        }
        "indent" => Ok(marked(indent(&text, args)?, markup)),
        "truncate" => Ok(marked(truncate(&text, args)?, markup)),
        "wordwrap" => Ok(Item::text(wrap(&text, args)?)),
        _ => {
            let mut n = 0;
            let mut inside = false;
            for c in text.chars() {
                let word = c.is_alphanumeric() || c == '_';
                n += i128::from(word && !inside);
                inside = word;
            }
            Ok(Item::Int(n))
        }
    }
}

fn indent(text: &str, args: &Args) -> Result<String> {
    args.only(&["width", "first", "blank"])?;
    let by = match args.get(0, "width") {
        Some(Item::Text(by)) => by.to_string(),
        _ => " ".repeat(bounded(Some(args.size(0, "width", 4)?))?),
    };
    let blank = args.flag(2, "blank");
    let mut out = String::new();
    let text = format!("{text}\n");
    for (index, line) in lines(&text).into_iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let here = if index == 0 {
            args.flag(1, "first")
        } else {
            blank || !line.is_empty()
        };
        if here {
            out.push_str(&by);
        }
        out.push_str(line);
        if out.len() > super::super::MAX_BYTES {
            return Err("the text would be too large".to_owned());
        }
    }
    Ok(out)
}

fn truncate(text: &str, args: &Args) -> Result<String> {
    args.only(&["length", "killwords", "end", "leeway"])?;
    let length = args.size(0, "length", 255)?;
    let end = args
        .text(2, "end")?
        .map_or_else(|| "...".to_owned(), |end| end.to_string());
    let leeway = args.size(3, "leeway", 5)?;
    let n_end = end.chars().count();
    if length < n_end {
        return Err(format!("expected length >= {n_end}, got {length}"));
    }
    if text.chars().count() <= length.saturating_add(leeway) {
        return Ok(text.to_owned());
    }
    let cut: String = text.chars().take(length - n_end).collect();
    let kept = if args.flag(1, "killwords") {
        cut.as_str()
    } else {
        cut.rsplit_once(' ').map_or(cut.as_str(), |(kept, _)| kept)
    };
    Ok(format!("{kept}{end}"))
}

fn wrap(text: &str, args: &Args) -> Result<String> {
    args.only(&[
        "width",
        "break_long_words",
        "wrapstring",
        "break_on_hyphens",
    ])?;
    let width = args.size(0, "width", 79)?.max(1);
    let default = |index, name| args.get(index, name).is_none_or(Item::is_truthy);
    let (break_words, hyphens) = (
        default(1, "break_long_words"),
        default(3, "break_on_hyphens"),
    );
    let between = args
        .text(2, "wrapstring")?
        .map_or_else(|| "\n".to_owned(), |s| s.to_string());
    let mut out = Vec::new();
    for line in lines(text) {
        let wrapped = wrap_line(line, width, break_words, hyphens);
        out.push(wrapped.join(&between));
    }
    Ok(out.join(&between))
}

/// Fills lines with as many words as fit.
fn wrap_line(line: &str, width: usize, break_words: bool, hyphens: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    let mut n_current = 0;
    for chunk in chunks(line, hyphens) {
        let mut chunk: Vec<char> = chunk.chars().collect();
        let blank = chunk.iter().all(|c| c.is_whitespace());
        if n_current + chunk.len() > width {
            if blank {
                // Blanks at the end of a line go.
                flush(&mut lines, &mut current, &mut n_current);
                continue;
            }
            if break_words && chunk.len() > width {
                let room = width - n_current.min(width);
                let rest = chunk.split_off(room.min(chunk.len()));
                current.extend(chunk);
                flush(&mut lines, &mut current, &mut n_current);
                for part in rest.chunks(width) {
                    flush(&mut lines, &mut current, &mut n_current);
                    current.extend(part);
                    n_current = part.len();
                }
                continue;
            }
            flush(&mut lines, &mut current, &mut n_current);
        }
        if blank && n_current == 0 && !lines.is_empty() {
            continue;
        }
        n_current += chunk.len();
        current.extend(chunk);
    }
    flush(&mut lines, &mut current, &mut n_current);
    lines
}

fn flush(lines: &mut Vec<String>, current: &mut String, n_current: &mut usize) {
    let line = std::mem::take(current);
    *n_current = 0;
    let line = line.trim_end();
    if !line.is_empty() {
        lines.push(line.to_owned());
    }
}

/// Cuts a line into words and the blanks between them; a word with hyphens after each of them.
fn chunks(line: &str, hyphens: bool) -> Vec<&str> {
    let mut chunks = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, c) in line.char_indices() {
        let cut = match before {
            Some(before) => {
                before.is_whitespace() != c.is_whitespace()
                    || (hyphens && before == '-' && c.is_alphabetic() && at - start > 1)
            }
            None => false,
        };
        if cut {
            chunks.extend(line.get(start..at));
            start = at;
        }
        before = Some(c);
    }
    chunks.extend(line.get(start..).filter(|last| !last.is_empty()));
    chunks
}
