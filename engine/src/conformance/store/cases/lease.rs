//! Keeping leases and giving them back.

use super::bench::{Bench, answer, at, park, unknown};
use crate::Status;
use crate::host::{Lease, Notice, Release, StoreError, WaitReason};
use crate::value::Text;

pub(super) async fn a_heartbeat_renews(bench: Bench) {
    let leases = [bench.begin("r").await, bench.begin("s").await];
    assert_eq!(bench.beat(&leases, 60).await, []);
    assert_eq!(bench.claim(9, 159).await, Vec::<Text>::new());
    assert_eq!(bench.claim(9, 160).await, ["r", "s"].map(Text::from));
}

pub(super) async fn a_heartbeat_revives_what_nobody_took(bench: Bench) {
    let lease = bench.begin("r").await;
    assert_eq!(bench.beat(&[lease], 5_000).await, []);
    assert_eq!(bench.claim(9, 5_099).await, Vec::<Text>::new());
}

pub(super) async fn a_heartbeat_tells_of_messages_and_losses(bench: Bench) {
    let mut leases = Vec::new();
    for name in ["told", "taken", "quiet", "over", "back", "gone"] {
        leases.push(bench.begin(name).await);
    }
    bench.send("told", answer(1)).await.unwrap();
    bench.take("taken", "b", 100).await;
    bench.send("taken", answer(1)).await.unwrap();
    bench.end(&leases[3], 0, Status::Completed).await;
    bench.release(&leases[4], Release::Queue, 1).await.unwrap();
    bench.0.delete(&leases[5].run, at(100)).await.unwrap();
    leases.push(Lease::new("never", "a", 1));
    let lost = |name: &str| Notice::Lost(Text::from(name));
    let told = [
        Notice::Messages(Text::from("told")),
        lost("taken"),
        lost("over"),
        lost("back"),
        lost("gone"),
        lost("never"),
    ];
    assert_eq!(bench.beat(&leases, 101).await, told);
    // What was not lost holds from then on.
    let held = bench.claim_one("told", "b", 200).await;
    assert!(matches!(held, Err(StoreError::Leased { .. })));
    assert_eq!(bench.beat(&[], 101).await, []);
}

pub(super) async fn a_run_that_is_queued_again_can_be_claimed(bench: Bench) {
    let lease = bench.begin("r").await;
    assert_eq!(bench.release(&lease, Release::Queue, 3).await, Ok(()));
    let entry = bench.entry("r").await;
    assert_eq!((entry.status, entry.owner), (Status::Queued, None));
    assert_eq!((entry.epoch, entry.updated), (1, at(3)));
    assert_eq!(bench.claim(9, 3).await, ["r"].map(Text::from));
}

pub(super) async fn a_parked_run_says_what_for(bench: Bench) {
    bench.create("r").await;
    for (nth, reason) in (0..).zip(WaitReason::ALL) {
        let lease = bench.take("r", "a", nth).await;
        let until = (nth % 2 == 0).then(|| at(1_000 + nth));
        let how = Release::Park {
            reason: *reason,
            until,
        };
        assert_eq!(bench.release(&lease, how, nth).await, Ok(()));
        let entry = bench.entry("r").await;
        assert_eq!((entry.status, entry.owner), (Status::Waiting, None));
        assert_eq!((entry.waits, entry.until), (Some(*reason), until));
        assert_eq!(entry.updated, at(nth));
    }
}

pub(super) async fn parking_while_a_message_waits_queues(bench: Bench) {
    let lease = bench.begin("r").await;
    bench.send("r", answer(1)).await.unwrap();
    assert_eq!(bench.release(&lease, park(Some(999)), 1).await, Ok(()));
    let entry = bench.entry("r").await;
    assert_eq!((entry.status, entry.owner), (Status::Queued, None));
    assert_eq!((entry.waits, entry.until), (None, None));
}

pub(super) async fn only_its_owner_gives_a_lease_back(bench: Bench) {
    let old = bench.begin("r").await;
    let new = bench.take("r", "b", 100).await;
    let fenced = |epoch, current| {
        Err(StoreError::Fenced {
            run: "r".to_owned(),
            epoch,
            current,
        })
    };
    assert_eq!(bench.release(&old, Release::Queue, 1).await, fenced(1, 2));
    assert_eq!(bench.release(&old, park(None), 1).await, fenced(1, 2));
    assert_eq!(bench.entry("r").await.owner, Some(Text::from("b")));
    assert_eq!(bench.release(&new, Release::Queue, 1).await, Ok(()));
    assert_eq!(bench.release(&new, Release::Queue, 1).await, fenced(2, 2));
    let never = Lease::new("never", "a", 1);
    assert_eq!(
        bench.release(&never, Release::Queue, 1).await,
        unknown("never")
    );
}
