//! `Content-Disposition` (RFC 6266): the name of a file in a header.

use std::fmt::Write as _;

/// Returns the name that a header says, decoded; `None`: it says none that can be read. What is written by RFC 8187
/// (`filename*`) goes before.
pub(crate) fn name(header: &str) -> Option<String> {
    let mut plain = None;
    for (key, value) in parameters(header)? {
        match key.as_str() {
            "filename*" => {
                let (charset, rest) = value.split_once('\'')?;
                let (_, text) = rest.split_once('\'')?;
                return charset
                    .eq_ignore_ascii_case("utf-8")
                    .then(|| decoded(text))?;
            }
            "filename" => plain = Some(value),
            _ => {}
        }
    }
    plain
}

/// Returns the parameters behind the type, with quotes taken off.
fn parameters(header: &str) -> Option<Vec<(String, String)>> {
    let (_, mut rest) = header.split_once(';').unwrap_or((header, ""));
    let mut found = Vec::new();
    while !rest.trim().is_empty() {
        let (key, value) = rest.split_once('=')?;
        let key = key.trim().to_ascii_lowercase();
        let value = value.trim_start();
        let (text, behind) = match value.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let (text, behind) = value.split_once(';').unwrap_or((value, ""));
                (text.trim().to_owned(), behind)
            }
        };
        found.push((key, text));
        rest = behind.trim_start().trim_start_matches(';');
    }
    Some(found)
}

/// Reads a quoted text up to its end; returns what is behind it, too.
fn unquoted(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut all = quoted.char_indices();
    while let Some((at, c)) = all.next() {
        match c {
            '"' => return Some((text, quoted.get(at + 1..)?)),
            '\\' => text.push(all.next()?.1),
            c => text.push(c),
        }
    }
    None
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
        out.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(out).ok()
}

/// Returns a header that has a file saved under this name, and not shown.
pub(crate) fn attachment(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
    let plain: String = name
        .chars()
        .map(|c| if fits(c) { c } else { '_' })
        .collect();
    let mut escaped = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{escaped}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for (header, expected) in [
            ("attachment; filename=\"a b.txt\"", Some("a b.txt")),
            ("attachment;filename=a.txt", Some("a.txt")),
            (
                "inline; FileName=\"q\\\"uo\\\\te\"; size=3",
                Some("q\"uo\\te"),
            ),
            ("attachment; filename=\"a;b=c\"; x=y", Some("a;b=c")),
            (
                "attachment; filename=x; filename*=UTF-8''%E2%82%AC.txt",
                Some("€.txt"),
            ),
            ("attachment; filename*=utf-8'en'a%20b", Some("a b")),
            ("attachment; filename*=UTF-8''..%2F..%2Fx", Some("../../x")),
            ("attachment; filename*=UTF-8''%00", Some("\0")),
            ("attachment; filename*=ISO-8859-1''%A3", None),
            ("attachment; filename*=UTF-8''%ff", None),
            ("attachment; filename*=UTF-8''%e", None),
            ("attachment; filename=\"open", None),
            ("attachment; filename", None),
            ("attachment", None),
            ("", None),
        ] {
            assert_eq!(name(header).as_deref(), expected, "{header}");
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_breaks_out_of_nothing() {
        for text in ["a.txt", "a \"b\"; x=y.txt", "Zürich €", "a\r\nb: c", "%41'"] {
            let header = attachment(text);
            assert_eq!(name(&header).as_deref(), Some(text), "{header}");
            assert!(
                header.bytes().all(|b| (b' '..=b'~').contains(&b)),
                "{header}"
            );
        }
    }
}
