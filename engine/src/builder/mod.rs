//! Graphs written in Rust: nodes from block types, literals and links whose types the compiler checks, and a graph as a
//! typed async function.
//!
//! A [`GraphBuilder`] gives the same [`Graph`](crate::Graph) as a document does, to be written as JSON or compiled. Pins are
//! handles: [`pins!`](crate::pins) declares a block's once, and a node has them as `node.input.name` and
//! `node.output.name`. [`Engine::typed`](crate::Engine::typed) makes a compiled graph a [`GraphFn`].
//!
//! ```
//! graphloom::pins! {
//!     pub mod split: Split = "text.split" { in { text: String, delimiter: String } out { texts: Vec<String> } }
//!     pub mod join: Join = "text.join" { in { input: Vec<String>, delimiter: String } out { output: String } }
//! }
//!
//! let mut g = graphloom::GraphBuilder::new();
//! let split = g.add::<split::Split>("split");
//! let join = g.add::<join::Join>("join");
//! g.set(&split.input.text, "a,b").set(&split.input.delimiter, ",");
//! g.set(&join.input.delimiter, "; ");
//! g.link(&split.output.texts, &join.input.input);
//! let graph = g.finish()?;
//! assert_eq!(graph.links[0].to.to_string(), "join.input");
//! # Ok::<(), graphloom::Faults>(())
//! ```
//!
//! # What does not compile
//!
//! Two pins of unlike types, here a list of texts and a text:
//!
//! ```compile_fail,E0277
//! # graphloom::pins! {
//! #     pub mod split: Split = "text.split" { in { text: String, delimiter: String } out { texts: Vec<String> } }
//! # }
//! # let mut g = graphloom::GraphBuilder::new();
//! # let (one, two) = (g.add::<split::Split>("one"), g.add::<split::Split>("two"));
//! g.link(&one.output.texts, &two.input.text);
//! ```
//!
//! A link the wrong way round:
//!
//! ```compile_fail,E0277
//! # graphloom::pins! {
//! #     pub mod split: Split = "text.split" { in { text: String, delimiter: String } out { texts: Vec<String> } }
//! # }
//! # let mut g = graphloom::GraphBuilder::new();
//! # let (one, two) = (g.add::<split::Split>("one"), g.add::<split::Split>("two"));
//! g.link(&one.input.text, &two.input.text);
//! ```
//!
//! A pin of another block:
//!
//! ```compile_fail,E0609
//! # graphloom::pins! {
//! #     pub mod split: Split = "text.split" { in { text: String, delimiter: String } out { texts: Vec<String> } }
//! # }
//! # let mut g = graphloom::GraphBuilder::new();
//! # let (one, two) = (g.add::<split::Split>("one"), g.add::<split::Split>("two"));
//! g.link(&one.output.text, &two.input.text);
//! ```
//!
//! A literal of another type:
//!
//! ```compile_fail,E0277
//! # graphloom::pins! {
//! #     pub mod split: Split = "text.split" { in { text: String, delimiter: String } out { texts: Vec<String> } }
//! # }
//! # let mut g = graphloom::GraphBuilder::new();
//! # let one = g.add::<split::Split>("one");
//! g.set(&one.input.delimiter, 7);
//! ```
//!
//! A value of any type at a pin of one type, unless the program says that each is to be checked while the graph runs:
//!
//! ```compile_fail,E0277
//! # graphloom::pins! {
//! #     pub mod split: Split = "text.split" { in { text: String, delimiter: String } out { texts: Vec<String> } }
//! # }
//! # let mut g = graphloom::GraphBuilder::new();
//! # let (one, two) = (g.add::<split::Split>("one"), g.add::<split::Split>("two"));
//! g.link(one.output.texts.index(0), &two.input.text);
//! ```
//!
//! ```
//! # graphloom::pins! {
//! #     pub mod split: Split = "text.split" { in { text: String, delimiter: String } out { texts: Vec<String> } }
//! # }
//! # let mut g = graphloom::GraphBuilder::new();
//! # let (one, two) = (g.add::<split::Split>("one"), g.add::<split::Split>("two"));
//! g.link(one.output.texts.index(0).typed::<String>(), &two.input.text);
//! ```

mod build;
mod check;
mod function;
mod link;
mod node;
mod pin;
mod pin_value;
mod pins;
mod signature;

pub mod kind;

pub use build::GraphBuilder;
pub use function::{CallError, GraphFn};
pub use kind::Fits;
pub use link::LinkEdit;
pub use node::{NamedNode, NodeEdit, Placed};
pub use pin::{End, In, Out, Source, Target};
pub use pin_value::{PinValue, Tools};
pub use pins::Pins;
pub use signature::{Misfit, Side, SignatureError};

#[cfg(test)]
mod tests;
