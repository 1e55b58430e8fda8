//! Forgetting runs.

use super::bench::{Bench, answer, at, events, park, unknown};
use super::sample::new_run;
use crate::host::{Created, Lease, RunEntry, RunQuery, StoreError};
use crate::value::Text;

async fn filled(bench: &Bench, name: &str) -> Lease {
    bench.accept(new_run(name, 0).key(name)).await;
    let lease = bench.take(name, "a", 0).await;
    bench.append(&lease, 0, 5).await.unwrap();
    bench.send(name, answer(1)).await.unwrap();
    let state = Text::from("state");
    let kept = bench.0.keep_snapshot(&lease.run, 3, state).await;
    kept.unwrap();
    lease
}

pub(super) async fn nothing_is_left(bench: Bench) {
    let lease = filled(&bench, "r").await;
    let run = &lease.run;
    assert_eq!(bench.0.delete(run, at(100)).await, Ok(()));
    assert_eq!(bench.0.entry(run).await, unknown("r"));
    assert_eq!(bench.0.read(run, 0, 9).await, unknown("r"));
    assert_eq!(bench.0.delete(run, at(100)).await, unknown("r"));
    assert_eq!(bench.append(&lease, 5, 1).await, unknown("r"));
    assert_eq!(bench.list(RunQuery::latest(9)).await, Vec::<Text>::new());
    assert_eq!(bench.claim(9, 999).await, Vec::<Text>::new());
    // One of the same name and key begins anew.
    let again = new_run("r", 7).key("r");
    assert_eq!(bench.0.create(again.clone()).await, Ok(Created::Fresh));
    assert_eq!(bench.entry("r").await, RunEntry::new(&again));
    assert_eq!(bench.all("r").await, []);
    assert_eq!(bench.messages("r").await, []);
    assert_eq!(bench.0.snapshot(run, 9).await, Ok(None));
}

pub(super) async fn a_run_in_motion_stays(bench: Bench) {
    let lease = filled(&bench, "r").await;
    let leased = Err(StoreError::Leased {
        run: "r".to_owned(),
        owner: "a".to_owned(),
        until_ms: 100,
    });
    assert_eq!(bench.0.delete(&lease.run, at(99)).await, leased);
    assert_eq!(bench.all("r").await, *events(0, 5));
    bench.begin("s").await;
    let parked = bench.begin("t").await;
    bench.release(&parked, park(None), 0).await.unwrap();
    bench.create("u").await;
    assert_eq!(bench.0.delete(&Text::from("t"), at(0)).await, Ok(()));
    assert_eq!(bench.0.delete(&Text::from("u"), at(0)).await, Ok(()));
    assert_eq!(
        bench.0.delete(&Text::from("never"), at(0)).await,
        unknown("never")
    );
}

pub(super) async fn others_stay(bench: Bench) {
    for name in ["r", "s", "t"] {
        filled(&bench, name).await;
    }
    assert_eq!(bench.0.delete(&Text::from("s"), at(100)).await, Ok(()));
    for name in ["r", "t"] {
        assert_eq!(bench.all(name).await, *events(0, 5));
        assert_eq!(bench.messages(name).await.len(), 1);
        let snapshot = bench.0.snapshot(&Text::from(name), 9).await;
        assert_eq!(snapshot, Ok(Some((3, Text::from("state")))));
    }
    assert_eq!(
        bench.list(RunQuery::latest(9)).await,
        ["t", "r"].map(Text::from)
    );
}
