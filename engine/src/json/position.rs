//! From byte offsets to lines and columns.

/// Returns line and column of a byte offset, both from 1; columns count characters. An offset past the end is the end.
/// Reads the source from its beginning; for many places see [`Lines`].
#[must_use]
pub fn line_column(source: &[u8], offset: usize) -> (u32, u32) {
    advance((1, 1), source.get(..offset).unwrap_or(source))
}

/// Finds line and column of many places in one source, each in about constant time.
#[derive(Debug)]
pub struct Lines<'a> {
    source: &'a [u8],
    /// Where each stretch of `STRIDE` bytes begins.
    marks: Vec<(u32, u32)>,
}

const STRIDE: usize = 1024;

impl<'a> Lines<'a> {
    /// Reads the source once.
    #[must_use]
    pub fn new(source: &'a [u8]) -> Self {
        let mut here = (1, 1);
        let marks = source.chunks(STRIDE).map(|stretch| {
            let mark = here;
            here = advance(here, stretch);
            mark
        });
        Self {
            source,
            marks: marks.collect(),
        }
    }

    /// Returns the same as [`line_column`].
    #[must_use]
    pub fn line_column(&self, offset: usize) -> (u32, u32) {
        let offset = offset.min(self.source.len());
        let mark = (offset / STRIDE).min(self.marks.len().saturating_sub(1));
        let start = self.marks.get(mark).copied().unwrap_or((1, 1));
        advance(
            start,
            self.source.get(mark * STRIDE..offset).unwrap_or_default(),
        )
    }
}

fn advance(from: (u32, u32), bytes: &[u8]) -> (u32, u32) {
    bytes.iter().fold(from, |(line, column), byte| match byte {
        b'\n' => (line.saturating_add(1), 1),
        // All but the first byte of a character.
        0x80..=0xbf => (line, column),
        _ => (line, column.saturating_add(1)),
    })
}
