//! Bytes on their way out: in pieces, so that nobody holds all of a file.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::unfold;
use sha2::{Digest, Sha256};

/// How large a piece is: 128 KiB.
const PIECE: usize = 128 << 10;

/// The bytes of a blob.
pub(crate) enum Content {
    /// In a file, so many.
    File(File, u64),
    /// In memory.
    Memory(Arc<[u8]>),
}

/// A part of them, or all.
pub(crate) struct Piece {
    from: Content,
    left: Range<u64>,
    /// Of all bytes: what they are to be called, and the hash of those that have gone.
    check: Option<(String, Sha256)>,
}

impl Content {
    pub(super) fn of_file((file, bytes): (File, u64)) -> Self {
        Self::File(file, bytes)
    }

    /// Returns how many there are.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::File(_, bytes) => *bytes,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// Returns all bytes. Where they are not those of the hash, which is `sha256:` and digits, the last of them do not come.
    pub(crate) fn all(self, hash: &str) -> Piece {
        Piece {
            left: 0..self.len(),
            from: self,
            check: Some((hash.to_owned(), Sha256::new())),
        }
    }

    /// Returns the bytes from one to another.
    pub(crate) fn part(self, part: Range<u64>) -> Piece {
        Piece {
            from: self,
            left: part,
            check: None,
        }
    }

    fn read(&mut self, part: &Range<u64>) -> io::Result<Bytes> {
        let too_short = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let length = usize::try_from(part.end - part.start)
            .unwrap_or(PIECE)
            .min(PIECE);
        match self {
            Self::Memory(bytes) => {
                let start = usize::try_from(part.start).map_err(|_| too_short())?;
                let found = bytes.get(start..).and_then(|rest| rest.get(..length));
                found.map(Bytes::copy_from_slice).ok_or_else(too_short)
            }
            Self::File(file, _) => {
                file.seek(SeekFrom::Start(part.start))?;
                let mut bytes = vec![0; length];
                file.read_exact(&mut bytes)?;
                Ok(bytes.into())
            }
        }
    }
}

impl Piece {
    /// Returns the bytes as they are read, each piece on a thread that may wait for the disk.
    pub(crate) fn stream(self) -> impl Stream<Item = io::Result<Bytes>> + Send {
        unfold(Some(self), async |piece| {
            let piece = piece.filter(|piece| !piece.left.is_empty())?;
            let read = tokio::task::spawn_blocking(move || piece.next());
            Some(match read.await {
                Ok(Ok((bytes, rest))) => (Ok(bytes), Some(rest)),
                Ok(Err(error)) => (Err(error), None),
                Err(error) => (Err(io::Error::other(error)), None),
            })
        })
    }

    fn next(mut self) -> io::Result<(Bytes, Self)> {
        let bytes = self.from.read(&self.left)?;
        self.left.start += bytes.len() as u64;
        if let Some((hash, so_far)) = &mut self.check {
            so_far.update(&bytes);
            if self.left.is_empty() && *hash != hash_of(so_far.clone()) {
                tracing::error!(hash, "bytes of a file are not those that were kept");
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        Ok((bytes, self))
    }
}

/// Returns what bytes with this hash are called.
pub(super) fn hash_of(hash: Sha256) -> String {
    let digits = hash.finalize();
    let digits: String = digits.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, TryStreamExt};

    use super::*;

    fn content(bytes: &[u8]) -> Content {
        Content::Memory(bytes.into())
    }

    fn hash(bytes: &[u8]) -> String {
        hash_of(Sha256::new_with_prefix(bytes))
    }

    #[tokio::test]
    async fn what_comes_is_what_was_asked_for() {
        let bytes: Vec<u8> = (0..PIECE * 2 + 3).map(|nth| (nth % 251) as u8).collect();
        let all: Vec<Bytes> = content(&bytes)
            .all(&hash(&bytes))
            .stream()
            .try_collect()
            .await
            .expect("all of it");
        assert_eq!(all.concat(), bytes);
        let part = content(&bytes).part(5..9).stream();
        let part: Vec<Bytes> = part.try_collect().await.expect("a part");
        assert_eq!(part.concat(), bytes[5..9]);
        assert_eq!(content(b"").all(&hash(b"")).stream().count().await, 0);
    }

    #[tokio::test]
    async fn the_end_of_other_bytes_does_not_come() {
        let told = content(b"damaged").all(&hash(b"as it was")).stream();
        let told: Vec<_> = told.collect().await;
        assert!(matches!(&told[..], [Err(_)]), "{told:?}");
    }
}
