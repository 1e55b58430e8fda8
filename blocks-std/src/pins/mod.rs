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

pub mod autogpt;
pub mod csv;
pub mod data;
pub mod dictionary;
pub mod email;
pub mod expr;
pub mod flow;
pub mod graph;
pub mod hash;
pub mod http;
pub mod id;
pub mod io;
pub mod json;
pub mod kv;
pub mod list;
pub mod llm;
pub mod math;
pub mod random;
pub mod spreadsheet;
pub mod text;
pub mod time;
pub mod web;
pub mod webhook;
pub mod yaml;
