//! What a run of ours leaves, for the bare handler to leave as much.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params};
use serde::{Deserialize, Serialize};

/// The rows of one run.
#[derive(Serialize, Deserialize)]
pub(crate) struct Rows {
    /// Its texts in the table of runs, joined, without its id.
    pub(crate) run: String,
    pub(crate) head: String,
    /// The labels, where it has any.
    pub(crate) label: Option<String>,
    pub(crate) events: Vec<Event>,
    /// The answer, with this in place of the run's id.
    pub(crate) answer: String,
}

/// What stands for the id in the answer; as long as one.
pub(crate) const ID: &str = "00000000-0000-0000-0000-000000000000";

#[derive(Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) numbers: [i64; 7],
    pub(crate) body: Option<String>,
}

/// Reads the rows of the run that this is the answer to.
pub(crate) fn of(file: &Path, answer: &str) -> Rows {
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
    let id = answer["run_id"].as_str().unwrap();
    let sql = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let nr: i64 = sql
        .query_row("SELECT nr FROM run WHERE id = ?1", [id], |row| row.get(0))
        .unwrap();
    let texts = |table: &str, column: &str, but: &str| {
        let mut all = sql
            .prepare(&format!("SELECT * FROM {table} WHERE {column} = ?1"))
            .unwrap();
        let n = all.column_count();
        let mut rows = all.query(params![nr]).unwrap();
        let row = rows.next().unwrap()?;
        let each = (0..n).map(|at| row.get::<_, Value>(at).unwrap());
        Some(
            each.filter_map(|value| match value {
                Value::Text(text) if text != but => Some(text),
                _ => None,
            })
            .collect::<String>(),
        )
    };
    let mut events = sql
        .prepare("SELECT at, kind, scope, node, firing, port, crc, body FROM event WHERE id >> 32 = ?1 ORDER BY id")
        .unwrap();
    let events = events.query_map([nr], |row| {
        let mut numbers = [0; 7];
        for (at, number) in numbers.iter_mut().enumerate() {
            *number = row.get(at)?;
        }
        Ok(Event {
            numbers,
            body: row.get(7)?,
        })
    });
    Rows {
        run: texts("run", "nr", id).unwrap(),
        head: texts("head", "run", "").unwrap(),
        label: texts("label", "run", ""),
        events: events.unwrap().map(Result::unwrap).collect(),
        answer: String::new(),
    }
}

impl Rows {
    pub(crate) fn bytes(&self) -> usize {
        let events = self
            .events
            .iter()
            .map(|event| event.body.as_ref().map_or(0, String::len));
        self.run.len()
            + ID.len()
            + self.head.len()
            + self.label.as_ref().map_or(0, String::len)
            + events.sum::<usize>()
    }

    pub(crate) fn count(&self) -> usize {
        2 + usize::from(self.label.is_some()) + self.events.len()
    }

    /// Leaves them for the bare handler.
    pub(crate) fn save(mut self, file: &Path, answer: &str) {
        let read: serde_json::Value = serde_json::from_str(answer).unwrap();
        self.answer = answer.replace(read["run_id"].as_str().unwrap(), ID);
        std::fs::write(file, serde_json::to_string(&self).unwrap()).unwrap();
    }
}
