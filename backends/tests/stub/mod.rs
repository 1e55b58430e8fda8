//! A web server of a few lines for tests, on a real socket of this machine: HTTP/1.1, one answer a connection, scripted by
//! a function. Used by the tests of more than one crate.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What came.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What goes back.
#[derive(Debug, Clone)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    /// The body, in pieces, each sent after its pause.
    pub pieces: Vec<(Duration, Vec<u8>)>,
    /// Says a length that the body does not have, if set.
    pub length: Option<usize>,
    /// The connection stays open behind the last piece, until the client closes it.
    pub hangs: bool,
}

impl Response {
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            pieces: vec![(Duration::ZERO, body.into())],
            length: None,
            hangs: false,
        }
    }

    pub fn json(status: u16, body: &str) -> Self {
        Self::new(status, body).header("content-type", "application/json")
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A body that comes in pieces, with a pause before each.
    pub fn pieces(mut self, pause: Duration, pieces: &[&str]) -> Self {
        let piece = |text: &&str| (pause, text.as_bytes().to_vec());
        self.pieces = pieces.iter().map(piece).collect();
        self
    }

    pub fn hangs(mut self) -> Self {
        self.hangs = true;
        self
    }
}

/// A server that runs until the test's process ends.
pub struct Server {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    open: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Server {
    pub fn start(answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
            open: Arc::default(),
            most: Arc::default(),
        };
        let answer = Arc::new(answer);
        let (requests, open, most) = (
            Arc::clone(&server.requests),
            Arc::clone(&server.open),
            Arc::clone(&server.most),
        );
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, requests) = (Arc::clone(&answer), Arc::clone(&requests));
                let (open, most) = (Arc::clone(&open), Arc::clone(&most));
                std::thread::spawn(move || {
                    let now = open.fetch_add(1, Ordering::SeqCst) + 1;
                    most.fetch_max(now, Ordering::SeqCst);
                    // A client that goes away is part of some tests.
                    let _ = serve(stream, &*answer, &requests);
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        server
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Everything that came, in order.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// How many connections are open now.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// How many were open at once.
    pub fn most_open(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    /// Waits until no connection is open. Says whether that came to be within five seconds.
    pub fn is_left(&self) -> bool {
        (0..500).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            self.open() == 0
        })
    }
}

fn serve(
    mut stream: TcpStream,
    answer: &(dyn Fn(&Request) -> Response + Send + Sync),
    requests: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let Some(request) = read(&mut reader)? else {
        return Ok(());
    };
    requests.lock().unwrap().push(request.clone());
    let response = answer(&request);
    let mut head = format!(
        "HTTP/1.1 {} Scripted\r\nconnection: close\r\n",
        response.status
    );
    for (name, value) in &response.headers {
        head += &format!("{name}: {value}\r\n");
    }
    let whole: usize = response.pieces.iter().map(|(_, piece)| piece.len()).sum();
    if !response.hangs && response.pieces.len() == 1 {
        head += &format!("content-length: {}\r\n", response.length.unwrap_or(whole));
    }
    stream.write_all((head + "\r\n").as_bytes())?;
    for (pause, piece) in &response.pieces {
        stream.flush()?;
        std::thread::sleep(*pause);
        stream.write_all(piece)?;
    }
    stream.flush()?;
    if response.hangs {
        // Ends when the client does.
        let mut rest = [0_u8; 64];
        while reader.read(&mut rest)? > 0 {}
    }
    Ok(())
}

fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let mut request = Request {
        method: words.next().unwrap_or_default().to_owned(),
        target: words.next().unwrap_or_default().to_owned(),
        ..Request::default()
    };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        let (name, value) = (name.to_lowercase(), value.trim().to_owned());
        request.headers.push((name, value));
    }
    if let Some(length) = request
        .header("content-length")
        .and_then(|text| text.parse().ok())
    {
        request.body = vec![0; length];
        reader.read_exact(&mut request.body)?;
    }
    Ok(Some(request))
}
