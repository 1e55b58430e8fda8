//! Unpacks gzip (RFC 1952) as it comes, and not further than limits let it.

use std::io::Write;

use bytes::{Buf, Bytes};
use flate2::write::MultiGzDecoder;
use graphloom::host::EgressError;

/// So much is unpacked at a time: it becomes at most about a thousand times as much, the most that gzip can do.
const STEP: usize = 512;

/// Small bodies may be packed as well as can be: whatever they unpack to is not much.
const SMALL: u64 = 1 << 20;

/// What is on its way through the unpacker.
pub(super) struct Unpack {
    decoder: MultiGzDecoder<Vec<u8>>,
    waiting: Bytes,
    packed: u64,
    unpacked: u64,
    most: u64,
    ratio: u64,
}

impl Unpack {
    pub(super) fn new(most: u64, ratio: u64) -> Self {
        Self {
            decoder: MultiGzDecoder::new(Vec::new()),
            waiting: Bytes::new(),
            packed: 0,
            unpacked: 0,
            most,
            ratio,
        }
    }

    /// Takes a packed piece; [`Unpack::next`] has given all of the one before.
    pub(super) fn take(&mut self, piece: Bytes) {
        self.waiting = piece;
    }

    /// Returns the next unpacked piece, if there is one in what was taken.
    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>, EgressError> {
        while !self.waiting.is_empty() {
            let step = self.waiting.len().min(STEP);
            let part = self.waiting.get(..step).unwrap_or_default();
            self.decoder.write_all(part).map_err(|_| damaged())?;
            // What is there is handed on: more may not come for long.
            self.decoder.flush().map_err(|_| damaged())?;
            self.waiting.advance(step);
            self.packed += step as u64;
            if let Some(piece) = self.unpacked_piece()? {
                return Ok(Some(piece));
            }
        }
        Ok(None)
    }

    /// Says that all has come, and returns what was still inside.
    pub(super) fn end(&mut self) -> Result<Option<Vec<u8>>, EgressError> {
        // An answer without a body can say that it is packed.
        if self.packed == 0 {
            return Ok(None);
        }
        self.decoder.try_finish().map_err(|_| damaged())?;
        self.unpacked_piece()
    }

    fn unpacked_piece(&mut self) -> Result<Option<Vec<u8>>, EgressError> {
        let piece = std::mem::take(self.decoder.get_mut());
        self.unpacked += piece.len() as u64;
        if self.unpacked > self.most {
            let (limit, how) = (self.most, " when unpacked");
            return Err(EgressError::TooLarge { limit, how });
        }
        let limit = self.packed.saturating_mul(self.ratio).max(SMALL);
        if self.unpacked > limit {
            let how = " when unpacked, which is too many times its size";
            return Err(EgressError::TooLarge { limit, how });
        }
        Ok(Some(piece).filter(|piece| !piece.is_empty()))
    }
}

fn damaged() -> EgressError {
    EgressError::Transport {
        message: "the packed answer is damaged, or ends early".to_owned(),
    }
}
