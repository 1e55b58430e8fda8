//! What one run is started with.

use std::fmt;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use crate::cancel::CancelToken;
use crate::event::Given;
use crate::fault::{Code, Fault, nearest};
use crate::host::{Blobs, Credentials, Extensions, Grants};
use crate::json::Pointer;
use crate::plan::Plan;
use crate::value::{Map, Text, Value};

use super::limits::RunLimits;
use super::observe::Observer;
use super::rare_options::{KeptOptions, OwnHost};
use super::worker::Tie;

/// What the events of a kept run outlive before something happens that depends on them: an effect that must not be
/// repeated, an answer to whoever started the run, its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Durability {
    /// The process, killed at any moment; a power cut may take the latest events.
    Relaxed,
    /// A power cut.
    #[default]
    Barrier,
}

/// Inputs and settings of one run.
#[derive(Clone, Default)]
#[must_use]
pub struct RunOptions {
    /// `None`: there are none, as in an empty map.
    pub(super) inputs: Option<Map>,
    pub(super) overrides: Vec<(Text, Text, Value)>,
    pub(super) run_id: Option<Text>,
    pub(super) seed: Option<u64>,
    pub(super) limits: Option<Box<RunLimits>>,
    pub(super) observers: Vec<Observer>,
    pub(super) record: bool,
    pub(super) cancel: Option<CancelToken>,
    /// `None`: what the engine lends.
    pub(super) host: Option<Box<OwnHost>>,
    /// `None`: as [`KeptOptions::default`].
    kept: Option<Box<KeptOptions>>,
}

impl fmt::Debug for RunOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunOptions")
            .field("run_id", &self.run_id)
            .field("inputs", &self.inputs.as_ref().unwrap_or(&Map::new()))
            .field("overrides", &self.overrides)
            .field("seed", &self.seed)
            .field("limits", &self.limits)
            .field("grants", &self.own_grants())
            .field("tenant", &self.kept().tenant)
            .field("source", &self.kept().source)
            .field("labels", &self.kept().labels)
            .finish_non_exhaustive()
    }
}

impl RunOptions {
    /// What it has in place of what the engine lends, to be changed.
    fn own_host(&mut self) -> &mut OwnHost {
        self.host.get_or_insert_default()
    }

    /// What the run is narrowed to.
    pub(super) fn own_grants(&self) -> Grants {
        self.host
            .as_ref()
            .map_or_else(Grants::all, |host| host.grants.clone())
    }

    /// What only a run that is kept in a store has, to be changed.
    fn kept_mut(&mut self) -> &mut KeptOptions {
        self.kept.get_or_insert_default()
    }

    /// What only a run that is kept in a store has.
    pub(super) fn kept(&self) -> &KeptOptions {
        static NOTHING: LazyLock<KeptOptions> = LazyLock::new(KeptOptions::default);
        match &self.kept {
            Some(kept) => kept,
            None => &NOTHING,
        }
    }

    /// Returns options without inputs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives a run input.
    pub fn input(mut self, name: impl Into<Text>, value: impl Into<Value>) -> Self {
        self.inputs
            .get_or_insert_default()
            .insert(name.into(), value.into());
        self
    }

    /// Gives all run inputs at once; those given before are forgotten.
    pub fn inputs(mut self, inputs: Map) -> Self {
        self.inputs = Some(inputs);
        self
    }

    /// Replaces what an input pin has or receives, in every firing.
    pub fn set(
        mut self,
        node: impl Into<Text>,
        pin: impl Into<Text>,
        value: impl Into<Value>,
    ) -> Self {
        self.overrides.push((node.into(), pin.into(), value.into()));
        self
    }

    /// Sets the run's id. Without it the run gets a new UUID (version 7).
    pub fn run_id(mut self, id: impl Into<Text>) -> Self {
        self.run_id = Some(id.into());
        self
    }

    /// Sets what the run's random numbers and back-offs follow from. Without it a new one is drawn.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets the limits, in place of the engine's.
    pub fn limits(mut self, limits: RunLimits) -> Self {
        self.limits = Some(Box::new(limits));
        self
    }

