//! `graphloom-bench-server`: what the server costs beside a handler that keeps the same rows without an engine.
//!
//! Both are processes of their own, on folders of the same disk, asked by the same client: so many connections that stay
//! open, each with the next request when the answer to the last one is there. Rounds alternate. The bare one is `bare`: axum,
//! the body read as JSON, rows of the same bytes by one thread with group commit, `synchronous=FULL`. Only ratios inside one
//! run mean anything: see `docs/performance.md`, "The server". With `live` it measures many who watch one run instead.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement stops at the first surprise and prints its result"
)]

mod bare;
mod child;
mod client;
mod live;
mod rows;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use child::Child;
use client::{Load, Request, Taken};

/// The allocator of the program; both have it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Three nodes: an input, a template, an output.
const GRAPH: &str = include_str!("../../../host-server/src/openapi/greet.json");

const BODY: &str = r#"{"inputs":{"who":"Ada"}}"#;

struct Asked {
    rounds: usize,
    seconds: u64,
    connections: usize,
    dir: PathBuf,
    /// More settings of the server.
    more: Vec<String>,
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let mut asked = Asked {
        rounds: 5,
        seconds: 5,
        connections: 64,
        dir: PathBuf::from("."),
        more: Vec::new(),
    };
    while let Some(arg) = args.next() {
        let mut value = || args.next().expect("a value follows");
        match arg.as_str() {
            "--rounds" => asked.rounds = value().parse().unwrap(),
            "--seconds" => asked.seconds = value().parse().unwrap(),
            "--connections" => asked.connections = value().parse().unwrap(),
            "--dir" => asked.dir = PathBuf::from(value()),
            "live" => return watched(args.next().as_deref() == Some("quick")),
            "--child-ours" => return graphloom_server::command::main(std::env::args_os().skip(1)),
            "--child-bare" | "--child-bare-unindexed" => {
                bare::serve(Path::new(&value()), arg == "--child-bare");
                return ExitCode::SUCCESS;
            }
            "--" => asked.more.extend(args.by_ref()),
            other => panic!(
                "{other}: live [quick], or --rounds N, --seconds N, --connections N, --dir DIR, or -- and settings of the server"
            ),
        }
    }
    let folder = asked
        .dir
        .join(format!("bench-server-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    measure(&asked, &folder);
    std::fs::remove_dir_all(&folder).unwrap();
    ExitCode::SUCCESS
}

/// Many who watch one run, in the folder of temporary files.
fn watched(is_quick: bool) -> ExitCode {
    match live::run(&std::env::temp_dir(), is_quick) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(asked: &Asked, folder: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let ours = Child::ours(&folder.join("ours"), &asked.more);
    let token = std::fs::read_to_string(folder.join("ours/token")).unwrap();
    let post = |path: &str, body: &str| Request::post(path, token.trim(), body);
    let kept = runtime.block_on(client::once(&ours.address, &post("/v1/graphs", GRAPH)));
    let graph: serde_json::Value = serde_json::from_str(&kept).unwrap();
    let path = format!(
        "/v1/graphs/{}/runs?wait_ms=60000",
        graph["id"].as_str().unwrap()
    );
    let start = post(&path, BODY);
    // What the second run leaves: the first one compiles and prepares.
    runtime.block_on(client::once(&ours.address, &start));
    let answer = runtime.block_on(client::once(&ours.address, &start));
    assert!(answer.contains("Hello Ada!"), "{answer}");
    let mut kept = rows::of(&folder.join("ours/graphloom.db"), &answer);
    println!(
        "a run leaves {} bytes in {} rows; its answer has {} bytes\n",
        kept.bytes(),
        kept.count(),
        answer.len()
    );
    let mut beside = |name: &str, indexed| {
        let folder = folder.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        kept.save(&folder.join("template.json"), &answer);
        Child::bare(&folder, indexed)
    };
    let all = [ours, beside("bare", true), beside("unindexed", false)];

    let load = Load {
        connections: asked.connections,
        time: Duration::from_secs(asked.seconds),
    };
    let warm = Load {
        time: Duration::from_secs(1),
        ..load
    };
    let mut rounds: Vec<[Taken; N]> = Vec::new();
    for child in &all {
        runtime.block_on(client::load(child, &start, &warm));
    }
    for round in 0..asked.rounds {
        let mut taken = [const { None }; N];
        // Who comes later finds the disk busier: they take turns.
        for at in (0..N).map(|at| (at + round) % N) {
            taken[at] = Some(runtime.block_on(client::load(&all[at], &start, &load)));
        }
        rounds.push(taken.map(Option::unwrap));
    }
    report(&rounds);
    for (name, child) in NAMES.iter().zip(&all) {
        let counted = child.syncs(|| {
            runtime
                .block_on(client::load(child, &start, &warm))
                .starts()
        });
        match counted {
            Some((syncs, starts)) => println!(
                "{name}: {syncs} syncs for {starts} starts, {:.3} a start (strace -c, in a round of its own)",
                syncs as f64 / starts as f64
            ),
            None => println!("{name}: syncs are not counted, there is no strace"),
        }
    }
}

/// How many servers there are: ours, the bare handler, and the same without indexes.
const N: usize = 3;
const NAMES: [&str; N] = [
    "the server",
    "the bare handler",
    "the same, without indexes",
];

fn report(rounds: &[[Taken; N]]) {
    println!(
        "| | starts/s | p50 ms | p99 ms | CPU µs a start | bytes written a start |\n|---|---:|---:|---:|---:|---:|"
    );
    for (at, name) in NAMES.iter().enumerate() {
        let median = |of: fn(&Taken) -> f64| {
            let mut all: Vec<f64> = rounds.iter().map(|round| of(&round[at])).collect();
            all.sort_by(f64::total_cmp);
            all[all.len() / 2]
        };
        println!(
            "| {name} | {:.0} | {:.2} | {:.2} | {:.0} | {:.0} |",
            median(Taken::rate),
            median(|taken| taken.percentile(0.5)),
            median(|taken| taken.percentile(0.99)),
            median(Taken::cpu_micros),
            median(Taken::bytes),
        );
    }
    println!();
    for (at, name) in NAMES.iter().enumerate().skip(1) {
        let ratios = |of: fn(&Taken) -> f64| {
            let ratio = |round: &[Taken; N]| of(&round[0]) / of(&round[at]);
            let mut all: Vec<f64> = rounds.iter().map(ratio).collect();
            all.sort_by(f64::total_cmp);
            all
        };
        let rates = ratios(Taken::rate);
        let slow = ratios(|taken| taken.percentile(0.99));
        println!(
            "starts/s, ours to {name}, by round: median {:.2} ({:.2} to {:.2}); p99, {name} to ours: median {:.2}",
            rates[rates.len() / 2],
            rates[0],
            rates[rates.len() - 1],
            1.0 / slow[slow.len() / 2],
        );
    }
}
