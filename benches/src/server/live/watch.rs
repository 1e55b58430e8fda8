//! Those who watch a run: over event streams and WebSockets, by hand, so that what is measured is the server.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::http::Request;

use super::Failed;

/// Where the server is, and what lets one in.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) at: SocketAddr,
    pub(super) token: String,
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

    pub(super) async fn keep(&self) -> Result<String, Failed> {
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
    pub(super) async fn begin(&self, graph: &str, items: usize) -> Result<String, Failed> {
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
    pub(super) async fn answer(&self, run: &str) -> Result<(), Failed> {
        let path = format!("/v1/runs/{run}/answers");
        self.ask("POST", &path, &json!({ "node": "ask", "value": true }))
            .await?;
        Ok(())
    }

    /// Opens an event stream.
    pub(super) async fn open(&self, run: &str) -> Result<TcpStream, Failed> {
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
    pub(super) async fn watch_stream(&self, run: &str) -> Result<u64, Failed> {
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
    pub(super) async fn watch_socket(&self, run: &str) -> Result<u64, Failed> {
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
