//! What to know of a converted graph, for people.

use std::fmt::Write;

use graphloom::Advice;

use super::in_words;

/// Returns each piece of advice with what would do instead.
pub(crate) fn advice_list(advice: &[Advice]) -> String {
    let mut text = String::new();
    // Writing to a text cannot fail.
    for piece in advice {
        let _ = writeln!(
            text,
            "{}: node \"{}\": {}",
            piece.kind, piece.node, piece.message
        );
        let _ = writeln!(text, "  --> {}", piece.pointer);
        if let Some(id) = piece.instead {
            let _ = writeln!(text, "  = instead: \"{id}\"");
        }
        for op in &piece.fix {
            let _ = writeln!(text, "  = change: {}", in_words(op));
        }
    }
    text
}
