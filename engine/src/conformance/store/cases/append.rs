//! Adding events.

use std::sync::Arc;

use super::bench::{Bench, answer, at, events, park};
use super::sample;
use crate::Status;
use crate::host::{Append, Lease, Notice, Release, StoreError};

fn sequence(expected: u64, found: u64) -> Result<(), StoreError> {
    Err(StoreError::Sequence {
        run: "r".to_owned(),
        expected,
        found,
    })
}

fn fenced(epoch: u64, current: u64) -> Result<(), StoreError> {
    Err(StoreError::Fenced {
        run: "r".to_owned(),
        epoch,
        current,
    })
}

fn over<T>(status: Status) -> Result<T, StoreError> {
    Err(StoreError::Over {
        run: "r".to_owned(),
        status,
    })
}

pub(super) async fn events_are_kept_in_order(bench: Bench) {
    let lease = bench.begin("r").await;
    for (first, n) in [(0, 3), (3, 1), (4, 0), (4, 5)] {
        assert_eq!(bench.append(&lease, first, n).await, Ok(()));
        assert_eq!(bench.entry("r").await.events, first + n);
    }
    assert_eq!(bench.all("r").await, *events(0, 9));
    assert_eq!(bench.entry("r").await.updated, at(50));
}

pub(super) async fn a_gap_is_refused(bench: Bench) {
    let lease = bench.begin("r").await;
    assert_eq!(bench.append(&lease, 1, 2).await, sequence(1, 0));
    assert_eq!(bench.append(&lease, 0, 3).await, Ok(()));
    for wrong in [0, 2, 4, u64::MAX - 9] {
        assert_eq!(bench.append(&lease, wrong, 1).await, sequence(wrong, 3));
        assert_eq!(bench.append(&lease, wrong, 0).await, sequence(wrong, 3));
    }
    assert_eq!(bench.append(&lease, 3, 1).await, Ok(()));
}

pub(super) async fn events_numbered_otherwise_are_refused(bench: Bench) {
    let lease = bench.begin("r").await;
    let shifted = Append::new(&lease, 0, events(1, 2));
    assert_eq!(bench.0.append(shifted).await, sequence(1, 0));
    let mut holed = events(0, 3).to_vec();
    holed.remove(1);
    let holed = Append::new(&lease, 0, Arc::new(holed));
    assert_eq!(bench.0.append(holed).await, sequence(2, 1));
    assert_eq!(bench.all("r").await, []);
}

pub(super) async fn nothing_of_a_refused_append_is_kept(bench: Bench) {
    let lease = bench.begin("r").await;
    assert_eq!(bench.append(&lease, 0, 2).await, Ok(()));
    let number = bench.send("r", answer(1)).await.unwrap();
    let before = bench.entry("r").await;
    let ended = || Arc::new(vec![sample::ended(3, at(99), Status::Completed)]);
    let gap = Append::new(&lease, 3, ended())
        .sync(true)
        .heard(vec![number]);
    let stale = Lease::new("r", "a", 9);
    let stale = Append::new(&stale, 2, events(2, 2)).heard(vec![number]);
    assert!(bench.0.append(gap).await.is_err());
    assert!(bench.0.append(stale).await.is_err());
    assert_eq!(bench.entry("r").await, before);
    assert_eq!(bench.all("r").await, *events(0, 2));
    assert_eq!(bench.messages("r").await, [(number, answer(1))]);
}

pub(super) async fn a_lease_that_was_taken_over_is_fenced(bench: Bench) {
    let old = bench.begin("r").await;
    assert_eq!(bench.append(&old, 0, 1).await, Ok(()));
    let new = bench.take("r", "b", 100).await;
    assert_eq!(bench.append(&old, 1, 1).await, fenced(1, 2));
    // The right is looked at before the place.
    assert_eq!(bench.append(&old, 7, 1).await, fenced(1, 2));
    assert_eq!(bench.append(&old, 1, 0).await, fenced(1, 2));
    assert_eq!(bench.append(&new, 1, 1).await, Ok(()));
    assert_eq!(bench.append(&old, 2, 1).await, fenced(1, 2));
}

pub(super) async fn a_lease_that_nobody_had_is_fenced(bench: Bench) {
    bench.create("r").await;
    let forged = |owner: &str, epoch| Lease::new("r", owner, epoch);
    assert_eq!(
        bench.append(&forged("a", 0), 0, 1).await,
        fenced(0, 0),
        "nobody has it"
    );
    bench.take("r", "a", 0).await;
    for (owner, epoch) in [("a", 0), ("a", 2), ("b", 1), ("", 1)] {
        let forged = forged(owner, epoch);
        assert_eq!(bench.append(&forged, 0, 1).await, fenced(epoch, 1));
    }
}

