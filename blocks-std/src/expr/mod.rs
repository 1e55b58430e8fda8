//! Expressions.

use crate::family::family;

family! {
    eval::Eval,
}
