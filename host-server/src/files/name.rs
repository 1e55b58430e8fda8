//! What files are called: a label for people. It never becomes a path here, and is refused where it would be a bad one
//! elsewhere, since whoever downloads a file gives it to their own disk.

use graphloom::Text;

use crate::problem::{Problem, ServerCode};

/// How long a name may be, in bytes: as long as most file systems take.
const MAX: usize = 255;

/// Characters that change the order in which others are shown, or are not shown: what one sees is not what one gets.
fn misleads(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Reads a name.
///
/// # Errors
/// `HTTP_PARAMETER` for what no file should be called.
pub(crate) fn read(name: &str) -> Result<Text, Problem> {
    let refuse = |what: &str| {
        let shown: String = name.chars().take(80).collect();
        let detail = format!("name: {shown:?} {what}");
        Err(Problem::new(ServerCode::Parameter, detail))
    };
    if name.is_empty() || name.len() > MAX {
        return refuse("does not have 1 to 255 bytes");
    }
    if name.contains(['/', '\\']) || matches!(name, "." | "..") {
        return refuse("is a path: give the file's own name");
    }
    if name.chars().any(|c| c.is_control() || misleads(c)) {
        return refuse("has a control character in it");
    }
    if name.trim() != name {
        return refuse("begins or ends with a space");
    }
    Ok(Text::from(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_file_should_be_called_is_refused() {
        let long = "x".repeat(256);
        for bad in [
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "/etc/passwd",
            "a\\b",
            "C:\\x",
            "a\0b",
            "a\nb",
            "a\r\nb: c",
            "a\u{7f}",
            "a\u{85}",
            "exe\u{202e}gpj",
            "a\u{200b}",
            " a",
            "a ",
            &long,
        ] {
            let found = read(bad).map_err(|problem| problem.code());
            assert_eq!(found, Err("HTTP_PARAMETER"), "{bad:?}");
        }
        for fine in [
            "a",
            "a b.txt",
            "a..b",
            "...",
            ".profile",
            "Zürich €.pdf",
            "日本.png",
            &"x".repeat(255),
        ] {
            assert!(read(fine).is_ok(), "{fine:?}");
        }
    }
}
