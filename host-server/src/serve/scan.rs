//! Reads along where messages begin and end, and refuses what two servers could read differently.
//!
//! hyper decides what a request is; this decides only what it is shown. Refused are, by RFC 9112: a line that ends with LF
//! alone (2.2), a header that goes on in the next line (5.2), `Content-Length` beside `Transfer-Encoding` (6.1), more than
//! one `Content-Length` or one that is no number (6.3), and a `Transfer-Encoding` other than `chunked`. A proxy in front of
//! us that takes one of these another way than we would is how a request is smuggled past it.

/// So much of a line is looked at: more than a header that says where a body ends can need.
const SEEN: usize = 96;

/// What is not to be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refused;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before a request line.
    Start,
    /// Behind it.
    Headers,
    /// So many bytes of a body are to come.
    Body(u64),
    /// At the size of a chunk.
    Size,
    /// So many bytes of a chunk are to come, with the end of line behind it.
    Chunk(u64),
    /// Behind the last chunk.
    Trailers,
    /// No HTTP any more.
    Blind,
}

/// Where in a stream of requests it stands.
#[derive(Debug)]
pub(super) struct Scan {
    at: At,
    /// The beginning of the line that is read.
    line: [u8; SEEN],
    /// How long it is by now.
    length: usize,
    /// Its last byte so far.
    last: u8,
    /// What its head says of its body.
    sized: Option<u64>,
    chunked: bool,
}

impl Scan {
    pub(super) fn new() -> Self {
        Self {
            at: At::Start,
            line: [0; SEEN],
            length: 0,
            last: 0,
            sized: None,
            chunked: false,
        }
    }

    /// Says whether it stands within the head of a request.
    pub(super) fn in_head(&self) -> bool {
        match self.at {
            At::Start => self.length > 0,
            At::Headers => true,
            _ => false,
        }
    }

    /// What comes now is no HTTP.
    pub(super) fn close_eyes(&mut self) {
        self.at = At::Blind;
    }

    /// Reads on.
    ///
    /// # Errors
    /// With how many of these bytes may be shown, none of which ends the refused line.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<(), usize> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match &mut self.at {
                At::Blind => return Ok(()),
                At::Body(left) | At::Chunk(left) => {
                    let n = usize::try_from(*left).map_or(rest.len(), |left| left.min(rest.len()));
                    *left -= n as u64;
                    rest = rest.get(n..).unwrap_or_default();
                    match self.at {
                        At::Body(0) => self.begin(),
                        At::Chunk(0) => self.at = At::Size,
                        _ => {}
                    }
                }
                _ => match rest.iter().position(|byte| *byte == b'\n') {
                    None => {
                        self.add(rest);
                        return Ok(());
                    }
                    Some(end) => {
                        self.add(rest.get(..end).unwrap_or_default());
                        self.line_ends()
                            .map_err(|Refused| bytes.len() - rest.len() + end)?;
                        (self.length, self.last) = (0, 0);
                        rest = rest.get(end + 1..).unwrap_or_default();
                    }
                },
            }
        }
        Ok(())
    }

    fn begin(&mut self) {
        (self.at, self.sized, self.chunked) = (At::Start, None, false);
    }

    fn add(&mut self, part: &[u8]) {
        if let Some(free) = self.line.get_mut(self.length..) {
            let n = free.len().min(part.len());
            if let (Some(to), Some(from)) = (free.get_mut(..n), part.get(..n)) {
                to.copy_from_slice(from);
            }
        }
        self.length += part.len();
        self.last = part.last().copied().unwrap_or(self.last);
    }

    /// Takes the line that is read, but for its LF.
    fn line_ends(&mut self) -> Result<(), Refused> {
        if self.last != b'\r' {
            return Err(Refused);
        }
        let length = self.length - 1;
        let whole = length <= SEEN;
        let line = self.line;
        let line = line.get(..length.min(SEEN)).unwrap_or_default();
        match self.at {
            // Empty lines before a request are passed over (RFC 9112, 2.2).
            At::Start if length > 0 => self.at = At::Headers,
            At::Headers if length == 0 => match (self.sized, self.chunked) {
                (_, true) => self.at = At::Size,
                (Some(0) | None, _) => self.begin(),
                (Some(bytes), _) => self.at = At::Body(bytes),
            },
            At::Headers => self.header(line, whole)?,
            At::Size => match size(line)? {
                0 => self.at = At::Trailers,
                bytes => self.at = At::Chunk(bytes.checked_add(2).ok_or(Refused)?),
            },
            At::Trailers if length == 0 => self.begin(),
            At::Trailers if is_folded(line) => return Err(Refused),
            _ => {}
        }
        Ok(())
    }

    fn header(&mut self, line: &[u8], whole: bool) -> Result<(), Refused> {
        if is_folded(line) {
            return Err(Refused);
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return Ok(());
        };
        let (name, value) = line.split_at(colon);
        let name = name.trim_ascii_end();
        let is_length = name.eq_ignore_ascii_case(b"content-length");
        let is_encoding = name.eq_ignore_ascii_case(b"transfer-encoding");
        if !is_length && !is_encoding {
            return Ok(());
        }
        if !whole || self.chunked || self.sized.is_some() {
            return Err(Refused);
        }
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if is_length {
            self.sized = Some(number(value, 10)?);
        } else if value.eq_ignore_ascii_case(b"chunked") {
            self.chunked = true;
        } else {
            return Err(Refused);
        }
        Ok(())
    }
}

