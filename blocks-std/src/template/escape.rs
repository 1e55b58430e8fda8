//! Texts made safe for HTML.

use graphloom::Text;

use super::item::Item;

/// Escapes a text for HTML.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\'' => out.push_str("&#39;"),
            '"' => out.push_str("&#34;"),
            c => out.push(c),
        }
    }
    out
}

/// Returns a value as text that is HTML; one that is marked as such stays as it is.
pub(super) fn escaped(item: &Item) -> Text {
    match item {
        Item::Markup(text) => text.clone(),
        other => Text::from(escape(&other.to_text())),
    }
}

/// Returns a text marked as HTML if `markup` says so.
pub(super) fn marked(text: String, markup: bool) -> Item {
    if markup {
        Item::Markup(Text::from(text))
    } else {
        Item::text(text)
    }
}

/// Joins values as texts; where one is HTML and escaping is on, all are.
pub(super) fn concat(items: &[Item], separator: &Item, escape: bool) -> Item {
    let is_markup = |item: &Item| matches!(item, Item::Markup(_));
    let markup = escape && (is_markup(separator) || items.iter().any(is_markup));
    let as_text = |item: &Item| {
        if markup {
            escaped(item)
        } else {
            item.to_text()
        }
    };
    let between = as_text(separator);
    let mut out = String::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(&between);
        }
        out.push_str(&as_text(item));
    }
    marked(out, markup)
}
