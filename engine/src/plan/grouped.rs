//! Items by a position, in time proportional to their number.

/// The items of each of so many groups, in their order: one vector with offsets.
pub(super) struct Grouped<T> {
    first: Vec<u32>,
    items: Vec<T>,
}

impl<T: Copy + Default> Grouped<T> {
    /// Groups items, each given with its group. They are gone through twice: counted, then placed. What names a group
    /// that is not there is left out.
    pub(super) fn new<I: Iterator<Item = (usize, T)>>(groups: usize, all: impl Fn() -> I) -> Self {
        let mut first = vec![0_u32; groups + 1];
        for (group, _) in all() {
            if let Some(count) = first.get_mut(group + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for count in &mut first {
            sum += *count;
            *count = sum;
        }
        let mut next = first.clone();
        let mut items = vec![T::default(); sum as usize];
        for (group, item) in all() {
            if let Some(next) = next.get_mut(group) {
                if let Some(place) = items.get_mut(*next as usize) {
                    *place = item;
                }
                *next += 1;
            }
        }
        Self { first, items }
    }

    /// Returns where the items of a group stand among all.
    pub(super) fn range(&self, group: usize) -> std::ops::Range<usize> {
        let at = |group: usize| self.first.get(group).copied().unwrap_or(0) as usize;
        at(group)..at(group + 1)
    }

    /// Returns the items of a group.
    pub(super) fn of(&self, group: usize) -> &[T] {
        self.items.get(self.range(group)).unwrap_or_default()
    }

    /// Returns all items, those of a group together.
    pub(super) fn items(&self) -> &[T] {
        &self.items
    }

    /// Returns where each group begins; one more at the end.
    pub(super) fn into_offsets(self) -> Vec<u32> {
        self.first
    }
}
