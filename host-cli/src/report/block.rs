//! Blocks for people, made of what programs are told of them.

use std::fmt::Write;

use graphloom::Value;
use graphloom::json::to_json;

use super::part::{count, is, list, text, texts};

/// Returns a line for each block, those that are here before AutoGPT's that are not.
pub(crate) fn block_list(answer: &Value) -> String {
    let all = list(answer, "blocks").iter();
    let (here, absent): (Vec<&Value>, Vec<&Value>) = all.partition(|block| is(block, "available"));
    let mut page = String::new();
    let width = width(here.iter().map(|block| text(block, "id")));
    for block in &here {
        // Writing to a text cannot fail.
        let _ = writeln!(
            page,
            "{:width$}  {}",
            text(block, "id"),
            text(block, "summary")
        );
    }
    if here.is_empty() {
        page.push_str("no block\n");
    }
    if absent.is_empty() {
        return page;
    }
    page.push_str("\nAutoGPT's, not here:\n");
    let names: Vec<&str> = absent.iter().map(|block| autogpt(block, "name")).collect();
    let width = self::width(names.iter().copied());
    for (name, block) in names.iter().zip(absent) {
        let _ = writeln!(page, "{name:width$}  needs {}", text(block, "needs"));
    }
    let more = count(answer, "more");
    if more > 0 {
        let _ = writeln!(page, "and {more} more");
    }
    page
}

fn width<'t>(texts: impl Iterator<Item = &'t str>) -> usize {
    texts.map(str::len).max().unwrap_or(0)
}

fn autogpt<'v>(block: &'v Value, key: &str) -> &'v str {
    block.get("autogpt").map_or("", |names| text(names, key))
}

/// Returns all that is known of a block, here or not.
pub(crate) fn block_page(block: &Value) -> String {
    let mut page = String::new();
    // Writing to a text cannot fail.
    let _ = match is(block, "available") {
        true => here(&mut page, block),
        false => absent(&mut page, block),
    };
    page
}

/// An AutoGPT block that is not here.
fn absent(page: &mut String, block: &Value) -> std::fmt::Result {
    let (name, uuid) = (autogpt(block, "name"), autogpt(block, "uuid"));
    writeln!(page, "{name}  ({})", texts(block, "categories").join(", "))?;
    writeln!(page, "AutoGPT: {name} {uuid}")?;
    writeln!(page, "Not here: it needs {}.", text(block, "needs"))?;
    if block.get("disabled").is_some() {
        writeln!(page, "Switched off: {}.", text(block, "disabled"))?;
    }
    if block.get("stand_in").is_some() {
        let id = text(block, "stand_in");
        writeln!(page, "In its place: {id}, with pins of its own.")?;
    }
    for (title, key) in [("Inputs", "inputs"), ("Outputs", "outputs")] {
        writeln!(page, "\n{title}:")?;
        for pin in list(block, key) {
            let required = if is(pin, "required") {
                " (required)"
            } else {
                ""
            };
            writeln!(
                page,
                "  {}: {}{required}",
                text(pin, "name"),
                text(pin, "type")
            )?;
        }
    }
    Ok(())
}

fn here(page: &mut String, block: &Value) -> std::fmt::Result {
    writeln!(
        page,
        "{}@{}  ({})\n{}",
        text(block, "id"),
        count(block, "version"),
        text(block, "category"),
        text(block, "summary")
    )?;
    let mut if_any = |key: &str, before: &str, behind: &str| match text(block, key) {
        "" => Ok(()),
        what => writeln!(page, "{before}{what}{behind}"),
    };
    if_any("details", "", "")?;
    if_any("replaced_by", "Replaced by ", ".")?;
    if block.get("autogpt").is_some() {
        let (name, uuid) = (autogpt(block, "name"), autogpt(block, "uuid"));
        writeln!(page, "AutoGPT: {name} {uuid}")?;
    }
    let mut if_any = |key: &str, before: &str| match text(block, key) {
        "" => Ok(()),
        what => writeln!(page, "{before}{what}"),
    };
    if_any("native", "For graphs of your own: ")?;
    if_any("feature", "Cargo feature: ")?;
    let asks = texts(block, "capabilities");
    let asks = if asks.is_empty() {
        "nothing".to_owned()
    } else {
        asks.join(", ")
    };
    let (effect, resource) = (text(block, "effect"), text(block, "resource"));
    writeln!(
        page,
        "Effect: {effect}; resource: {resource}; reaches outside for: {asks}"
    )?;
    let repeated = match is(block, "repeatable") {
        false => "an attempt that may have acted is never repeated by itself",
        true => "an attempt may be repeated",
    };
    let serial = if is(block, "serial") {
        "; one firing of a node at a time"
    } else {
        ""
    };
    writeln!(page, "Retry: {repeated}{serial}")?;
    writeln!(page, "\n{}", text(block, "signature"))?;
    writeln!(page, "\nInputs:")?;
    for pin in list(block, "inputs") {
        let notes = notes(pin);
        pin_lines(page, pin, &notes)?;
    }
    writeln!(page, "\nOutputs:")?;
    for pin in list(block, "outputs") {
        let sticky = if is(pin, "sticky") { " (sticky)" } else { "" };
        pin_lines(page, pin, sticky)?;
    }
    let examples = list(block, "examples");
    if !examples.is_empty() {
        writeln!(page, "\nExamples:")?;
    }
    let json = |of: &Value, key: &str| of.get(key).map(to_json).unwrap_or_default();
    for example in examples {
        let name = text(example, "name");
        let (inputs, outputs) = (json(example, "inputs"), json(example, "outputs"));
        writeln!(page, "  {name}\n    {inputs}\n    -> {outputs}")?;
    }
    writeln!(page, "\nA node:\n  \"my_node\": {}", json(block, "node"))
}

fn pin_lines(page: &mut String, pin: &Value, notes: &str) -> std::fmt::Result {
    writeln!(
        page,
        "  {}: {}{notes}",
        text(pin, "name"),
        text(pin, "type")
    )?;
    let mut doc = text(pin, "doc").lines();
    doc.try_for_each(|line| writeln!(page, "      {line}"))
}

fn notes(pin: &Value) -> String {
    let mut notes = Vec::new();
    if is(pin, "required") {
        notes.push("required".to_owned());
    }
    if let Some(default) = pin.get("default").filter(|value| !value.is_null()) {
        notes.push(format!("default {}", to_json(default)));
    }
    let words = [
        ("config", "literal only"),
        ("unwaited", "not waited for"),
        ("together", "taken together"),
        ("gather", "collects"),
    ];
    let has = |key: &str| pin.get(key).is_some();
    notes.extend(
        words
            .into_iter()
            .filter(|(key, _)| has(key))
            .map(|(_, word)| word.to_owned()),
    );
    if notes.is_empty() {
        String::new()
    } else {
        format!(" ({})", notes.join(", "))
    }
}