    /// Narrows what the run may do; the engine's own grants hold too.
    pub fn grants(mut self, grants: Grants) -> Self {
        self.own_host().grants = grants;
        self
    }

    /// Lets someone watch.
    pub fn observe(mut self, observer: Observer) -> Self {
        self.observers.push(observer);
        self
    }

    /// Keeps every event for the outcome.
    pub fn record(mut self) -> Self {
        self.record = true;
        self
    }

    /// Stops the run when this token is cancelled. The run cancels only a child of it.
    pub fn cancel_with(mut self, token: &CancelToken) -> Self {
        self.cancel = Some(token.child());
        self
    }

    /// Supplies things to blocks by type, in place of the engine's.
    pub fn extensions(mut self, extensions: Extensions) -> Self {
        self.own_host().extensions = Some(extensions);
        self
    }

    /// Sets where the secrets of the run come from, in place of the engine's.
    pub fn credentials(mut self, credentials: Arc<dyn Credentials>) -> Self {
        self.own_host().credentials = Some(credentials);
        self
    }

    /// Sets where the blobs of the run are kept, in place of the engine's.
    pub fn blobs(mut self, blobs: Arc<dyn Blobs>) -> Self {
        self.own_host().blobs = Some(blobs);
        self
    }

    /// Sets the time zone of whoever the run is for, by its IANA name (`Europe/Paris`), in place of the engine's. It is
    /// no part of the recorded events; a kept run has it in its head.
    pub fn time_zone(mut self, name: impl Into<Text>) -> Self {
        self.own_host().time_zone = Some(name.into());
        self
    }

