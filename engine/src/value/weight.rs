//! How much memory a value holds, as if it shared nothing: what limits are compared with.

use super::{BlobRef, Map, Sealed, Text, Value};

/// A value that is more than was asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// Its lists and maps stand in each other deeper.
    Depth,
    /// It is larger.
    Bytes,
}

/// Two counters stand before what an `Arc` holds, and an entry of a map has its hash and its place beside it.
const SHARED: usize = 2 * size_of::<usize>();
const ENTRY: usize = size_of::<Text>() + 2 * size_of::<u64>();

impl Value {
    /// The largest size that is told of any value: 1 GiB. A value of a few kilobytes may hold one part a million times,
    /// and nobody waits until all of it is counted.
    pub const MAX_WEIGHT: usize = 1 << 30;

    /// Returns about how much memory the value holds, in bytes: the value itself and everything it points to, parts that
    /// are shared each time they occur. Not more than [`Value::MAX_WEIGHT`] is told.
    #[must_use]
    pub fn weight_bytes(&self) -> usize {
        let weighed = self.weigh(u32::MAX, Self::MAX_WEIGHT);
        weighed.unwrap_or(Self::MAX_WEIGHT)
    }

    /// Returns the same as [`weight_bytes`](Self::weight_bytes), unless lists and maps stand in each other deeper than
    /// `max_depth`, or it is more than `max_bytes`; goes no further than that, in time too.
    ///
    /// Comparing, hashing, writing and dropping a value go down it on the stack. Whoever takes values from outside keeps
    /// them to a depth, as the JSON reader does: a graph that wraps a value in a list again and again could otherwise
    /// make one that overflows the stack; and one that puts it into a list twice, again and again, one that no memory
    /// holds once it is written down.
    ///
    /// # Errors
    /// Which of the two it is more than.
    pub fn weigh(&self, max_depth: u32, max_bytes: usize) -> Result<usize, Excess> {
        let mut left = max_bytes;
        self.take(max_depth, &mut left)?;
        Ok(max_bytes - left)
    }

    fn take(&self, max_depth: u32, left: &mut usize) -> Result<(), Excess> {
        let mut take = |bytes: usize| {
            *left = left.checked_sub(bytes).ok_or(Excess::Bytes)?;
            Ok(())
        };
        take(size_of::<Self>())?;
        match self {
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Uint(_) | Self::Float(_) => Ok(()),
            Self::Text(text) => take(SHARED + text.weight_bytes()),
            Self::List(list) => {
                let inner = max_depth.checked_sub(1).ok_or(Excess::Depth)?;
                take(SHARED + size_of::<Vec<Self>>())?;
                list.iter().try_for_each(|item| item.take(inner, left))
            }
            Self::Map(map) => {
                let inner = max_depth.checked_sub(1).ok_or(Excess::Depth)?;
                take(SHARED + size_of::<Map>())?;
                map.iter().try_for_each(|(key, value)| {
                    let entry = ENTRY + SHARED + key.weight_bytes();
                    *left = left.checked_sub(entry).ok_or(Excess::Bytes)?;
                    value.take(inner, left)
                })
            }
            Self::Blob(blob) => take(SHARED + size_of::<BlobRef>() + blob.hash.len()),
            Self::Sealed(sealed) => take(SHARED + size_of::<Sealed>() + sealed.ciphertext().len()),
        }
    }
}
