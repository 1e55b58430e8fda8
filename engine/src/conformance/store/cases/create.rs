//! Accepting runs.

use super::bench::{Bench, TTL, park};
use super::sample::{ODD, labels, new_run};
use crate::Status;
use crate::host::{Created, Lease, NewRun, RunEntry, RunQuery, StoreError};
use crate::value::{Map, Text};

pub(super) async fn a_run_is_queued(bench: Bench) {
    let new = new_run("r", 5);
    bench.accept(new.clone()).await;
    assert_eq!(bench.entry("r").await, RunEntry::new(&new));
    assert_eq!(bench.0.head(&Text::from("r")).await, Ok(new.head));
    assert_eq!(bench.all("r").await, []);
    assert_eq!(bench.messages("r").await, []);
    assert_eq!(bench.0.snapshot(&Text::from("r"), 9).await, Ok(None));
}

pub(super) async fn an_id_is_given_once(bench: Bench) {
    let first = new_run("r", 1);
    bench.accept(first.clone()).await;
    let exists = StoreError::Exists {
        run: "r".to_owned(),
    };
    let second = new_run("r", 2).graph("other", "sha256:1");
    assert_eq!(bench.0.create(second).await, Err(exists));
    assert_eq!(bench.entry("r").await, RunEntry::new(&first));
}

pub(super) async fn a_key_means_the_run_that_had_it_first(bench: Bench) {
    let known = Ok(Created::Known(Text::from("r")));
    assert_eq!(bench.0.keyed("k").await, Ok(None));
    bench.accept(new_run("r", 1).key("k")).await;
    assert_eq!(bench.0.create(new_run("s", 2).key("k")).await, known);
    assert_eq!(bench.0.keyed("k").await, Ok(Some(Text::from("r"))));
    assert_eq!(bench.0.keyed("other").await, Ok(None));
    assert_eq!(bench.list(RunQuery::latest(9)).await, ["r"].map(Text::from));
    bench.accept(new_run("t", 2).key("other")).await;
    // Also under its own id, and when it is over.
    assert_eq!(bench.0.create(new_run("r", 3).key("k")).await, known);
    assert_eq!(bench.0.create(new_run("t", 3).key("k")).await, known);
    let lease = bench.take("r", "a", 0).await;
    bench.end(&lease, 0, Status::Completed).await;
    assert_eq!(bench.0.create(new_run("s", 4).key("k")).await, known);
}

pub(super) async fn a_refused_run_takes_no_key(bench: Bench) {
    bench.create("r").await;
    let refused = bench.0.create(new_run("r", 2).key("k")).await;
    assert!(matches!(refused, Err(StoreError::Exists { .. })));
    bench.accept(new_run("s", 2).key("k")).await;
}

pub(super) async fn runs_may_be_called_anything(bench: Bench) {
    for (nth, name) in ODD.iter().enumerate() {
        let new = new_run(name, nth as i64).key(*name).graph(*name, *name);
        bench.accept(new.clone()).await;
        assert_eq!(bench.entry(name).await, RunEntry::new(&new));
        let again = bench.0.create(new_run("other", 0).key(*name)).await;
        assert_eq!(again, Ok(Created::Known(Text::from(*name))));
    }
    let listed = bench.list(RunQuery::latest(usize::MAX)).await;
    let latest: Vec<Text> = ODD.iter().rev().map(|name| Text::from(*name)).collect();
    assert_eq!(listed, latest);
}

pub(super) async fn what_is_said_of_a_run_stays(bench: Bench) {
    let mut news = Vec::new();
    for (nth, odd) in ODD.iter().enumerate() {
        let each = ODD.iter().map(|name| (*name, *odd));
        let new = new_run(&format!("r{nth}"), 5)
            .tenant(*odd)
            .source(*odd)
            .labels(Map::from_iter(each));
        bench.accept(new.clone()).await;
        news.push(new);
    }
    for new in news {
        let run = new.run.as_str();
        let same = |entry: &RunEntry| {
            let RunEntry {
                tenant,
                source,
                labels,
                ..
            } = entry;
            assert_eq!((tenant, source), (&new.tenant, &new.source));
            assert_eq!(*labels, new.labels);
        };
        same(&bench.entry(run).await);
        let lease = bench.take(run, "a", 0).await;
        bench.append(&lease, 0, 3).await.unwrap();
        same(&bench.entry(run).await);
        bench.release(&lease, park(None), 1).await.unwrap();
        same(&bench.entry(run).await);
        let lease = bench.take(run, "b", 2).await;
        bench.end(&lease, 3, Status::Completed).await;
        same(&bench.entry(run).await);
        let listed = bench.0.entries(RunQuery::latest(99)).await.unwrap();
        let listed = listed.iter().find(|entry| entry.run == new.run);
        same(listed.unwrap());
    }
}

