//! Someone who speaks HTTP/1.1 by hand, also wrongly.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::harness::{A, Server};

/// So long a test waits for what has to come.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

/// A connection.
pub(crate) struct Raw {
    pub(crate) stream: TcpStream,
    read: Vec<u8>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Told {
    /// Returns the code of a problem.
    pub(crate) fn code(&self) -> String {
        let problem: serde_json::Value = serde_json::from_str(&self.body).expect("JSON");
        problem["code"].as_str().expect("a code").to_owned()
    }
}

impl Raw {
    pub(crate) async fn to(server: &Server) -> Self {
        let address = server.url.trim_start_matches("http://");
        let stream = TcpStream::connect(address).await.expect("a connection");
        Self {
            stream,
            read: Vec::new(),
        }
    }

    /// Sends this as it is. That nobody reads it is no error here: whoever refused has stopped reading.
    pub(crate) async fn send(&mut self, text: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(text.as_ref()).await;
    }

    /// Reads one answer; `None` where the connection ended before.
    pub(crate) async fn answer(&mut self) -> Option<Told> {
        let told = timeout(DEADLINE, self.one_answer()).await;
        told.expect("an answer, or the end")
    }

    async fn one_answer(&mut self) -> Option<Told> {
        let end = self
            .until(|read| read.windows(4).position(|w| w == b"\r\n\r\n"))
            .await?;
        let head: Vec<u8> = self.read.drain(..end + 4).collect();
        let head = String::from_utf8(head).expect("text").to_ascii_lowercase();
        let status = head
            .split(' ')
            .nth(1)
            .expect("a status")
            .parse()
            .expect("a number");
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.map_or(0, |length| length.trim().parse().expect("a number"));
        self.until(|read| (read.len() >= length).then_some(()))
            .await?;
        let body: Vec<u8> = self.read.drain(..length).collect();
        let body = String::from_utf8(body).expect("text");
        Some(Told { status, head, body })
    }

    async fn until<T>(&mut self, found: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
        loop {
            if let Some(found) = found(&self.read) {
                return Some(found);
            }
            match self.stream.read_buf(&mut self.read).await {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// Asks, and reads the answer.
    pub(crate) async fn ask(&mut self, text: impl AsRef<[u8]>) -> Option<Told> {
        self.send(text).await;
        self.answer().await
    }

    /// Waits until the server closes the connection; what it says before does not matter.
    pub(crate) async fn closed(&mut self) {
        let end = async { while self.one_answer().await.is_some() {} };
        timeout(DEADLINE, end).await.expect("it is closed");
    }
}

/// A request that is as it should be.
pub(crate) const HEALTH: &str = "GET /health HTTP/1.1\r\nHost: here\r\n\r\n";

/// The head of a request with a body of JSON, and whatever is to be said of it.
pub(crate) fn post(path: &str, more: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {A}\r\nContent-Type: application/json\r\n{more}\r\n"
    )
}
