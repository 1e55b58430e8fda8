//! Many who watch one run: does each get every event once and in order, and what does it cost the server?
//!
//! The sizes are of its process (`/proc`, so Linux only). A run is accepted and waits for an answer; when all who watch are
//! there it is given, and the clock runs until the last of them has seen the end. Before that the same run is made with
//! nobody there, to take the difference.

mod watch;

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use tokio::task::JoinSet;

use super::child::Child;
use watch::Address;

pub(crate) type Failed = Box<dyn Error + Send + Sync>;

/// How many watch what.
#[derive(Clone, Copy)]
struct Scene {
    streams: usize,
    sockets: usize,
    /// Those that open a stream and read nothing of it.
    idle: usize,
    /// Four events each, about.
    items: usize,
}

const FULL: [Scene; 2] = [
    Scene {
        streams: 100,
        sockets: 100,
        idle: 10,
        items: 25_000,
    },
    Scene {
        streams: 1_000,
        sockets: 1_000,
        idle: 10,
        items: 250,
    },
];
const QUICK: [Scene; 2] = [
    Scene {
        streams: 10,
        sockets: 10,
        idle: 2,
        items: 1_000,
    },
    Scene {
        streams: 100,
        sockets: 100,
        idle: 2,
        items: 50,
    },
];

/// What is kept for all, as the server is told.
const CACHE_BYTES: u64 = 32 << 20;
/// What the server may take more for each that watches, and for all together beside what it keeps.
const EACH_BYTES: u64 = 64 << 10;
const ROOM_BYTES: u64 = 32 << 20;

/// Plays each scene and prints a row for it.
///
/// # Errors
/// An event came twice, not, or out of order; the server took more memory than it may.
pub(crate) fn run(dir: &Path, is_quick: bool) -> Result<(), Failed> {
    let _ = graphloom_server::serve::raise_descriptors();
    let scenes = if is_quick { QUICK } else { FULL };
    let runtime = tokio::runtime::Runtime::new()?;
    println!(
        "| streams | sockets | events | seconds | events a second to all | alone, MB | peak, MB | more for each, KB |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|");
    for scene in scenes {
        runtime.block_on(play(scene, dir))?;
    }
    Ok(())
}

fn settings() -> Vec<String> {
    let cache = CACHE_BYTES.to_string();
    let settings = ["--live-max-streams", "100000", "--live-cache-bytes", &cache];
    settings.map(str::to_owned).into()
}

async fn play(scene: Scene, dir: &Path) -> Result<(), Failed> {
    let folder = dir.join(format!("live-{}", std::process::id()));
    let child = Child::ours(&folder, &settings());
    let token = std::fs::read_to_string(folder.join("token"))?;
    let server = Address {
        at: child.address.parse()?,
        token: token.trim().to_owned(),
    };
    let graph = server.keep().await?;
    let run = server.begin(&graph, scene.items).await?;
    server.answer(&run).await?;
    let all = server.watch_stream(&run).await?;
    let alone = child.peak();
    child.forget_peak();

    let run = server.begin(&graph, scene.items).await?;
    let mut watching = JoinSet::new();
    let mut idle = Vec::new();
    for _ in 0..scene.idle {
        idle.push(server.open(&run).await?);
    }
    for _ in 0..scene.streams {
        let (server, run) = (server.clone(), run.clone());
        watching.spawn(async move { server.watch_stream(&run).await });
    }
    for _ in 0..scene.sockets {
        let (server, run) = (server.clone(), run.clone());
        watching.spawn(async move { server.watch_socket(&run).await });
    }
    child.wait_for(scene.streams + scene.sockets + scene.idle);
    let began = Instant::now();
    server.answer(&run).await?;
    while let Some(seen) = watching.join_next().await {
        let seen = seen??;
        if seen != all {
            return Err(format!("{seen} events came to one, and {all} are there").into());
        }
    }
    let took = began.elapsed().as_secs_f64();
    let peak = child.peak();
    drop(idle);
    let clients = (scene.streams + scene.sockets) as u64;
    let more = peak.saturating_sub(alone);
    let mb = |bytes: u64| bytes as f64 / 1e6;
    println!(
        "| {} | {} | {all} | {took:.1} | {:.0} | {:.0} | {:.0} | {:.1} |",
        scene.streams,
        scene.sockets,
        (all * clients) as f64 / took,
        mb(alone),
        mb(peak),
        more as f64 / 1e3 / clients as f64,
    );
    let most = CACHE_BYTES * 2 + ROOM_BYTES + clients * EACH_BYTES;
    if more > most {
        return Err(format!("{more} bytes more than alone, and {most} may be").into());
    }
    drop(child);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
