//! Accepting runs.

use super::bench::Bench;
use super::sample::{ODD, new_run};
use crate::Status;
use crate::host::{Created, RunEntry, RunQuery, StoreError};
use crate::value::Text;

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
    bench.accept(new_run("r", 1).key("k")).await;
    assert_eq!(bench.0.create(new_run("s", 2).key("k")).await, known);
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
