//! A graph written in Rust: the compiler checks each link and literal, and the graph becomes an async function.

use graphloom::{Engine, Gather, GraphBuilder, Registry};
use graphloom_blocks::pins::{flow, io, list, text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Serialize, JsonSchema)]
struct In {
    csv: String,
    /// None: the graph's own default.
    greeting: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
struct Out {
    /// Every value of an output.
    letters: Gather<String>,
    /// The one value of an output.
    n: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut g = GraphBuilder::new();
    g.name("letters");
    let csv = g.add::<io::InputText>("csv");
    g.set(&csv.input.name, "csv");
    let greeting = g.add::<io::InputText>("greeting");
    g.set(&greeting.input.name, "greeting")
        .set(&greeting.input.value, "Dear");

    let split = g.add::<text::Split>("split");
    g.set(&split.input.delimiter, ",");
    g.link(&csv.output.result, &split.input.text);
    // `g.link(&split.output.texts, &split.input.text)` does not compile: a list of texts is no text.
    let each = g.add::<flow::Each>("each");
    g.link(&split.output.texts, &each.input.items);
    let fill = g.add::<text::FillTemplate>("fill");
    g.set(&fill.input.format, "{{ greeting }} {{ name }}");
    g.link(&greeting.output.result, fill.input.values.at("greeting"));
    g.link(&each.output.item, fill.input.values.at("name"));
    let letters = g.add::<io::Output>("letters");
    g.set(&letters.input.name, "letters");
    g.link(&fill.output.output, &letters.input.value);

    let collect = g.add::<list::Collect>("collect");
    g.link(&fill.output.output, &collect.input.items);
    // A block by its name, where its pins are known while the program runs only.
    let count = g.node("count", "math.count_items");
    g.link(&collect.output.list, count.input("collection"));
    let n = g.add::<io::Output>("n");
    g.set(&n.input.name, "n");
    g.link(count.output("count").typed::<i64>(), &n.input.value);
    let graph = g.finish()?;

    // The same graph as JSON, and back.
    let read = graphloom::Graph::parse(graph.to_json_pretty().as_bytes())?;
    assert_eq!(read.semantic_hash(), graph.semantic_hash());
    assert_eq!(GraphBuilder::from(read), GraphBuilder::from(graph.clone()));

    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry)?;
    let engine = Engine::new(registry);
    let write = engine.typed::<In, Out>(&engine.compile(&graph)?)?;
    for greeting in [None, Some("Hi".to_owned())] {
        let out = write
            .call(In {
                csv: "Ada, Grace".to_owned(),
                greeting,
            })
            .await?;
        println!("{}: {}", out.n, out.letters.0.join("; "));
    }
    Ok(())
}
