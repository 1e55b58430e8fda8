//! A year of every zone that has a rule of its own, against jiff.
//!
//! What is expected is said once more and apart from croner: what the clocks of the zone show, second by second where that
//! matters, and minute by minute else. So a rule that croner changes is noticed.

use graphloom::Timestamp;
use graphloom::value::Map;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use proptest::prelude::*;

use super::state::State;
use super::timetable::Timetable;
use crate::wire::{Misfire, Overlap, ScheduleBody, TargetBody};

/// Half hours, quarters, both halves of the world, gaps at midnight and of half an hour, one that has none.
const ZONES: &[&str] = &[
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "America/St_Johns",
];

const MINUTE: i64 = 60_000;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a zone")
}

fn table(cron: &str, name: &str) -> Timetable {
    Timetable::new(cron, zone(name)).expect("an expression")
}

fn at(text: &str) -> Timestamp {
    let moment: jiff::Timestamp = text.parse().expect("a moment");
    Timestamp(moment.as_millisecond())
}

fn shown(time: Timestamp, name: &str) -> Zoned {
    let moment = jiff::Timestamp::from_millisecond(time.as_millis());
    moment.expect("a moment").to_zoned(zone(name))
}

/// Returns all times after a moment and not after another.
fn all(table: &Timetable, from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
    let mut found = Vec::new();
    let mut next = table.after(from);
    while let Some(time) = next.filter(|time| *time <= until) {
        found.push(time);
        next = table.after(time);
    }
    found
}

/// Returns the moment at which a daily time is due: when the clocks show it first, or, where they pass over it, when they
/// have.
fn of_the_day(day: DateTime, name: &str) -> Timestamp {
    let local = zone(name).to_ambiguous_zoned(day);
    if local.is_ambiguous() {
        let earlier = local.clone().earlier().expect("a moment");
        let later = local.later().expect("a moment");
        if earlier.datetime() == day {
            return Timestamp(earlier.timestamp().as_millisecond());
        }
        // In a gap jiff shows the moments before and after it, both on the other side: between them is the change.
        let (low, high) = (
            later.timestamp().min(earlier.timestamp()),
            earlier.timestamp().max(later.timestamp()),
        );
        let before = zone(name).to_offset(low);
        let (mut low, mut high) = (low.as_second(), high.as_second());
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            let moment = jiff::Timestamp::from_second(middle).expect("a moment");
            if zone(name).to_offset(moment) == before {
                low = middle;
            } else {
                high = middle;
            }
        }
        return Timestamp(high * 1_000);
    }
    let only = local.unambiguous().expect("a moment");
    Timestamp(only.timestamp().as_millisecond())
}

#[test]
fn a_time_of_the_day_is_due_once_a_day_in_each_zone() {
    for name in ZONES {
        for (hour, minute) in [
            (0, 0),
            (0, 30),
            (1, 30),
            (2, 0),
            (2, 15),
            (2, 30),
            (3, 0),
            (23, 59),
        ] {
            let table = table(&format!("{minute} {hour} * * *"), name);
            let first = DateTime::constant(2026, 1, 2, hour, minute, 0, 0);
            let mut expected: Vec<Timestamp> = (0..400)
                .map(|day| of_the_day(first + day.days(), name))
                .collect();
            expected.sort_unstable();
            let last = *expected.last().expect("days");
            let before = Timestamp(expected[0].as_millis() - 1);
            let found = all(&table, before, last);
            assert_eq!(found.len(), expected.len(), "{name} {hour}:{minute:02}");
            for (found, expected) in found.iter().zip(&expected) {
                let (found, expected) = (shown(*found, name), shown(*expected, name));
                assert_eq!(found, expected, "{name} {hour}:{minute:02}");
            }
        }
    }
}

/// Says whether the clocks show a time of `*/15` or `30 */2`-like patterns: minutes and hours by the list.
fn every(
    minutes: &[i8],
    hours: &[i8],
    from: Timestamp,
    until: Timestamp,
    name: &str,
) -> Vec<Timestamp> {
    let mut found = Vec::new();
    let mut ms = (from.as_millis() / MINUTE + 1) * MINUTE;
    while ms <= until.as_millis() {
        let local = shown(Timestamp(ms), name);
        let fits = minutes.contains(&local.minute()) && hours.contains(&local.hour());
        if fits && local.second() == 0 {
            found.push(Timestamp(ms));
        }
        ms += MINUTE;
    }
    found
}