fn is_folded(line: &[u8]) -> bool {
    matches!(line.first(), Some(b' ' | b'\t'))
}

/// Reads the size of a chunk, behind which there may be extensions.
fn size(line: &[u8]) -> Result<u64, Refused> {
    let end = line.iter().position(|byte| *byte == b';');
    let digits = line.get(..end.unwrap_or(line.len())).unwrap_or_default();
    number(digits.trim_ascii_end(), 16)
}

/// Reads digits and nothing else.
fn number(digits: &[u8], radix: u32) -> Result<u64, Refused> {
    let text = std::str::from_utf8(digits).map_err(|_| Refused)?;
    if text.is_empty() || !text.chars().all(|digit| digit.is_digit(radix)) {
        return Err(Refused);
    }
    u64::from_str_radix(text, radix).map_err(|_| Refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads in pieces of every size, which must not matter. Gives how much of it may be shown.
    fn shown(stream: &str) -> usize {
        let whole = Scan::new().read(stream.as_bytes());
        let whole = whole.map_or_else(|shown| shown, |()| stream.len());
        for piece in 1..stream.len() {
            let (mut scan, mut seen) = (Scan::new(), 0);
            for part in stream.as_bytes().chunks(piece) {
                match scan.read(part) {
                    Ok(()) => seen += part.len(),
                    Err(shown) => {
                        seen += shown;
                        break;
                    }
                }
            }
            assert_eq!(seen, whole, "in pieces of {piece}: {stream:?}");
        }
        whole
    }

    #[test]
    fn requests_follow_on_each_other() {
        for stream in [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            "\r\n\r\nGET / HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\n1\n2\n3GET / HTTP/1.1\r\nA: b\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length:0\r\n\r\nGET / HTTP/1.1\r\nA: b\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked \r\n\r\n3;a=b\r\n\n\n\n\r\nA\r\n0123456\n89\r\n0\r\nT: u\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        ] {
            assert_eq!(shown(stream), stream.len(), "{stream:?}");
            let mut scan = Scan::new();
            assert!(scan.read(stream.as_bytes()).is_ok() && !scan.in_head());
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        let head = "POST / HTTP/1.1\r\n";
        let long = " ".repeat(SEEN);
        for bad in [
            "Host: a\n",
            " folded: y\r\n",
            "A: b\r\n\tc\r\n",
            "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
            "Content-Length: 1\r\nContent-Length: 1\r\n",
            "Content-Length: 1, 1\r\n",
            "Content-Length: +1\r\n",
            "Content-Length: 0x1\r\n",
            "Content-Length:\r\n",
            "Content-Length : 1\r\nContent-Length: 1\r\n",
            "Content-Length: 99999999999999999999\r\n",
            &format!("Content-Length:{long}1\r\n"),
            "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: xchunked\r\n",
            "Transfer-Encoding:\x0bchunked\r\n",
            "Transfer-Encoding: chunked\r\n\r\n1\nx\r\n",
            "Transfer-Encoding: chunked\r\n\r\n-1\r\n",
            "Transfer-Encoding: chunked\r\n\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
            "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n c\r\n",
        ] {
            let stream = format!("{head}{bad}");
            assert_eq!(
                shown(&stream),
                stream.trim_end_matches("x\r\n").len() - 1,
                "{bad:?}"
            );
        }
        assert_eq!(shown("GET / HTTP/1.1\n"), "GET / HTTP/1.1".len());
    }

    #[test]
    fn it_says_when_it_is_in_a_head() {
        let mut scan = Scan::new();
        for (bytes, within) in [
            ("", false),
            ("G", true),
            ("ET / HTTP/1.1\r\n", true),
            ("Content-Length: 2\r\n", true),
            ("\r\n", false),
            ("x", false),
            ("y", false),
            ("GET", true),
        ] {
            assert_eq!(
                (scan.read(bytes.as_bytes()), scan.in_head()),
                (Ok(()), within)
            );
        }
        scan.close_eyes();
        assert_eq!(scan.read(b"\n\n"), Ok(()));
    }
}
