//! What the passes proved of a graph: all that is laid out in its plan.

use std::sync::Arc;

use crate::block::Shape;
use crate::graph::Graph;

use super::calls::Reachable;
use super::check::Template;
use super::link::Wires;
use super::order::Order;
use super::resolve::Resolved;

pub(super) struct Parts<'p, 'a> {
    pub(super) graph: &'p Graph,
    pub(super) nodes: &'p [Resolved<'a>],
    pub(super) templates: Vec<Template>,
    pub(super) wires: &'p Wires,
    pub(super) order: Order,
    pub(super) interface: &'p Arc<Shape>,
    pub(super) reachable: &'p Reachable,
}
