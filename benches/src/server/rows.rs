//! What a run of ours leaves, for the bare handler to leave the same.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params};
use serde::{Deserialize, Serialize};

/// The tables of our store, and the rows of one run in them.
#[derive(Serialize, Deserialize)]
pub(crate) struct Rows {
    /// The statements that make the tables.
    pub(crate) tables: Vec<String>,
    /// Those that make the indexes which are no part of a table.
    pub(crate) indexes: Vec<String>,
    pub(crate) rows: Vec<Row>,
    /// The answer, with this in place of the run's id.
    pub(crate) answer: String,
}

/// What stands for the id in the answer; as long as one.
pub(crate) const ID: &str = "00000000-0000-0000-0000-000000000000";

#[derive(Serialize, Deserialize)]
pub(crate) struct Row {
    /// The statement that adds it.
    pub(crate) insert: String,
    pub(crate) cells: Vec<Cell>,
}

#[derive(Serialize, Deserialize)]
pub(crate) enum Cell {
    Null,
    Number(i64),
    Text(String),
    /// The run's id.
    Id,
    /// The run's number.
    Nr,
    /// The number of an event: the run's, and its position.
    Event(i64),
}

impl Cell {
    fn bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Id => ID.len(),
            _ => 0,
        }
    }
}

/// Reads the rows of the run that this is the answer to.
pub(crate) fn of(file: &Path, answer: &str) -> Rows {
    let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
    let id = answer["run_id"].as_str().unwrap();
    let sql = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let nr: i64 = sql
        .query_row("SELECT nr FROM run WHERE id = ?1", [id], |row| row.get(0))
        .unwrap();
    let made = |kind: &str| {
        let mut made = sql
            .prepare("SELECT sql FROM sqlite_schema WHERE type = ?1 AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
            .unwrap();
        let made = made.query_map([kind], |row| row.get(0)).unwrap();
        made.map(Result::unwrap).collect()
    };
    let rows_of = |table: &str, of_run: &str| {
        let mut all = sql
            .prepare(&format!("SELECT * FROM {table} WHERE {of_run} ORDER BY 1"))
            .unwrap();
        let (n, is_event) = (all.column_count(), table == "event");
        let places: Vec<String> = (1..=n).map(|at| format!("?{at}")).collect();
        let insert = format!("INSERT INTO {table} VALUES ({})", places.join(", "));
        let mut rows = all.query(params![nr]).unwrap();
        let mut found = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            let cell = |at: usize| match row.get::<_, Value>(at).unwrap() {
                Value::Integer(number) if at == 0 && is_event => {
                    Cell::Event(number & i64::from(u32::MAX))
                }
                Value::Integer(_) if at == 0 => Cell::Nr,
                Value::Integer(number) => Cell::Number(number),
                Value::Text(text) if text == id => Cell::Id,
                Value::Text(text) => Cell::Text(text),
                Value::Null => Cell::Null,
                other => panic!("{other:?}"),
            };
            found.push(Row {
                insert: insert.clone(),
                cells: (0..n).map(cell).collect(),
            });
        }
        found
    };
    let mut rows = rows_of("run", "nr = ?1");
    rows.extend(rows_of("head", "run = ?1"));
    rows.extend(rows_of("label", "run = ?1"));
    rows.extend(rows_of("event", "id >> 32 = ?1"));
    Rows {
        tables: made("table"),
        indexes: made("index"),
        rows,
        answer: String::new(),
    }
}

impl Rows {
    pub(crate) fn bytes(&self) -> usize {
        let cells = self.rows.iter().flat_map(|row| &row.cells);
        cells.map(Cell::bytes).sum()
    }

    pub(crate) fn count(&self) -> usize {
        self.rows.len()
    }

    /// Leaves them for bare handlers.
    pub(crate) fn save(&mut self, file: &Path, answer: &str) {
        let read: serde_json::Value = serde_json::from_str(answer).unwrap();
        self.answer = answer.replace(read["run_id"].as_str().unwrap(), ID);
        std::fs::write(file, serde_json::to_string(&self).unwrap()).unwrap();
    }
}
