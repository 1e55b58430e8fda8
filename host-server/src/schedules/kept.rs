//! A schedule as it is kept, and as it is shown.

use graphloom::value::to_value;
use graphloom::{Text, Timestamp};
use serde::{Deserialize, Serialize};

use super::state::State;
use crate::etag;
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::records::{Draft, Entry, Kind};
use crate::resource::{Resource, Tagged};
use crate::wire::{CallbackBody, Moment, ScheduleBody, ScheduleView};

/// A schedule as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) body: ScheduleBody,
    /// When its owner last changed it.
    pub(super) changed: Timestamp,
    #[serde(default)]
    pub(super) state: State,
}

/// A schedule with its record.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) id: Text,
    /// Its entity tag.
    pub(crate) tag: String,
    created: Timestamp,
    pub(super) kept: Kept,
}

impl Resource for Found {
    const KIND: Kind = Kind::Schedule;

    fn of(entry: &Entry) -> Result<Self, Problem> {
        let kept: Kept = entry.read()?;
        Ok(Self {
            id: entry.id.clone(),
            tag: etag::tag(&hash(&kept.body)?, entry.revision),
            created: entry.created,
            kept,
        })
    }
}

impl Tagged for Found {
    fn tag(&self) -> &str {
        &self.tag
    }
}

impl Found {
    pub(crate) fn view(&self) -> ScheduleView {
        let Kept {
            body,
            changed,
            state,
        } = &self.kept;
        ScheduleView {
            id: self.id.clone(),
            etag: Text::from(self.tag.as_str()),
            name: body.name.clone(),
            target: body.target.clone(),
            inputs: body.inputs.clone(),
            cron: body.cron.clone(),
            time_zone: body.time_zone.clone(),
            misfire: body.misfire,
            catch_up_limit: body.catch_up_limit,
            overlap: body.overlap,
            enabled: body.enabled,
            starts_at: body.starts_at,
            ends_at: body.ends_at,
            labels: body.labels.clone(),
            callback: body.callback.as_ref().map(CallbackBody::shown),
            next_at: state.next.map(Moment),
            queued_at: state.queued.map(Moment),
            last_at: state.last_at.map(Moment),
            last_run: state.last_run.clone(),
            last_error: state.last_error.clone(),
            last_skipped: state.last_skipped.clone(),
            created_at: Moment(self.created),
            updated_at: Moment(*changed),
        }
    }
}

fn hash(body: &ScheduleBody) -> Result<String, Problem> {
    let body = to_value(body).map_err(Problem::internal)?;
    Ok(body.content_hash().to_string())
}

impl Kept {
    pub(super) fn draft(&self, tenant: &Tenant, id: &Text) -> Result<Draft, Problem> {
        let body = &self.body;
        let draft = Draft::new(tenant, Kind::Schedule, id.clone(), self)?;
        Ok(draft
            .parent(body.target.id())
            .words(&body.name)
            .due(self.state.due()))
    }
}
