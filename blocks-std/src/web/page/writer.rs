//! Markdown, as it is written block by block.

/// Quotes and lists stand in each other this deep at most; what is deeper is written at this depth.
const MAX_DEPTH: usize = 16;

/// What blocks stand in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Around {
    Quote,
    /// A list; the number of its next item, if items have numbers.
    List(Option<u64>),
    /// An item of a list: its sign, until that is written, and how wide it is.
    Item(Option<String>, usize),
}

/// Writes blocks.
#[derive(Debug, Default)]
pub(super) struct Writer {
    out: String,
    around: Vec<Around>,
    /// What was opened beyond the depth, and is to be closed unheard.
    beyond: usize,
}

impl Writer {
    pub(super) fn open(&mut self, around: Around) {
        match self.around.len() < MAX_DEPTH {
            true => self.around.push(around),
            false => self.beyond += 1,
        }
    }

    /// Begins an item of the list that is open, or of none.
    pub(super) fn open_item(&mut self) {
        if self.beyond == 0 && matches!(self.around.last(), Some(Around::Item(..))) {
            self.around.pop();
        }
        let sign = match self.around.last_mut() {
            Some(Around::List(Some(number))) => {
                *number = number.saturating_add(1);
                format!("{}. ", *number - 1)
            }
            _ => "- ".to_owned(),
        };
        let width = sign.len();
        self.open(Around::Item(Some(sign), width));
    }

    /// Closes the innermost of a kind, and what was left open in it.
    pub(super) fn close(&mut self, kind: fn(&Around) -> bool) {
        if self.beyond > 0 {
            self.beyond -= 1;
        } else if let Some(at) = self.around.iter().rposition(kind) {
            self.around.truncate(at);
        }
    }

    /// Writes a block of lines.
    pub(super) fn block(&mut self, text: &str) {
        let is_new_item = self
            .around
            .iter()
            .any(|around| matches!(around, Around::Item(Some(_), _)));
        // Items stand close together, everything else apart.
        let close = is_new_item && self.out.lines().next_back().is_some_and(is_in_list);
        if !self.out.is_empty() {
            self.out.push('\n');
            if !close {
                let quotes = self
                    .around
                    .iter()
                    .take_while(|around| **around == Around::Quote)
                    .count();
                self.out.push_str(">".repeat(quotes).as_str());
                self.out.push('\n');
            }
        }
        for (position, line) in text.lines().enumerate() {
            if position > 0 {
                self.out.push('\n');
            }
            let begin = self.out.len();
            for around in &mut self.around {
                match around {
                    Around::Quote => self.out.push_str("> "),
                    Around::List(_) => {}
                    Around::Item(sign, width) => match sign.take() {
                        Some(sign) => self.out.push_str(&sign),
                        None => self.out.extend(std::iter::repeat_n(' ', *width)),
                    },
                }
            }
            self.out.push_str(line);
            let kept = self
                .out
                .get(begin..)
                .map_or(0, |line| line.trim_end_matches(' ').len());
            // Two blanks at the end are a line break.
            if !line.ends_with("  ") {
                self.out.truncate(begin + kept);
            }
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.out.len()
    }

    pub(super) fn finish(mut self) -> String {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }
}

/// Says whether a line is one of a list: it has its sign, or is set in.
fn is_in_list(line: &str) -> bool {
    let line = line.trim_start_matches("> ");
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with("- ")
        || line.starts_with("  ")
        || digits.len() < line.len() && digits.starts_with(". ")
}