fn refused(run: &str, found: &str, expected: &str) -> Result<Created, StoreError> {
    Err(StoreError::Labels {
        run: run.to_owned(),
        found: found.to_owned(),
        expected: expected.to_owned(),
    })
}

pub(super) async fn labels_may_be_so_large(bench: Bench) {
    let new = new_run("r", 0).labels(labels(2));
    bench.accept(new.clone()).await;
    assert_eq!(bench.entry("r").await.labels, new.labels);
    let larger = new_run("s", 0).labels(labels(3)).key("k");
    let bytes = NewRun::MAX_LABELS_BYTES + 1;
    let answer = refused("s", &format!("{bytes} bytes of JSON"), "at most 8192");
    assert_eq!(bench.0.create(larger).await, answer);
    // Neither the id nor the key is taken.
    bench.accept(new_run("s", 0).key("k")).await;
}

pub(super) async fn labels_are_texts(bench: Bench) {
    let answer = refused("r", "integer under \"n\"", "a text");
    let new = new_run("r", 0).labels(labels(4));
    assert_eq!(bench.0.create(new).await, answer);
    assert_eq!(bench.list(RunQuery::latest(9)).await, Vec::<Text>::new());
}

pub(super) async fn a_run_is_claimed_when_it_is_accepted(bench: Bench) {
    let new = new_run("r", 5).claimed_by("a", TTL).tenant("t").key("k");
    let lease = Lease::new("r", "a", 1);
    let held = Ok(Created::Held(lease.clone()));
    assert_eq!(bench.0.create(new.clone()).await, held);
    let entry = bench.entry("r").await;
    assert_eq!(entry, RunEntry::new(&new));
    assert_eq!(entry.status, Status::Running);
    assert_eq!((entry.epoch, entry.owner), (1, Some(Text::from("a"))));
    assert_eq!(bench.claim(9, 5).await, Vec::<Text>::new());
    let running = RunQuery::latest(9).status(Status::Running);
    assert_eq!(bench.list(running).await, [Text::from("r")]);
    bench.append(&lease, 0, 3).await.unwrap();
    assert_eq!(bench.beat(std::slice::from_ref(&lease), 50).await, []);
    bench.end(&lease, 3, Status::Completed).await;
    assert_eq!(bench.entry("r").await.status, Status::Completed);
}

pub(super) async fn a_lease_of_the_beginning_ends_as_any_other(bench: Bench) {
    let new = new_run("r", 5).claimed_by("a", TTL);
    bench.0.create(new).await.unwrap();
    let leased = StoreError::Leased {
        run: "r".to_owned(),
        owner: "a".to_owned(),
        until_ms: 105,
    };
    assert_eq!(bench.claim_one("r", "b", 104).await, Err(leased));
    assert_eq!(bench.claim(9, 104).await, Vec::<Text>::new());
    assert_eq!(bench.claim(9, 105).await, [Text::from("r")]);
    assert_eq!(bench.entry("r").await.epoch, 2);
    let fenced = bench.append(&Lease::new("r", "a", 1), 0, 1).await;
    assert!(
        matches!(fenced, Err(StoreError::Fenced { .. })),
        "{fenced:?}"
    );
}

pub(super) async fn a_known_key_claims_nothing(bench: Bench) {
    bench.accept(new_run("r", 1).key("k")).await;
    let again = new_run("s", 2).key("k").claimed_by("a", TTL);
    let known = Ok(Created::Known(Text::from("r")));
    assert_eq!(bench.0.create(again.clone()).await, known);
    assert_eq!(bench.entry("r").await.status, Status::Queued);
    // And is known by one that was claimed.
    bench.0.create(again.key("l")).await.unwrap();
    let known = Ok(Created::Known(Text::from("s")));
    assert_eq!(bench.0.create(new_run("t", 3).key("l")).await, known);
}
