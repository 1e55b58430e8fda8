//! Server-sent events, as <https://html.spec.whatwg.org/multipage/server-sent-events.html> has them: what a provider sends
//! while a model speaks. Pure; takes bytes in whatever pieces they come.

use std::collections::VecDeque;

/// The longest line, and the longest event, in bytes. The last event of an answer may hold all of it in one line.
const MAX_BYTES: usize = 16 << 20;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    /// Its kind; `message` where it says none.
    pub(super) name: String,
    pub(super) data: String,
}

/// A line or an event that is longer than [`MAX_BYTES`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

#[derive(Debug, Default)]
pub(super) struct Reader {
    /// The line that has begun.
    line: Vec<u8>,
    /// The last piece ended a line with a carriage return: a line feed that follows belongs to it.
    returned: bool,
    /// A line was read: what follows is no byte order mark.
    begun: bool,
    name: String,
    data: String,
    has_data: bool,
    ready: VecDeque<Event>,
}

impl Reader {
    /// Takes what came.
    pub(super) fn feed(&mut self, mut piece: &[u8]) -> Result<(), TooLong> {
        if self.returned && !piece.is_empty() {
            self.returned = false;
            piece = piece.strip_prefix(b"\n").unwrap_or(piece);
        }
        while let Some(end) = piece.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (line, rest) = piece.split_at(end);
            self.push(line)?;
            let line = std::mem::take(&mut self.line);
            self.line(&line)?;
            piece = match rest {
                [b'\r', b'\n', rest @ ..] => rest,
                [b'\r'] => {
                    self.returned = true;
                    &[]
                }
                [_, rest @ ..] => rest,
                [] => &[],
            };
        }
        self.push(piece)
    }

    /// Returns the next event that is whole. What the end of a stream cut off is none.
    pub(super) fn next(&mut self) -> Option<Event> {
        self.ready.pop_front()
    }

    fn push(&mut self, part: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + part.len() > MAX_BYTES {
            return Err(TooLong);
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    fn line(&mut self, line: &[u8]) -> Result<(), TooLong> {
        let first = !std::mem::replace(&mut self.begun, true);
        let line = match first {
            true => line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line),
            false => line,
        };
        if line.is_empty() {
            self.dispatch();
            return Ok(());
        }
        let line = String::from_utf8_lossy(line);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                if self.data.len() + value.len() >= MAX_BYTES {
                    return Err(TooLong);
                }
                if std::mem::replace(&mut self.has_data, true) {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            // Comments, `id` and `retry`, which are for those who connect again; and what nobody knows.
            _ => {}
        }
        Ok(())
    }

    fn dispatch(&mut self) {
        let (name, data) = (
            std::mem::take(&mut self.name),
            std::mem::take(&mut self.data),
        );
        if std::mem::take(&mut self.has_data) {
            let name = if name.is_empty() {
                "message".to_owned()
            } else {
                name
            };
            self.ready.push_back(Event { name, data });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let mut reader = Reader::default();
        let mut all = Vec::new();
        for piece in pieces {
            reader.feed(piece).unwrap();
            while let Some(event) = reader.next() {
                all.push((event.name, event.data));
            }
        }
        all
    }

    fn check(stream: &str, expected: &[(&str, &str)]) {
        let expected: Vec<(String, String)> = expected
            .iter()
            .map(|(name, data)| ((*name).to_owned(), (*data).to_owned()))
            .collect();
        assert_eq!(read(&[stream.as_bytes()]), expected, "{stream:?}");
        // Cut wherever it may be cut.
        for at in 0..=stream.len() {
            let (left, right) = stream.as_bytes().split_at(at);
            assert_eq!(
                read(&[left, b"", right]),
                expected,
                "{stream:?} cut at {at}"
            );
        }
        let bytes: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
        assert_eq!(read(&bytes), expected, "{stream:?} byte by byte");
    }

    #[test]
    fn events_are_read_as_the_standard_says() {
        check("data: a\n\n", &[("message", "a")]);
        check(
            "event: x\r\ndata: a\r\ndata:b\r\n\r\ndata: c\r\n\r\n",
            &[("x", "a\nb"), ("message", "c")],
        );
        check(
            "data: a\r\rdata: b\r\r",
            &[("message", "a"), ("message", "b")],
        );
        check("\u{feff}data: ä\n\n", &[("message", "ä")]);
        check(
            ": keep alive\n\nevent: only\n\ndata\n\n",
            &[("message", "")],
        );
        check(
            "data:  two\nid: 1\nretry: 5\nodd: x\n\n",
            &[("message", " two")],
        );
        check("data: cut off", &[]);
        check("data: cut off\n", &[]);
        check(
            "data: {\"a\": \"b:c\"}\n\n",
            &[("message", "{\"a\": \"b:c\"}")],
        );
    }

    #[test]
    fn lines_and_events_have_an_end() {
        let mut reader = Reader::default();
        let piece = vec![b'x'; MAX_BYTES / 2];
        assert_eq!(reader.feed(&piece), Ok(()));
        assert_eq!(reader.feed(&piece), Ok(()));
        assert_eq!(reader.feed(b"x"), Err(TooLong));

        let mut reader = Reader::default();
        let line = [b"data: ".to_vec(), piece[..MAX_BYTES / 2 - 8].to_vec()].concat();
        reader.feed(&line).unwrap();
        reader.feed(b"\n").unwrap();
        reader.feed(&line).unwrap();
        reader.feed(b"\ndata: 0123456789").unwrap();
        assert_eq!(reader.feed(b"01234567890123456789\n"), Err(TooLong));
    }
}
