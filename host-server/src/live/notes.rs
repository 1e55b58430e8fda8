//! What blocks tell while they work: how far they are, lines of text, parts of what they are about to emit.
//!
//! Runs of this process put notes into one queue that forgets the oldest, and one task hands them to the feeds of the runs
//! that somebody watches for notes. They are of the moment: nobody waits for them, and nothing keeps them. What is secret is
//! gone from them before they are told (the engine's redaction).

use std::sync::Arc;

use bytes::Bytes;
use graphloom::json::to_json;
use graphloom::{EventStream, Note, Observed, Said, Value};

use super::hub::Hub;

/// So many notes of all runs may wait to be handed on.
pub(super) const WAITING: usize = 4_096;
/// A text that is longer is cut here, in bytes: what whoever is slow has waiting stays small.
const MAX_TEXT: usize = 4 << 10;

/// Hands notes to those who watch, for as long as there are runs that may tell any.
pub(super) async fn hand_on(hub: Arc<Hub>, mut notes: EventStream) {
    while let Some(seen) = notes.next().await {
        if let Observed::Note(note) = seen
            // What something costs is an event.
            && !matches!(note.said, Said::Cost { .. })
        {
            hub.note(&note.run, || line(&note));
        }
    }
}

/// Returns a note as a line, as the command line prints it but for a text that is too long.
fn line(note: &Note) -> Bytes {
    let mut line = note.line();
    let text = line.get("text").and_then(Value::as_text).cloned();
    let shown = text.as_ref().and_then(|text| {
        let shown = text.get(..text.floor_char_boundary(MAX_TEXT));
        shown.filter(|shown| shown.len() < text.len())
    });
    if let Some(shown) = shown {
        line.insert("text", shown);
        line.insert("cut", true);
    }
    Bytes::from(to_json(&Value::from(line)))
}
