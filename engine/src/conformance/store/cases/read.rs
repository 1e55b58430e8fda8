//! Reading events.

use std::sync::Arc;

use super::bench::{Bench, at, events, unknown};
use super::sample;
use crate::host::Append;
use crate::value::Text;

pub(super) async fn every_kind_of_event_comes_back(bench: Bench) {
    let lease = bench.begin("r").await;
    let mut written: Vec<_> = (0..=255_u8)
        .map(|kind| sample::record(u64::from(kind), at(i64::from(kind) * 7), kind))
        .collect();
    written.push(sample::ended(256, at(-5), crate::Status::Failed));
    let append = Append::new(&lease, 0, Arc::new(written.clone()));
    assert_eq!(bench.0.append(append).await, Ok(()));
    // One by one: a failure names the event and no other.
    let read = bench.all("r").await;
    for (read, written) in read.iter().zip(&written) {
        assert_eq!(read, written);
    }
    assert_eq!(read.len(), written.len());
}

pub(super) async fn a_part_is_what_was_asked_for(bench: Bench) {
    let lease = bench.begin("r").await;
    bench.append(&lease, 0, 7).await.unwrap();
    let other = bench.begin("s").await;
    bench.append(&other, 0, 9).await.unwrap();
    bench.append(&lease, 7, 3).await.unwrap();
    let all = events(0, 10);
    for (from, limit) in [(0, 10), (0, 3), (3, 4), (6, 2), (9, 1), (5, 99)] {
        let last = (from + limit).min(10);
        assert_eq!(bench.read("r", from as u64, limit).await, all[from..last]);
    }
    for from in [10, 11, u64::from(u32::MAX), u64::MAX] {
        assert_eq!(bench.read("r", from, usize::MAX).await, []);
    }
    assert_eq!(bench.read("r", 0, 0).await, []);
    assert_eq!(bench.all("r").await, *all);
}

pub(super) async fn there_must_be_a_run(bench: Bench) {
    assert_eq!(bench.0.read(&Text::from("r"), 0, 1).await, unknown("r"));
    assert_eq!(bench.0.head(&Text::from("r")).await, unknown("r"));
    assert_eq!(bench.0.entry(&Text::from("r")).await, unknown("r"));
}
