//! Tests of reading, writing and locating graphs.

use super::*;
use crate::fault::{Code, Fault};

mod damage;
mod faults;
mod import;
mod places;
mod roundtrip;
mod shared;

fn read_text(text: &str) -> Reading {
    read(text.as_bytes(), &GraphLimits::default())
}

/// The code, the place and the line and column of each fault.
fn brief(faults: &[Fault]) -> Vec<String> {
    faults
        .iter()
        .map(|f| {
            format!(
                "{} {} {}:{}",
                f.code,
                f.pointer,
                f.line.unwrap_or(0),
                f.column.unwrap_or(0)
            )
        })
        .collect()
}
