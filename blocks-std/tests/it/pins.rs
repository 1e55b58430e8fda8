//! The typed pins of the standard blocks are what the registry says. `UPDATE=1` writes them.

use std::collections::BTreeMap;
use std::path::Path;

use graphloom::block::types::PinType;
use graphloom::block::{InputPin, OutputPin, Shape};
use graphloom::{Registry, Value};

/// What has no Rust name of its own in a declaration gets one from here.
const IMPORTS: &[(&str, &str)] = &[
    ("BTreeMap<", "use std::collections::BTreeMap;\n\n"),
    ("Gather<", "use graphloom::Gather;\n"),
    ("Value", "use graphloom::Value;\n"),
    ("Tools", "use graphloom::builder::Tools;\n"),
    ("BlobRef", "use graphloom::value::BlobRef;\n"),
];

/// In full: a block is called so too.
const MAP: &str = "graphloom::value::Map";

fn rust_type(ty: &PinType) -> String {
    match ty {
        PinType::Null => "()".to_owned(),
        PinType::Bool => "bool".to_owned(),
        PinType::Integer => "i64".to_owned(),
        PinType::Number => "f64".to_owned(),
        PinType::Text => "String".to_owned(),
        PinType::List(item) => format!("Vec<{}>", rust_type(item)),
        PinType::Map(value) if value.is_any() => MAP.to_owned(),
        PinType::Map(value) => format!("BTreeMap<String, {}>", rust_type(value)),
        PinType::Object(_) => MAP.to_owned(),
        PinType::Enum(values) if values.iter().all(|value| value.as_str().is_some()) => {
            "String".to_owned()
        }
        PinType::Blob => "BlobRef".to_owned(),
        PinType::Union(members) => union(members),
        _ => "Value".to_owned(),
    }
}

fn union(members: &[PinType]) -> String {
    let rest: Vec<&PinType> = members.iter().filter(|ty| **ty != PinType::Null).collect();
    let number = |ty: &&PinType| matches!(ty, PinType::Integer | PinType::Number);
    let inner = match rest.as_slice() {
        [one] => rust_type(one),
        numbers if numbers.iter().all(number) => "f64".to_owned(),
        _ => return "Value".to_owned(),
    };
    match rest.len() == members.len() {
        true => inner,
        false => format!("Option<{inner}>"),
    }
}

fn input_type(pin: &InputPin) -> String {
    match (&pin.ty, pin.gather) {
        (PinType::List(item), Some(_)) => format!("Gather<{}>", rust_type(item)),
        (ty, _) => rust_type(ty),
    }
}

fn output_type(pin: &OutputPin) -> String {
    match pin.tools {
        true => "Tools".to_owned(),
        false => rust_type(&pin.ty),
    }
}

/// Returns a name as a Rust identifier, and the name itself in parentheses where they differ.
fn identifier(name: &str) -> (String, String) {
    const WORDS: &[&str] = &[
        "as", "async", "await", "break", "const", "continue", "dyn", "else", "enum", "extern",
        "false", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "match", "mod", "move",
        "mut", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type",
        "unsafe", "use", "where", "while", "yield",
    ];
    if WORDS.contains(&name) {
        return (format!("r#{name}"), format!("({name:?})"));
    }
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    if plain == name {
        (plain, String::new())
    } else {
        (plain, format!("({name:?})"))
    }
}

/// Returns the family of a block, and its name as a word.
fn split(id: &str) -> (String, String) {
    let (family, name) = id.split_once('.').unwrap_or(("", id));
    (family.to_owned(), name.replace('.', "_"))
}

fn camel(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    name.split('_').filter_map(word).collect()
}

fn pins<'a>(side: &str, pins: impl Iterator<Item = (&'a str, &'a str, String)>) -> String {
    let mut all = String::new();
    for (name, doc, ty) in pins {
        for line in doc.lines() {
            all += &format!("            /// {line}\n");
        }
        let (field, renamed) = identifier(name);
        all += &format!("            {field}{renamed}: {ty},\n");
    }
    match all.is_empty() {
        true => format!("        {side} {{}}\n"),
        false => format!("        {side} {{\n{all}        }}\n"),
    }
}

fn declaration(id: &str, summary: &str, shape: &Shape) -> String {
    let name = split(id).1;
    let inputs = shape
        .inputs
        .iter()
        .map(|pin| (pin.name.as_str(), pin.doc.as_str(), input_type(pin)));
    let outputs = shape
        .outputs
        .iter()
        .map(|pin| (pin.name.as_str(), pin.doc.as_str(), output_type(pin)));
    format!(
        "    /// `{id}`: {summary}\n    pub mod {}: {} = \"{id}\" {{\n{}{}    }}\n",
        identifier(&name).0,
        camel(&name),
        pins("in", inputs),
        pins("out", outputs),
    )
}

