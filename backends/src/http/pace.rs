//! How often one credential is shown to one host.

use std::time::Duration;

use graphloom::host::Clock;

/// How often requests may go somewhere: a token bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rate {
    pub(super) per_second: f64,
    pub(super) burst: f64,
}

/// How one credential stands with one origin. Nobody holds it: any number of requests with one credential go on at a time.
#[derive(Debug)]
pub(super) struct Pace {
    /// The host asked for peace until then.
    until: Duration,
    tokens: f64,
    counted: Duration,
}

impl Pace {
    pub(super) fn new(rate: Option<Rate>, now: Duration) -> Self {
        Self {
            until: Duration::ZERO,
            tokens: rate.map_or(0.0, |rate| rate.burst),
            counted: now,
        }
    }

    /// Takes the right to a request and returns how long to wait for it; takes none where that is longer than `most`.
    pub(super) fn take(
        &mut self,
        rate: Option<Rate>,
        now: Duration,
        most: Duration,
    ) -> Result<Duration, Duration> {
        let mut wait = self.until.saturating_sub(now);
        if let Some(Rate { per_second, burst }) = rate {
            let gained = now.saturating_sub(self.counted).as_secs_f64() * per_second;
            self.tokens = (self.tokens + gained).min(burst);
            self.counted = now;
            let owed = (1.0 - self.tokens).max(0.0) / per_second;
            wait = wait.max(Duration::try_from_secs_f64(owed).unwrap_or(Duration::MAX));
        }
        if wait > most {
            return Err(wait);
        }
        self.tokens -= 1.0;
        Ok(wait)
    }

    /// Says whether nothing is lost by forgetting it: a bucket is full again after a minute at most rates.
    pub(super) fn is_quiet(&self, now: Duration) -> bool {
        self.until <= now && now.saturating_sub(self.counted) > Duration::from_secs(60)
    }

    /// The host asked for peace for this long.
    pub(super) fn rest(&mut self, now: Duration, time: Duration) {
        self.until = self.until.max(now.saturating_add(time));
    }
}

/// Reads `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date.
pub(super) fn retry_after(text: &str, clock: &dyn Clock) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let left = date(text)? - clock.now().as_millis().div_euclid(1_000);
    Some(Duration::from_secs(u64::try_from(left).unwrap_or(0)))
}

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT` to seconds since 1970.
fn date(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut words = text.split_once(", ")?.1.split(' ');
    let day: i64 = words.next()?.parse().ok()?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month)?;
    let month = i64::try_from(month).ok()? + 1;
    let year: i64 = words.next()?.parse().ok()?;
    let mut clock = words
        .next()?
        .split(':')
        .map(|digits| digits.parse::<i64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let fits = words.next() == Some("GMT")
        && (1..=31).contains(&day)
        && (1970..10_000).contains(&year)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    // Days since 1970 of a date: years begin in March, so that the leap day is the last
    // (https://howardhinnant.github.io/date_algorithms.html).
    let (y, m) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
    fits.then_some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use graphloom::host::ManualClock;

    use super::*;

    const fn ms(time: u64) -> Duration {
        Duration::from_millis(time)
    }

    #[test]
    fn a_bucket_lets_bursts_through_and_then_paces() {
        let rate = Some(Rate {
            per_second: 2.0,
            burst: 2.0,
        });
        let mut pace = Pace::new(rate, ms(0));
        let mut take = |now, most| pace.take(rate, ms(now), ms(most));
        assert_eq!(take(0, 1_000), Ok(ms(0)));
        assert_eq!(take(0, 1_000), Ok(ms(0)));
        assert_eq!(take(0, 1_000), Ok(ms(500)));
        assert_eq!(take(0, 1_000), Ok(ms(1_000)));
        // Who does not wait takes nothing.
        assert_eq!(take(0, 1_000), Err(ms(1_500)));
        assert_eq!(take(0, 1_000), Err(ms(1_500)));
        assert_eq!(take(2_000, 0), Ok(ms(0)));
        assert_eq!(take(60_000, 0), Ok(ms(0)));
        assert_eq!(take(60_000, 0), Ok(ms(0)));
        assert_eq!(take(60_000, 0), Err(ms(500)));
    }

    #[test]
    fn a_host_is_left_in_peace_as_long_as_it_asks() {
        let mut pace = Pace::new(None, ms(0));
        assert_eq!(pace.take(None, ms(0), ms(0)), Ok(ms(0)));
        pace.rest(ms(0), ms(9_000));
        pace.rest(ms(0), ms(2_000));
        assert_eq!(pace.take(None, ms(1_000), ms(5_000)), Err(ms(8_000)));
        assert_eq!(pace.take(None, ms(5_000), ms(5_000)), Ok(ms(4_000)));
        assert_eq!(pace.take(None, ms(9_000), ms(0)), Ok(ms(0)));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let clock = ManualClock::new();
        clock.advance(Duration::from_secs(784_111_700));
        let check = |text, seconds: Option<u64>| {
            assert_eq!(
                retry_after(text, &clock),
                seconds.map(Duration::from_secs),
                "{text}"
            );
        };
        check("120", Some(120));
        check(" 0 ", Some(0));
        check("Sun, 06 Nov 1994 08:49:37 GMT", Some(77));
        check("Sun, 06 Nov 1994 08:00:00 GMT", Some(0));
        check(
            "Mon, 29 Feb 2016 00:00:00 GMT",
            Some(1_456_704_000 - 784_111_700),
        );
        for text in [
            "",
            "-1",
            "soon",
            "1.5",
            "Sun, 06 Foo 1994 08:49:37 GMT",
            "Sun, 6 anF 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
        ] {
            check(text, None);
        }
    }
}
