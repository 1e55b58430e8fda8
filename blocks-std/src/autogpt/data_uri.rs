//! Files as AutoGPT's blocks hand them on where there is no file store: `data:` URIs.

use graphloom::prelude::*;

/// A file of up to this many bytes is read.
const MAX_BYTES: usize = 48 << 20;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The media types that stay; a file of any other is taken for bytes.
const KNOWN: [&str; 31] = [
    "application/gzip",
    "application/javascript",
    "application/json",
    "application/msword",
    "application/pdf",
    "application/rtf",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/xml",
    "application/zip",
    "audio/mpeg",
    "audio/ogg",
    "audio/x-wav",
    "image/bmp",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/svg+xml",
    "image/tiff",
    "image/webp",
    "text/css",
    "text/csv",
    "text/html",
    "text/markdown",
    "text/plain",
    "text/xml",
    "video/mp4",
    "video/webm",
];

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) media_type: String,
    pub(crate) bytes: Vec<u8>,
}

impl File {
    /// Reads a `data:` URI; any other reference to a file is an error, since there is nowhere to get it from.
    pub(crate) fn read(reference: &str) -> Result<Self, BlockError> {
        let Some(uri) = reference.strip_prefix("data:") else {
            return Err(BlockError::input(format!(
                "the file \"{reference}\" cannot be got: only data: URIs hold a file by themselves"
            )));
        };
        let parts = uri.split_once(',').and_then(|(head, data)| {
            head.strip_suffix(";base64")
                .map(|media_type| (media_type, data))
        });
        let Some((media_type, data)) = parts else {
            return Err(BlockError::input(
                "this data: URI is not of the form data:<media type>;base64,<data>",
            ));
        };
        if data.len() / 4 * 3 > MAX_BYTES {
            return Err(BlockError::input(format!(
                "a file may have {MAX_BYTES} bytes at most"
            )));
        }
        let Some(bytes) = decode(data) else {
            return Err(BlockError::input(
                "the data of this data: URI is not base64",
            ));
        };
        Ok(Self {
            media_type: media_type.to_owned(),
            bytes,
        })
    }

    /// Writes a `data:` URI.
    pub(super) fn to_uri(&self) -> String {
        let media_type = if KNOWN.contains(&self.media_type.as_str()) {
            self.media_type.as_str()
        } else {
            "application/octet-stream"
        };
        format!("data:{media_type};base64,{}", encode(&self.bytes))
    }
}

fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |index: usize| chunk.get(index).copied().unwrap_or(0);
        let bits = u32::from(at(0)) << 16 | u32::from(at(1)) << 8 | u32::from(at(2));
        for place in 0..4 {
            let sextet = (bits >> (18 - 6 * place)) & 0x3f;
            let c = ALPHABET.get(sextet as usize).copied().unwrap_or(b'=');
            out.push(if place <= chunk.len() {
                char::from(c)
            } else {
                '='
            });
        }
    }
    out
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim().trim_end_matches('=');
    let mut out = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    let (mut bits, mut n_bits) = (0_u32, 0);
    for byte in digits.bytes() {
        let sextet = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'\r' | b'\n' => continue,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for bytes in [&b""[..], b"h", b"hi", b"hi!", &[0, 255, 128, 7]] {
            assert_eq!(decode(&encode(bytes)).as_deref(), Some(bytes));
        }
        let file = File::read("data:application/x-unknown;base64,eA==").unwrap();
        assert_eq!(file.to_uri(), "data:application/octet-stream;base64,eA==");
        for bad in [
            "none.txt",
            "data:x",
            "data:text/plain;base64,a",
            "data:text/plain;base64,%%",
        ] {
            assert!(File::read(bad).is_err(), "{bad}");
        }
    }
}
