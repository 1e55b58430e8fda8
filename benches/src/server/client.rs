//! The client: connections that stay open, each with one request at a time.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::child::Child;

/// A request as it is sent.
#[derive(Clone)]
pub(crate) struct Request(Vec<u8>);

impl Request {
    pub(crate) fn post(path: &str, token: &str, body: &str) -> Self {
        let text = format!(
            "POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        Self(text.into_bytes())
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: usize,
    pub(crate) time: Duration,
}

/// What a round came to.
pub(crate) struct Taken {
    /// How long each start took, in milliseconds, the shortest first.
    times: Vec<f64>,
    time: Duration,
    cpu: Duration,
    written: u64,
}

impl Taken {
    pub(crate) fn starts(&self) -> usize {
        self.times.len()
    }

    pub(crate) fn rate(&self) -> f64 {
        self.times.len() as f64 / self.time.as_secs_f64()
    }

    pub(crate) fn percentile(&self, part: f64) -> f64 {
        self.times[((self.times.len() - 1) as f64 * part) as usize]
    }

    pub(crate) fn cpu_micros(&self) -> f64 {
        self.cpu.as_micros() as f64 / self.times.len() as f64
    }

    pub(crate) fn bytes(&self) -> f64 {
        self.written as f64 / self.times.len() as f64
    }
}

struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    async fn to(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            read: Vec::with_capacity(4_096),
        }
    }

    /// Sends a request, and returns where in what was read the body of its answer begins.
    async fn ask(&mut self, request: &Request) -> usize {
        self.read.clear();
        self.stream.write_all(&request.0).await.unwrap();
        loop {
            let n = self.stream.read_buf(&mut self.read).await.unwrap();
            assert!(n > 0, "it was closed");
            let Some(end) = self.read.windows(4).position(|four| four == b"\r\n\r\n") else {
                continue;
            };
            let head = std::str::from_utf8(&self.read[..end]).unwrap();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim())
            });
            let length: usize = length.unwrap().parse().unwrap();
            let body = end + 4;
            while self.read.len() < body + length {
                let n = self.stream.read_buf(&mut self.read).await.unwrap();
                assert!(n > 0, "it was closed");
            }
            let answer = String::from_utf8_lossy(&self.read);
            assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
            return body;
        }
    }
}

/// Asks once, and returns the body of the answer.
pub(crate) async fn once(address: &str, request: &Request) -> String {
    let mut connection = Connection::to(address).await;
    let body = connection.ask(request).await;
    String::from_utf8(connection.read[body..].to_vec()).unwrap()
}

/// Asks again and again.
pub(crate) async fn load(child: &Child, request: &Request, load: &Load) -> Taken {
    let mut tasks = JoinSet::new();
    let before = child.usage();
    let began = Instant::now();
    let until = began + load.time;
    for _ in 0..load.connections {
        let (address, request) = (child.address.clone(), request.clone());
        tasks.spawn(async move {
            let mut connection = Connection::to(&address).await;
            let mut times = Vec::new();
            while Instant::now() < until {
                let since = Instant::now();
                connection.ask(&request).await;
                times.push(since.elapsed().as_secs_f64() * 1_000.0);
            }
            times
        });
    }
    let mut times: Vec<f64> = tasks.join_all().await.into_iter().flatten().collect();
    let time = began.elapsed();
    let after = child.usage();
    times.sort_by(f64::total_cmp);
    Taken {
        times,
        time,
        cpu: after.0 - before.0,
        written: after.1 - before.1,
    }
}
