//! Texts from anywhere, through the blocks that read them: each gives a value or a typed error, and none panics.
#![no_main]

use std::sync::OnceLock;
use std::time::Duration;

use graphloom::graph::Coercion;
use graphloom::value::Map;
use graphloom::{Code, Engine, Registry, RunLimits, RunOptions, Text};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::{Builder, Runtime};

/// A block, the pins that take the text before and after the first zero byte, and what else it needs.
const BLOCKS: &[(&str, &str, &str, &[(&str, &str)])] = &[
    ("json.parse", "text", "", &[]),
    ("json.query", "path", "", &[("value", "{}")]),
    ("json.patch", "document", "patch", &[]),
    ("csv.parse", "text", "quote", &[("cells", "typed")]),
    ("yaml.parse", "text", "", &[]),
    ("text.regex", "pattern", "text", &[]),
    (
        "text.regex_replace",
        "pattern",
        "text",
        &[("replacement", "$1")],
    ),
    ("text.extract", "pattern", "text", &[]),
    ("text.template", "template", "", &[]),
    ("text.fill_template", "format", "", &[]),
    ("text.decode_base64", "text", "", &[]),
    ("text.decode_url", "text", "", &[]),
    ("text.unescape", "text", "", &[]),
    ("expr.eval", "expression", "", &[]),
    ("time.parse", "text", "format", &[]),
    ("time.format", "moment", "format", &[]),
    ("time.add", "moment", "time_zone", &[]),
    ("autogpt.parse_xml", "input_xml", "", &[]),
    ("autogpt.extract_code", "text", "", &[]),
    ("autogpt.read_spreadsheet", "contents", "delimiter", &[]),
    ("spreadsheet.read", "file", "sheet", &[]),
];

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let mut registry = Registry::new();
        graphloom_blocks::register(&mut registry).expect("the standard blocks");
        let limits = RunLimits::default().timeout(Some(Duration::from_secs(5)));
        Engine::builder(registry).limits(limits).build()
    })
}

/// One for all inputs: its threads stay, and what they keep.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let new = || Builder::new_current_thread().enable_time().build();
    RUNTIME.get_or_init(|| new().expect("a runtime"))
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, text)) = bytes.split_first() else {
        return;
    };
    let (id, one, two, fixed) = BLOCKS[usize::from(*first) % BLOCKS.len()];
    let text = String::from_utf8_lossy(text);
    let (before, after) = text.split_once('\0').unwrap_or((&text, ""));
    let mut inputs = Map::new();
    for (name, value) in fixed {
        inputs.insert(*name, *value);
    }
    inputs.insert(one, before);
    if !two.is_empty() && !after.is_empty() {
        inputs.insert(two, Text::from(after));
    }
    let run = engine().run_block(id, inputs, Coercion::Lenient, RunOptions::new());
    if let Ok(run) = runtime().block_on(run)
        && let Some(error) = run.error
    {
        assert_ne!(error.code, Code::BlockBug, "{id}: {error}");
    }
});
