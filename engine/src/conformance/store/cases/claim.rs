//! Claiming runs.

use super::bench::{Bench, TTL, answer, at, park, unknown};
use super::sample::new_run;
use crate::Status;
use crate::host::{Claim, Release, StoreError};
use crate::value::Text;

fn names<const N: usize>(names: [&str; N]) -> Vec<Text> {
    names.map(Text::from).to_vec()
}

pub(super) async fn the_oldest_come_first(bench: Bench) {
    // The order is that of acceptance, whatever the clock said.
    for (name, created) in [("c", 30), ("a", 10), ("b", 20)] {
        bench.accept(new_run(name, created)).await;
    }
    assert_eq!(bench.claim(9, 0).await, names(["c", "a", "b"]));
    // And holds between all reasons to go on.
    bench.create("d").await;
    assert_eq!(bench.claim(9, 100).await, names(["c", "a", "b", "d"]));
}

pub(super) async fn no_more_than_asked_for(bench: Bench) {
    for name in ["a", "b", "c"] {
        bench.create(name).await;
    }
    assert_eq!(bench.claim(0, 0).await, names([]));
    assert_eq!(bench.claim(2, 0).await, names(["a", "b"]));
    assert_eq!(bench.claim(2, 0).await, names(["c"]));
    assert_eq!(bench.claim(2, 0).await, names([]));
    assert_eq!(bench.claim(usize::MAX, 100).await, names(["a", "b", "c"]));
}

pub(super) async fn a_queued_run_is_claimed_once(bench: Bench) {
    bench.accept(new_run("r", 5)).await;
    let claim = Claim::any("me", 1, TTL, at(9));
    let leases = bench.0.claim(claim).await.unwrap();
    let [lease] = leases.as_slice() else {
        panic!("{leases:?}")
    };
    assert_eq!((lease.run.as_str(), lease.owner.as_str()), ("r", "me"));
    assert_eq!(lease.epoch, 1);
    let entry = bench.entry("r").await;
    assert_eq!((entry.status, entry.epoch), (Status::Running, 1));
    assert_eq!(entry.owner, Some(Text::from("me")));
    assert_eq!((entry.created, entry.updated), (at(5), at(9)));
    assert_eq!(bench.claim(9, 10).await, names([]));
}

pub(super) async fn a_lease_that_ends_frees_its_run(bench: Bench) {
    bench.begin("r").await;
    assert_eq!(bench.claim(9, 99).await, names([]));
    assert_eq!(bench.claim(9, 100).await, names(["r"]));
    // The new one counts from its own time.
    assert_eq!(bench.claim(9, 199).await, names([]));
    assert_eq!(bench.claim(9, 200).await, names(["r"]));
}

pub(super) async fn a_run_waits_for_its_time(bench: Bench) {
    let lease = bench.begin("r").await;
    assert_eq!(bench.release(&lease, park(Some(500)), 1).await, Ok(()));
    assert_eq!(bench.claim(9, 499).await, names([]));
    assert_eq!(bench.claim(9, 500).await, names(["r"]));
    let entry = bench.entry("r").await;
    assert_eq!(entry.status, Status::Running);
    assert_eq!((entry.waits, entry.until), (None, None));
}

pub(super) async fn a_message_wakes_a_run(bench: Bench) {
    for (name, until) in [("r", None), ("s", Some(9_999))] {
        let lease = bench.begin(name).await;
        bench.release(&lease, park(until), 1).await.unwrap();
        assert_eq!(bench.claim(9, 2).await, names([]));
        bench.send(name, answer(1)).await.unwrap();
        assert_eq!(bench.entry(name).await.status, Status::Waiting);
        assert_eq!(bench.claim(9, 2).await, names([name]));
        assert_eq!(bench.messages(name).await.len(), 1, "it was not heard yet");
    }
}

pub(super) async fn a_run_that_waits_for_neither_is_left(bench: Bench) {
    let lease = bench.begin("r").await;
    bench.release(&lease, park(None), 1).await.unwrap();
    assert_eq!(bench.claim(9, i64::MAX).await, names([]));
}

pub(super) async fn a_run_that_is_over_is_left(bench: Bench) {
    let lease = bench.begin("r").await;
    bench.send("r", answer(1)).await.unwrap();
    bench.end(&lease, 0, Status::Completed).await;
    assert_eq!(bench.claim(9, i64::MAX).await, names([]));
}

pub(super) async fn by_name_it_may_wait_for_anything(bench: Bench) {
    for (name, until) in [("r", None), ("s", Some(9_999))] {
        let lease = bench.begin(name).await;
        bench.release(&lease, park(until), 1).await.unwrap();
        let lease = bench.take(name, "b", 2).await;
        assert_eq!(lease.epoch, 2);
        let entry = bench.entry(name).await;
        assert_eq!((entry.status, entry.waits), (Status::Running, None));
        assert_eq!(entry.until, None);
    }
}

pub(super) async fn by_name_and_no_other(bench: Bench) {
    for name in ["a", "b", "c"] {
        bench.create(name).await;
    }
    bench.take("b", "me", 0).await;
    assert_eq!(bench.claim(9, 0).await, names(["a", "c"]));
}

pub(super) async fn by_name_it_must_be_free(bench: Bench) {
    bench.begin("r").await;
    let leased = Err(StoreError::Leased {
        run: "r".to_owned(),
        owner: "a".to_owned(),
        until_ms: 100,
    });
    assert_eq!(bench.claim_one("r", "b", 99).await, leased);
    assert_eq!(bench.claim_one("r", "a", 99).await, leased);
    assert_eq!(bench.take("r", "b", 100).await.epoch, 2);
    assert_eq!(bench.take("r", "b", 200).await.epoch, 3, "also to the same");
}

pub(super) async fn by_name_it_must_not_be_over(bench: Bench) {
    let lease = bench.begin("r").await;
    bench.end(&lease, 0, Status::Cancelled).await;
    let over = Err(StoreError::Over {
        run: "r".to_owned(),
        status: Status::Cancelled,
    });
    assert_eq!(bench.claim_one("r", "b", 0).await, over);
    assert_eq!(bench.claim_one("r", "b", 9_999).await, over);
}

pub(super) async fn by_name_there_must_be_one(bench: Bench) {
    bench.create("s").await;
    assert_eq!(bench.claim_one("r", "a", 0).await, unknown("r"));
}

pub(super) async fn numbers_of_leases_grow(bench: Bench) {
    bench.create("r").await;
    for epoch in 1..9 {
        let lease = bench.take("r", "a", 0).await;
        assert_eq!(lease.epoch, epoch);
        let how = if epoch % 2 == 0 {
            park(None)
        } else {
            Release::Queue
        };
        bench.release(&lease, how, 0).await.unwrap();
        assert_eq!(bench.entry("r").await.epoch, epoch);
    }
}
