//! Dense vectors with typed indices: the one place in the engine that indexes without a check of its own.

use std::marker::PhantomData;

/// A position in a dense vector.
pub(crate) trait Ix: Copy {
    fn ix(self) -> usize;
}

macro_rules! index {
    ($($(#[doc = $doc:literal])+ $vis:vis $name:ident;)+) => {
        $($(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        $vis struct $name(pub(crate) u32);

        impl Ix for $name {
            #[inline(always)]
            fn ix(self) -> usize {
                self.0 as usize
            }
        })+
    };
}

index! {
    /// The position of a node in its plan.
    pub NodeIx;
    /// The position of a linked input pin in its plan.
    pub(crate) PinIx;
    /// The position of an output port in its plan: an output pin, the error pin of a node.
    pub(crate) PortIx;
    /// The position of a strongly connected component in its plan.
    pub(crate) ComponentIx;
}

impl NodeIx {
    /// Returns the position as a number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// A vector that only one kind of index fits.
///
/// INVARIANT: an index of a plan is used with vectors made for that plan only; compile makes both, and nothing grows
/// or shrinks after.
#[derive(Debug, Clone)]
pub(crate) struct Dense<I, T> {
    items: Vec<T>,
    index: PhantomData<fn(I)>,
}

impl<I: Ix, T> Dense<I, T> {
    pub(crate) fn new(items: Vec<T>) -> Self {
        Self {
            items,
            index: PhantomData,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }

    pub(crate) fn get(&self, index: I) -> Option<&T> {
        self.items.get(index.ix())
    }

    /// Returns the item at a position.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "see the invariant of Dense")]
    pub(crate) fn at(&self, index: I) -> &T {
        &self.items[index.ix()]
    }

    /// Returns the item at a position, to change it.
    #[inline(always)]
    #[expect(clippy::indexing_slicing, reason = "see the invariant of Dense")]
    pub(crate) fn at_mut(&mut self, index: I) -> &mut T {
        &mut self.items[index.ix()]
    }
}

/// A map keyed by positions, for what few of them have.
pub(crate) type IxMap<K, V> =
    std::collections::HashMap<K, V, std::hash::BuildHasherDefault<IxHasher>>;

/// Hashes positions. They are ours and dense, so that nobody can choose them to collide: one multiplication does
/// (Fibonacci hashing, Knuth, The Art of Computer Programming 3, 6.4).
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct IxHasher(u64);

impl std::hash::Hasher for IxHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    #[inline]
    fn write_u32(&mut self, position: u32) {
        self.write_u64(u64::from(position));
    }

    #[inline]
    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

/// A map keyed by numbers that were given out one after the other.
pub(crate) type SeqMap<V> =
    std::collections::HashMap<u64, V, std::hash::BuildHasherDefault<SeqHasher>>;

/// Leaves such numbers next to each other, so that entries which come and go together lie together: scattered, the entries
/// of 10,000 firings that wait were fetched from memory one by one. The top bits, by which the standard library's table
/// tells entries apart within a group, are the low ones again.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct SeqHasher(u64);

impl std::hash::Hasher for SeqHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    #[inline]
    fn write_u64(&mut self, number: u64) {
        self.0 = number ^ (number << 57);
    }
}
