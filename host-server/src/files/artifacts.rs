//! The blobs that a run names: in what it was given, in what its firings emitted, in its outputs.

use std::collections::BTreeMap;
use std::sync::Arc;

use graphloom::value::BlobRef;
use graphloom::{Plan, Record, Text, Trace, Value};

/// How many places are told of a blob.
const PLACES: usize = 20;

/// A blob that a run names.
#[derive(Debug, Clone)]
pub(crate) struct Artifact {
    pub(crate) blob: BlobRef,
    /// The outputs of the run that have it.
    pub(crate) outputs: Vec<Text>,
    /// Where else it is, the first of these places.
    pub(crate) places: Vec<Place>,
}

/// Where a run names a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The number of the event.
    pub(crate) event: u64,
    /// What the event is: `opened` has what the run was given.
    pub(crate) kind: Text,
    /// The node, with the calls before it; none for what the run was given.
    pub(crate) node: Option<Text>,
    /// Its firing.
    pub(crate) firing: Option<u64>,
    /// The pin.
    pub(crate) pin: Option<Text>,
}

/// Returns the blobs of a run by their hash. `outputs` are those of the run so far, by name.
pub(crate) fn of<'a>(
    plan: &Arc<Plan>,
    records: &[Record],
    outputs: impl Iterator<Item = (&'a Text, &'a Value)>,
) -> Vec<Artifact> {
    let mut found: BTreeMap<Text, Artifact> = BTreeMap::new();
    let mut trace = Trace::new(plan);
    for record in records {
        let line = trace.line(record);
        let mut place = None;
        each(&line, &mut |blob| {
            let artifact = named(&mut found, blob);
            let place = place.get_or_insert_with(|| place_of(&line, record.seq));
            // An event may have it several times.
            if artifact.places.len() < PLACES && artifact.places.last() != Some(place) {
                artifact.places.push(place.clone());
            }
        });
    }
    for (name, value) in outputs {
        each(value, &mut |blob| {
            let artifact = named(&mut found, blob);
            if artifact.outputs.last() != Some(name) {
                artifact.outputs.push(name.clone());
            }
        });
    }
    found.into_values().collect()
}

fn named<'a>(found: &'a mut BTreeMap<Text, Artifact>, blob: &BlobRef) -> &'a mut Artifact {
    let new = || Artifact {
        blob: blob.clone(),
        outputs: Vec::new(),
        places: Vec::new(),
    };
    found.entry(blob.hash.clone()).or_insert_with(new)
}

fn place_of(line: &Value, event: u64) -> Place {
    let word = |key: &str| line.get(key).and_then(Value::as_text).cloned();
    Place {
        event,
        kind: word("type").unwrap_or_default(),
        node: word("node"),
        firing: line.get("firing").and_then(Value::as_u64),
        pin: word("pin"),
    }
}

/// Shows every blob in a value.
pub(crate) fn each(value: &Value, see: &mut impl FnMut(&BlobRef)) {
    match value {
        Value::Blob(blob) => see(blob),
        Value::List(list) => list.iter().for_each(|item| each(item, see)),
        Value::Map(map) => map.values().for_each(|item| each(item, see)),
        _ => {}
    }
}
