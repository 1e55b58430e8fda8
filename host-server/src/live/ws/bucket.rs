//! How much of something may come, over time and at once.

use tokio::time::Instant;

/// Takes what comes, up to so much a second, and so much at once after a pause.
pub(super) struct Bucket {
    per_second: f64,
    most: f64,
    left: f64,
    at: Instant,
}

impl Bucket {
    pub(super) fn new(per_second: f64, most: f64) -> Self {
        Self {
            per_second,
            most,
            left: most,
            at: Instant::now(),
        }
    }

    /// Takes so much at this time; `false`: it is too much.
    pub(super) fn take(&mut self, much: f64, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = now;
        self.left = (self.left + since * self.per_second).min(self.most) - much;
        self.left >= 0.0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn it_fills_with_time() {
        let mut bucket = Bucket::new(2.0, 4.0);
        let began = Instant::now();
        assert!((0..4).all(|_| bucket.take(1.0, began)));
        assert!(!bucket.take(1.0, began));
        let later = began + Duration::from_secs(1);
        assert!(bucket.take(1.0, later));
        assert!(!bucket.take(1.0, later));
        let later = later + Duration::from_hours(1);
        assert!(bucket.take(4.0, later), "as much as it holds");
        assert!(!bucket.take(1.0, later), "and no more");
    }
}
