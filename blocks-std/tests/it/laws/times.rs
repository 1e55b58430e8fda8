//! Moments.

use graphloom::graph::Coercion;
use graphloom::value::{Map, Value};
use graphloom::{Engine, RunOptions, value};

use super::{Bench, Draw, cases};

const ZONES: [&str; 8] = [
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
    "America/St_Johns",
];

/// A moment between the years 1900 and 2100, in milliseconds.
fn moment(draw: &mut Draw) -> i64 {
    draw.within(-2_208_988_800_000, 4_102_444_800_000)
}

async fn text(bench: &Bench, ms: i64, zone: &str) -> Value {
    let shown = format!("{}.{:03}", ms.div_euclid(1_000), ms.rem_euclid(1_000));
    let seconds =
        value!({"text": shown.split('.').next().unwrap(), "format": "%s", "time_zone": zone});
    let whole = bench.get("time.parse", seconds, "moment").await;
    let rest = value!({"moment": whole, "milliseconds": ms.rem_euclid(1_000)});
    bench.get("time.add", rest, "moment").await
}

#[tokio::test]
async fn what_is_formatted_is_parsed_as_the_same() {
    let bench = Bench::new();
    for seed in cases(300) {
        let mut draw = Draw(seed);
        let (ms, zone) = (moment(&mut draw), *draw.one(&ZONES));
        let moment = text(&bench, ms, zone).await;
        let read = bench
            .get("time.parse", value!({"text": moment.clone()}), "moment")
            .await;
        assert_eq!(read, moment, "seed {seed}");
        for (format, exact) in [
            ("iso8601", 1),
            ("rfc2822", 60_000),
            ("%Y-%m-%d %H:%M:%S.%f %::z", 1),
            ("%A, %-d %B %Y, %I:%M:%S %p %::z", 1_000),
            ("%s", 1_000),
            ("%Y %j %T%.f %::z", 1),
        ] {
            let written = value!({"moment": moment.clone(), "format": format, "time_zone": zone});
            let written = bench.get("time.format", written, "text").await;
            let read = value!({"text": written.clone(), "format": format, "time_zone": zone});
            let read = bench
                .get("time.parse", read, "unix_ms")
                .await
                .as_i64()
                .unwrap();
            // Offsets before the days of time zones had seconds, which not every format writes.
            let off = (read - ms).abs();
            assert!(
                off < exact,
                "seed {seed}: {moment} as {written} is {off} ms off"
            );
        }
    }
}

#[tokio::test]
async fn exact_units_are_taken_back_exactly() {
    let bench = Bench::new();
    for seed in cases(500) {
        let mut draw = Draw(seed);
        let zone = *draw.one(&ZONES);
        let at = moment(&mut draw);
        let from = text(&bench, at, zone).await;
        let mut there = Map::new();
        let mut back = Map::new();
        for (unit, most) in [
            ("hours", 100_000),
            ("minutes", 1_000_000),
            ("seconds", 100_000_000),
            ("milliseconds", 100_000_000),
        ] {
            let amount = draw.within(-most, most);
            there.insert(unit, amount);
            back.insert(unit, -amount);
        }
        there.insert("moment", from.clone());
        let to = bench.get("time.add", there.into(), "moment").await;
        back.insert("moment", to);
        let again = bench.get("time.add", back.into(), "moment").await;
        assert_eq!(again, from, "seed {seed}");
    }
}

#[tokio::test]
async fn a_difference_leads_from_the_one_to_the_other() {
    let bench = Bench::new();
    for seed in cases(500) {
        let mut draw = Draw(seed);
        let zone = *draw.one(&ZONES);
        let from = moment(&mut draw);
        // Near ones too, so that days on which the clocks change are among them.
        let far = *draw.one(&[100_000_000, 10_000_000_000, 1_000_000_000_000]);
        let to = from + draw.within(-far, far);
        let (from, to) = (text(&bench, from, zone).await, text(&bench, to, zone).await);
        let largest = *draw.one(&[
            "years", "months", "weeks", "days", "hours", "minutes", "seconds",
        ]);
        let between = value!({"from": from.clone(), "to": to.clone(), "largest": largest});
        let parts = bench.get("time.difference", between, "parts").await;
        let mut add = parts.as_map().unwrap().clone();
        add.insert("moment", from.clone());
        let there = bench.get("time.add", add.into(), "moment").await;
        assert_eq!(there, to, "seed {seed}: {from} and {parts}");
    }
}

#[tokio::test]
async fn days_keep_the_time_of_day() {
    let bench = Bench::new();
    for seed in cases(300) {
        let mut draw = Draw(seed);
        // Never skipped or shown twice, in any of the zones.
        let day = draw.within(1, 28);
        let at = format!(
            "20{:02}-{:02}-{day:02}T12:34:56",
            draw.within(0, 99),
            draw.within(1, 12)
        );
        let zone = *draw.one(&ZONES[1..5]);
        let add = value!({"moment": at, "time_zone": zone, "days": draw.within(-5_000, 5_000)});
        let there = bench.get("time.add", add, "moment").await;
        let written = value!({"moment": there, "format": "%H:%M:%S"});
        let time = bench.get("time.format", written, "text").await;
        assert_eq!(time.as_str(), Some("12:34:56"), "seed {seed}");
    }
}

#[tokio::test]
async fn a_run_has_a_zone_of_its_own_else_the_engines() {
    let mut registry = graphloom::Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    let zone = async |engines: Option<&str>, runs: Option<&str>| {
        let mut engine = Engine::builder(registry.clone());
        if let Some(zone) = engines {
            engine = engine.time_zone(zone);
        }
        let mut options = RunOptions::new();
        if let Some(zone) = runs {
            options = options.time_zone(zone);
        }
        let run = engine
            .build()
            .run_block("time.now", Map::new(), Coercion::Strict, options)
            .await
            .unwrap();
        match run.error {
            Some(failure) => Err(failure.code.as_str()),
            None => Ok(run.outputs[2].1.to_string()),
        }
    };
    assert_eq!(zone(None, None).await.as_deref(), Ok("\"UTC\""));
    assert_eq!(
        zone(Some("Asia/Tokyo"), None).await.as_deref(),
        Ok("\"Asia/Tokyo\"")
    );
    assert_eq!(
        zone(Some("Asia/Tokyo"), Some("Europe/Paris"))
            .await
            .as_deref(),
        Ok("\"Europe/Paris\"")
    );
    assert_eq!(zone(None, Some("Mars/Base")).await, Err("BLOCK_FAILED"));
}
