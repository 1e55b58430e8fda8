//! Many who watch one run: does each get every event once and in order, and what does it cost the server?
//!
//!     cargo build --release -p graphloom-server --bins
//!     cargo run --release -p graphloom-server --example live_load [quick]
//!
//! The server is the program itself, as a child with a folder of its own; the sizes are of its process (`/proc`, so Linux
//! only). A run is accepted and waits for an answer; when all who watch are there it is given, and the clock runs until the
//! last of them has seen the end. Before that the same run is made with nobody there, to take the difference.

#![allow(
    clippy::print_stdout,
    reason = "a program that tells what it has measured"
)]

use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::http::Request;

type Failed = Box<dyn Error + Send + Sync>;

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

fn main() -> Result<(), Failed> {
    let _ = graphloom_server::serve::raise_descriptors();
    let is_quick = std::env::args().nth(1).as_deref() == Some("quick");
    let scenes = if is_quick { QUICK } else { FULL };
    let runtime = tokio::runtime::Runtime::new()?;
    println!(
        "| streams | sockets | events | seconds | events a second to all | alone, MB | peak, MB | more for each, KB |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|");
    for scene in scenes {
        runtime.block_on(play(scene))?;
    }
    Ok(())
}

async fn play(scene: Scene) -> Result<(), Failed> {
    let folder = std::env::temp_dir().join(format!("graphloom-live-{}", std::process::id()));
    let server = Server::start(&folder)?;
    let graph = server.keep().await?;
    let run = server.begin(&graph, scene.items).await?;
    server.answer(&run).await?;
    let all = server.watch_stream(&run).await?;
    let alone = server.peak()?;
    server.forget_peak()?;

    let run = server.begin(&graph, scene.items).await?;
    let mut watching = JoinSet::new();
    let mut idle = Vec::new();
    for _ in 0..scene.idle {
        idle.push(server.open(&run).await?);
    }
    for _ in 0..scene.streams {
        let (server, run) = (server.clone_address(), run.clone());
        watching.spawn(async move { server.watch_stream(&run).await });
    }
    for _ in 0..scene.sockets {
        let (server, run) = (server.clone_address(), run.clone());
        watching.spawn(async move { server.watch_socket(&run).await });
    }
    server.wait_for(scene.streams + scene.sockets + scene.idle)?;
    let began = Instant::now();
    server.answer(&run).await?;
    while let Some(seen) = watching.join_next().await {
        let seen = seen??;
        if seen != all {
            return Err(format!("{seen} events came to one, and {all} are there").into());
        }
    }
    let took = began.elapsed().as_secs_f64();
    let peak = server.peak()?;
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
    drop(server);
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// Where the server is, and what lets one in.
#[derive(Clone)]
struct Address {
    at: SocketAddr,
    token: String,
}

/// The server as a process of its own.
struct Server {
    child: Child,
    address: Address,
}

impl std::ops::Deref for Server {
    type Target = Address;

    fn deref(&self) -> &Address {
        &self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(folder: &Path) -> Result<Self, Failed> {
        let mut child = Command::new(binary()?)
            .args(["--listen", "127.0.0.1:0", "--live-max-streams", "100000"])
            .args([
                "--rate-requests-per-second",
                "100000",
                "--rate-burst",
                "100000",
            ])
            .args(["--live-cache-bytes", &CACHE_BYTES.to_string()])
            .arg("--data")
            .arg(folder)
            .stderr(Stdio::piped())
            .spawn()?;
        let mut lines = std::io::BufRead::lines(std::io::BufReader::new(
            child.stderr.take().ok_or("its words cannot be read")?,
        ));
        let at = loop {
            let line = lines.next().ok_or("the server ended")??;
            if let Some((_, rest)) = line.split_once("http://") {
                let end = rest
                    .find(|c: char| c == ',' || c.is_whitespace())
                    .unwrap_or(rest.len());
                break rest.get(..end).unwrap_or(rest).parse()?;
            }
        };
        // What it says from here on is read, so that it does not wait for that.
        std::thread::spawn(move || lines.for_each(drop));
        let token = std::fs::read_to_string(folder.join("token"))?
            .trim()
            .to_owned();
        Ok(Self {
            child,
            address: Address { at, token },
        })
    }

    fn clone_address(&self) -> Address {
        self.address.clone()
    }

    fn status(&self, key: &str) -> Result<u64, Failed> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status
            .lines()
            .find(|line| line.starts_with(key))
            .ok_or("no such line")?;
        let kib: u64 = line.split_whitespace().nth(1).ok_or("no number")?.parse()?;
        Ok(kib * 1024)
    }

    /// Returns the largest resident size since the start, or since it was last forgotten.
    fn peak(&self) -> Result<u64, Failed> {
        self.status("VmHWM:")
    }

    fn forget_peak(&self) -> Result<(), Failed> {
        Ok(std::fs::write(
            format!("/proc/{}/clear_refs", self.child.id()),
            "5",
        )?)
    }

    /// Waits until the server has so many connections: all who watch are there.
    fn wait_for(&self, connections: usize) -> Result<(), Failed> {
        let began = Instant::now();
        loop {
            let mut sockets = 0;
            for entry in std::fs::read_dir(format!("/proc/{}/fd", self.child.id()))? {
                let target = std::fs::read_link(entry?.path()).unwrap_or_default();
                sockets += usize::from(target.to_string_lossy().starts_with("socket:"));
            }
            // One more listens.
            if sockets > connections {
                std::thread::sleep(Duration::from_millis(500));
                return Ok(());
            }
            if began.elapsed() > Duration::from_secs(120) {
                return Err(format!("{sockets} connections, and {connections} were opened").into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Returns the program, which lies where this one does.
fn binary() -> Result<PathBuf, Failed> {
    let own = std::env::current_exe()?;
    let folder = own.parent().and_then(Path::parent).ok_or("no folder")?;
    let binary = folder.join("graphloom-server");
    if binary.is_file() {
        return Ok(binary);
    }
    Err(format!("{} is not there: build it first", binary.display()).into())
}

impl Address {
    /// Asks for something, and returns what is answered.
    async fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, Failed> {
        let mut stream = TcpStream::connect(self.at).await?;
        let body = body.to_string();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.at,
            self.token,
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let (head, rest) = answer.split_once("\r\n\r\n").ok_or("no answer")?;
        if !head.starts_with("HTTP/1.1 20") {
            return Err(answer.into());
        }
        Ok(serde_json::from_str(rest)?)
    }

    async fn keep(&self) -> Result<String, Failed> {
        let graph = json!({
            "format": 1,
            "name": "load",
            "nodes": {
                "items": { "block": "io.input", "inputs": { "name": "items", "type": "list" } },
                "ask": { "block": "flow.review", "inputs": { "name": "begin" } },
                "each": { "block": "flow.each" },
                "out": { "block": "io.output", "inputs": { "name": "numbers" } }
            },
            "links": [
                { "from": "items.result", "to": "ask.data" },
                { "from": "ask.approved_data", "to": "each.items" },
                { "from": "each.item", "to": "out.value" }
            ]
        });
        let kept = self.ask("POST", "/v1/graphs", &graph).await?;
        Ok(kept
            .get("id")
            .and_then(Value::as_str)
            .ok_or("no id")?
            .to_owned())
    }

    /// Accepts a run, which waits.
    async fn begin(&self, graph: &str, items: usize) -> Result<String, Failed> {
        let items: Vec<usize> = (0..items).collect();
        let path = format!("/v1/graphs/{graph}/runs");
        let body = json!({ "inputs": { "items": items } });
        let run = self.ask("POST", &path, &body).await?;
        let run = run
            .get("run_id")
            .and_then(Value::as_str)
            .ok_or("no id")?
            .to_owned();
        loop {
            let seen = self
                .ask("GET", &format!("/v1/runs/{run}"), &Value::Null)
                .await?;
            if seen.get("status").and_then(Value::as_str) == Some("waiting") {
                return Ok(run);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Lets a run go on.
    async fn answer(&self, run: &str) -> Result<(), Failed> {
        let path = format!("/v1/runs/{run}/answers");
        self.ask("POST", &path, &json!({ "node": "ask", "value": true }))
            .await?;
        Ok(())
    }

    /// Opens an event stream.
    async fn open(&self, run: &str) -> Result<TcpStream, Failed> {
        let mut stream = TcpStream::connect(self.at).await?;
        let head = format!(
            "GET /v1/runs/{run}/events HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
             connection: close\r\naccept: text/event-stream\r\n\r\n",
            self.at, self.token
        );
        stream.write_all(head.as_bytes()).await?;
        Ok(stream)
    }

    /// Reads an event stream to its end; returns how many events there were, each once and in order.
    async fn watch_stream(&self, run: &str) -> Result<u64, Failed> {
        let mut stream = BufReader::with_capacity(16 << 10, self.open(run).await?);
        skip_head(&mut stream).await?;
        let mut frames = Frames::default();
        let mut read = Vec::new();
        while chunk(&mut stream, &mut read).await? {
            let whole = read
                .iter()
                .rposition(|b| *b == b'\n')
                .map_or(0, |end| end + 1);
            for line in read.get(..whole).unwrap_or_default().split(|b| *b == b'\n') {
                frames.line(line)?;
            }
            read.drain(..whole);
        }
        if frames.is_over && read.is_empty() {
            return Ok(frames.next);
        }
        Err("a stream was cut".into())
    }

    /// Watches a run over a WebSocket; returns how many events there were, each once and in order.
    async fn watch_socket(&self, run: &str) -> Result<u64, Failed> {
        #[derive(Deserialize)]
        struct Said {
            r#type: String,
            #[serde(default)]
            events: Vec<Seen>,
        }
        #[derive(Deserialize)]
        struct Seen {
            seq: u64,
        }
        let request = Request::builder()
            .uri(format!("ws://{}/v1/ws", self.at))
            .header("host", self.at.to_string())
            .header("authorization", format!("Bearer {}", self.token))
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .body(())?;
        let (mut socket, _) = client_async(request, TcpStream::connect(self.at).await?).await?;
        let asked = json!({ "type": "subscribe", "run": run }).to_string();
        socket.send(Message::text(asked)).await?;
        let mut next = 0;
        while let Some(message) = socket.next().await {
            let Message::Text(text) = message? else {
                continue;
            };
            let said: Said = serde_json::from_str(&text)?;
            match said.r#type.as_str() {
                "subscribed" => {}
                "end" => return Ok(next),
                "events" => {
                    for seen in said.events {
                        if seen.seq != next {
                            return Err(
                                format!("event {} came, and {next} comes next", seen.seq).into()
                            );
                        }
                        next += 1;
                    }
                }
                other => return Err(format!("{other}: {text}").into()),
            }
        }
        Err("a connection was cut".into())
    }
}

/// What the lines of an event stream have said so far.
#[derive(Default)]
struct Frames {
    next: u64,
    /// The event whose data comes next.
    id: Option<u64>,
    is_over: bool,
}

impl Frames {
    /// Takes the next line: events come each once and in order, with their own data.
    fn line(&mut self, line: &[u8]) -> Result<(), Failed> {
        if let Some(id) = line.strip_prefix(b"id: ") {
            let id: u64 = std::str::from_utf8(id)?.parse()?;
            if id != self.next {
                return Err(format!("event {id} came, and {} comes next", self.next).into());
            }
            (self.next, self.id) = (id + 1, Some(id));
        } else if line == b"event: end" {
            self.is_over = true;
        } else if let Some(data) = line.strip_prefix(b"data: ")
            && let Some(id) = self.id.take()
        {
            let begin = format!("{{\"seq\":{id},");
            if !data.starts_with(begin.as_bytes()) || !data.ends_with(b"}") {
                return Err(format!("the data of event {id} is another's").into());
            }
        }
        Ok(())
    }
}

async fn skip_head(stream: &mut BufReader<TcpStream>) -> Result<(), Failed> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    if !line.starts_with("HTTP/1.1 200") {
        return Err(line.into());
    }
    while line.trim() != "" {
        line.clear();
        stream.read_line(&mut line).await?;
    }
    Ok(())
}

/// Reads the next chunk of a body (RFC 9112, 7.1); `false`: there is none.
async fn chunk(stream: &mut BufReader<TcpStream>, into: &mut Vec<u8>) -> Result<bool, Failed> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let size = usize::from_str_radix(line.trim(), 16)?;
    let begin = into.len();
    into.resize(begin + size + 2, 0);
    stream
        .read_exact(into.get_mut(begin..).unwrap_or_default())
        .await?;
    into.truncate(begin + size);
    Ok(size > 0)
}