    /// Sets what the events of a run that is kept in a store must outlive before anything depends on them.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.kept_mut().durability = durability;
        self
    }

    /// Sets on whose behalf a run that is kept in a store is; without it on that of nobody in particular.
    pub fn tenant(mut self, tenant: impl Into<Text>) -> Self {
        self.kept_mut().tenant = tenant.into();
        self
    }

    /// Sets the id of the stored graph that a kept run is a run of.
    pub fn source(mut self, source: impl Into<Text>) -> Self {
        self.kept_mut().source = source.into();
        self
    }

    /// Adds a label, by which the host finds a kept run again. All of them take at most
    /// [`NewRun::MAX_LABELS_BYTES`](crate::host::NewRun::MAX_LABELS_BYTES).
    pub fn label(mut self, name: impl Into<Text>, text: impl Into<Text>) -> Self {
        self.kept_mut()
            .labels
            .insert(name, Value::from(text.into()));
        self
    }

    /// Sets all labels at once, each a text; those given before are forgotten.
    pub fn labels(mut self, labels: Map) -> Self {
        self.kept_mut().labels = labels;
        self
    }

    /// Accepts a kept run without waiting for its disk: that it was accepted outlives the process, and a power cut once
    /// something that was written later must, e.g. the run's end, or [`Worker::sync`](super::Worker::sync). For whoever
    /// answers when the run is over. Without a key, a [`Worker`](super::Worker) begins it while it is accepted, unless it has a
    /// run with this id ([`RunOptions::run_id`]): then the store is asked first, and refuses.
    pub fn accept_unsynced(mut self) -> Self {
        self.kept_mut().accept_unsynced = true;
        self
    }

    /// Lets a run that is kept in a store leave memory as soon as nothing moves before someone answers: its outcome has the
    /// status `waiting` then, and the questions. Without it the run stays and waits.
    pub fn park(mut self) -> Self {
        self.kept_mut().parks = true;
        self
    }

    /// Sets what ties a kept run to the worker that goes on with it.
    pub(super) fn of_worker(mut self, tie: Tie) -> Self {
        self.kept_mut().worker = Some(tie);
        self
    }

    /// Appends the events of each step of a kept run by themselves, for tests that cut between
    /// any two.
    #[doc(hidden)]
    pub fn append_each_step(mut self) -> Self {
        self.kept_mut().each_step = true;
        self
    }

    /// Returns the run's id, where one was set.
    #[must_use]
    pub const fn id(&self) -> Option<&Text> {
        self.run_id.as_ref()
    }

    /// Returns the id of the stored graph that a kept run is a run of; empty: of none.
    #[must_use]
    pub fn source_id(&self) -> &Text {
        &self.kept().source
    }

    /// Returns the values that the run is given: its inputs, and what replaces what pins have or receive.
    pub fn given_values(&self) -> impl Iterator<Item = &Value> {
        let set = self.overrides.iter().map(|(_, _, value)| value);
        self.inputs.iter().flat_map(Map::values).chain(set)
    }

    /// Finds the nodes and pins that overrides name, and everything that is wrong with what is given.
    pub(super) fn given(&self, plan: &Plan, limits: &RunLimits) -> Result<Arc<Given>, Vec<Fault>> {
        if self.overrides.is_empty() && self.inputs.as_ref().is_none_or(Map::is_empty) {
            return plan.given_nothing();
        }
        let mut faults = self.too_large(limits.max_input_bytes);
        let mut overrides = Vec::with_capacity(self.overrides.len());
        for (node, pin, value) in &self.overrides {
            let place = Pointer::root().push(&format!("{node}.{pin}"));
            let unknown = |what: String, found: &str, known: Vec<String>| {
                let mut fault = Fault::new(Code::InputOverride, place.clone(), what)
                    .expected(match known.as_slice() {
                        [] => "no override".to_owned(),
                        known => format!("one of {}", known.join(", ")),
                    })
                    .actual(format!("\"{found}\""));
                fault.suggestions = nearest(found, known.iter().map(String::as_str));
                fault
            };
            let Some(found) = plan.node(node.as_str()) else {
                let known = plan
                    .node_positions()
                    .map(|node| plan.node_id(node).to_owned())
                    .collect();
                faults.push(unknown(
                    format!("there is no node \"{node}\""),
                    node.as_str(),
                    known,
                ));
                continue;
            };
            let shape = plan.shape(found);
            match shape
                .input(pin.as_str())
                .and_then(|slot| shape.inputs.get(slot))
            {
                None => {
                    let known = shape
                        .inputs
                        .iter()
                        .map(|pin| pin.name.to_string())
                        .collect();
                    faults.push(unknown(
                        format!("node \"{node}\" has no input \"{pin}\""),
                        pin.as_str(),
                        known,
                    ));
                }
                Some(declared) if declared.config => {
                    let what = format!(
                        "input \"{pin}\" of node \"{node}\" decides its pins and cannot be replaced"
                    );
                    let fault = Fault::new(Code::InputOverride, place, what)
                        .expected("a pin that a link could feed")
                        .actual(format!("\"{pin}\""));
                    faults.push(fault);
                }
                Some(_) => overrides.push((found, pin.clone(), value.clone())),
            }
        }
        let given = Given {
            inputs: self.inputs.clone().unwrap_or_default(),
            overrides,
        };
        faults.extend(plan.check_given(&given));
        if faults.is_empty() {
            Ok(Arc::new(given))
        } else {
            Err(faults)
        }
    }

    /// Finds values that are larger than a run takes, before anyone looks into them.
    fn too_large(&self, max_bytes: u64) -> Vec<Fault> {
        let inputs = self
            .inputs
            .iter()
            .flat_map(Map::iter)
            .map(|(name, value)| (name.to_string(), value));
        let overrides = self
            .overrides
            .iter()
            .map(|(node, pin, value)| (format!("{node}.{pin}"), value));
        let sized = inputs
            .chain(overrides)
            .map(|(name, value)| (name, value.weight_bytes() as u64));
        sized
            .filter(|(_, bytes)| *bytes > max_bytes)
            .map(|(name, bytes)| {
                let message = format!("the value given for \"{name}\" is too large");
                Fault::new(Code::InputBytes, Pointer::root().push(&name), message)
                    .expected(format!("at most {max_bytes} bytes"))
                    .actual(format!("{bytes} bytes"))
            })
            .collect()
    }
}
