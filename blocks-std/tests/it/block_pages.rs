//! `docs/blocks` says what the registry says. `UPDATE=1` writes it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use graphloom::Value;

use crate::support::{HAS_ALL, engine};

#[test]
fn the_pages_of_the_blocks_are_current() {
    let mut families: BTreeMap<String, String> = BTreeMap::new();
    let mut index: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let engine = engine();
    for entry in engine.registry().iter() {
        let block = entry.to_value();
        let id = text(&block, "id");
        let family = id.split('.').next().unwrap_or_default();
        let head = format!("# Blocks: `{family}`\n\n{WRITTEN}\n");
        let page = families.entry(family.to_owned()).or_insert(head);
        page.push_str(&section(&block));
        let anchor: String = id.chars().filter(|c| *c != '.').collect();
        let line = format!(
            "[`{id}`]({family}.md#{anchor}): {}",
            text(&block, "summary")
        );
        index.entry(family.to_owned()).or_default().push(line);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/blocks");
    if !HAS_ALL {
        // Blocks of features that are off are written down all the same.
        for entry in engine.registry().iter() {
            let family = entry.info().id.split('.').next().unwrap_or_default();
            let page = std::fs::read_to_string(folder.join(format!("{family}.md"))).unwrap();
            let section = section(&entry.to_value());
            assert!(page.contains(&section), "{ADVICE}: {section}");
        }
        return;
    }
    let mut home = format!("# Blocks\n\n{WRITTEN}\n");
    for (family, lines) in index {
        let _ = writeln!(home, "\n## `{family}`\n");
        for line in lines {
            let _ = writeln!(home, "* {line}");
        }
    }
    let mut files = BTreeMap::from([("README.md".to_owned(), home)]);
    files.extend(
        families
            .into_iter()
            .map(|(name, page)| (format!("{name}.md"), page)),
    );
    if std::env::var_os("UPDATE").is_some() {
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, page) in &files {
            std::fs::write(folder.join(name), page).unwrap();
        }
    }
    let mut found: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    assert!(found.iter().eq(files.keys()), "{found:?}");
    for (name, page) in files {
        assert!(
            std::fs::read_to_string(folder.join(&name)).unwrap() == page,
            "{name}: {ADVICE}"
        );
    }
}

const ADVICE: &str = "docs/blocks is not current: run UPDATE=1 cargo test -p graphloom-blocks --all-features block_pages";

const WRITTEN: &str = "Written by a test from what the blocks say of themselves. The same is in `graphloom blocks show ID`.";

fn text(map: &Value, key: &str) -> String {
    let value = map.get(key).and_then(Value::as_str);
    value.unwrap_or_default().to_owned()
}

fn has(map: &Value, key: &str) -> bool {
    map.get(key) == Some(&Value::Bool(true))
}

fn items<'v>(map: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    let list = map.get(key).and_then(Value::as_list);
    list.into_iter().flat_map(|list| list.iter())
}

fn section(block: &Value) -> String {
    let mut out = format!("\n## `{}`\n\n", text(block, "id"));
    let _ = writeln!(out, "{}", text(block, "summary"));
    let details = text(block, "details");
    if !details.is_empty() {
        let _ = writeln!(out, "\n{details}");
    }
    let _ = writeln!(out, "\n```\n{}\n```\n", text(block, "signature"));
    let mut facts = vec![format!("Effect: {}", text(block, "effect"))];
    facts.push(format!("resource: {}", text(block, "resource")));
    let asks: Vec<&str> = items(block, "capabilities")
        .filter_map(Value::as_str)
        .collect();
    if !asks.is_empty() {
        facts.push(format!("reaches outside for: {}", asks.join(", ")));
    }
    if has(block, "serial") {
        facts.push("one firing at a time".to_owned());
    }
    if !text(block, "feature").is_empty() {
        facts.push(format!("cargo feature: `{}`", text(block, "feature")));
    }
    if let Some(alias) = block.get("autogpt") {
        facts.push(format!(
            "AutoGPT: {} (`{}`)",
            text(alias, "name"),
            text(alias, "uuid")
        ));
    }
    let native = text(block, "native");
    if !native.is_empty() {
        let family = native.split('.').next().unwrap_or_default();
        let anchor = native.replace('.', "");
        facts.push(format!("native: [`{native}`]({family}.md#{anchor})"));
    }
    let _ = writeln!(out, "{}.", facts.join("; "));
    if block
        .get("inputs")
        .is_some_and(|pins| pins.as_list().is_some_and(|pins| !pins.is_empty()))
    {
        out += "\n| input | type | |\n|---|---|---|\n";
        for pin in items(block, "inputs") {
            let _ = writeln!(
                out,
                "| `{}` | {} | {} |",
                text(pin, "name"),
                cell(&text(pin, "type")),
                cell(&input(pin))
            );
        }
    }
    out += "\n| output | type | |\n|---|---|---|\n";
    for pin in items(block, "outputs").filter(|pin| text(pin, "name") != "error") {
        let stays = if has(pin, "sticky") { " Sticky." } else { "" };
        let doc = format!("{}{stays}", text(pin, "doc"));
        let _ = writeln!(
            out,
            "| `{}` | {} | {} |",
            text(pin, "name"),
            cell(&text(pin, "type")),
            cell(&doc)
        );
    }
    for example in items(block, "examples") {
        let part = |key: &str| {
            example
                .get(key)
                .map(ToString::to_string)
                .unwrap_or_default()
        };
        let _ = writeln!(out, "\nExample, {}:", text(example, "name"));
        let _ = writeln!(
            out,
            "\n```json\n{}\n{}\n```",
            part("inputs"),
            part("outputs")
        );
    }
    let node = block.get("node").map(ToString::to_string);
    let _ = writeln!(
        out,
        "\nA node:\n\n```json\n\"my_node\": {}\n```",
        node.unwrap_or_default()
    );
    out
}

fn input(pin: &Value) -> String {
    let mut notes = Vec::new();
    if has(pin, "required") {
        notes.push("Required.".to_owned());
    }
    if let Some(default) = pin.get("default") {
        notes.push(format!("Default `{default}`."));
    }
    if has(pin, "config") {
        notes.push("A literal only.".to_owned());
    }
    if has(pin, "unwaited") {
        notes.push("Not waited for.".to_owned());
    }
    if has(pin, "together") {
        notes.push("Not waited for, and taken with the others that are so marked.".to_owned());
    }
    match pin.get("gather") {
        Some(Value::Text(_)) => notes.push("Collects until nothing more can come.".to_owned()),
        Some(n) => notes.push(format!("Collects {n} at a time.")),
        None => {}
    }
    let doc = text(pin, "doc");
    notes.insert(0, doc);
    notes.join(" ")
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('\n', " ")
        .replace('|', "\\|")
        .replace('<', "&lt;")
}
