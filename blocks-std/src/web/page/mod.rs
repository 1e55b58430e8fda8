//! Pages as Markdown: what a page says, without what it is made of.

use url::Url;

mod inline;
mod tags;
mod writer;

use inline::{Inline, Span, longest_run};
use tags::{Piece, Pieces, Tag};
use writer::{Around, Writer};

/// Elements of which nothing is read.
const SKIPPED: [&str; 15] = [
    "audio", "button", "canvas", "embed", "iframe", "math", "noembed", "noframes", "object",
    "script", "select", "style", "svg", "template", "video",
];

/// Elements that begin a block of their own.
const BLOCKS: [&str; 26] = [
    "address",
    "article",
    "aside",
    "body",
    "center",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "header",
    "hgroup",
    "legend",
    "main",
    "nav",
    "p",
    "section",
    "summary",
    "textarea",
    "title",
];

/// A page as Markdown.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) title: String,
    pub(super) markdown: String,
    /// It went on, but there was enough.
    pub(super) cut: bool,
}

/// Reads a page that stands at `url`, by which its links become whole. What is written is cut at the end of the block in
/// which it comes to `max_bytes`.
pub(super) fn read(page: &str, url: &str, max_bytes: usize) -> Page {
    let mut reader = Reader {
        base: Url::parse(url).ok(),
        ..Reader::default()
    };
    let mut cut = false;
    for piece in Pieces::new(page) {
        match piece {
            Piece::Text(text) => reader.text(&text),
            Piece::Open(tag) => reader.open(&tag),
            Piece::Close(name) => reader.close(&name),
        }
        if reader.out.len() >= max_bytes {
            cut = true;
            break;
        }
    }
    reader.flush();
    reader.end_table();
    let words: Vec<&str> = reader.title.split_whitespace().collect();
    Page {
        title: words.join(" "),
        markdown: reader.out.finish(),
        cut,
    }
}

#[derive(Default)]
struct Reader {
    base: Option<Url>,
    out: Writer,
    inline: Inline,
    /// The element of which nothing is read, and how often it stands in itself.
    skipped: Option<(String, usize)>,
    title: String,
    in_title: bool,
    has_title: bool,
    /// The signs in front of a heading.
    heading: usize,
    /// The text of a block of code, and its language.
    code: Option<(String, String)>,
    table: Option<Table>,
}

/// A table as it comes: rows of cells.
#[derive(Default)]
struct Table {
    rows: Vec<Vec<String>>,
    /// A table in a cell of a table is a part of the cell.
    inner: usize,
}

impl Reader {
    fn text(&mut self, text: &str) {
        if self.skipped.is_some() {
            return;
        }
        if self.in_title {
            self.title.push_str(text);
        } else if let Some((code, _)) = &mut self.code {
            code.push_str(text);
        } else {
            self.inline.words(text);
        }
    }

