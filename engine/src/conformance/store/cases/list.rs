//! Listing runs.

use super::bench::{Bench, at, park, unknown};
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

/// Accepts runs, each with its tenant, its source and when, and ends some.
async fn many(bench: &Bench) {
    for nth in 0..24_i64 {
        let run = format!("r{nth}");
        let tenant = ["", "ada", "bob"][nth as usize % 3];
        let source = ["", "flow"][nth as usize / 3 % 2];
        let new = new_run(&run, nth * 10).tenant(tenant).source(source);
        bench.accept(new).await;
        if nth % 4 == 1 {
            let lease = bench.take(&run, "a", 0).await;
            bench.end(&lease, 0, Status::Failed).await;
        }
    }
}

fn runs(numbers: &[i64]) -> Vec<Text> {
    let name = |nth: &i64| Text::from(format!("r{nth}"));
    numbers.iter().map(name).collect()
}

pub(super) async fn by_tenant(bench: Bench) {
    many(&bench).await;
    let of = |tenant: &str| RunQuery::latest(3).tenant(tenant);
    assert_eq!(bench.list(of("ada")).await, runs(&[22, 19, 16]));
    assert_eq!(bench.list(of("bob")).await, runs(&[23, 20, 17]));
    // Nobody in particular is one of them, and not all.
    assert_eq!(bench.list(of("")).await, runs(&[21, 18, 15]));
    assert_eq!(bench.list(of("eve")).await, runs(&[]));
    assert_eq!(bench.list(of("a")).await, runs(&[]));
    assert_eq!(bench.list(of("ADA")).await, runs(&[]));
    let failed = of("ada").status(Status::Failed);
    assert_eq!(bench.list(failed).await, runs(&[13, 1]));
}

pub(super) async fn by_source(bench: Bench) {
    many(&bench).await;
    let flow = RunQuery::latest(4).source("flow");
    assert_eq!(bench.list(flow.clone()).await, runs(&[23, 22, 21, 17]));
    assert_eq!(
        bench.list(flow.clone().tenant("ada")).await,
        runs(&[22, 16, 10, 4])
    );
    let failed = flow.status(Status::Failed);
    assert_eq!(bench.list(failed.clone()).await, runs(&[21, 17, 9, 5]));
    assert_eq!(bench.list(failed.tenant("bob")).await, runs(&[17, 5]));
    let none = RunQuery::latest(2).source("");
    assert_eq!(bench.list(none.clone()).await, runs(&[20, 19]));
    assert_eq!(bench.list(none.tenant("ada")).await, runs(&[19, 13]));
}

pub(super) async fn by_time(bench: Bench) {
    many(&bench).await;
    let any = || RunQuery::latest(99);
    assert_eq!(bench.list(any().since(at(220))).await, runs(&[23, 22]));
    assert_eq!(bench.list(any().until(at(20))).await, runs(&[1, 0]));
    let between = any().since(at(50)).until(at(80));
    assert_eq!(bench.list(between.clone()).await, runs(&[7, 6, 5]));
    assert_eq!(bench.list(between.tenant("ada")).await, runs(&[7]));
    assert_eq!(
        bench.list(any().since(at(80)).until(at(50))).await,
        runs(&[])
    );
    let far = any().since(at(i64::MIN)).until(at(i64::MAX));
    assert_eq!(bench.list(far).await.len(), 24);
}

pub(super) async fn by_everything_page_by_page(bench: Bench) {
    many(&bench).await;
    let failed = RunQuery::latest(1).status(Status::Failed);
    let queries = [
        (
            RunQuery::latest(2).tenant("ada"),
            vec![22, 19, 16, 13, 10, 7, 4, 1],
        ),
        (
            RunQuery::latest(3).source("flow").tenant(""),
            vec![21, 15, 9, 3],
        ),
        (failed.clone().tenant("bob"), vec![17, 5]),
        (failed.source("flow").since(at(60)), vec![21, 17, 9]),
        (
            RunQuery::latest(1).tenant("bob").until(at(90)),
            vec![8, 5, 2],
        ),
    ];
    for (mut query, expected) in queries {
        let mut listed = Vec::new();
        for _ in 0..=expected.len() {
            let page = bench.list(query.clone()).await;
            let Some(last) = page.last() else { break };
            query = query.after(last.clone());
            listed.extend(page);
        }
        assert_eq!(listed, runs(&expected), "{query:?}");
    }
}

