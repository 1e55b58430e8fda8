//! What stands in one block: words, links, what is stressed.

/// Links and stresses stand in each other this deep at most.
const MAX_SPANS: usize = 16;

/// Something that holds for a part of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Span {
    Strong,
    Emphasis,
    Strike,
    Code,
    Link(String),
}

/// The words of a block, as they come.
#[derive(Debug, Default)]
pub(super) struct Inline {
    text: String,
    spans: Vec<(Span, usize)>,
}

impl Inline {
    /// Adds words; blanks of any kind and number are one.
    pub(super) fn words(&mut self, words: &str) {
        let in_code = self.spans.iter().any(|(span, _)| *span == Span::Code);
        for sign in words.chars() {
            match sign {
                ' ' | '\t' | '\n' | '\r' | '\u{c}' => {
                    if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
                        self.text.push(' ');
                    }
                    continue;
                }
                '\\' | '*' | '_' | '[' | ']' | '`' | '<' if !in_code => self.text.push('\\'),
                _ => {}
            }
            self.text.push(sign);
        }
    }

    /// Adds what is Markdown already.
    pub(super) fn raw(&mut self, markdown: &str) {
        self.text.push_str(markdown);
    }

    /// Ends the line.
    pub(super) fn end_line(&mut self) {
        let end = self.text.trim_end_matches(' ').len();
        self.text.truncate(end);
        if !self.text.is_empty() {
            self.text.push_str("  \n");
        }
    }

    pub(super) fn open(&mut self, span: Span) {
        if self.spans.len() < MAX_SPANS {
            self.spans.push((span, self.text.len()));
        }
    }

    /// Closes the innermost span of a kind, and what was left open in it.
    pub(super) fn close(&mut self, kind: fn(&Span) -> bool) {
        if let Some(at) = self.spans.iter().rposition(|(span, _)| kind(span)) {
            while self.spans.len() > at {
                self.end_span();
            }
        }
    }

    fn end_span(&mut self) {
        let Some((span, begin)) = self.spans.pop() else {
            return;
        };
        let inside = self.text.split_off(begin.min(self.text.len()));
        let words = inside.trim();
        if words.is_empty() {
            self.text.push_str(&inside);
            return;
        }
        let (before, behind) = inside.split_once(words).unwrap_or_default();
        // A code that has signs of code in it takes one more around it.
        let ticks = "`".repeat(longest_run(words, '`') + 1);
        let written = match span {
            Span::Strong => format!("**{words}**"),
            Span::Emphasis => format!("*{words}*"),
            Span::Strike => format!("~~{words}~~"),
            Span::Code if words.starts_with('`') || words.ends_with('`') => {
                format!("{ticks} {words} {ticks}")
            }
            Span::Code => format!("{ticks}{words}{ticks}"),
            Span::Link(url) => format!("[{words}]({url})"),
        };
        self.text.extend([before, &written, behind]);
    }

    /// Returns the block, and begins another one in which the same spans hold.
    pub(super) fn take(&mut self) -> String {
        let open: Vec<Span> = self.spans.iter().map(|(span, _)| span.clone()).collect();
        while !self.spans.is_empty() {
            self.end_span();
        }
        self.spans = open.into_iter().map(|span| (span, 0)).collect();
        std::mem::take(&mut self.text).trim().to_owned()
    }
}

pub(super) fn longest_run(text: &str, sign: char) -> usize {
    let (mut longest, mut run) = (0, 0);
    for found in text.chars() {
        run = if found == sign { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}
