//! Positions that may count from the end.

use graphloom::BlockError;

/// What an index means in a list of `len` items: 0 is the first, -1 the last; `None` where there is no such item.
pub(crate) fn item(index: i64, len: usize) -> Option<usize> {
    let at = if index < 0 {
        len.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?
    } else {
        usize::try_from(index).ok()?
    };
    (at < len).then_some(at)
}

/// Where something is put in before the item at `index`: what lies outside of the list is its nearest end.
pub(super) fn gap(index: i64, len: usize) -> usize {
    let distance = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
    if index < 0 {
        len.saturating_sub(distance)
    } else {
        distance.min(len)
    }
}

/// The failure of every block that is asked for an item beyond the ends. The words are those of AutoGPT: graphs made
/// for it compare them.
pub(super) fn out_of_range() -> BlockError {
    BlockError::input("Index out of range")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_count_from_either_end() {
        for (index, len, expected) in [
            (0, 3, Some(0)),
            (2, 3, Some(2)),
            (3, 3, None),
            (-1, 3, Some(2)),
            (-3, 3, Some(0)),
            (-4, 3, None),
            (0, 0, None),
            (-1, 0, None),
            (i64::MIN, 3, None),
            (i64::MAX, 3, None),
        ] {
            assert_eq!(item(index, len), expected, "{index} of {len}");
        }
    }

    #[test]
    fn gaps_are_never_outside() {
        for (index, len, expected) in [
            (0, 3, 0),
            (3, 3, 3),
            (9, 3, 3),
            (-1, 3, 2),
            (-9, 3, 0),
            (i64::MIN, 0, 0),
            (i64::MAX, 0, 0),
        ] {
            assert_eq!(gap(index, len), expected, "{index} of {len}");
        }
    }
}
