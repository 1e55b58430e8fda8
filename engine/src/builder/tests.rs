//! What the builder gives: its graphs, its faults, and graphs as functions.

mod functions;
mod graphs;
mod identity;
mod kinds;

crate::pins! {
    /// Splits a text.
    mod split: Split = "text.split" {
        in { text: String, delimiter: String }
        out { texts: Vec<String>, count: usize }
    }
    /// Joins texts.
    mod join: Join = "text.join" {
        in { input: Vec<String>, delimiter: String, options("the options"): Option<crate::value::Map> }
        out { output: String }
    }
    /// Takes anything.
    mod note: Anything = "data.anything" {
        in { value: crate::Value, items: crate::Gather<String> }
        out { value: crate::Value }
    }
}

use join::Join;
use note::Anything;
use split::Split;
