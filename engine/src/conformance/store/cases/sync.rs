//! Making what was written outlive a power cut. That it does is for tests that cut the power; here it must not do harm.

use super::bench::{Bench, unknown};
use super::sample::new_run;
use crate::Status;
use crate::value::Text;

pub(super) async fn it_does_not_matter_who_has_the_run(bench: Bench) {
    let run = Text::from("r");
    let sync = async || bench.0.sync(&run).await.unwrap();
    bench.create("r").await;
    sync().await;
    let first = bench.take("r", "a", 0).await;
    bench.append(&first, 0, 3).await.unwrap();
    sync().await;
    let second = bench.take("r", "b", 200).await;
    sync().await;
    bench.append(&second, 3, 2).await.unwrap();
    bench.end(&second, 5, Status::Completed).await;
    let entry = bench.entry("r").await;
    sync().await;
    assert_eq!(bench.entry("r").await, entry);
    assert_eq!(bench.all("r").await.len(), 6);
}

pub(super) async fn a_run_may_be_accepted_without_it(bench: Bench) {
    bench.accept(new_run("r", 0).sync(false)).await;
    bench.0.sync(&Text::from("r")).await.unwrap();
    let lease = bench.take("r", "a", 0).await;
    bench.end(&lease, 0, Status::Completed).await;
}

pub(super) async fn there_must_be_a_run(bench: Bench) {
    assert_eq!(bench.0.sync(&Text::from("r")).await, unknown("r"));
    bench.create("r").await;
    bench
        .0
        .delete(&Text::from("r"), super::bench::at(0))
        .await
        .unwrap();
    assert_eq!(bench.0.sync(&Text::from("r")).await, unknown("r"));
}
