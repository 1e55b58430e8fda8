//! Chance: numbers that follow from the run's seed, the same ones in a repeated attempt.

use crate::family::family;

mod draw;

family! {
    choice::Choice,
    number::RandomNumber,
    sample::Sample,
}
