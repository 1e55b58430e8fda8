//! Server-sent events (WHATWG HTML, 9.2), as they come in pieces.

use graphloom::host::{EgressError, HttpBody};

/// How large one event may be: a value in it has no limit of its own.
const MAX_BYTES: usize = 256 << 20;

/// One event.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    /// Its type; empty where none is told.
    pub(super) event: String,
    /// Where to go on behind it, where that is told.
    pub(super) id: Option<String>,
    pub(super) data: String,
}

/// Events of one answer.
pub(super) struct Frames {
    body: HttpBody,
    reader: Reader,
    /// The body has ended.
    is_over: bool,
}

impl Frames {
    pub(super) fn new(body: HttpBody) -> Self {
        Self {
            body,
            reader: Reader::default(),
            is_over: false,
        }
    }

    /// Waits for the next event; `None` at the end. One that was cut off is none. Cancel safe.
    pub(super) async fn next(&mut self) -> Result<Option<Frame>, EgressError> {
        loop {
            if let Some(frame) = self.reader.next() {
                return Ok(Some(frame));
            }
            if self.is_over {
                return Ok(None);
            }
            match self.body.next().await? {
                Some(piece) => self.reader.take(&piece),
                None => self.is_over = true,
            }
            if self.reader.buffer.len() > MAX_BYTES {
                return Err(EgressError::TooLarge {
                    limit: MAX_BYTES as u64,
                    how: " in one event",
                });
            }
        }
    }
}

/// Takes bytes, gives events.
#[derive(Default)]
struct Reader {
    buffer: Vec<u8>,
    /// So much of the buffer was read.
    read: usize,
    /// So much of it has no line end.
    looked: usize,
    frame: Frame,
    has_data: bool,
}

impl Reader {
    fn take(&mut self, piece: &[u8]) {
        self.buffer.drain(..self.read);
        self.looked -= self.read;
        self.read = 0;
        self.buffer.extend_from_slice(piece);
    }

    fn next(&mut self) -> Option<Frame> {
        while let Some(line) = self.line() {
            if line.is_empty() {
                let frame = std::mem::take(&mut self.frame);
                // Without data it is no event.
                if std::mem::take(&mut self.has_data) {
                    return Some(frame);
                }
                continue;
            }
            self.field(&line);
        }
        None
    }

    /// Returns the next whole line. A carriage return at the end of what has come may have its line feed still to come.
    fn line(&mut self) -> Option<String> {
        let rest = self.buffer.get(self.looked..)?;
        let Some(at) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            self.looked = self.buffer.len();
            return None;
        };
        let end = self.looked + at;
        let next = match (self.buffer.get(end), self.buffer.get(end + 1)) {
            (Some(b'\r'), None) => {
                self.looked = end;
                return None;
            }
            (Some(b'\r'), Some(b'\n')) => end + 2,
            _ => end + 1,
        };
        let line = self.buffer.get(self.read..end).unwrap_or_default();
        let line = String::from_utf8_lossy(line).into_owned();
        (self.read, self.looked) = (next, next);
        Some(line)
    }

    fn field(&mut self, line: &str) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => value.clone_into(&mut self.frame.event),
            "id" if !value.contains('\0') => self.frame.id = Some(value.to_owned()),
            "data" => {
                if self.has_data {
                    self.frame.data.push('\n');
                }
                self.frame.data.push_str(value);
                self.has_data = true;
            }
            // A comment, which says that the server lives; `retry`, which is ours to choose; what is not known yet.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(event: &str, id: Option<&str>, data: &str) -> Frame {
        Frame {
            event: event.to_owned(),
            id: id.map(str::to_owned),
            data: data.to_owned(),
        }
    }

    /// Reads it in pieces of every size.
    fn check(text: &str, expected: &[Frame]) {
        for size in 1..=text.len().max(1) {
            let mut reader = Reader::default();
            let mut found = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                reader.take(piece);
                while let Some(frame) = reader.next() {
                    found.push(frame);
                }
            }
            assert_eq!(found, expected, "{text:?} in pieces of {size}");
        }
    }

    #[test]
    fn events_come_in_any_pieces() {
        check("", &[]);
        check(": beat\n\n:\n\nretry: 1000\n\n", &[]);
        check(
            "event: started\nid: 7\ndata: {\"a\":1}\n\ndata: x\n\n",
            &[
                frame("started", Some("7"), "{\"a\":1}"),
                frame("", None, "x"),
            ],
        );
        check("data: a\r\ndata:b\r\n\r\n", &[frame("", None, "a\nb")]);
        check("data: é\rid: 1\r\rx", &[frame("", Some("1"), "é")]);
        check("event: end\n\ndata\n\n", &[frame("", None, "")]);
        // Cut off: no event.
        check("id: 3\ndata: half\n", &[]);
    }
}
