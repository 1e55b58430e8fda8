//! Parts of a file that are asked for (RFC 9110, 14): one part, or all of it.

use std::ops::Range;

use axum::http::HeaderMap;
use axum::http::header::{IF_RANGE, RANGE};

/// What is to be sent of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// All.
    All,
    /// These bytes.
    Part(Range<u64>),
    /// What is not there.
    Nothing,
}

/// Reads what part is asked for of so many bytes with this entity tag. Several parts, and what cannot be read, are taken as
/// if nothing had been said, as the standard allows.
pub(crate) fn of(headers: &HeaderMap, bytes: u64, tag: &str) -> Asked {
    if let Some(only) = headers.get(IF_RANGE)
        && only.as_bytes() != format!("\"{tag}\"").as_bytes()
    {
        return Asked::All;
    }
    let mut said = headers.get_all(RANGE).iter();
    let (Some(only), None) = (said.next(), said.next()) else {
        return Asked::All;
    };
    let only = only
        .to_str()
        .ok()
        .and_then(|text| text.strip_prefix("bytes="));
    let parts = only.and_then(|text| text.trim().split_once('-'));
    let Some((first, last)) = parts else {
        return Asked::All;
    };
    // A number that is too large is behind the end, as any other one there.
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let part = match (first, number(first), last, number(last)) {
        ("", _, _, Some(count)) => bytes.saturating_sub(count)..bytes,
        (_, Some(first), "", _) => first..bytes,
        (_, Some(first), _, Some(last)) if first <= last => {
            first..last.saturating_add(1).min(bytes)
        }
        _ => return Asked::All,
    };
    if part.is_empty() {
        Asked::Nothing
    } else {
        Asked::Part(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_ten_bytes() {
        let check = |range: &str, only_if: Option<&str>, expected: Asked| {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, range.parse().expect("a header"));
            if let Some(tag) = only_if {
                headers.insert(IF_RANGE, tag.parse().expect("a header"));
            }
            assert_eq!(of(&headers, 10, "t"), expected, "{range}");
        };
        let far = format!("bytes=5-{}", u128::MAX);
        for (range, expected) in [
            ("bytes=0-0", 0..1),
            ("bytes=2-4", 2..5),
            ("bytes=2-", 2..10),
            ("bytes=-3", 7..10),
            ("bytes=-30", 0..10),
            ("bytes=5-9", 5..10),
            (far.as_str(), 5..10),
        ] {
            check(range, None, Asked::Part(expected));
        }
        for range in [
            "bytes=10-",
            "bytes=10-12",
            "bytes=-0",
            &format!("bytes={}-", u128::MAX),
        ] {
            check(range, None, Asked::Nothing);
        }
        for range in [
            "bytes=0-1,3-4",
            "bytes=4-2",
            "bytes=-",
            "bytes=",
            "lines=0-1",
            "0-1",
            "bytes=a-b",
            "bytes=+1-2",
            "bytes=1--2",
        ] {
            check(range, None, Asked::All);
        }
        check("bytes=0-0", Some("\"t\""), Asked::Part(0..1));
        check("bytes=0-0", Some("\"u\""), Asked::All);
        check("bytes=0-0", Some("W/\"t\""), Asked::All);
        assert_eq!(of(&HeaderMap::new(), 10, "t"), Asked::All);
    }
}
