//! Credentials, for people.

use std::fmt::Write;

use graphloom_backends::credentials::Entry;

/// Returns a line for each credential; no secret is in reach here.
pub(crate) fn credential_list(entries: &[Entry]) -> String {
    if entries.is_empty() {
        return "no credentials\n".to_owned();
    }
    let width = |of: fn(&Entry) -> usize| entries.iter().map(of).max().unwrap_or_default();
    let name = width(|entry| entry.name.chars().count());
    let provider = width(|entry| entry.provider.chars().count());
    let mut text = String::new();
    for entry in entries {
        // Writing to a text cannot fail.
        let _ = writeln!(
            text,
            "{:name$}  {:provider$}  {:13}  {}",
            entry.name,
            entry.provider.as_str(),
            entry.kind,
            entry.hosts
        );
    }
    text
}
