//! Blocks for people.

use std::fmt::Write;

use graphloom::block::InputPin;
use graphloom::json::to_json;
use graphloom::{Entry, Value};

/// Returns a line for each block.
pub(crate) fn block_list(entries: &[&Entry]) -> String {
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
    if pin.gather.is_some() {
        notes.push("collects".to_owned());
    }
    if notes.is_empty() {
        String::new()
    } else {
        format!(" ({})", notes.join(", "))
    }
}
