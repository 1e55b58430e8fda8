//! Blocks for people.

use std::fmt::Write;

use graphloom::block::{ERROR_PIN, InputPin};
use graphloom::json::to_json;
use graphloom::{Effect, Entry, KnownBlock, KnownPin, Registry, Value};

/// Returns a line for each block, those that are here before AutoGPT's that are not; `more` of these are left out.
pub(crate) fn block_list(entries: &[&Entry], absent: &[&KnownBlock], more: usize) -> String {
    let width = entries
        .iter()
        .map(|entry| entry.info().id.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for entry in entries {
        let info = entry.info();
        let _ = writeln!(text, "{:width$}  {}", info.id, info.summary);
    }
    if entries.is_empty() {
        text.push_str("no block\n");
    }
    if absent.is_empty() {
        return text;
    }
    text.push_str("\nAutoGPT's, not here:\n");
    let width = absent.iter().map(|block| block.name.len()).max();
    let width = width.unwrap_or(0);
    for block in absent {
        let _ = writeln!(text, "{:width$}  needs {}", block.name, block.needs);
    }
    if more > 0 {
        let _ = writeln!(text, "and {more} more");
    }
    text
}

/// Returns all that is known of an AutoGPT block that is not here.
pub(crate) fn absent_page(registry: &Registry, block: &KnownBlock) -> String {
    let mut text = String::new();
    let facts = registry.absent_summary(block);
    let fact = |key: &str| facts.get(key).and_then(Value::as_str);
    let categories = facts.get("categories").and_then(Value::as_list);
    let categories: Vec<&str> = categories
        .iter()
        .flat_map(|list| list.iter().filter_map(Value::as_str))
        .collect();
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{}  ({})", block.name, categories.join(", "));
    let _ = writeln!(text, "AutoGPT: {} {}", block.name, block.uuid);
    let _ = writeln!(text, "Not here: it needs {}.", block.needs);
    if let Some(reason) = fact("disabled") {
        let _ = writeln!(text, "Switched off: {reason}.");
    }
    if let Some(id) = fact("stand_in") {
        let _ = writeln!(text, "In its place: {id}, with pins of its own.");
    }
    let mut pins = |title: &str, pins: &mut dyn Iterator<Item = KnownPin>| {
        let _ = writeln!(text, "\n{title}:");
        for pin in pins {
            let _ = writeln!(text, "  {pin}");
        }
    };
    pins("Inputs", &mut block.inputs());
    pins("Outputs", &mut block.outputs());
    text
}

/// Returns all that a block says of itself.
pub(crate) fn block_page(entry: &Entry) -> String {
    let mut text = String::new();
    // Writing to a text cannot fail.
    let _ = page(&mut text, entry);
    text
}

fn page(text: &mut String, entry: &Entry) -> std::fmt::Result {
    let info = entry.info();
    writeln!(
        text,
        "{}@{}  ({})\n{}",
        info.id, info.version, info.category, info.summary
    )?;
    if !info.details.is_empty() {
        writeln!(text, "{}", info.details)?;
    }
    if let Some(other) = info.replaced_by {
        writeln!(text, "Replaced by {other}.")?;
    }
    if let Some(alias) = info.alias {
        writeln!(text, "AutoGPT: {} {}", alias.name, alias.uuid)?;
    }
    if let Some(other) = info.native {
        writeln!(text, "For graphs of your own: {other}")?;
    }
    if !info.feature.is_empty() {
        writeln!(text, "Cargo feature: {}", info.feature)?;
    }
    let asks: Vec<&str> = info.capabilities.iter().map(|c| c.as_str()).collect();
    let asks = if asks.is_empty() {
        "nothing".to_owned()
    } else {
        asks.join(", ")
    };
    writeln!(
        text,
        "Effect: {}; resource: {}; reaches outside for: {asks}",
        info.effect, info.resource
    )?;
    let repeated = match info.effect {
        Effect::AtMostOnce => "an attempt that may have acted is never repeated by itself",
        _ => "an attempt may be repeated",
    };
    let serial = if info.serial {
        "; one firing of a node at a time"
    } else {
        ""
    };
    writeln!(text, "Retry: {repeated}{serial}")?;
    writeln!(text, "\n{}", entry.signature())?;

    let shape = entry.shape();
    writeln!(text, "\nInputs:")?;
    for pin in &shape.inputs {
        writeln!(text, "  {}: {}{}", pin.name, pin.ty, notes(pin))?;
        doc(text, &pin.doc)?;
    }
    writeln!(text, "\nOutputs:")?;
    for pin in &shape.outputs {
        let sticky = if pin.sticky { " (sticky)" } else { "" };
        writeln!(text, "  {}: {}{sticky}", pin.name, pin.ty)?;
        doc(text, &pin.doc)?;
    }
    writeln!(text, "  {ERROR_PIN}: any")?;
    doc(text, "What went wrong, if it is linked.")?;
    if !info.examples.is_empty() {
        writeln!(text, "\nExamples:")?;
    }
    for example in info.examples {
        writeln!(
            text,
            "  {}\n    {}\n    -> {}",
            example.name, example.inputs, example.outputs
        )?;
    }
    writeln!(
        text,
        "\nA node:\n  \"my_node\": {}",
        to_json(&entry.example_node())
    )
}

fn doc(text: &mut String, doc: &str) -> std::fmt::Result {
    doc.lines()
        .try_for_each(|line| writeln!(text, "      {line}"))
}

fn notes(pin: &InputPin) -> String {
    let mut notes = Vec::new();
    if pin.required {
        notes.push("required".to_owned());
    }
    if let Some(default) = pin
        .default
        .as_ref()
        .filter(|default| **default != Value::Null)
    {
        notes.push(format!("default {}", to_json(default)));
    }
    if pin.config {
        notes.push("literal only".to_owned());
    }
    if pin.unwaited {
        notes.push("not waited for".to_owned());
    }
    if pin.together {
        notes.push("taken together".to_owned());
    }
    if pin.gather.is_some() {
        notes.push("collects".to_owned());
    }
    if notes.is_empty() {
        String::new()
    } else {
        format!(" ({})", notes.join(", "))
    }
}
