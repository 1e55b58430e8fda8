//! A plan against the direction of its links: what feeds each pin, who fires each tool, what can be reached at all.

use crate::block::Role;
use crate::dense::{NodeIx, PinIx};
use crate::plan::{Node, Plan};

/// A link into a pin, seen from the pin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Feed {
    pub(super) node: NodeIx,
    pub(super) port: u16,
    /// The position of the link in the plan.
    pub(super) link: u32,
}

/// A plan against the direction of its links.
#[derive(Debug)]
pub(super) struct Feeds {
    of_pin: Vec<Vec<Feed>>,
    /// The nodes that may fire a node as their tool.
    users: Vec<Vec<NodeIx>>,
    reached: Vec<bool>,
}

impl Feeds {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut feeds = Self {
            of_pin: vec![Vec::new(); plan.pins.len()],
            users: vec![Vec::new(); plan.nodes.len()],
            reached: vec![false; plan.nodes.len()],
        };
        for node in plan.node_positions() {
            for port in 0..plan.nodes.at(node).n_ports {
                let (first, links) = plan.links_of(node, port);
                for (link, position) in links.iter().zip(first..) {
                    if let Some(of_pin) = feeds.of_pin.get_mut(link.pin().0 as usize) {
                        of_pin.push(Feed {
                            node,
                            port,
                            link: position,
                        });
                    }
                }
            }
            for tool in plan.options(node).into_iter().flat_map(|own| &own.tools) {
                if let Some(users) = feeds.users.get_mut(tool.node.0 as usize) {
                    users.push(node);
                }
            }
        }
        feeds.reach(plan);
        feeds
    }

    fn reach(&mut self, plan: &Plan) {
        let mut look: Vec<NodeIx> = plan.starts.clone();
        while let Some(node) = look.pop() {
            let Some(reached) = self.reached.get_mut(node.0 as usize) else {
                continue;
            };
            if std::mem::replace(reached, true) {
                continue;
            }
            for port in 0..plan.nodes.at(node).n_ports {
                look.extend(plan.links_of(node, port).1.iter().map(|link| link.node));
            }
            let tools = plan.options(node).into_iter().flat_map(|own| &own.tools);
            look.extend(tools.map(|tool| tool.node));
        }
    }

    pub(super) fn links_into(&self, pin: PinIx) -> &[Feed] {
        self.of_pin.get(pin.0 as usize).map_or(&[], Vec::as_slice)
    }

    pub(super) fn users(&self, tool: NodeIx) -> &[NodeIx] {
        self.users.get(tool.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// Some node that starts leads to it.
    pub(super) fn is_reached(&self, node: NodeIx) -> bool {
        self.reached.get(node.0 as usize).copied().unwrap_or(false)
    }
}

/// Says whether a node is a remark.
pub(super) fn is_note(plan: &Plan, node: NodeIx) -> bool {
    plan.cold.at(node).block.info().role == Role::Note
}

/// Says whether a node never fires by itself because others fire it.
pub(super) fn is_tool(plan: &Plan, node: NodeIx) -> bool {
    plan.nodes.at(node).is(Node::PASSIVE) && !is_note(plan, node)
}

/// Says why nothing can come to a node.
pub(super) fn not_reached(plan: &Plan, node: NodeIx) -> String {
    let text = "no node that starts leads to it".to_owned();
    if !plan.nodes.at(node).is(Node::CYCLE) {
        return text;
    }
    let component = plan.cold.at(node).component;
    let inside = plan.node_positions();
    let inside: Vec<&str> = inside
        .filter(|other| plan.cold.at(*other).component == component)
        .map(|other| plan.node_id(other))
        .collect();
    format!("{text}: {} feed each other only", inside.join(", "))
}
