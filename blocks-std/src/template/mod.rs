//! Jinja templates, as AutoGPT's blocks take them: Jinja 2 in its sandbox, with Python's values.
//!
//! What differs from plain Jinja is AutoGPT's doing: no globals but `range`, no filters `pprint`, `tojson`, `urlize`
//! and `xmlattr`, and `format` takes the number from the left and the pattern as its argument. What differs from both:
//! no `random`, whole numbers end at 127 bits, and a list that is put into a list is copied.
//!
//! A template is somebody's program. It runs by itself, on what it is given, and within limits: steps, bytes, depth.

mod alone;
mod ast;
mod call;
mod dict;
mod escape;
mod eval;
mod exec;
mod expression;

mod filters;
mod format;
mod frame;
mod give;
mod item;
mod items;
mod lexer;
mod lookup;
mod methods;
mod operators;
mod parser;
mod printf;
mod suffix;
mod tags;
mod tests;
#[cfg(test)]
mod unit;

use graphloom::value::Map;

use exec::Machine;

pub(crate) use alone::{Expression, Names};

/// Nothing is nested deeper than this: expressions, blocks, calls and values.
const MAX_DEPTH: usize = 120;

/// A template may take this many steps: one for each part of an expression and each item of a list that it goes
/// through.
const MAX_STEPS: u64 = 2_000_000;

/// All the texts that a template makes, the result included, may have this many bytes together.
const MAX_BYTES: usize = 64 << 20;

/// The longest template, in bytes.
const MAX_SOURCE: usize = 4 << 20;

/// What is wrong with a template, for its author.
pub(crate) type Error = String;

type Result<T> = std::result::Result<T, Error>;

/// Fills a template with values. `escape` says that what is filled in is escaped for HTML.
pub(crate) fn render(source: &str, values: &Map, escape: bool) -> Result<String> {
    if source.len() > MAX_SOURCE {
        return Err(format!("the template is longer than {MAX_SOURCE} bytes"));
    }
    let nodes = parser::parse(source)?;
    Machine::new(false).render(&nodes, values, escape)
}

/// Fills a template as [`render`] does, but for this: what is not defined is an error, unless `is defined` or `default`
/// ask for it, errors say where they are, there is a filter `tojson`, and `self` is a name like others.
pub(crate) fn render_strictly(source: &str, values: &Map, escape: bool) -> Result<String> {
    if source.len() > MAX_SOURCE {
        return Err(format!("the template is longer than {MAX_SOURCE} bytes"));
    }
    let nodes = parser::parse(source)?;
    let mut machine = Machine::new(true);
    let rendered = machine.render(&nodes, values, escape);
    rendered.map_err(|error| machine.placed(error))
}
