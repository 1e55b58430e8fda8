//! Events as they are going to stand in the store.

use std::ops::Range;
use std::sync::Arc;

use graphloom::host::{Append, Lease};
use graphloom::journal::{Row, write_row};
use graphloom::{Event, Record, Status, Timestamp};

/// An [`Append`] whose events are written out. Whoever appends does this and not the one who writes, for whom all others
/// wait (5,700 instructions for a run of three nodes).
pub(in crate::sqlite) struct Rows {
    pub(super) lease: Lease,
    pub(super) expected: u64,
    pub(super) heard: Vec<u64>,
    pub(super) sync: bool,
    pub(super) end: Option<Status>,
    pub(super) last: Option<Timestamp>,
    rows: Vec<(Row, Range<usize>)>,
    bodies: String,
}

impl Rows {
    pub(in crate::sqlite) fn of(append: Append) -> Self {
        let records: Arc<Vec<Record>> = append.records;
        let mut rows = Vec::with_capacity(records.len());
        let (mut bodies, mut body) = (String::new(), String::new());
        for record in records.iter() {
            let row = write_row(record, &mut body);
            let from = bodies.len();
            bodies.push_str(&body);
            rows.push((row, from..bodies.len()));
        }
        let last = records.last();
        Self {
            lease: append.lease,
            expected: append.expected,
            heard: append.heard,
            sync: append.sync,
            end: last.and_then(|last| match last.event {
                Event::Ended { status, .. } => Some(status),
                _ => None,
            }),
            last: last.map(|last| last.at),
            rows,
            bodies,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Returns each event, and its body.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Row, &str)> {
        let body = |range: &Range<usize>| self.bodies.get(range.clone()).unwrap_or_default();
        self.rows.iter().map(move |(row, range)| (row, body(range)))
    }
}
