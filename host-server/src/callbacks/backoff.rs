//! When a delivery that failed is tried again.

use std::time::Duration;

/// How often, and with what pauses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Backoff {
    pub(super) first: Duration,
    pub(super) longest: Duration,
}

/// How many times longer each pause is than the one before.
const FACTOR: f64 = 4.0;
/// How much shorter or longer chance makes a pause, so that those that failed together do not come again together.
const SPREAD: f64 = 0.2;

impl Backoff {
    /// Returns how long to wait after so many attempts. `chance` is from 0 to 1, `asked` what the receiver asked for.
    pub(super) fn pause(&self, attempts: u32, chance: f64, asked: Option<Duration>) -> Duration {
        let power = i32::try_from(attempts.saturating_sub(1)).unwrap_or(i32::MAX);
        let seconds = self.first.as_secs_f64() * FACTOR.powi(power);
        let longest = self.longest.as_secs_f64();
        let spread = 1.0 + SPREAD * (2.0 * chance.clamp(0.0, 1.0) - 1.0);
        let pause = Duration::try_from_secs_f64(seconds.min(longest) * spread);
        let pause = pause.unwrap_or(self.longest);
        pause.max(asked.unwrap_or_default().min(self.longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULT: Backoff = Backoff {
        first: Duration::from_secs(10),
        longest: Duration::from_secs(9_000),
    };

    #[test]
    fn eight_attempts_take_six_hours() {
        let pauses: Vec<u64> = (1..8)
            .map(|attempts| DEFAULT.pause(attempts, 0.5, None).as_secs())
            .collect();
        assert_eq!(pauses, [10, 40, 160, 640, 2_560, 9_000, 9_000]);
        assert_eq!(pauses.iter().sum::<u64>() / 60, 356);
    }

    #[test]
    fn chance_and_the_receiver_have_their_bounds() {
        let pause = |chance, asked: Option<u64>| {
            let asked = asked.map(Duration::from_secs);
            DEFAULT.pause(2, chance, asked).as_secs()
        };
        assert_eq!((pause(0.0, None), pause(1.0, None)), (32, 48));
        assert_eq!((pause(0.5, Some(1)), pause(0.5, Some(300))), (40, 300));
        assert_eq!(pause(0.5, Some(u64::MAX)), 9_000);
        assert_eq!(DEFAULT.pause(u32::MAX, 9.0, None).as_secs(), 10_800);
    }
}
