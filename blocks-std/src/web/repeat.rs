//! Whether a request may be sent again, and when.

use std::time::Duration;

use graphloom::Retry;
use graphloom::host::HttpResponse;

/// Who asks for more patience than this is not asked again: a run that waits for hours should say so itself.
const MAX_WAIT: Duration = Duration::from_secs(3_600);

/// Methods that may be repeated, since doing them twice is doing them once (RFC 9110, section 9.2.2).
pub(super) fn is_repeatable(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE")
}

/// Returns what an answer with a status of failure says of another attempt.
///
/// Too many requests (429) are turned away undone, so that even a request that must not be repeated may be sent again.
pub(super) fn of_status(answer: &HttpResponse) -> Retry {
    let turned_away = answer.status == 429;
    if !turned_away && !matches!(answer.status, 408 | 425 | 500 | 502 | 503 | 504) {
        return Retry::Never;
    }
    match wait(answer) {
        Some(wait) if wait > MAX_WAIT => Retry::Never,
        Some(wait) if turned_away => Retry::NotActedAfter(wait),
        Some(wait) => Retry::After(wait),
        None if turned_away => Retry::NotActed,
        None => Retry::Maybe,
    }
}

/// Returns the same for a request that does no harm when it is sent twice, whatever became of it the first time.
pub(super) const fn harmless(retry: Retry) -> Retry {
    match retry {
        Retry::Maybe => Retry::NotActed,
        Retry::After(wait) => Retry::NotActedAfter(wait),
        other => other,
    }
}

/// Reads `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date, which is taken by the server's own clock.
fn wait(answer: &HttpResponse) -> Option<Duration> {
    let text = answer.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let now = jiff::fmt::rfc2822::parse(answer.header("date")?)
        .ok()?
        .timestamp();
    let seconds = until.as_second().saturating_sub(now.as_second());
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use graphloom::Text;
    use graphloom::host::HttpBody;

    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)]) -> HttpResponse {
        let mut answer = HttpResponse::new(status, "https://a.example", HttpBody::of([]));
        let headers = headers.iter();
        answer.headers = headers
            .map(|(name, value)| (Text::from(*name), Text::from(*value)))
            .collect();
        answer
    }

    #[test]
    fn statuses_say_whether_to_come_back() {
        let check = |status, headers: &[(&str, &str)], expected| {
            assert_eq!(
                of_status(&answer(status, headers)),
                expected,
                "{status} {headers:?}"
            );
        };
        let after = |seconds| Duration::from_secs(seconds);
        check(404, &[], Retry::Never);
        check(501, &[], Retry::Never);
        check(500, &[], Retry::Maybe);
        check(503, &[("retry-after", "7")], Retry::After(after(7)));
        check(429, &[], Retry::NotActed);
        check(
            429,
            &[("retry-after", " 2 ")],
            Retry::NotActedAfter(after(2)),
        );
        check(429, &[("retry-after", "3601")], Retry::Never);
        check(
            429,
            &[("retry-after", "99999999999999999999999")],
            Retry::NotActed,
        );
        check(429, &[("retry-after", "-1")], Retry::NotActed);
        let date = |date| ("date", date);
        let until = ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT");
        check(
            503,
            &[until, date("Sun, 06 Nov 1994 08:49:07 GMT")],
            Retry::After(after(30)),
        );
        check(
            503,
            &[until, date("Sun, 06 Nov 1994 09:49:07 GMT")],
            Retry::After(after(0)),
        );
        check(503, &[until], Retry::Maybe);
        check(503, &[until, date("soon")], Retry::Maybe);
    }

    #[test]
    fn what_does_no_harm_is_repeated() {
        assert_eq!(harmless(Retry::Maybe), Retry::NotActed);
        assert_eq!(harmless(Retry::Never), Retry::Never);
        let wait = Duration::from_secs(1);
        assert_eq!(harmless(Retry::After(wait)), Retry::NotActedAfter(wait));
        assert!(is_repeatable("PUT") && !is_repeatable("POST") && !is_repeatable("PATCH"));
    }
}
