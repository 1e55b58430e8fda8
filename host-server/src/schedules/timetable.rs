//! When a schedule is due: cron, on the clocks of a time zone.
//!
//! The rules are croner's, and the guide (docs/guides/server-schedules.md) tells them. A time that a clock passes over
//! because it is put forward is due at the first moment after the gap, and one that comes twice is due the first time,
//! where second, minute and hour are one number each; what recurs within a day goes by what the clocks show.

use std::time::Duration;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use graphloom::Timestamp;
use jiff::tz::TimeZone;

/// How long the text of a cron expression may be.
pub(crate) const MAX_CRON: usize = 128;

/// How many times are looked at to find the shortest pause between two of them.
const SAMPLES: usize = 4_096;
/// And how far: what is due within a day shows within two.
const SAMPLED_MS: i64 = 2 * 24 * 60 * 60 * 1_000;

/// Times, up to the year 5000.
#[derive(Debug, Clone)]
pub(crate) struct Timetable {
    cron: Cron,
    zone: TimeZone,
}

impl Timetable {
    /// Reads a cron expression of five fields, or six, the first of which is seconds then; `@hourly` and its like.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub(crate) fn new(cron: &str, zone: TimeZone) -> Result<Self, String> {
        if cron.len() > MAX_CRON || !cron.is_ascii() {
            return Err(format!(
                "an expression has up to {MAX_CRON} characters of ASCII"
            ));
        }
        let parser = CronParser::builder()
            .seconds(Seconds::Optional)
            .year(Year::Disallowed)
            .build();
        let read = parser.parse(cron);
        let cron = read.map_err(|error| format!("{cron:?} is no cron expression: {error}"))?;
        Ok(Self { cron, zone })
    }

    /// Returns the first time after a moment; `None` where there is none up to the year 5000.
    pub(crate) fn after(&self, moment: Timestamp) -> Option<Timestamp> {
        // Times are whole seconds; the part of one that has begun belongs to it.
        let second = moment.as_millis().div_euclid(1_000);
        let from = jiff::Timestamp::from_second(second).ok()?;
        let from = from.to_zoned(self.zone.clone());
        let found = self.cron.find_next_occurrence(&from, false).ok()?;
        let found = Timestamp(found.timestamp().as_millisecond());
        // Whatever a zone may do, time goes on.
        (found > moment).then_some(found)
    }

    /// Returns the last times that are not after a moment, at most so many, in order. `first` is the first of all.
    ///
    /// However many there were, this takes some thirty steps for each that it returns.
    pub(crate) fn last(
        &self,
        first: Timestamp,
        until: Timestamp,
        at_most: usize,
    ) -> Vec<Timestamp> {
        let mut all = Vec::new();
        let mut next = Some(first);
        while let Some(time) = next.filter(|time| *time <= until) {
            if all.len() == at_most {
                return self.last_of_many(first, until, at_most);
            }
            all.push(time);
            next = self.after(time);
        }
        all
    }

    fn last_of_many(&self, first: Timestamp, until: Timestamp, at_most: usize) -> Vec<Timestamp> {
        let mut found = Vec::new();
        let mut until = until;
        while found.len() < at_most && first <= until {
            let last = self.last_one(first, until);
            found.push(last);
            until = Timestamp(last.as_millis().saturating_sub(1));
        }
        found.reverse();
        found
    }

    /// Halves the way from the first one: only looking forward decides when something is due, so looking back is no rule
    /// of its own.
    fn last_one(&self, first: Timestamp, until: Timestamp) -> Timestamp {
        let (mut last, mut low, mut high) = (first, first.as_millis(), until.as_millis());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.after(Timestamp(middle)) {
                Some(next) if next <= until => {
                    last = next;
                    low = next.as_millis();
                }
                _ => high = middle,
            }
        }
        last
    }

    /// Returns the shortest pause between two times, of those that come first after a moment.
    pub(crate) fn shortest_pause(&self, moment: Timestamp) -> Option<Duration> {
        let first = self.after(moment)?;
        let (mut last, mut shortest) = (first, None);
        for _ in 0..SAMPLES {
            let Some(next) = self.after(last) else { break };
            let pause = next.as_millis() - last.as_millis();
            shortest = Some(shortest.map_or(pause, |known: i64| known.min(pause)));
            if last.as_millis() - first.as_millis() > SAMPLED_MS {
                break;
            }
            last = next;
        }
        shortest.map(|ms| Duration::from_millis(ms.unsigned_abs()))
    }
}
