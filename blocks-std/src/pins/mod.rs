//! The pins of the standard blocks, for the typed [`GraphBuilder`](graphloom::GraphBuilder): a module a family, a type a
//! block. Written by a test from what the blocks say of themselves; a block whose pins depend on its literals has
//! those of a node without any.
//!
//! ```
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

pub mod airtable;
pub mod autogpt;
pub mod brave;
pub mod csv;
pub mod data;
pub mod deepl;
pub mod dictionary;
pub mod discord;
pub mod elevenlabs;
pub mod email;
pub mod exa;
pub mod expr;
pub mod firecrawl;
pub mod flow;
pub mod github;
pub mod gmail;
pub mod google_maps;
pub mod graph;
pub mod hash;
pub mod http;
pub mod id;
pub mod ideogram;
pub mod io;
pub mod jina;
pub mod json;
pub mod kv;
pub mod linear;
pub mod list;
pub mod llm;
pub mod math;
pub mod medium;
pub mod notion;
pub mod open_meteo;
pub mod openai;
pub mod openweathermap;
pub mod perplexity;
pub mod random;
pub mod resend;
pub mod slack;
pub mod spreadsheet;
pub mod tavily;
pub mod telegram;
pub mod text;
pub mod time;
pub mod todoist;
pub mod twilio;
pub mod web;
pub mod webhook;
pub mod wikipedia;
pub mod wolfram;
pub mod yaml;
