//! Listing runs.

use super::bench::{Bench, park, unknown};
use super::sample::new_run;
use crate::Status;
use crate::host::RunQuery;
use crate::value::Text;

fn names<const N: usize>(names: [&str; N]) -> Vec<Text> {
    names.map(Text::from).to_vec()
}

pub(super) async fn the_latest_come_first(bench: Bench) {
    assert_eq!(bench.list(RunQuery::latest(9)).await, names([]));
    for (name, created) in [("a", 30), ("c", 10), ("b", 20)] {
        bench.accept(new_run(name, created)).await;
    }
    assert_eq!(
        bench.list(RunQuery::latest(9)).await,
        names(["b", "c", "a"])
    );
    assert_eq!(bench.list(RunQuery::latest(2)).await, names(["b", "c"]));
    assert_eq!(bench.list(RunQuery::latest(0)).await, names([]));
    // What happens to runs does not move them.
    let lease = bench.take("c", "a", 5).await;
    bench.end(&lease, 0, Status::Completed).await;
    let entries = bench.0.entries(RunQuery::latest(usize::MAX)).await.unwrap();
    let mut each = Vec::new();
    for name in ["b", "c", "a"] {
        each.push(bench.entry(name).await);
    }
    assert_eq!(entries, each);
}

pub(super) async fn by_status(bench: Bench) {
    for name in ["queued", "queued too"] {
        bench.create(name).await;
    }
    bench.begin("running").await;
    let lease = bench.begin("waiting").await;
    bench.release(&lease, park(None), 1).await.unwrap();
    for status in [Status::Completed, Status::Failed, Status::Cancelled] {
        let lease = bench.begin(status.as_str()).await;
        bench.end(&lease, 0, status).await;
    }
    for status in Status::ALL {
        let query = RunQuery::latest(9).status(*status);
        let mut expected = names([status.as_str()]);
        if *status == Status::Queued {
            expected.insert(0, Text::from("queued too"));
        }
        assert_eq!(bench.list(query).await, expected);
    }
}

pub(super) async fn page_by_page(bench: Bench) {
    for nth in 0..10 {
        bench.create(&format!("r{nth}")).await;
    }
    for nth in [1, 4, 5] {
        let lease = bench.take(&format!("r{nth}"), "a", 0).await;
        bench.end(&lease, 0, Status::Completed).await;
    }
    let mut query = RunQuery::latest(3);
    let mut listed = Vec::new();
    // One page more than there should be: a store that turns in a circle fails below.
    for _ in 0..5 {
        let page = bench.list(query.clone()).await;
        let Some(last) = page.last() else { break };
        query = query.after(last.clone());
        listed.extend(page);
    }
    let all: Vec<Text> = (0..10)
        .rev()
        .map(|nth| Text::from(format!("r{nth}")))
        .collect();
    assert_eq!(listed, all);
    // The run that a page goes on behind need not be one of those listed.
    let done = RunQuery::latest(9).status(Status::Completed).after("r5");
    assert_eq!(bench.list(done.clone()).await, names(["r4", "r1"]));
    assert_eq!(bench.list(done.after("r3")).await, names(["r1"]));
}

pub(super) async fn a_page_must_go_on_behind_a_run(bench: Bench) {
    bench.create("r").await;
    let query = RunQuery::latest(9).after("s");
    assert_eq!(bench.0.entries(query).await, unknown("s"));
}
