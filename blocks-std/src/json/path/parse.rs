//! Reading a path: segments and selectors.

use graphloom::Text;

use super::scan::Scan;
use super::{Query, Segment, Selector, Start};

/// The longest path, in bytes.
const MAX_BYTES: usize = 16 << 10;

/// Filters, brackets and functions stand in each other so deep.
const MAX_DEPTH: usize = 32;

/// Reads a path, or says what is wrong with it.
pub(in crate::json) fn parse(text: &str) -> Result<Query, String> {
    if text.len() > MAX_BYTES {
        return Err(format!("it is longer than {MAX_BYTES} bytes"));
    }
    let mut parser = Parser {
        scan: Scan::new(text),
        depth: 0,
    };
    if parser.scan.peek() != Some('$') {
        return Err(parser.scan.wrong("`$`, with which a path begins"));
    }
    let query = parser.query()?;
    if parser.scan.peek().is_some() {
        return Err(parser.scan.wrong("`.`, `[` or the end"));
    }
    Ok(query)
}

pub(super) struct Parser<'t> {
    pub(super) scan: Scan<'t>,
    depth: usize,
}

impl Parser<'_> {
    /// Reads what begins with `$` or `@`.
    pub(super) fn query(&mut self) -> Result<Query, String> {
        let start = match self.scan.take() {
            Some('@') => Start::Current,
            _ => Start::Root,
        };
        let mut segments = Vec::new();
        loop {
            // Blanks behind the last segment belong to whatever comes next.
            let behind = self.scan.place();
            self.scan.blanks();
            match self.segment()? {
                Some(segment) => segments.push(segment),
                None => {
                    self.scan.go_back(behind);
                    return Ok(Query { start, segments });
                }
            }
        }
    }

    fn segment(&mut self) -> Result<Option<Segment>, String> {
        let descends = self.scan.eat("..");
        let selectors = if self.scan.peek() == Some('[') {
            self.bracketed()?
        } else if descends || self.scan.eat(".") {
            vec![self.shorthand()?]
        } else {
            return Ok(None);
        };
        Ok(Some(Segment {
            descends,
            selectors,
        }))
    }

    /// Reads `*` or a name without quotes.
    fn shorthand(&mut self) -> Result<Selector, String> {
        if self.scan.eat("*") {
            return Ok(Selector::Wildcard);
        }
        let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
        if !self.scan.peek().is_some_and(is_letter) {
            return Err(self.scan.wrong("a name, `*` or `[`"));
        }
        let name = self.scan.take_while(|c| is_letter(c) || c.is_ascii_digit());
        Ok(Selector::Name(Text::from(name)))
    }

    fn bracketed(&mut self) -> Result<Vec<Selector>, String> {
        self.scan.expect("[")?;
        let mut selectors = Vec::new();
        loop {
            self.scan.blanks();
            selectors.push(self.selector()?);
            self.scan.blanks();
            if self.scan.eat("]") {
                return Ok(selectors);
            }
            if !self.scan.eat(",") {
                return Err(self.scan.wrong("`,` or `]`"));
            }
        }
    }

    fn selector(&mut self) -> Result<Selector, String> {
        match self.scan.peek() {
            Some('*') => {
                self.scan.take();
                Ok(Selector::Wildcard)
            }
            Some('"' | '\'') => Ok(Selector::Name(Text::from(self.scan.quoted()?))),
            Some('?') => {
                self.scan.take();
                self.scan.blanks();
                Ok(Selector::Filter(self.deeper(Self::test)?))
            }
            Some('-' | ':' | '0'..='9') => self.index_or_slice(),
            _ => Err(self.scan.wrong(
                "a name in quotes, an index, a slice `start:end:step`, `*` or a filter `?..`",
            )),
        }
    }

    fn index_or_slice(&mut self) -> Result<Selector, String> {
        let start = self.bound()?;
        let behind = self.scan.place();
        self.scan.blanks();
        if !self.scan.eat(":") {
            self.scan.go_back(behind);
            return match start {
                Some(index) => Ok(Selector::Index(index)),
                None => Err(self.scan.wrong("an index")),
            };
        }
        self.scan.blanks();
        let end = self.bound()?;
        let behind = self.scan.place();
        self.scan.blanks();
        let mut step = None;
        if self.scan.eat(":") {
            let behind = self.scan.place();
            self.scan.blanks();
            step = self.bound()?;
            if step.is_none() {
                self.scan.go_back(behind);
            }
        } else {
            self.scan.go_back(behind);
        }
        Ok(Selector::Slice {
            start,
            end,
            step: step.unwrap_or(1),
        })
    }

    fn bound(&mut self) -> Result<Option<i64>, String> {
        match self.scan.peek() {
            Some('-' | '0'..='9') => self.scan.integer().map(Some),
            _ => Ok(None),
        }
    }

    /// Reads something inside something, unless that is too deep.
    pub(super) fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, String> {
        if self.depth == MAX_DEPTH {
            return Err(self
                .scan
                .wrong(&format!("no more than {MAX_DEPTH} parts in each other")));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }
}
