//! What is run by something that runs by itself: a schedule, a webhook.

use std::collections::BTreeMap;

use graphloom::Text;
use graphloom::json::Pointer;

use crate::App;
use crate::ask::{Misfits, misfit_at};
use crate::ids::is_id;
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::runs::labels;
use crate::starting::{Resolved, What, resolve};
use crate::wire::{RunStart, TargetBody};

/// How long names may be, in characters.
pub(crate) const MAX_NAME: usize = 128;
/// How long labels may be, names and texts together: the server has some of its own.
const MAX_LABELS: usize = 6 * 1_024;

/// Notes a name that will not do.
pub(crate) fn check_name(name: &str, place: &str, misfits: &mut Misfits) {
    let length = name.chars().count();
    let fits = (1..=MAX_NAME).contains(&length) && !name.contains(char::is_control);
    let what = format!("a name has 1 to {MAX_NAME} characters, none of them a control character");
    misfits.unless(fits, place, &what);
}

/// Notes what does not fit of the labels that runs are to have.
pub(crate) fn check_labels(labels: &BTreeMap<Text, Text>, misfits: &mut Misfits) {
    let bytes: usize = labels
        .iter()
        .map(|(name, text)| name.len() + text.len())
        .sum();
    let what = format!("labels take at most {MAX_LABELS} bytes, not {bytes}");
    misfits.unless(bytes <= MAX_LABELS, "/labels", &what);
    for name in labels.keys().filter(|name| name.starts_with(labels::OWN)) {
        let place = Pointer::root().push("labels").push(name);
        misfits.at(
            place.as_str(),
            "labels that begin with `graphloom.` are the server's own",
        );
    }
}

/// What is to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A stored graph: this version, or the latest.
    Graph(Text, Option<u64>),
    /// A preset.
    Preset(Text),
}

impl Target {
    /// Reads what a body names, and notes what does not fit.
    pub(crate) fn read(body: &TargetBody, misfits: &mut Misfits) -> Option<Self> {
        let (place, what) = match (&body.graph_id, &body.preset_id, body.version) {
            (Some(graph), None, Some(0)) if is_id(graph) => {
                ("/target/version", "versions are counted from 1")
            }
            (Some(graph), None, version) if is_id(graph) => {
                return Some(Self::Graph(graph.clone(), version));
            }
            (None, Some(preset), None) if is_id(preset) => {
                return Some(Self::Preset(preset.clone()));
            }
            (None, Some(_), Some(_)) => ("/target/version", "the preset says which version"),
            (Some(_), None, _) => ("/target/graph_id", "this is no id"),
            (None, Some(_), None) => ("/target/preset_id", "this is no id"),
            _ => ("/target", "give one of graph_id and preset_id"),
        };
        misfits.at(place, what);
        None
    }

    /// Returns it as the way of starting runs knows it.
    pub(crate) fn what(&self) -> What {
        match self.clone() {
            Self::Graph(id, version) => What::Graph { id, version },
            Self::Preset(id) => What::Preset(id),
        }
    }

    /// Finds what would be run, for whoever keeps it for later.
    ///
    /// # Errors
    /// `HTTP_BODY` where the target is not there.
    pub(crate) async fn resolve(
        &self,
        app: &App,
        tenant: &Tenant,
        asked: RunStart,
    ) -> Result<Resolved, Problem> {
        let found = resolve(app, tenant, self.what(), asked).await;
        found.map_err(|problem| {
            let place = match self {
                Self::Graph(_, None) => "/target/graph_id",
                Self::Graph(..) => "/target",
                Self::Preset(_) => "/target/preset_id",
            };
            let gone = [ServerCode::NotFound.as_str(), ServerCode::Conflict.as_str()];
            match gone.contains(&problem.code()) {
                true => misfit_at(place, problem.detail()),
                false => problem,
            }
        })
    }
}
