//! Credentials, for people.

use std::fmt::Write;

use graphloom::Value;

use super::part::{list, text, texts};

/// Says which credential was added.
pub(crate) fn credential_added(answer: &Value) -> String {
    format!(
        "added {} ({}), which may go to {}\n",
        text(answer, "added"),
        text(answer, "provider"),
        texts(answer, "hosts").join(", ")
    )
}

/// Returns a line for each credential; no secret is in reach here.
pub(crate) fn credential_list(answer: &Value) -> String {
    let all = list(answer, "credentials");
    if all.is_empty() {
        return "no credentials\n".to_owned();
    }
    let width = |key: &str| {
        let widths = all.iter().map(|one| text(one, key).chars().count());
        widths.max().unwrap_or_default()
    };
    let (name, provider) = (width("name"), width("provider"));
    let mut page = String::new();
    for one in all {
        // Writing to a text cannot fail.
        let _ = writeln!(
            page,
            "{:name$}  {:provider$}  {:13}  {}",
            text(one, "name"),
            text(one, "provider"),
            text(one, "kind"),
            texts(one, "hosts").join(", ")
        );
    }
    page
}
