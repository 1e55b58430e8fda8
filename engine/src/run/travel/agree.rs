//! Holds the trail of a run against its state, for tests.

use std::sync::Arc;

use crate::dense::{NodeIx, PinIx};
use crate::event::{Event, Record};
use crate::plan::Plan;
use crate::run::machine::Machine;
use crate::value::Value;

use super::trail::{Look, Origins, Trail, selected};

/// Says where the trail of a run and its state differ, if they do: what waits at each pin after each event, and whether what
/// a firing took is what its origins gave along a link. Returns how many values were compared. For tests.
///
/// # Errors
/// The first difference; or that the events are not those of a run of this plan.
#[doc(hidden)]
pub fn check_trail(plan: &Arc<Plan>, records: &[Record]) -> Result<u64, String> {
    let (mut machine, mut trail) = (Machine::new(plan), Trail::default());
    let look = Look(records);
    let mut compared = 0;
    for record in records {
        machine
            .apply(record)
            .map_err(|failure| failure.to_string())?;
        trail.note(&machine, record, &look);
        let wrong = |what: String| Err(format!("after event {}: {what}", record.seq));
        if let Some(folded) = machine.scopes.get(&record.scope) {
            let id = record.scope;
            let Some(track) = trail.scopes.get(&id) else {
                return wrong(format!("scope {id} has no trail"));
            };
            for (pin, track) in track.pins.iter().enumerate() {
                let pin = PinIx(u32::try_from(pin).unwrap_or(u32::MAX));
                let pins = &folded.state.pins;
                let state = (
                    pins.unused(pin),
                    folded.state.collected(pin),
                    pins.stays(pin).is_some(),
                );
                let own = (
                    track.queue.len(),
                    track.collected.len(),
                    track.last.is_some(),
                );
                if state != own {
                    return wrong(format!(
                        "scope {id}, {pin:?}: {state:?}, and the trail {own:?}"
                    ));
                }
            }
            for node in folded.plan.node_positions() {
                let (fired, delivered) = folded.state.counts(node);
                let own = track
                    .node(node)
                    .map(|node| (node.firings.len(), node.delivered));
                if own != Some((fired as usize, delivered as usize)) {
                    return wrong(format!(
                        "scope {id}, {node:?}: {fired}, {delivered}, not {own:?}"
                    ));
                }
            }
        }
        if let Event::Started { node, firing } = &record.event {
            match taken_agrees(&machine, &trail, record.scope, (*node, *firing), &look) {
                Ok(n) => compared += n,
                Err(what) => return wrong(what),
            }
        }
    }
    Ok(compared)
}

/// Compares what a firing took with what its origins gave.
fn taken_agrees(
    machine: &Machine,
    trail: &Trail,
    scope: u32,
    (node, firing): (NodeIx, u32),
    records: &Look<'_>,
) -> Result<u64, String> {
    let (folded, track) = match (machine.scopes.get(&scope), trail.scopes.get(&scope)) {
        (Some(folded), Some(track)) => (folded, track),
        _ => return Ok(0),
    };
    let flight = folded.flights.get(node, firing);
    let own = track.firing(node, firing);
    let (Some(flight), Some(own)) = (flight, own) else {
        return Ok(0);
    };
    let pins: Vec<PinIx> = track.plan.nodes.at(node).pins().collect();
    for ((pin, value), origins) in pins.into_iter().zip(&flight.taken).zip(&own.taken) {
        let (Some(value), Some(origins)) = (value, origins) else {
            if value.is_some() != origins.is_some() {
                return Err(format!("{node:?}:{firing} took {value:?} from {origins:?}"));
            }
            continue;
        };
        let arrived = origins.as_slice().iter().map(|seq| {
            let sent = sent_to(&track.plan, pin, *seq, scope, records);
            sent.ok_or_else(|| format!("event {seq} gave nothing to {pin:?}"))
        });
        let arrived = arrived.collect::<Result<Vec<Vec<Value>>, String>>()?;
        let same = match origins {
            Origins::One(_) => arrived.iter().flatten().any(|sent| sent == value),
            Origins::Many(_) => {
                let list = value.as_list().cloned().unwrap_or_default();
                list.len() == arrived.len()
                    && list
                        .iter()
                        .zip(&arrived)
                        .all(|(item, sent)| sent.contains(item))
            }
        };
        if !same {
            return Err(format!(
                "{node:?}:{firing} took {value}, and {origins:?} gave {arrived:?}"
            ));
        }
    }
    Ok(own.taken.len() as u64)
}

/// What an event sent to a pin, along each link that leads there from where it was given.
fn sent_to(
    plan: &Plan,
    pin: PinIx,
    seq: u64,
    scope: u32,
    records: &Look<'_>,
) -> Option<Vec<Value>> {
    let (from, node, _, port) = records.gave(seq)?;
    let value = records.value(plan, seq)?;
    let port = port.unwrap_or(plan.nodes.at(node).error_port());
    let (first, links) = plan.links_of(node, port);
    let own = links
        .iter()
        .zip(first..)
        .filter(|(link, _)| link.pin() == pin);
    let sent: Vec<Value> = own
        .filter_map(|(link, position)| selected(plan, *link, position, &value))
        .collect();
    (from == scope && !sent.is_empty()).then_some(sent)
}
