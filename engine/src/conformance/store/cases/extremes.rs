//! What is large, far off or odd.

use std::sync::Arc;
use std::time::Duration;

use super::bench::{Bench, at};
use super::sample::{self, ODD};
use crate::event::Event;
use crate::host::{Append, Claim, Release, WaitReason};
use crate::value::{Text, Value};

pub(super) async fn times_may_be_far_off(bench: Bench) {
    for (nth, now) in [i64::MIN, -1, 0, i64::MAX].into_iter().enumerate() {
        let name = format!("r{nth}");
        bench.accept(sample::new_run(&name, now)).await;
        let claim = Claim::one("a", name.as_str(), Duration::MAX, at(now));
        let lease = bench.0.claim(claim).await.unwrap().remove(0);
        let record = sample::record(0, at(now), 1);
        let append = Append::new(&lease, 0, Arc::new(vec![record.clone()]));
        assert_eq!(bench.0.append(append).await, Ok(()));
        assert_eq!(bench.all(&name).await, [record]);
        let notices = bench
            .0
            .heartbeat(std::slice::from_ref(&lease), Duration::MAX, at(now));
        assert_eq!(notices.await, Ok(Vec::new()));
        let how = Release::Park {
            reason: WaitReason::Timer,
            until: Some(at(now)),
        };
        assert_eq!(bench.release(&lease, how, now).await, Ok(()));
        let entry = bench.entry(&name).await;
        assert_eq!((entry.created, entry.updated), (at(now), at(now)));
        assert_eq!(entry.until, Some(at(now)));
        assert_eq!(bench.claim(9, now).await, std::slice::from_ref(&lease.run));
        let late = at(now.saturating_add(100));
        assert_eq!(bench.0.delete(&lease.run, late).await, Ok(()));
    }
}

pub(super) async fn events_may_be_large(bench: Bench) {
    let lease = bench.begin("r").await;
    let large = Value::from("\u{e9}\"\\".repeat(100_000));
    let records: Vec<_> = (0..3)
        .map(|seq| {
            let mut record = sample::record(seq, at(1), 3);
            if let Event::Emitted { value, .. } = &mut record.event {
                *value = large.clone();
            }
            record
        })
        .collect();
    let append = Append::new(&lease, 0, Arc::new(records.clone())).sync(true);
    assert_eq!(bench.0.append(append).await, Ok(()));
    assert!(bench.all("r").await == records, "they are not the same");
    let head = Text::from("[0]".repeat(100_000));
    let new = crate::host::NewRun::new("s", head.clone(), at(0));
    bench.accept(new).await;
    assert!(bench.0.head(&Text::from("s")).await == Ok(head));
}

pub(super) async fn texts_may_be_anything(bench: Bench) {
    let lease = bench.begin("r").await;
    let records: Vec<_> = (0..)
        .zip(ODD)
        .map(|(seq, odd)| {
            let mut record = sample::record(seq, at(1), 8);
            if let Event::Paid { key, value, .. } = &mut record.event {
                (*key, *value) = (Text::from(*odd), Value::from(*odd));
            }
            record
        })
        .collect();
    let append = Append::new(&lease, 0, Arc::new(records.clone()));
    assert_eq!(bench.0.append(append).await, Ok(()));
    assert_eq!(bench.all("r").await, records);
    for odd in ODD {
        bench.create(odd).await;
        let lease = bench.take(odd, odd, 0).await;
        assert_eq!(lease.owner.as_str(), *odd);
        assert_eq!(bench.append(&lease, 0, 1).await, Ok(()));
    }
}