pub(super) async fn a_lease_given_back_is_fenced(bench: Bench) {
    let first = bench.begin("r").await;
    assert_eq!(bench.release(&first, Release::Queue, 1).await, Ok(()));
    assert_eq!(bench.append(&first, 0, 1).await, fenced(1, 1));
    let second = bench.take("r", "a", 2).await;
    assert_eq!(bench.release(&second, park(None), 3).await, Ok(()));
    assert_eq!(bench.append(&second, 0, 1).await, fenced(2, 2));
}

pub(super) async fn a_lease_whose_time_has_ended_holds(bench: Bench) {
    let lease = bench.begin("r").await;
    // The others know by their clocks that it is free; nobody has taken it.
    bench.create("s").await;
    bench.take("s", "b", 10_000).await;
    assert_eq!(bench.append(&lease, 0, 1).await, Ok(()));
}

pub(super) async fn an_end_sets_the_status_and_ends_the_lease(bench: Bench) {
    for status in [Status::Completed, Status::Failed, Status::Cancelled] {
        let lease = bench.begin("r").await;
        assert_eq!(bench.append(&lease, 0, 1).await, Ok(()));
        bench.end(&lease, 1, status).await;
        let entry = bench.entry("r").await;
        assert_eq!((entry.status, entry.events), (status, 2));
        assert_eq!((entry.owner, entry.epoch), (None, 1));
        assert_eq!(entry.updated, at(77));
        assert_eq!(
            bench.all("r").await[1..],
            [sample::ended(1, at(77), status)]
        );
        assert_eq!(bench.claim_one("r", "b", 999).await, over(status));
        // Nobody has it, so it can go.
        assert_eq!(bench.0.delete(&lease.run, at(1)).await, Ok(()));
    }
}

pub(super) async fn nothing_follows_an_end(bench: Bench) {
    let lease = bench.begin("r").await;
    bench.end(&lease, 0, Status::Failed).await;
    let over = || over(Status::Failed);
    assert_eq!(bench.append(&lease, 1, 1).await, over());
    assert_eq!(bench.append(&lease, 1, 0).await, over());
    assert_eq!(bench.append(&Lease::new("r", "b", 9), 5, 1).await, over());
    assert_eq!(bench.release(&lease, Release::Queue, 1).await, over());
    assert_eq!(bench.release(&lease, park(None), 1).await, over());
    let lost = vec![Notice::Lost(lease.run.clone())];
    assert_eq!(bench.beat(&[lease], 1).await, lost);
}

pub(super) async fn messages_that_were_heard_are_dropped(bench: Bench) {
    let lease = bench.begin("r").await;
    bench.create("s").await;
    let mut numbers = Vec::new();
    for nth in 0..3 {
        numbers.push(bench.send("r", answer(nth)).await.unwrap());
        bench.send("s", answer(nth)).await.unwrap();
    }
    let (first, last) = (numbers[0], numbers[2]);
    let append = Append::new(&lease, 0, events(0, 1)).heard(vec![last, first, 99_999]);
    assert_eq!(bench.0.append(append).await, Ok(()));
    assert_eq!(bench.messages("r").await, [(numbers[1], answer(1))]);
    assert_eq!(bench.messages("s").await.len(), 3, "those of another run");
    // They need not have left an event.
    let append = Append::new(&lease, 1, events(1, 0)).heard(vec![first, numbers[1]]);
    assert_eq!(bench.0.append(append).await, Ok(()));
    assert_eq!(bench.messages("r").await, []);
}

pub(super) async fn no_events_may_be_appended(bench: Bench) {
    let lease = bench.begin("r").await;
    assert_eq!(bench.append(&lease, 0, 2).await, Ok(()));
    let before = bench.entry("r").await;
    for sync in [true, false] {
        let nothing = Append::new(&lease, 2, events(2, 0)).sync(sync);
        assert_eq!(bench.0.append(nothing).await, Ok(()));
    }
    assert_eq!(bench.entry("r").await, before);
}

pub(super) async fn there_must_be_a_run(bench: Bench) {
    let lease = Lease::new("r", "a", 1);
    assert_eq!(bench.append(&lease, 0, 1).await, super::bench::unknown("r"));
}
