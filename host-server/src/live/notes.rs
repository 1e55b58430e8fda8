//! What blocks tell while they work: how far they are, lines of text, parts of what they are about to emit.
//!
//! Runs of this process put notes into one queue that forgets the oldest, and one task hands them to the feeds of the runs
//! that somebody watches for notes. They are of the moment: nobody waits for them, and nothing keeps them. What is secret is
//! gone from them before they are told (the engine's redaction).

use std::sync::Arc;

use bytes::Bytes;
use graphloom::json::to_json;
use graphloom::value::Map;
use graphloom::{EventStream, Note, Observed, Said, Text, Value};

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

/// Returns a note as a line, in the form that the command line prints.
fn line(note: &Note) -> Bytes {
    let kind = match &note.said {
        Said::Progress(_) => "progress",
        Said::Log(..) => "log",
        Said::Partial { .. } => "partial",
        _ => "note",
    };
    let mut line = Map::new();
    line.insert("type", kind);
    line.insert("scope", note.scope);
    line.insert("node", note.node_id.clone());
    line.insert("firing", note.firing);
    match &note.said {
        Said::Progress(part) => drop(line.insert("part", *part)),
        Said::Partial { pin, text } => {
            line.insert("pin", pin.clone());
            put_text(&mut line, text);
        }
        Said::Log(level, text) => {
            line.insert("level", format!("{level:?}").to_lowercase());
            put_text(&mut line, text);
        }
        _ => {}
    }
    Bytes::from(to_json(&Value::from(line)))
}

fn put_text(line: &mut Map, text: &Text) {
    let shown = match text.get(..text.floor_char_boundary(MAX_TEXT)) {
        Some(shown) if shown.len() < text.len() => Text::from(shown),
        _ => return drop(line.insert("text", text.clone())),
    };
    line.insert("text", shown);
    line.insert("cut", true);
}
