//! A long run, opened: every row read, every event folded, and its snapshot in place of both.

use std::path::Path;
use std::time::{Duration, Instant};

use graphloom::{Durability, RunOptions, Status};
use rusqlite::Connection;

use super::ours::{Bench, runtime};

/// Makes a run of about so many events that waits for an answer, and opens it.
pub(crate) fn measure(folder: &Path, events: u64, rounds: usize) {
    // An item is two events of each of five nodes, and one of its source.
    let items = events / 11;
    let json = format!(
        r#"{{"format": 1, "nodes": {{
            "s": {{"block": "bench.source", "inputs": {{"value": {items}}}}},
            "a": {{"block": "bench.count"}}, "b": {{"block": "bench.count"}}, "c": {{"block": "bench.count"}},
            "d": {{"block": "bench.count"}}, "e": {{"block": "bench.count"}},
            "ask": {{"block": "bench.ask"}}}},
          "links": [{{"from": "s.out", "to": "a.value"}}, {{"from": "a.out", "to": "b.value"}},
            {{"from": "b.out", "to": "c.value"}}, {{"from": "c.out", "to": "d.value"}},
            {{"from": "d.out", "to": "e.value"}}]}}"#
    );
    let runtime = runtime();
    runtime.block_on(async {
        let bench = Bench::new(folder, &json);
        let options = RunOptions::new().durability(Durability::Relaxed);
        let run = bench.submit(&options).await;
        let handle = bench.begin(&run, RunOptions::new().park()).await;
        assert_eq!(handle.outcome().await.status, Status::Waiting);
        let run = run.run;
        let events = bench.store.entry(&run).await.unwrap().events;
        let (mut scan, mut fold) = (Duration::MAX, Duration::MAX);
        for _ in 0..rounds {
            scan = scan.min(scanned(folder, events));
            forget_snapshots(folder);
            let since = Instant::now();
            let state = bench.engine.state(&*bench.store, &run, &bench.plan, None);
            let machine = state.await.unwrap();
            fold = fold.min(since.elapsed());
            assert_eq!(machine.next_seq(), events);
        }
        let keep = bench.engine.keep_snapshot(&*bench.store, &run, &bench.plan);
        keep.await.unwrap();
        let mut open = Duration::MAX;
        for _ in 0..rounds {
            let since = Instant::now();
            let state = bench.engine.state(&*bench.store, &run, &bench.plan, None);
            assert_eq!(state.await.unwrap().next_seq(), events);
            open = open.min(since.elapsed());
        }
        println!(
            "\n{events} events: scan {scan:.0?}, fold {fold:.0?} ({:.2} times the scan), with a snapshot {open:.1?}",
            fold.as_secs_f64() / scan.as_secs_f64()
        );
    });
}

/// Reads every column of every row.
fn scanned(folder: &Path, events: u64) -> Duration {
    let sql = Connection::open(folder.join("graphloom.db")).unwrap();
    let since = Instant::now();
    let mut rows = sql
        .prepare("SELECT id, at, kind, scope, node, firing, port, body, blob, crc FROM event ORDER BY id")
        .unwrap();
    let mut rows = rows.query([]).unwrap();
    let (mut n, mut sum) = (0, 0_i64);
    while let Some(row) = rows.next().unwrap() {
        for column in [0, 1, 2, 3, 4, 5, 6, 9] {
            sum = sum.wrapping_add(row.get::<_, i64>(column).unwrap());
        }
        let body: Option<String> = row.get(7).unwrap();
        let blob: Option<String> = row.get(8).unwrap();
        sum = sum.wrapping_add(body.map_or(0, |text| text.len() as i64));
        sum = sum.wrapping_add(blob.map_or(0, |text| text.len() as i64));
        n += 1;
    }
    let time = since.elapsed();
    assert_eq!(n, events);
    std::hint::black_box(sum);
    time
}

fn forget_snapshots(folder: &Path) {
    let sql = Connection::open(folder.join("graphloom.db")).unwrap();
    sql.execute("DELETE FROM snapshot", []).unwrap();
}
