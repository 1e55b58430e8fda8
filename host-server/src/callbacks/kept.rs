//! What is kept of a callback: whom to tell, and messages on their way.

use graphloom::json::{Limits, read_value};
use graphloom::{Text, Timestamp};
use serde::{Deserialize, Serialize};

use crate::principal::Tenant;
use crate::problem::Problem;
use crate::records::{Draft, Entry, Kind};
use crate::resource::Resource;
use crate::sealing::SealedSecret;
use crate::wire::{
    AttemptView, CallbackBody, CallbackEvent, DeliveryState, DeliveryView, Hidden, Moment,
};

/// How often one that is armed is looked after, where nothing was heard of its run.
pub(super) const LOOK_MS: i64 = 60 * 60 * 1_000;

/// Whom to tell of a run, kept under the run's id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Armed {
    pub(super) callback: CallbackBody,
    pub(super) since: Timestamp,
    /// After how many events the run waited when that was last told.
    #[serde(default)]
    pub(super) told_at: Option<u64>,
    /// When to look after it.
    pub(super) look: Timestamp,
}

impl Armed {
    pub(super) fn new(callback: CallbackBody, now: Timestamp) -> Self {
        let look = Timestamp(now.as_millis().saturating_add(LOOK_MS));
        Self {
            callback,
            since: now,
            told_at: None,
            look,
        }
    }

    /// Looks after it once more later.
    pub(super) fn later(self, now: Timestamp, ms: i64) -> Self {
        let look = Timestamp(now.as_millis().saturating_add(ms));
        Self { look, ..self }
    }

    pub(super) fn draft(&self, tenant: &Tenant, run: &Text) -> Result<Draft, Problem> {
        let draft = Draft::new(tenant, Kind::Callback, run.clone(), self)?;
        // Runs have ids that no other run has, of whatever tenant.
        Ok(draft.unique(run.clone()).due(Some(self.look)))
    }

    pub(super) fn wants(&self, event: CallbackEvent) -> bool {
        self.callback.events.contains(&event)
    }
}

/// A message, kept under its own id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Delivery {
    pub(super) run: Text,
    pub(super) event: CallbackEvent,
    pub(super) url: String,
    /// What it is signed with, in place of the tenant's secret.
    pub(super) secret: Option<SealedSecret>,
    /// What it is a part of, as `traceparent` has it.
    #[serde(default)]
    pub(super) trace: Option<Text>,
    /// What is sent: always the same.
    pub(super) payload: Text,
    pub(super) state: DeliveryState,
    /// How often it was tried since it was last asked for.
    pub(super) attempts: u32,
    #[serde(default)]
    pub(super) last: Option<AttemptView>,
    /// When it is sent, or forgotten.
    pub(super) due: Timestamp,
}

impl Delivery {
    pub(super) fn new(
        armed: &Armed,
        run: &Text,
        event: CallbackEvent,
        payload: Text,
        now: Timestamp,
    ) -> Self {
        let secret = match &armed.callback.secret {
            Some(Hidden::Sealed(sealed)) => Some(sealed.clone()),
            _ => None,
        };
        Self {
            run: run.clone(),
            event,
            url: armed.callback.url.clone(),
            secret,
            trace: None,
            payload,
            state: DeliveryState::Pending,
            attempts: 0,
            last: None,
            due: now,
        }
    }

    pub(super) fn draft(&self, tenant: &Tenant, id: &Text) -> Result<Draft, Problem> {
        let draft = Draft::new(tenant, Kind::Delivery, id.clone(), self)?;
        Ok(draft
            .parent(self.run.clone())
            .words(&format!("state={}", self.state.as_str()))
            .due(Some(self.due)))
    }
}

/// A delivery with its record.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) id: Text,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) delivery: Delivery,
}

impl Resource for Found {
    const KIND: Kind = Kind::Delivery;

    fn of(entry: &Entry) -> Result<Self, Problem> {
        Ok(Self {
            id: entry.id.clone(),
            created: entry.created,
            updated: entry.updated,
            delivery: entry.read()?,
        })
    }
}

impl Found {
    /// Returns it as it is shown, with what is sent or without.
    pub(crate) fn view(&self, whole: bool) -> DeliveryView {
        let kept = &self.delivery;
        let payload = || read_value(kept.payload.as_bytes(), &Limits::unlimited()).ok();
        let next = (kept.state == DeliveryState::Pending).then_some(Moment(kept.due));
        DeliveryView {
            id: self.id.clone(),
            run_id: kept.run.clone(),
            event: kept.event,
            url: kept.url.clone(),
            state: kept.state,
            attempts: kept.attempts,
            next_at: next,
            last_attempt: kept.last.clone(),
            payload: whole.then(payload).flatten(),
            created_at: Moment(self.created),
            updated_at: Moment(self.updated),
        }
    }
}
