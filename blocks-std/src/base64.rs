//! Bytes as base64 (RFC 4648).

/// Which signs stand for 62 and 63.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// `+` and `/`, filled up with `=`.
    Standard,
    /// `-` and `_`, not filled up: safe in addresses and file names.
    Url,
}

const DIGITS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

impl Alphabet {
    const fn last(self) -> [u8; 2] {
        match self {
            Self::Standard => *b"+/",
            Self::Url => *b"-_",
        }
    }
}

pub(crate) fn encode(bytes: &[u8], alphabet: Alphabet) -> String {
    let [plus, slash] = alphabet.last();
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |index: usize| chunk.get(index).copied().unwrap_or(0);
        let bits = u32::from(at(0)) << 16 | u32::from(at(1)) << 8 | u32::from(at(2));
        for place in 0..4 {
            let sextet = (bits >> (18 - 6 * place)) & 0x3f;
            if place <= chunk.len() {
                let last = if sextet == 62 { plus } else { slash };
                out.push(char::from(
                    DIGITS.get(sextet as usize).copied().unwrap_or(last),
                ));
            } else if alphabet == Alphabet::Standard {
                out.push('=');
            }
        }
    }
    out
}

/// Reads base64, filled up or not, with or without line breaks. `None` if there is another sign, or one digit too many.
pub(crate) fn decode(text: &str, alphabet: Alphabet) -> Option<Vec<u8>> {
    let [plus, slash] = alphabet.last();
    let digits = text.trim().trim_end_matches('=');
    let mut out = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    let (mut bits, mut n_bits) = (0_u32, 0);
    for byte in digits.bytes() {
        let sextet = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'\r' | b'\n' => continue,
            byte if byte == plus => 62,
            byte if byte == slash => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(sextet);
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            out.push((bits >> n_bits & 0xff) as u8);
        }
    }
    // One digit alone cannot make a byte.
    (n_bits < 6).then_some(out)
}

/// Reads base64 with either alphabet, but not both; where it is filled up, it must be so rightly.
pub(crate) fn decode_any(text: &str) -> Option<Vec<u8>> {
    let text = text.trim();
    let n_fill = text.len() - text.trim_end_matches('=').len();
    let n_signs = text.bytes().filter(|b| !matches!(b, b'\r' | b'\n')).count();
    if n_fill > 2 || (n_fill > 0 && n_signs % 4 != 0) {
        return None;
    }
    decode(text, Alphabet::Standard).or_else(|| decode(text, Alphabet::Url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for bytes in [
            &b""[..],
            b"h",
            b"hi",
            b"hi!",
            &[0, 255, 128, 7],
            &[251, 255],
        ] {
            for alphabet in [Alphabet::Standard, Alphabet::Url] {
                let written = encode(bytes, alphabet);
                assert_eq!(decode(&written, alphabet).as_deref(), Some(bytes));
            }
        }
        assert_eq!(encode(&[251, 255], Alphabet::Standard), "+/8=");
        assert_eq!(encode(&[251, 255], Alphabet::Url), "-_8");
        assert_eq!(decode("a", Alphabet::Standard), None);
        assert_eq!(decode("-_8", Alphabet::Standard), None);
        assert_eq!(decode_any("-_8=\n"), Some(vec![251, 255]));
        for bad in ["-/8", "-_8==", "YQ=", "YQ===", "="] {
            assert_eq!(decode_any(bad), None, "{bad}");
        }
    }
}