pub(super) async fn a_run_of_another_tenant_is_not_there(bench: Bench) {
    many(&bench).await;
    let ada = RunQuery::latest(9).tenant("ada");
    // One of hers, also where it is of another source or stands otherwise.
    let behind = ada.clone().after("r7");
    assert_eq!(bench.list(behind.clone()).await, runs(&[4, 1]));
    let failed = behind.clone().status(Status::Failed);
    assert_eq!(bench.list(failed).await, runs(&[1]));
    assert_eq!(bench.list(behind.source("flow")).await, runs(&[4]));
    for other in ["r8", "r6", "nowhere"] {
        let query = ada.clone().after(other);
        assert_eq!(bench.0.entries(query).await, unknown(other));
    }
    let nobody = RunQuery::latest(9).tenant("").after("r7");
    assert_eq!(bench.0.entries(nobody).await, unknown("r7"));
    // Whoever asks for no tenant sees all.
    let any = RunQuery::latest(2).after("r8");
    assert_eq!(bench.list(any).await, runs(&[7, 6]));
}

pub(super) async fn those_that_go_are_counted(bench: Bench) {
    let going = async |tenant: Option<&str>| bench.0.going(tenant.map(Text::from)).await.unwrap();
    assert_eq!(going(None).await, 0);
    assert_eq!(going(Some("ada")).await, 0);
    many(&bench).await;
    assert_eq!(going(None).await, 18);
    for (tenant, n) in [("", 6), ("ada", 6), ("bob", 6), ("eve", 0)] {
        assert_eq!(going(Some(tenant)).await, n, "of {tenant}");
    }
    // One that waits goes on, and one that is held.
    let lease = bench.take("r4", "a", 0).await;
    assert_eq!(going(Some("ada")).await, 6);
    bench.release(&lease, park(None), 1).await.unwrap();
    assert_eq!(going(Some("ada")).await, 6);
    let lease = bench.take("r4", "a", 2).await;
    bench.end(&lease, 0, Status::Cancelled).await;
    assert_eq!(going(Some("ada")).await, 5);
    bench.0.delete(&Text::from("r7"), at(3)).await.unwrap();
    assert_eq!(going(Some("ada")).await, 4);
    assert_eq!(going(None).await, 16);
}

pub(super) async fn who_has_runs_is_told_by_name(bench: Bench) {
    let tenants = async |after: Option<&str>, limit| {
        let found = bench.0.tenants(after.map(Text::from), limit).await;
        found.unwrap()
    };
    assert_eq!(tenants(None, 9).await, names([]));
    // Nobody in particular is no tenant.
    many(&bench).await;
    assert_eq!(tenants(None, 9).await, names(["ada", "bob"]));
    assert_eq!(tenants(Some(""), 9).await, names(["ada", "bob"]));
    for name in ["zoë", "Bob"] {
        bench.accept(new_run(name, 0).tenant(name)).await;
    }
    assert_eq!(tenants(None, 3).await, names(["Bob", "ada", "bob"]));
    assert_eq!(tenants(Some("bob"), 3).await, names(["zoë"]));
    // Behind a name that nobody has any more.
    assert_eq!(tenants(Some("ae"), 1).await, names(["bob"]));
    assert_eq!(tenants(Some("zoë"), 9).await, names([]));
    assert_eq!(tenants(None, 0).await, names([]));
    // Whoever has no runs any more is gone; those that are over are runs, too.
    bench.0.delete(&Text::from("Bob"), at(1)).await.unwrap();
    let lease = bench.take("zoë", "a", 1).await;
    bench.end(&lease, 0, Status::Completed).await;
    assert_eq!(tenants(None, 9).await, names(["ada", "bob", "zoë"]));
}
