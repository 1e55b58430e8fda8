//! Which components can emit no more: what collecting pins wait for.
//!
//! A component closes when nothing upstream can emit and nothing in it is ready or in flight. Only ancestors of
//! collecting pins are counted; other graphs have none of this.

use serde::{Deserialize, Serialize};

use crate::dense::{ComponentIx, IxMap, PinIx};
use crate::plan::{Closing, Plan};
use crate::value::{List, Value};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct CloseState {
    /// Nodes of each component that are ready or in flight.
    active: Vec<u32>,
    /// Components upstream of each that can still emit.
    open: Vec<u32>,
    closed: Vec<bool>,
    #[serde(with = "super::wire::pairs")]
    collected: IxMap<PinIx, Collected>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Collected {
    items: Vec<Value>,
    /// The size of the items.
    bytes: u64,
    feeders: u32,
    fired: bool,
}

impl Collected {
    fn list(&mut self) -> Full {
        self.fired = true;
        let items = std::mem::take(&mut self.items);
        Full {
            n: items.len() as u64,
            bytes: std::mem::take(&mut self.bytes),
            list: Value::from(List::from(items)),
        }
    }
}

/// A list that a collecting pin fires: how many values waited in it, and their size.
pub(super) struct Full {
    pub(super) n: u64,
    pub(super) bytes: u64,
    pub(super) list: Value,
}

impl CloseState {
    /// Returns what a graph needs of this, if it has collecting pins.
    pub(super) fn of(plan: &Plan) -> Option<Box<Self>> {
        plan.closing
            .as_ref()
            .map(|closing| Box::new(Self::new(closing)))
    }

    fn new(plan: &Closing) -> Self {
        let n = plan.counted.len();
        Self {
            active: vec![0; n],
            open: plan.upstream.iter().copied().collect(),
            closed: vec![false; n],
            collected: plan
                .gathers
                .iter()
                .map(|(pin, gather)| {
                    (
                        *pin,
                        Collected {
                            items: Vec::new(),
                            bytes: 0,
                            feeders: gather.feeders,
                            fired: false,
                        },
                    )
                })
                .collect(),
        }
    }

    pub(super) fn busy(&mut self, component: ComponentIx) {
        if let Some(active) = self.active.get_mut(component.0 as usize) {
            *active += 1;
        }
    }

    /// Says whether that was the last busy node of its component.
    pub(super) fn idle(&mut self, component: ComponentIx) -> bool {
        let Some(active) = self.active.get_mut(component.0 as usize) else {
            return false;
        };
        *active = active.saturating_sub(1);
        *active == 0
    }

    /// Adds an item of this size to a collecting pin; returns the list that is full with it.
    pub(super) fn collect(
        &mut self,
        plan: &Closing,
        pin: PinIx,
        value: Value,
        bytes: u64,
    ) -> Option<Full> {
        let collected = self.collected.get_mut(&pin)?;
        collected.items.push(value);
        collected.bytes += bytes;
        let every = plan.gathers.get(&pin)?.every?;
        (collected.items.len() >= every as usize).then(|| collected.list())
    }

    /// Closes a component if it can emit no more. Returns the collecting pins that this closes, each with the list
    /// that it fires, and the components to look at next, once those values are delivered.
    pub(super) fn close(&mut self, plan: &Closing, component: ComponentIx) -> Option<Closed> {
        let at = component.0 as usize;
        let still = !*plan.counted.at(component)
            || self.active.get(at).is_none_or(|active| *active > 0)
            || self.open.get(at).is_none_or(|open| *open > 0);
        let closed = self.closed.get_mut(at)?;
        if still || *closed {
            return None;
        }
        *closed = true;
        let mut lists = Vec::new();
        for pin in plan.feeds.at(component) {
            let Some(collected) = self.collected.get_mut(pin) else {
                continue;
            };
            collected.feeders = collected.feeders.saturating_sub(1);
            let every = plan
                .gathers
                .get(pin)
                .is_some_and(|gather| gather.every.is_some());
            // Nothing at all is an empty list; nothing left after full lists is nothing.
            if collected.feeders == 0 && (!every || !collected.items.is_empty() || !collected.fired)
            {
                lists.push((*pin, collected.list()));
            }
        }
        for next in plan.downstream.at(component) {
            if let Some(open) = self.open.get_mut(next.0 as usize) {
                *open = open.saturating_sub(1);
            }
        }
        Some(Closed {
            lists,
            next: plan.downstream.at(component).clone(),
        })
    }

    /// The collecting pin with the most items, and how many.
    pub(super) fn fullest(&self) -> Option<(PinIx, usize)> {
        let pins = self.collected.iter();
        let pins = pins.map(|(pin, collected)| (*pin, collected.items.len()));
        pins.max_by_key(|(pin, n)| (*n, std::cmp::Reverse(*pin)))
    }

    /// Says whether this is that of a plan with these components.
    pub(super) fn fits(&self, plan: &Closing) -> bool {
        let n = plan.counted.len();
        [self.active.len(), self.open.len(), self.closed.len()] == [n, n, n]
    }

    pub(super) fn waiting(&self, pin: PinIx) -> usize {
        self.items(pin).len()
    }

    /// Returns what a pin has collected and not fired yet.
    pub(super) fn items(&self, pin: PinIx) -> &[Value] {
        self.collected
            .get(&pin)
            .map_or(&[], |collected| &collected.items)
    }
}

pub(super) struct Closed {
    pub(super) lists: Vec<(PinIx, Full)>,
    pub(super) next: Vec<ComponentIx>,
}
