//! Which characters Python prints as they are.

/// Whether Python's `repr` leaves a character as it is: all but controls, formats, surrogates, private and unassigned
/// ones, and separators other than the space.
pub(super) fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    // Rust's debug text of a string escapes the same categories, and keeps its table to itself. Only at the start of
    // a string does it escape combining characters too.
    let mut buffer = [b'a', 0, 0, 0, 0];
    let Some(room) = buffer.get_mut(1..) else {
        return true;
    };
    let n = c.encode_utf8(room).len();
    let text = buffer
        .get(..=n)
        .and_then(|bytes| std::str::from_utf8(bytes).ok());
    text.is_none_or(|text| text.escape_debug().nth(1) == Some(c))
}

#[cfg(test)]
mod tests {
    use super::is_printable;

    #[test]
    fn letters_marks_and_signs_are_printable() {
        for c in ['é', '\u{301}', '日', '\u{1F600}', '€', '~'] {
            assert!(is_printable(c), "{c:?}");
        }
        for c in [
            '\n', '\u{a0}', '\u{ad}', '\u{200b}', '\u{200d}', '\u{2028}', '\u{e000}', '\u{3000}',
            '\u{feff}', '\u{7f}', '\u{85}',
        ] {
            assert!(!is_printable(c), "{c:?}");
        }
    }
}