#[test]
fn what_recurs_within_a_day_goes_by_the_clocks() {
    let hours: Vec<i8> = (0..24).collect();
    let even: Vec<i8> = (0..24).step_by(2).collect();
    let cases: [(&str, &[i8], &[i8]); 4] = [
        ("*/15 * * * *", &[0, 15, 30, 45], &hours),
        ("30 * * * *", &[30], &hours),
        ("30 */2 * * *", &[30], &even),
        ("10,40 2,3 * * *", &[10, 40], &[2, 3]),
    ];
    let (from, until) = (at("2026-01-01T00:00:00Z"), at("2026-12-31T23:59:00Z"));
    for name in ["Europe/Paris", "Australia/Lord_Howe", "America/St_Johns"] {
        for (cron, minutes, hours) in cases {
            let found = all(&table(cron, name), from, until);
            let expected = every(minutes, hours, from, until, name);
            assert_eq!(found, expected, "{cron} in {name}");
        }
    }
}

#[test]
fn the_examples_of_the_guide() {
    // (expression, zone, after, what comes next on the clocks there)
    let cases = [
        (
            "30 2 * * *",
            "Europe/Paris",
            "2026-03-28T12:00:00Z",
            "2026-03-29T03:00:00+02:00[Europe/Paris]",
        ),
        (
            "30 2 * * *",
            "Europe/Paris",
            "2026-10-24T12:00:00Z",
            "2026-10-25T02:30:00+02:00[Europe/Paris]",
        ),
        (
            "30 2 * * *",
            "Europe/Paris",
            "2026-10-25T00:30:00Z",
            "2026-10-26T02:30:00+01:00[Europe/Paris]",
        ),
        (
            "30 * * * *",
            "Europe/Paris",
            "2026-03-29T00:30:00Z",
            "2026-03-29T03:30:00+02:00[Europe/Paris]",
        ),
        (
            "30 * * * *",
            "Europe/Paris",
            "2026-10-25T00:30:00Z",
            "2026-10-25T02:30:00+01:00[Europe/Paris]",
        ),
        (
            "0 9 * * 1",
            "UTC",
            "2026-11-21T00:00:00Z",
            "2026-11-23T09:00:00+00:00[UTC]",
        ),
        (
            "0 9 * * 7",
            "UTC",
            "2026-11-21T00:00:00Z",
            "2026-11-22T09:00:00+00:00[UTC]",
        ),
        (
            "0 0 29 2 *",
            "UTC",
            "2026-11-21T00:00:00Z",
            "2028-02-29T00:00:00+00:00[UTC]",
        ),
        (
            "0 0 L * *",
            "UTC",
            "2026-11-21T00:00:00Z",
            "2026-11-30T00:00:00+00:00[UTC]",
        ),
        (
            "* * * * * *",
            "UTC",
            "2026-11-21T00:00:00.999Z",
            "2026-11-21T00:00:01+00:00[UTC]",
        ),
        (
            "@hourly",
            "UTC",
            "2026-11-21T00:00:00Z",
            "2026-11-21T01:00:00+00:00[UTC]",
        ),
    ];
    for (cron, name, after, expected) in cases {
        let next = table(cron, name).after(at(after)).expect("it comes");
        assert_eq!(
            shown(next, name).to_string(),
            expected,
            "{cron} after {after}"
        );
    }
}

/// 84. Times that never come, and those behind the end of the calendar.
#[test]
fn what_never_comes_is_known() {
    for cron in ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 30 2 +MON"] {
        assert_eq!(
            table(cron, "UTC").after(at("2026-11-21T00:00:00Z")),
            None,
            "{cron}"
        );
    }
    for late in [
        "5000-12-31T23:59:59Z",
        "5001-01-01T00:00:00Z",
        "9999-12-30T00:00:00Z",
    ] {
        assert_eq!(table("* * * * * *", "UTC").after(at(late)), None, "{late}");
    }
    assert_eq!(table("* * * * *", "UTC").after(Timestamp(i64::MAX)), None);
    for early in [Timestamp(i64::MIN), Timestamp(-1)] {
        let next = table("* * * * *", "UTC").after(early);
        assert!(next.is_none_or(|next| next > early), "{early:?}");
    }
}

#[test]
fn expressions_that_are_none() {
    let long = "1,".repeat(80) + "1 * * * *";
    for bad in [
        "",
        " ",
        "* * * *",
        "* * * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "*/0 * * * *",
        "5-1 * * * *",
        "@reboot",
        "@",
        "é * * * *",
        "* * * * MOO",
        "a b c d e",
        &long,
    ] {
        assert!(Timetable::new(bad, TimeZone::UTC).is_err(), "{bad:?}");
    }
}

