//! A block of one's own: a struct for the inputs, an enum for the outputs, one function.

use graphloom::prelude::*;
use graphloom::{Category, Engine, Registry, RunOptions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Tells palindromes from other texts. The block value is shared by all its nodes and runs, so it holds no state of any.
struct Palindrome;

#[derive(Deserialize, JsonSchema)]
struct Input {
    /// The text to look at.
    text: String,
    /// Whether upper and lower case are different letters.
    #[serde(default)]
    case_sensitive: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Output {
    /// The text, if it reads the same backwards.
    Yes(String),
    /// The text turned around, if it does not.
    No(String),
}

impl Block for Palindrome {
    const INFO: BlockInfo =
        BlockInfo::new("demo.palindrome", 1, "Tells palindromes from other texts.")
            .category(Category::Text);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let Input {
            text,
            case_sensitive,
        } = input;
        let folded = if case_sensitive {
            text.clone()
        } else {
            text.to_lowercase()
        };
        let letters: Vec<char> = folded.chars().filter(|c| c.is_alphanumeric()).collect();
        if letters.is_empty() {
            return Err(BlockError::input("text: expected at least one letter"));
        }
        if letters.iter().eq(letters.iter().rev()) {
            out.emit(Output::Yes(text)).await?;
        } else {
            out.emit(Output::No(text.chars().rev().collect())).await?;
        }
        Ok(())
    }
}

const GRAPH: &[u8] = br#"{
    "format": 1,
    "nodes": {
        "texts": { "block": "io.input", "inputs": { "name": "texts", "type": "list" } },
        "each": { "block": "flow.each" },
        "look": { "block": "demo.palindrome" },
        "yes": { "block": "io.output", "inputs": { "name": "yes" } },
        "no": { "block": "io.output", "inputs": { "name": "no" } },
        "error": { "block": "io.output", "inputs": { "name": "error" } }
    },
    "links": [
        { "from": "texts.result", "to": "each.items" },
        { "from": "each.item", "to": "look.text" },
        { "from": "look.yes", "to": "yes.value" },
        { "from": "look.no", "to": "no.value" },
        { "from": "look.error.message", "to": "error.value" }
    ]
}"#;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry)?;
    registry.add(Palindrome)?;
    let engine = Engine::new(registry);
    let plan = engine.load(GRAPH)?;
    let texts = graphloom::value!(["Never odd or even", "stressed", "?!"]);
    let outcome = engine
        .run(&plan, RunOptions::new().input("texts", texts))
        .await?;
    for (name, values) in &outcome.outputs {
        println!("{name}: {values:?}");
    }
    Ok(())
}