fn family(name: &str, blocks: &[(String, String)]) -> String {
    let all: String = blocks
        .iter()
        .map(|(_, text)| text.as_str())
        .collect::<Vec<_>>()
        .join("\n");
    let mut file = format!("//! The pins of the blocks of the family `{name}`.\n\n");
    let mut used: Vec<&str> = IMPORTS
        .iter()
        .filter(|(word, _)| mentions(&all, word))
        .map(|(_, import)| *import)
        .collect();
    used.sort_by_key(|import| (!import.ends_with("\n\n"), *import));
    file.extend(used.iter().copied());
    if !used.is_empty() && !file.ends_with("\n\n") {
        file.push('\n');
    }
    file += &format!("graphloom::pins! {{\n{all}}}\n\n");
    for (id, _) in blocks {
        let name = split(id).1;
        file += &format!("pub use self::{}::{};\n", identifier(&name).0, camel(&name));
    }
    file
}

/// Whether a type is used, not only spoken of.
fn mentions(text: &str, word: &str) -> bool {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("///"));
    code.filter_map(|line| line.split_once(": "))
        .any(|(_, ty)| {
            let word = word.trim_end_matches('<');
            ty.split(|c: char| !c.is_alphanumeric())
                .any(|part| part == word)
        })
}

#[test]
fn the_pins_of_the_standard_blocks_are_declared() {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    let mut families: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for entry in registry.iter() {
        let info = entry.info();
        let text = declaration(info.id, info.summary, entry.shape());
        families
            .entry(split(info.id).0)
            .or_default()
            .push((info.id.to_owned(), text));
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pins");
    let mut files: Vec<(String, String)> = families
        .iter()
        .map(|(name, blocks)| (format!("{name}.rs"), family(name, blocks)))
        .collect();
    let mods: String = families
        .keys()
        .map(|name| format!("pub mod {name};\n"))
        .collect();
    let index = format!(
        "//! The pins of the standard blocks, for the typed [`GraphBuilder`](graphloom::GraphBuilder): a module a family, a type a\n\
         //! block. Written by a test from what the blocks say of themselves; a block whose pins depend on its literals has\n\
         //! those of a node without any.\n//!\n{DOC}\n{mods}"
    );
    files.push(("mod.rs".to_owned(), index));
    if !crate::support::HAS_ALL {
        // Blocks of features that are off are declared all the same.
        for (name, text) in families
            .iter()
            .flat_map(|(name, blocks)| blocks.iter().map(move |(_, text)| (name, text)))
        {
            let found = std::fs::read_to_string(folder.join(format!("{name}.rs"))).unwrap();
            assert!(found.contains(text), "{ADVICE}: {text}");
        }
        return;
    }
    let update = std::env::var_os("UPDATE").is_some();
    for (name, text) in files {
        let path = folder.join(&name);
        if update {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(path, text).unwrap();
        } else {
            let found = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(found == text, "{name}: {ADVICE}");
        }
    }
}

const ADVICE: &str = "src/pins does not say what the blocks say: run UPDATE=1 cargo test -p graphloom-blocks --all-features pins";

const DOC: &str = r#"//! ```
//! use graphloom::GraphBuilder;
//! use graphloom_blocks::pins::{io, text};
//!
//! let mut g = GraphBuilder::new();
//! let who = g.add::<io::InputText>("who");
//! g.set(&who.input.name, "who").set(&who.input.value, "world");
//! let fill = g.add::<text::FillTemplate>("fill");
//! g.set(&fill.input.format, "Hello {{name}}!");
//! g.link(&who.output.result, fill.input.values.at("name"));
//! let out = g.add::<io::Output>("out");
//! g.set(&out.input.name, "greeting");
//! g.link(&fill.output.output, &out.input.value);
//!
//! let mut registry = graphloom::Registry::new();
//! graphloom_blocks::register(&mut registry)?;
//! let plan = graphloom::Engine::new(registry).compile(&g.finish()?)?;
//! assert_eq!(plan.interface().outputs[0].name, *"greeting");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
"#;

/// A literal of each kind that the builder takes, checked by the compiler of graphs.
#[test]
fn declared_pins_compile_in_a_graph() {
    use graphloom::GraphBuilder;
    use graphloom_blocks::pins::{io, list, math, text};

    let mut g = GraphBuilder::new();
    let count = g.add::<io::InputInteger>("count");
    g.set(&count.input.name, "count").set(&count.input.value, 2);
    let double = g.add::<math::Calculate>("double");
    g.set(&double.input.operation, "multiply")
        .set(&double.input.a, 2);
    g.link(&count.output.result, &double.input.b);
    let split = g.add::<text::Split>("split");
    g.set(&split.input.text, "a,b")
        .set(&split.input.delimiter, ",");
    let join = g.add::<text::Combine>("join");
    g.link(&split.output.texts, &join.input.input);
    let collect = g.add::<list::Collect>("collect");
    g.link(&double.output.result, &collect.input.items);
    g.link(&join.output.output, &collect.input.items);
    let zip = g.add::<list::Zip>("zip");
    g.set(&zip.input.lists, [["a"], ["b"]])
        .set(&zip.input.fill_value, Value::Null);
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    let graph = g.finish().unwrap();
    if let Err(faults) = graphloom::Engine::new(registry).compile(&graph) {
        panic!("{faults}\n{}", graph.to_json_pretty());
    }
}
