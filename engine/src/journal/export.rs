//! A kept run as lines of JSON: a header with its head, then a line for each event.

use crate::event::write_line;
use crate::host::{Store, StoreError};
use crate::json::{Limits, read_value, to_json};
use crate::value;
use crate::value::Text;

/// How many events are read at a time.
const PAGE: usize = 4_096;

/// The lines of one kept run, page by page. `graphloom replay` reads what all of them make, and docs/formats/journal.md
/// describes it.
///
/// A run that goes on is told as far as it was when its last page was read.
#[derive(Debug, Clone)]
pub struct Export {
    run: Text,
    /// The next event; `None`: the header comes first.
    next: Option<u64>,
    over: bool,
}

impl Export {
    /// The name of the form, which the header has.
    pub const SCHEMA: &str = "journal/1";

    /// Begins with the header of a run.
    #[must_use]
    pub fn of(run: impl Into<Text>) -> Self {
        Self {
            run: run.into(),
            next: None,
            over: false,
        }
    }

    /// Returns the next lines, each with its line end; `None` behind the last one.
    ///
    /// # Errors
    /// [`StoreError::UnknownRun`], also for one that was deleted meanwhile; [`StoreError::Broken`] where its head cannot be
    /// read; what the store failed with.
    pub async fn next(&mut self, store: &dyn Store) -> Result<Option<String>, StoreError> {
        if self.over {
            return Ok(None);
        }
        let Some(next) = self.next else {
            self.next = Some(0);
            return self.header(store).await.map(Some);
        };
        let page = store.read(&self.run, next, PAGE).await?;
        self.next = Some(next + page.len() as u64);
        self.over = page.len() < PAGE;
        let (mut lines, mut line) = (String::new(), String::new());
        for record in &page {
            write_line(record, &mut line);
            lines.push_str(&line);
            lines.push('\n');
        }
        Ok((!lines.is_empty()).then_some(lines))
    }

    async fn header(&self, store: &dyn Store) -> Result<String, StoreError> {
        let head = store.head(&self.run).await?;
        let head = read_value(head.as_bytes(), &Limits::unlimited());
        let head = head.map_err(|faults| StoreError::Broken {
            run: self.run.to_string(),
            seq: 0,
            message: format!("its head cannot be read: {faults}"),
        })?;
        let header = value!({
            "type": "header",
            "schema": (Self::SCHEMA),
            "run_id": (self.run.clone()),
            "head": head,
        });
        Ok(to_json(&header) + "\n")
    }
}
