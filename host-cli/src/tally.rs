//! How far a run is, told by the lines of its events: a run of this process gives them, and so does a server.

use graphloom::Value;

/// What has been seen of a run.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Firings that began and that ended, in all scopes.
    started: u64,
    ended: u64,
    /// Open sub-graph calls: the firing that called is in flight too.
    calls: u64,
    /// Firings that wait for an answer.
    waiting: Vec<(Place, Question)>,
}

/// What a node waits for.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) node: String,
    pub(crate) text: String,
}

/// Scope, node and firing, as lines have them.
type Place = [Value; 3];

impl Tally {
    /// Takes the next line into account.
    pub(crate) fn see(&mut self, line: &Value) {
        match line.get("type").and_then(Value::as_str) {
            Some("opened") if line.get("parent").is_some() => self.calls += 1,
            Some("closed") => self.calls = self.calls.saturating_sub(1),
            Some("started" | "tool_started") => self.started += 1,
            Some("done" | "finished") => {
                self.ended += 1;
                self.forget(line);
            }
            Some("answered") => self.forget(line),
            Some("waiting") => {
                let word = |key: &str| line.get(key).map(ToString::to_string);
                let question = Question {
                    node: word("node").unwrap_or_default(),
                    text: word("question").unwrap_or_default(),
                };
                self.waiting.push((place(line), question));
            }
            _ => {}
        }
    }

    fn forget(&mut self, line: &Value) {
        if !self.waiting.is_empty() {
            let over = place(line);
            self.waiting.retain(|(place, _)| *place != over);
        }
    }

    /// Says whether the run waits for answers, and nothing else moves.
    pub(crate) fn is_parked(&self) -> bool {
        let parked = self.waiting.len() as u64 + self.calls;
        !self.waiting.is_empty() && self.started.saturating_sub(self.ended) <= parked
    }

    /// Returns what the run waits for, if nothing else moves.
    pub(crate) fn question(&mut self) -> Option<Question> {
        if !self.is_parked() {
            return None;
        }
        self.waiting.drain(..).next().map(|(_, question)| question)
    }

    /// Says how far it is.
    pub(crate) fn progress(&self) -> String {
        let at_work = self.started.saturating_sub(self.ended);
        format!("{} firings done, {at_work} at work", self.ended)
    }
}

fn place(line: &Value) -> Place {
    ["scope", "node", "firing"].map(|key| line.get(key).cloned().unwrap_or_default())
}
