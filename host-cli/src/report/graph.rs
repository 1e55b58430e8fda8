//! Graphs that a server keeps, for people.

use std::fmt::Write;

use graphloom::Value;

use super::part::{count, list, text, texts};

/// Returns a line for each graph.
pub(crate) fn graph_list(answer: &Value) -> String {
    let graphs = list(answer, "items");
    if graphs.is_empty() {
        return "no graphs\n".to_owned();
    }
    let mut page = String::new();
    for graph in graphs {
        let tags = texts(graph, "tags").join(", ");
        let tags = if tags.is_empty() {
            tags
        } else {
            format!("  ({tags})")
        };
        // Writing to a text cannot fail.
        let _ = writeln!(
            page,
            "{}  version {:<3}  {}  {}{tags}",
            text(graph, "id"),
            count(graph, "version"),
            text(graph, "updated_at"),
            text(graph, "name")
        );
    }
    page
}