#[test]
fn the_shortest_pause_is_found() {
    let pause = |cron| {
        let found = table(cron, "UTC").shortest_pause(at("2026-11-21T00:00:00Z"));
        found.expect("two times").as_secs()
    };
    assert_eq!(pause("* * * * * *"), 1);
    assert_eq!(pause("* * * * *"), 60);
    assert_eq!(pause("0,1 0 * * *"), 60);
    assert_eq!(pause("0 0 * * *"), 86_400);
    assert_eq!(pause("59 23 31 12 *"), 365 * 86_400);
    assert_eq!(pause("0,59 0,59 0,23 * * *"), 1);
}

fn body(cron: &str, zone: &str, misfire: Misfire) -> ScheduleBody {
    ScheduleBody {
        name: "year".into(),
        target: TargetBody::default(),
        inputs: Map::new(),
        cron: cron.to_owned(),
        time_zone: zone.into(),
        misfire,
        catch_up_limit: 1_000,
        overlap: Overlap::Allow,
        enabled: true,
        starts_at: None,
        ends_at: None,
        labels: std::collections::BTreeMap::new(),
        callback: None,
    }
}

/// Drives a schedule as the loop does: somebody looks at these moments, and sometimes is killed with a claim.
fn drive(body: &ScheduleBody, table: &Timetable, looks: &[(Timestamp, bool)]) -> Vec<Timestamp> {
    let mut state = State::default().rewritten(body, table, looks[0].0);
    let mut ran = Vec::new();
    for (now, killed) in looks {
        if state.due().is_none_or(|due| due > *now) {
            continue;
        }
        state.claim(body, table, *now);
        let claim = state.claim.clone().expect("it was claimed");
        if *killed {
            continue;
        }
        ran.extend(claim.times);
        state.claim = None;
    }
    ran
}

const CRONS: &[&str] = &[
    "30 2 * * *",
    "0 * * * *",
    "*/20 1-3 * * *",
    "0 0 * * SUN",
    "15 0 1 * *",
    "0 12 L * *",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whenever somebody looks, however long nobody does, whoever is killed, and although clocks are put back.
    #[test]
    fn no_time_is_run_twice_and_none_is_missed(
        zone in proptest::sample::select(ZONES),
        cron in proptest::sample::select(CRONS),
        steps in proptest::collection::vec((-3_600_i64..400_000, proptest::bool::weighted(0.1)), 200..400),
    ) {
        let table = table(cron, zone);
        let start = at("2026-01-01T00:00:00Z").as_millis();
        let mut now = start;
        let mut looks = vec![(Timestamp(now), false)];
        for (step, killed) in steps {
            now += step * 1_000;
            looks.push((Timestamp(now), killed));
        }
        // Nobody is killed any more: what was claimed is taken over.
        let end = looks.iter().map(|(at, _)| at.as_millis()).max().unwrap_or(now) + 120_000;
        looks.push((Timestamp(end), false));
        looks.push((Timestamp(end), false));
        let expected = all(&table, Timestamp(start), Timestamp(end));
        prop_assume!(expected.len() < 1_000);

        let mut ran = drive(&body(cron, zone, Misfire::All), &table, &looks);
        ran.sort_unstable();
        prop_assert_eq!(&ran, &expected);

        // With `once`, each look runs the latest of those that have passed.
        let once = drive(&body(cron, zone, Misfire::Once), &table, &looks);
        let mut sorted = once.clone();
        sorted.sort_unstable();
        sorted.dedup();
        prop_assert_eq!(&sorted, &once, "in order, none twice");
        prop_assert!(once.iter().all(|time| expected.contains(time)));
        prop_assert_eq!(once.last(), expected.last());
    }

    /// However many times there were, the last of them are found as they would be one by one.
    #[test]
    fn the_last_times_are_those_that_come_last(
        zone in proptest::sample::select(ZONES),
        cron in proptest::sample::select(CRONS),
        from in 0_i64..31_000_000,
        span in 0_i64..40_000_000,
        count in 1_usize..5,
    ) {
        let table = table(cron, zone);
        let start = at("2026-01-01T00:00:00Z").as_millis() + from * 1_000;
        let Some(first) = table.after(Timestamp(start)) else {
            return Err(TestCaseError::fail("it recurs"));
        };
        let until = Timestamp(start + span * 1_000);
        let expected = all(&table, Timestamp(start), until);
        let skip = expected.len().saturating_sub(count);
        prop_assert_eq!(table.last(first, until, count), &expected[skip..]);
    }
}
