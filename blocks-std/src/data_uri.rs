//! Files as AutoGPT's blocks hand them on where there is no file store: `data:` URIs.

use graphloom::prelude::*;

use crate::base64::{Alphabet, decode, encode};

/// A file of up to this many bytes is read.
const MAX_BYTES: usize = 48 << 20;

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
        let Some(bytes) = decode(data, Alphabet::Standard) else {
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
        format!(
            "data:{media_type};base64,{}",
            encode(&self.bytes, Alphabet::Standard)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_or_refused() {
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
