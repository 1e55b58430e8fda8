//! What files are called: a label for people. It never becomes a path here, and is refused where it would be a bad one
//! elsewhere, since whoever downloads a file gives it to their own disk.

use graphloom::Text;

use crate::problem::{Problem, ServerCode};

/// How long a name may be, in characters.
const MAX: usize = 255;

/// Characters that change the order in which others are shown, or are not shown: what one sees is not what one gets.
fn misleads(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Reads a name. Spaces around it are left out.
///
/// # Errors
/// `HTTP_PARAMETER` for what no file should be called.
pub(crate) fn read(name: &str) -> Result<Text, Problem> {
    let refuse = |what: &str| {
        let shown: String = name.chars().take(80).collect();
        let detail = format!("name: {shown:?} {what}");
        Err(Problem::new(ServerCode::Parameter, detail))
    };
    if name.chars().count() > MAX {
        return refuse("has more than 255 characters");
    }
    if name.contains(['/', '\\']) {
        return refuse("is a path: give the file's own name");
    }
    if name.chars().any(|c| c.is_control() || misleads(c)) {
        return refuse("has a control character in it");
    }
    if name.chars().all(|c| c == '.' || c.is_whitespace()) {
        return refuse("is no name: give one of more than dots and spaces");
    }
    Ok(Text::from(name.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_file_should_be_called_is_refused() {
        let (long, longest) = ("x".repeat(256), "é".repeat(255));
        for bad in [
            "",
            " ",
            ".",
            "..",
            " . ",
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
            &long,
        ] {
            let found = read(bad).map_err(|problem| problem.code());
            assert_eq!(found, Err("HTTP_PARAMETER"), "{bad:?}");
        }
        for fine in [
            "a",
            "a b.txt",
            "a..b",
            ".profile",
            "Zürich €.pdf",
            "日本.png",
            &longest,
        ] {
            assert_eq!(read(fine).ok().as_deref(), Some(fine));
        }
        assert_eq!(read(" a ").ok().as_deref(), Some("a"));
    }
}