    fn open(&mut self, tag: &Tag<'_>) {
        let name = tag.name.as_str();
        if let Some((skipped, depth)) = &mut self.skipped {
            *depth += usize::from(name == skipped);
            return;
        }
        if self.code.is_some() && name != "pre" {
            self.in_code(tag);
            return;
        }
        match name {
            _ if SKIPPED.contains(&name) => self.skipped = Some((name.to_owned(), 1)),
            "title" if self.has_title => self.skipped = Some((name.to_owned(), 1)),
            "title" => (self.in_title, self.has_title) = (true, true),
            "base" => {
                let href = tag.attribute("href").and_then(|href| self.whole(&href));
                self.base = href.or(self.base.take());
            }
            "br" => self.line(),
            "hr" => {
                self.flush();
                self.block("---");
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.flush();
                self.heading = name
                    .bytes()
                    .last()
                    .map_or(0, |digit| usize::from(digit - b'0'));
            }
            "pre" => {
                self.flush();
                self.code = Some((String::new(), language(tag)));
            }
            "blockquote" => self.around(Around::Quote),
            "ul" | "menu" => self.around(Around::List(None)),
            "ol" => {
                let start = tag.attribute("start").and_then(|start| start.parse().ok());
                self.around(Around::List(Some(start.unwrap_or(1))));
            }
            "li" => {
                self.flush();
                if self.table.is_none() {
                    self.out.open_item();
                }
            }
            "table" => match &mut self.table {
                Some(table) => table.inner += 1,
                None => {
                    self.flush();
                    self.table = Some(Table::default());
                }
            },
            "tr" | "td" | "th" => self.cell(name),
            "a" => {
                self.inline.close(|span| matches!(span, Span::Link(_)));
                let url = tag.attribute("href").and_then(|href| self.whole(&href));
                if let Some(url) =
                    url.filter(|url| matches!(url.scheme(), "http" | "https" | "mailto" | "tel"))
                {
                    self.inline.open(Span::Link(written(&url)));
                }
            }
            "img" => self.image(tag),
            "b" | "strong" => self.inline.open(Span::Strong),
            "i" | "em" => self.inline.open(Span::Emphasis),
            "s" | "del" | "strike" => self.inline.open(Span::Strike),
            "code" | "kbd" | "samp" | "tt" => self.inline.open(Span::Code),
            _ if BLOCKS.contains(&name) => self.flush(),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if let Some((skipped, depth)) = &mut self.skipped {
            *depth -= usize::from(name == skipped);
            if *depth == 0 {
                self.skipped = None;
            }
            return;
        }
        if self.code.is_some() && name != "pre" {
            return;
        }
        match name {
            "title" => self.in_title = false,
            "pre" => self.end_code(),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.flush(),
            "blockquote" => self.end_around(|around| *around == Around::Quote),
            "ul" | "ol" | "menu" => self.end_around(|around| matches!(around, Around::List(_))),
            "li" => self.end_around(|around| matches!(around, Around::Item(..))),
            "table" => match &mut self.table {
                Some(table) if table.inner > 0 => table.inner -= 1,
                _ => self.end_table(),
            },
            "a" => self.inline.close(|span| matches!(span, Span::Link(_))),
            "b" | "strong" => self.inline.close(|span| *span == Span::Strong),
            "i" | "em" => self.inline.close(|span| *span == Span::Emphasis),
            "s" | "del" | "strike" => self.inline.close(|span| *span == Span::Strike),
            "code" | "kbd" | "samp" | "tt" => self.inline.close(|span| *span == Span::Code),
            _ if BLOCKS.contains(&name) => self.flush(),
            _ => {}
        }
    }

    /// Writes the block that has come, if there is something in it. In a cell of a table, blocks are words.
    fn flush(&mut self) {
        if self.table.is_some() {
            self.inline.words(" ");
            return;
        }
        let text = self.inline.take();
        let heading = std::mem::take(&mut self.heading);
        if text.is_empty() {
            return;
        }
        match heading {
            0 => self.block(&shielded(&text)),
            signs => {
                let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
                self.block(&format!("{} {line}", "#".repeat(signs)));
            }
        }
    }

    fn block(&mut self, text: &str) {
        if self.table.is_none() {
            self.out.block(text);
        }
    }

    fn line(&mut self) {
        match self.table {
            Some(_) => self.inline.words(" "),
            None => self.inline.end_line(),
        }
    }

    fn around(&mut self, around: Around) {
        self.flush();
        if self.table.is_none() {
            self.out.open(around);
        }
    }

    fn end_around(&mut self, kind: fn(&Around) -> bool) {
        self.flush();
        if self.table.is_none() {
            self.out.close(kind);
        }
    }

    fn in_code(&mut self, tag: &Tag<'_>) {
        if let Some((code, known)) = &mut self.code {
            if tag.name == "br" {
                code.push('\n');
            } else if tag.name == "code" && known.is_empty() {
                *known = language(tag);
            }
        }
    }

    fn end_code(&mut self) {
        let Some((code, language)) = self.code.take() else {
            return;
        };
        if self.table.is_some() {
            self.inline.words(&code);
            return;
        }
        let code = code.trim_matches('\n');
        if !code.trim().is_empty() {
            let fence = "`".repeat(longest_run(code, '`').max(2) + 1);
            self.block(&format!("{fence}{language}\n{code}\n{fence}"));
        }
    }

    fn cell(&mut self, name: &str) {
        let Some(table) = &mut self.table else {
            // A row without a table is a block.
            if name == "tr" {
                self.flush();
            } else {
                self.inline.words(" ");
            }
            return;
        };
        if table.inner > 0 {
            self.inline.words(" ");
            return;
        }
        let words = self.inline.take().replace('|', "\\|");
        table.put(words);
        match name {
            "tr" => table.rows.push(Vec::new()),
            _ => match table.rows.last_mut() {
                Some(row) => row.push(String::new()),
                None => table.rows.push(vec![String::new()]),
            },
        }
    }

    fn end_table(&mut self) {
        let Some(mut table) = self.table.take() else {
            return;
        };
        table.put(self.inline.take().replace('|', "\\|"));
        table
            .rows
            .retain(|row| row.iter().any(|cell| !cell.is_empty()));
        let width = table.rows.iter().map(Vec::len).max().unwrap_or(0);
        // What stands in one column is no table but how a page was laid out.
        if width < 2 {
            for cell in table.rows.into_iter().flatten() {
                self.block(&cell);
            }
            return;
        }
        let mut lines = Vec::with_capacity(table.rows.len() + 1);
        for (position, row) in table.rows.iter().enumerate() {
            lines.push(format!("| {} |", row.join(" | ")));
            if position == 0 {
                lines.push(format!("|{}", " --- |".repeat(width.min(MAX_COLUMNS))));
            }
        }
        self.block(&lines.join("\n"));
    }

    fn image(&mut self, tag: &Tag<'_>) {
        let url = tag.attribute("src").and_then(|src| self.whole(&src));
        let Some(url) = url.filter(|url| matches!(url.scheme(), "http" | "https")) else {
            return;
        };
        let alt = tag.attribute("alt").unwrap_or_default();
        let alt: String = alt
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .replace(['[', ']'], "");
        self.inline.raw(&format!("![{alt}]({})", written(&url)));
    }

    /// Returns an address as a whole.
    fn whole(&self, href: &str) -> Option<Url> {
        match &self.base {
            Some(base) => base.join(href.trim()).ok(),
            None => Url::parse(href.trim()).ok(),
        }
    }
}

/// The line under the head of a table has this many columns at most.
const MAX_COLUMNS: usize = 1_000;

impl Table {
    /// Adds words to the cell that is open; what stands outside of any is lost, as in a browser it is put elsewhere.
    fn put(&mut self, words: String) {
        if let Some(cell) = self.rows.last_mut().and_then(|row| row.last_mut()) {
            *cell = words;
        }
    }
}

/// Writes an address so that it can stand in parentheses.
fn written(url: &Url) -> String {
    url.as_str().replace('(', "%28").replace(')', "%29")
}

/// The language of a block of code, as pages say it by convention.
fn language(tag: &Tag<'_>) -> String {
    let class = tag.attribute("class").unwrap_or_default();
    let mut names = class.split_whitespace();
    let found = names.find_map(|name| {
        name.strip_prefix("language-")
            .or_else(|| name.strip_prefix("lang-"))
    });
    let letters = |c: &char| c.is_ascii_alphanumeric() || "+-#.".contains(*c);
    found
        .unwrap_or_default()
        .chars()
        .filter(letters)
        .take(32)
        .collect()
}

/// Keeps a line of words from being taken for a heading, an item or a quote.
fn shielded(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
        if digits.len() < line.len() && (digits.starts_with(". ") || digits.starts_with(") ")) {
            let number = line.strip_suffix(digits).unwrap_or_default();
            return format!("{number}\\{digits}");
        }
        let is_sign = line.starts_with(['#', '>'])
            || ["- ", "+ ", "---", "==="]
                .iter()
                .any(|sign| line.starts_with(sign));
        match is_sign {
            true => format!("\\{line}"),
            false => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
