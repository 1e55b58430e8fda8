//! Whether a large number is the one that was written. The reader takes integers beyond 64 bits for floats and floats
//! beyond the range for infinite ones, and does not tell.

use std::collections::HashSet;

/// Returns a number in the text that one of these floats, which are not negative, may have been made of, but is not equal
/// to. A quoted text with the same digits is taken for it too: rare, and an error is better than a wrong number.
pub(super) fn inexact<'t>(text: &'t str, large: &[f64]) -> Option<&'t str> {
    if large.is_empty() {
        return None;
    }
    let large: HashSet<u64> = large.iter().map(|float| float.to_bits()).collect();
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-');
    text.split(|c: char| !is_part(c))
        .filter(|word| word.len() > 4)
        .find(|word| {
            let digits = word.trim_start_matches(['+', '-']).replace('_', "");
            if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
                return false;
            }
            let Ok(float) = digits.parse::<f64>() else {
                return false;
            };
            let is_integer = digits.bytes().all(|b| b.is_ascii_digit());
            (is_integer || float.is_infinite()) && large.contains(&float.to_bits())
        })
}
