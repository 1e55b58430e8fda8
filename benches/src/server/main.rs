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
            "--child-bare" => {
                bare::serve(Path::new(&value()));
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
    let kept = rows::of(&folder.join("ours/graphloom.db"), &answer);
    println!(
        "a run leaves {} bytes in {} rows; its answer has {} bytes\n",
        kept.bytes(),
        kept.count(),
        answer.len()
    );
    std::fs::create_dir_all(folder.join("bare")).unwrap();
    kept.save(&folder.join("bare/template.json"), &answer);
    let bare = Child::bare(&folder.join("bare"));

    let load = Load {
        connections: asked.connections,
        time: Duration::from_secs(asked.seconds),
    };
    let warm = Load {
        time: Duration::from_secs(1),
        ..load
    };
    let mut rounds: Vec<[Taken; 2]> = Vec::new();
    for child in [&ours, &bare] {
        runtime.block_on(client::load(child, &start, &warm));
    }
    for round in 0..asked.rounds {
        let one = |child: &Child| runtime.block_on(client::load(child, &start, &load));
        // Who comes second finds the disk busier: they take turns.
        let both = if round % 2 == 0 {
            let ours = one(&ours);
            [ours, one(&bare)]
        } else {
            let bare = one(&bare);
            [one(&ours), bare]
        };
        rounds.push(both);
    }
    report(&rounds);
    for (name, child) in [("the server", &ours), ("the bare handler", &bare)] {
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

fn report(rounds: &[[Taken; 2]]) {
    println!(
        "| | starts/s | p50 ms | p99 ms | CPU µs a start | bytes written a start |\n|---|---:|---:|---:|---:|---:|"
    );
    for (at, name) in [(0, "the server"), (1, "the bare handler")] {
        let median = |of: fn(&Taken) -> f64| {
            let mut all: Vec<f64> = rounds.iter().map(|both| of(&both[at])).collect();
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
    let ratios = |of: fn(&Taken) -> f64| {
        let mut all: Vec<f64> = rounds
            .iter()
            .map(|[ours, bare]| of(ours) / of(bare))
            .collect();
        all.sort_by(f64::total_cmp);
        all
    };
    let rates = ratios(Taken::rate);
    let slow = ratios(|taken| taken.percentile(0.99));
    println!(
        "\nstarts/s, ours to bare, by round: median {:.2} ({:.2} to {:.2}); p99, bare to ours: median {:.2}",
        rates[rates.len() / 2],
        rates[0],
        rates[rates.len() - 1],
        1.0 / slow[slow.len() / 2],
    );
}
