//! Faults for people: where, the line itself, what would do.

use std::fmt::Write;

use graphloom::Fault;
use graphloom::json::{PatchOp, to_json};

use super::part;
use crate::problem::{HostError, Origin, Refusal, ServerRefusal};

/// How much of a long line is shown.
const WIDTH: usize = 100;

/// Returns the first faults, and how to go on.
pub(crate) fn fault_list(origin: &Origin, faults: &[Fault], max: usize) -> String {
    let mut text = String::new();
    // Writing to a text cannot fail.
    for fault in faults.iter().take(max) {
        let _ = fault_page(&mut text, origin, fault);
    }
    let mendable = faults.iter().filter(|fault| !fault.fix.is_empty()).count();
    let count = match faults.len() {
        1 => "1 error".to_owned(),
        n => format!("{n} errors"),
    };
    let shown = if faults.len() > max {
        format!(", {max} shown")
    } else {
        String::new()
    };
    let _ = write!(text, "{count}{shown}");
    if mendable > 0 && !origin.source.is_empty() && origin.name != "-" {
        let _ = write!(
            text,
            "; `graphloom graph patch {} --fix` can mend {mendable}",
            quoted(&origin.name)
        );
    }
    text.push('\n');
    text
}

/// Returns what the engine or its store refused, and what to do next.
pub(crate) fn refusal(refusal: &Refusal) -> String {
    let mut text = format!("error[{}]: {}\n", refusal.code, refusal.message);
    if let Some(help) = &refusal.help {
        let _ = writeln!(text, "  = help: {help}");
    }
    text
}

/// Returns what a server refused, with the places that it tells.
pub(super) fn server_refusal(refusal: &ServerRefusal) -> String {
    let mut text = format!("error[{}]: {}\n", refusal.code, refusal.message);
    for error in &refusal.errors {
        let message = part::text(error, "message");
        let place = part::text(error, "pointer");
        if message != refusal.message || !place.is_empty() {
            let _ = writeln!(text, "  --> {place}: {message}");
        }
        let near = part::texts(error, "suggestions");
        if !near.is_empty() {
            let near: Vec<String> = near.into_iter().map(str::to_owned).collect();
            let _ = writeln!(text, "  = did you mean: {}", either(&near));
        }
    }
    if let Some(help) = &refusal.help {
        let _ = writeln!(text, "  = help: {help}");
    }
    text
}

/// Quotes a file name for a shell where it needs it.
fn quoted(name: &str) -> String {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '_' | '-' | '+' | '=' | ':');
    if !name.is_empty() && name.chars().all(plain) {
        return name.to_owned();
    }
    format!("'{}'", name.replace('\'', r"'\''"))
}

fn fault_page(text: &mut String, origin: &Origin, fault: &Fault) -> std::fmt::Result {
    writeln!(text, "error[{}]: {}", fault.code, fault.message)?;
    let margin = fault.line.map_or(1, |line| line.to_string().len());
    let pointer = if fault.pointer.is_root() {
        String::new()
    } else {
        format!("  ({})", fault.pointer)
    };
    match (fault.line, fault.column) {
        (Some(line), Some(column)) => {
            writeln!(
                text,
                "{:margin$}--> {}:{line}:{column}{pointer}",
                "", origin.name
            )?;
            if let Some((shown, caret)) = excerpt(&origin.source, line, column) {
                writeln!(text, "{:margin$} |", "")?;
                writeln!(text, "{line} | {shown}")?;
                writeln!(text, "{:margin$} | {:caret$}^", "", "")?;
            }
        }
        _ if origin.name.is_empty() && pointer.is_empty() => {}
        _ => writeln!(text, "{:margin$}--> {}{pointer}", "", origin.name)?,
    }
    let mut detail = |label: &str, what: &str| writeln!(text, "{:margin$} = {label}: {what}", "");
    if let Some(expected) = &fault.expected {
        detail("expected", expected)?;
    }
    if let Some(actual) = &fault.actual {
        detail("found", actual)?;
    }
    if !fault.suggestions.is_empty() {
        detail("did you mean", &either(&fault.suggestions))?;
    }
    for op in &fault.fix {
        detail("fix", &in_words(op))?;
    }
    detail("more", &format!("graphloom explain {}", fault.code))?;
    text.push('\n');
    Ok(())
}

/// Returns an error of the host's own for people.
pub(super) fn host_error(error: &HostError) -> String {
    let mut text = format!("error[{}]: {}\n", error.code, error.message);
    if let Some(expected) = &error.expected {
        let _ = writeln!(text, "  = expected: {expected}");
    }
    if !error.suggestions.is_empty() {
        let _ = writeln!(text, "  = did you mean: {}", either(&error.suggestions));
    }
    if let Some(help) = &error.help {
        let _ = writeln!(text, "  = help: {help}");
    }
    text
}

fn either(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(" or ")
}

/// Says a patch operation in words.
pub(crate) fn in_words(op: &PatchOp) -> String {
    let short = |value| {
        let json = to_json(value);
        match json.char_indices().nth(WIDTH) {
            Some((cut, _)) => format!("{}…", json.get(..cut).unwrap_or_default()),
            None => json,
        }
    };
    match op {
        PatchOp::Add { path, value } => format!("add {path} with {}", short(value)),
        PatchOp::Remove { path } => format!("remove {path}"),
        PatchOp::Replace { path, value } => format!("replace {path} by {}", short(value)),
        PatchOp::Move { from, path } => format!("move {from} to {path}"),
        PatchOp::Copy { from, path } => format!("copy {from} to {path}"),
        PatchOp::Test { path, value } => format!("only if {path} is {}", short(value)),
    }
}

/// Returns a line of the source, or a stretch of a long one, and where in it the column is.
fn excerpt(source: &[u8], line: u32, column: u32) -> Option<(String, usize)> {
    let bytes = source.split(|byte| *byte == b'\n').nth(line as usize - 1)?;
    let all = String::from_utf8_lossy(bytes);
    let column = column as usize - 1;
    let from = if column > WIDTH / 2 && all.chars().count() > WIDTH {
        column - WIDTH / 2
    } else {
        0
    };
    let mut shown: String = all
        .chars()
        .skip(from)
        .take(WIDTH)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let mut caret = column - from;
    if from > 0 {
        shown.insert(0, '…');
        caret += 1;
    }
    if all.chars().count() > from + WIDTH {
        shown.push('…');
    }
    (!shown.trim().is_empty()).then(|| (shown.trim_end().to_owned(), caret))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, line: u32, column: u32, expected: Option<(&str, usize)>) {
        let found = excerpt(source.as_bytes(), line, column);
        assert_eq!(found, expected.map(|(text, at)| (text.to_owned(), at)));
    }

    #[test]
    fn a_line_is_shown_with_its_column() {
        check("a\n\tbc\nd", 2, 2, Some((" bc", 1)));
        check("a\n\n", 2, 1, None);
        check("a", 7, 1, None);
        let long = "é".repeat(300);
        let (shown, caret) = excerpt(long.as_bytes(), 1, 200).unwrap();
        assert_eq!((shown.chars().count(), caret), (WIDTH + 2, 51));
    }

    #[test]
    fn file_names_can_be_pasted() {
        assert_eq!(quoted("a/b-1.json"), "a/b-1.json");
        assert_eq!(quoted("it's here.json"), r"'it'\''s here.json'");
    }
}
