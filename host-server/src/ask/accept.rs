//! Which form of an answer is wanted (RFC 9110, 12.5.1).

use axum::http::{HeaderMap, header};

use crate::problem::{Problem, ServerCode};

/// Returns which of these media types whoever asks likes best; the first of those that are as good. Who says nothing takes
/// anything.
///
/// # Errors
/// `HTTP_ACCEPT` where it is none of them.
pub(crate) fn accepted<'a>(headers: &HeaderMap, offered: &[&'a str]) -> Result<&'a str, Problem> {
    let lines = headers.get_all(header::ACCEPT).iter();
    let lines: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    let ranges: Vec<Range<'_>> = lines
        .iter()
        .flat_map(|line| line.split(','))
        .filter_map(Range::read)
        .collect();
    if ranges.is_empty() && lines.iter().all(|line| line.trim().is_empty()) {
        return offered.first().copied().ok_or_else(|| none(offered));
    }
    let mut best = None;
    for media in offered {
        let weight = weight(&ranges, media);
        if weight > 0 && best.is_none_or(|(most, _)| weight > most) {
            best = Some((weight, *media));
        }
    }
    best.map(|(_, media)| media).ok_or_else(|| none(offered))
}

fn none(offered: &[&str]) -> Problem {
    let detail = format!("it is to be had as {}", offered.join(", "));
    Problem::new(ServerCode::NotAcceptable, detail)
}

/// One entry of `Accept`. Weights are in thousandths.
struct Range<'a> {
    kind: &'a str,
    sub: &'a str,
    weight: u16,
}

impl<'a> Range<'a> {
    /// Reads an entry; `None` for what is none, which says nothing then.
    fn read(entry: &'a str) -> Option<Self> {
        let mut parts = entry.split(';').map(str::trim);
        let (kind, sub) = parts.next()?.split_once('/')?;
        let mut weight = 1_000;
        for part in parts {
            if let Some((name, value)) = part.split_once('=')
                && name.trim().eq_ignore_ascii_case("q")
            {
                weight = thousandths(value.trim())?;
            }
        }
        Some(Self { kind, sub, weight })
    }

    /// Says how exactly it names a media type; `None`: it does not.
    fn fits(&self, media: &str) -> Option<u8> {
        let (kind, sub) = media.split_once('/')?;
        match (self.kind, self.sub) {
            ("*", "*") => Some(0),
            (k, "*") if k.eq_ignore_ascii_case(kind) => Some(1),
            (k, s) if k.eq_ignore_ascii_case(kind) && s.eq_ignore_ascii_case(sub) => Some(2),
            _ => None,
        }
    }
}

/// The entry that names it most exactly says how much it is wanted.
fn weight(ranges: &[Range<'_>], media: &str) -> u16 {
    let fitting = ranges
        .iter()
        .filter_map(|range| Some((range.fits(media)?, range.weight)));
    fitting
        .max_by_key(|(exact, _)| *exact)
        .map_or(0, |(_, weight)| weight)
}

/// Reads a weight: 0 to 1, with at most three digits behind the point.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if !matches!(whole, "0" | "1") || part.len() > 3 || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let digits = format!("{whole}{part:0<3}");
    digits.parse().ok().filter(|weight| *weight <= 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_form_is_taken() {
        let check = |accept: Option<&str>, expected: Result<&str, &str>| {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, accept.parse().expect("a header"));
            }
            let offered = ["application/json", "application/jsonl", "text/event-stream"];
            let found = accepted(&headers, &offered).map_err(|p| p.code());
            assert_eq!(found, expected, "{accept:?}");
        };
        check(None, Ok("application/json"));
        check(Some(""), Ok("application/json"));
        check(Some("*/*"), Ok("application/json"));
        check(Some("text/*"), Ok("text/event-stream"));
        check(Some("Text/Event-Stream"), Ok("text/event-stream"));
        check(
            Some("text/event-stream, */*;q=0.1"),
            Ok("text/event-stream"),
        );
        check(
            Some("application/json;q=0.5, application/jsonl"),
            Ok("application/jsonl"),
        );
        check(Some("*/*, application/json;q=0"), Ok("application/jsonl"));
        check(Some("text/html"), Err("HTTP_ACCEPT"));
        check(Some("application/json;q=0"), Err("HTTP_ACCEPT"));
        check(Some("json"), Err("HTTP_ACCEPT"));
        for weight in ["2", "1.001", "-1", "0.0001", "x", ""] {
            let accept = format!("application/json;q={weight}");
            check(Some(&accept), Err("HTTP_ACCEPT"));
        }
        check(Some("application/json;q=0.001"), Ok("application/json"));
    }
}
