//! The only place that prints. Answers go to standard output, as JSON where it is asked for or no terminal; everything
//! else goes to standard error.

mod advice;
mod block;
mod cache;
mod credential;
mod faults;
mod graph;
mod outcome;
mod part;
mod plan;
mod run;

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, Write};

use clap::error::ErrorKind;
use graphloom::json::to_json;
use graphloom::{Value, value};

use crate::exit::Exit;
use crate::problem::{HostCode, HostError, Problem};

pub(crate) use advice::advice_list;
pub(crate) use block::{block_list, block_page};
pub(crate) use cache::{cache_lines, cache_text, not_kept};
pub(crate) use credential::{credential_added, credential_list};
pub(crate) use faults::{fault_list, in_words};
pub(crate) use graph::graph_list;
pub(crate) use outcome::{outcome_summary, outputs, outputs_of};
pub(crate) use plan::plan_page;
pub(crate) use run::{diff_page, run_list, run_page, why_page};

/// Says of a panic where it was, and nothing of what it said: a block may have put a secret there. What it said is in the
/// failure of its node, without the secrets that the run knows.
pub(crate) fn only_where_it_panicked() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!(" at {place}"));
        // There is nobody left to tell if this fails.
        let _ = writeln!(io::stderr(), "panicked{}", place.unwrap_or_default());
    }));
}

/// Where answers and everything else go.
#[derive(Debug)]
pub(crate) struct Report {
    out: BufWriter<io::Stdout>,
    json: bool,
    /// The answer is a stream of lines, of which an error is the last.
    stream: bool,
    progress: bool,
    line_shown: bool,
    broken: Option<io::Error>,
}

impl Report {
    /// Returns a report; `json` asks for JSON on a terminal too.
    pub(crate) fn new(json: bool) -> Self {
        let out = io::stdout();
        let json = json || !out.is_terminal();
        Self {
            out: BufWriter::new(out),
            json,
            stream: false,
            progress: io::stderr().is_terminal(),
            line_shown: false,
            broken: None,
        }
    }

    /// Says whether answers are JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Says whether someone watches standard error.
    pub(crate) fn is_watched(&self) -> bool {
        self.progress
    }

    /// Says whether whoever reads the answer has gone.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken.is_some()
    }

    /// Begins an answer of many lines.
    pub(crate) fn begin_stream(&mut self, header: &Value) {
        self.stream = true;
        self.json(header);
        self.flush();
    }

    /// Answers with JSON: one line.
    pub(crate) fn json(&mut self, value: &Value) {
        self.write(&to_json(value));
        self.write("\n");
    }

    /// Answers: with the value to programs, with a page that is made of it to people. What a page needs stands in the
    /// value, so that it does not matter who made that: this program, or a server.
    pub(crate) fn answer(&mut self, answer: &Value, page: impl FnOnce(&Value) -> String) {
        if self.json {
            self.json(answer);
        } else {
            self.human(&page(answer));
        }
    }

    /// Answers with bytes of a text as they come from elsewhere.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        if self.broken.is_none()
            && let Err(error) = self.out.write_all(bytes)
        {
            self.broken = Some(error);
        }
    }

    /// Answers with a text, to people or as a document. It should end with a line end.
    pub(crate) fn text(&mut self, text: &str) {
        self.write(text);
    }

    /// Answers with a text in which nothing may move the terminal's cursor.
    pub(crate) fn human(&mut self, text: &str) {
        self.write(&harmless(text));
    }

    /// Sends what was written on its way.
    pub(crate) fn flush(&mut self) {
        if let Err(error) = self.out.flush() {
            self.broken.get_or_insert(error);
        }
    }

    fn write(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// Says something beside the answer.
    pub(crate) fn note(&mut self, text: &str) {
        self.clear_progress();
        // There is nobody left to tell if this fails.
        let _ = writeln!(io::stderr(), "{}", harmless(text));
    }

    /// Shows how far a run is, on a terminal only; the next one, or anything else said, takes its place.
    pub(crate) fn progress(&mut self, text: &str) {
        if self.progress {
            self.line_shown = true;
            let _ = write!(io::stderr(), "\r\x1b[2K{}", harmless(text));
        }
    }

    /// Takes the progress line away.
    pub(crate) fn clear_progress(&mut self) {
        if std::mem::take(&mut self.line_shown) {
            let _ = write!(io::stderr(), "\r\x1b[2K");
        }
    }

    /// Says that the program waits for someone to type.
    pub(crate) fn reading_terminal(&mut self) {
        if io::stdin().is_terminal() {
            self.note("reading from the terminal; end with Ctrl-D");
        }
    }

    /// Says why there is no answer. In a stream that is its last line.
    pub(crate) fn problem(&mut self, problem: &Problem) -> Exit {
        self.clear_progress();
        if self.stream {
            let errors: Value = problem.errors().into_iter().collect();
            self.json(&value!({ "type": "error", "errors": errors }));
        } else if self.json {
            let errors: Value = problem.errors().into_iter().collect();
            self.note_json(&value!({ "errors": errors }));
        } else {
            let text = match problem {
                Problem::Faults(origin, found) => fault_list(origin, found, found.len()),
                Problem::Refused(refusal) => faults::refusal(refusal),
                Problem::Server(refusal) => faults::server_refusal(refusal),
                Problem::Host(error) => faults::host_error(error),
            };
            self.note(text.trim_end());
        }
        problem.exit()
    }

    /// Says something beside the answer, to programs.
    pub(crate) fn note_json(&mut self, value: &Value) {
        self.clear_progress();
        let _ = writeln!(io::stderr(), "{}", to_json(value));
    }

    /// Answers a command line that asks for help, or says what is wrong with it.
    pub(crate) fn refuse(mut self, error: &clap::Error) -> Exit {
        let text = error.render().to_string();
        if matches!(
            error.kind(),
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
        ) {
            self.text(&text);
            return self.finish(Exit::Ok);
        }
        if self.json && error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
            let text = text.trim_start_matches("error: ").trim_end();
            let text = text.trim_end_matches("For more information, try '--help'.");
            let (message, help) = text.split_once('\n').unwrap_or((text, ""));
            let usage = HostError::new(HostCode::Usage, message);
            let usage = match help.trim() {
                "" => usage,
                help => usage.help(help),
            };
            return self.problem(&usage.into());
        }
        self.note(text.trim_end());
        Exit::Usage
    }

    /// Ends the answer and tells how the program ends: as it was going to, unless the answer could not be written.
    pub(crate) fn finish(mut self, exit: Exit) -> Exit {
        self.clear_progress();
        self.flush();
        match self.broken.take() {
            // Whoever read the answer had enough of it, as `head` does.
            Some(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                self.note(&format!("error: the answer could not be written: {error}"));
                Exit::Internal
            }
            _ => exit,
        }
    }
}

/// Returns a text without characters that act on a terminal; line ends and tabs stay.
fn harmless(text: &str) -> Cow<'_, str> {
    let acts = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if !text.contains(|c| acts(c) || turns(c)) {
        return Cow::Borrowed(text);
    }
    let shown = text.chars().map(|c| {
        if acts(c) || turns(c) {
            c.escape_unicode().to_string()
        } else {
            c.to_string()
        }
    });
    Cow::Owned(shown.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_act_on_a_terminal() {
        assert_eq!(harmless("a\tb\n"), "a\tb\n");
        assert_eq!(
            harmless("\u{1b}[2Jx\r\u{202e}y"),
            "\\u{1b}[2Jx\\u{d}\\u{202e}y"
        );
    }
}
