//! Keeping the states of runs.

use super::bench::{Bench, unknown};
use crate::value::Text;

pub(super) async fn the_latest_of_at_most_so_many_events(bench: Bench) {
    bench.create("r").await;
    bench.create("s").await;
    let run = Text::from("r");
    for events in [10, 0, 20] {
        let state = Text::from(format!("after {events}"));
        let kept = bench.0.keep_snapshot(&run, events, state).await;
        assert_eq!(kept, Ok(()));
    }
    let expected = [(0, 0), (9, 0), (10, 10), (19, 10), (20, 20), (u64::MAX, 20)];
    for (at_most, events) in expected {
        let state = Text::from(format!("after {events}"));
        let found = bench.0.snapshot(&run, at_most).await;
        assert_eq!(found, Ok(Some((events, state))));
    }
    assert_eq!(bench.0.snapshot(&Text::from("s"), 99).await, Ok(None));
    // Kept again after as many events.
    let state = Text::from("\u{1F600}\"");
    let kept = bench.0.keep_snapshot(&run, 10, state.clone()).await;
    assert_eq!(kept, Ok(()));
    assert_eq!(bench.0.snapshot(&run, 11).await, Ok(Some((10, state))));
}

pub(super) async fn there_must_be_a_run(bench: Bench) {
    let run = Text::from("r");
    let kept = bench.0.keep_snapshot(&run, 0, Text::from("state")).await;
    assert_eq!(kept, unknown("r"));
    assert_eq!(bench.0.snapshot(&run, 0).await, unknown("r"));
}
