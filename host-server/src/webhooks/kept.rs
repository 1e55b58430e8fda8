//! A webhook as it is kept, and as it is shown.

use graphloom::host::Secret;
use graphloom::value::{CanonicalHasher, to_value};
use graphloom::{Text, Timestamp};
use serde::{Deserialize, Serialize};

use super::secret::{about, about_address, address_hash};
use super::{calls, secret};
use crate::App;
use crate::etag;
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::records::{Draft, Entry, Kind};
use crate::resource::{Resource, Tagged};
use crate::sealing::SealedSecret;
use crate::wire::{CallbackBody, Moment, ProviderKind, WebhookBody, WebhookView};

/// How long a secret is taken beside the one that came after it: a day.
const FORMER_MS: i64 = 24 * 60 * 60 * 1_000;

/// A webhook as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    /// What its owner has written, without the secret.
    pub(super) body: WebhookBody,
    /// The text of its address.
    address: SealedSecret,
    /// What it is found by. No other one has it, of whatever tenant, also later under the same id.
    pub(super) found_by: Text,
    #[serde(default)]
    secret: Option<SealedSecret>,
    #[serde(default)]
    secret_at: Option<Timestamp>,
    #[serde(default)]
    former: Option<Former>,
    /// When its owner last changed it.
    pub(super) changed: Timestamp,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Former {
    secret: SealedSecret,
    until: Timestamp,
}

impl Kept {
    /// Returns a new one, whose address is drawn.
    pub(super) fn new(
        app: &App,
        (tenant, id): (&Tenant, &str),
        body: WebhookBody,
        secret: Option<&Secret>,
    ) -> Result<Self, Problem> {
        let text = secret::draw_address()?;
        let now = app.now();
        let mut kept = Self {
            body,
            address: app.sealer().seal(about_address(tenant, id), &text)?,
            found_by: address_hash(text.expose()),
            secret: None,
            secret_at: None,
            former: None,
            changed: now,
        };
        if let Some(secret) = secret {
            kept.set(app, (tenant, id), secret)?;
        }
        Ok(kept)
    }

    /// Gives it another secret, in place of those that it has.
    pub(super) fn set(
        &mut self,
        app: &App,
        (tenant, id): (&Tenant, &str),
        secret: &Secret,
    ) -> Result<(), Problem> {
        self.secret = Some(app.sealer().seal(about(tenant, id), secret)?);
        self.secret_at = Some(app.now());
        self.former = None;
        Ok(())
    }

    /// Gives it another secret; the one that it has is taken too for a day.
    pub(super) fn rotate(
        &mut self,
        app: &App,
        whose: (&Tenant, &str),
        secret: &Secret,
    ) -> Result<(), Problem> {
        let former = self.secret.take();
        self.changed = app.now();
        self.set(app, whose, secret)?;
        let until = Timestamp(app.now().as_millis().saturating_add(FORMER_MS));
        self.former = former.map(|secret| Former { secret, until });
        Ok(())
    }

    /// Takes its secrets away: it has become unsigned.
    pub(super) fn forget(&mut self) {
        (self.secret, self.secret_at, self.former) = (None, None, None);
    }

    /// Returns the secrets that are taken now, the current one first.
    pub(super) fn secrets(
        &self,
        app: &App,
        (tenant, id): (&Tenant, &str),
    ) -> Result<Vec<Secret>, Problem> {
        let former = self.former.as_ref().filter(|f| app.now() < f.until);
        let sealed = self
            .secret
            .iter()
            .chain(former.map(|former| &former.secret));
        sealed
            .map(|sealed| app.sealer().open(about(tenant, id), sealed))
            .collect()
    }

    pub(super) fn draft(&self, tenant: &Tenant, id: &Text) -> Result<Draft, Problem> {
        let body = &self.body;
        let words = format!("{}\n{}", body.name, word(body.provider.kind));
        let draft = Draft::new(tenant, Kind::Webhook, id.clone(), self)?;
        Ok(draft
            .parent(body.target.id())
            .words(&words)
            .unique(self.found_by.clone()))
    }
}

/// Returns what webhooks of a kind are found by.
pub(crate) fn word(kind: ProviderKind) -> String {
    format!("provider={}\n", kind.as_str())
}

/// What of a webhook may be shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shows<'a> {
    /// The address of one that is unsigned, which is all that it takes to call it.
    pub(crate) address: bool,
    /// The secret that was drawn just now.
    pub(crate) drawn: Option<&'a Secret>,
}

/// A webhook with its record.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) tenant: Tenant,
    pub(crate) id: Text,
    /// Its entity tag.
    pub(crate) tag: String,
    created: Timestamp,
    pub(super) kept: Kept,
}

impl Resource for Found {
    const KIND: Kind = Kind::Webhook;

    fn of(entry: &Entry) -> Result<Self, Problem> {
        let kept: Kept = entry.read()?;
        Ok(Self {
            tenant: entry.tenant.clone(),
            id: entry.id.clone(),
            tag: etag::tag(&hash(&kept)?, entry.revision),
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
    /// Returns it as it is shown, with what became of the last requests.
    pub(crate) async fn view(&self, app: &App, shows: Shows<'_>) -> Result<WebhookView, Problem> {
        let Kept {
            body,
            changed,
            secret_at,
            former,
            ..
        } = &self.kept;
        let calls = calls::standing(app, &self.tenant, &self.id).await?;
        let path = self.path(app, shows.address)?;
        let url = path.as_ref().zip(app.public_url());
        let former = former.as_ref().map(|former| former.until);
        Ok(WebhookView {
            id: self.id.clone(),
            etag: Text::from(self.tag.as_str()),
            url: url.map(|(path, base)| format!("{}{path}", base.trim_end_matches('/'))),
            path,
            secret: shows.drawn.map(|secret| secret.expose().to_owned()),
            secret_at: secret_at.map(Moment),
            former_until: former.filter(|until| app.now() < *until).map(Moment),
            name: body.name.clone(),
            target: body.target.clone(),
            provider: body.provider.clone(),
            events: body.events.clone(),
            payload_to: body.payload_to.clone(),
            headers_to: body.headers_to.clone(),
            inputs: body.inputs.clone(),
            enabled: body.enabled,
            labels: body.labels.clone(),
            callback: body.callback.as_ref().map(CallbackBody::shown),
            last_call: calls.last,
            failures_in_a_row: calls.failures,
            created_at: Moment(self.created),
            updated_at: Moment(*changed),
        })
    }

    fn path(&self, app: &App, shows: bool) -> Result<Option<String>, Problem> {
        if self.kept.body.provider.kind == ProviderKind::Unsigned && !shows {
            return Ok(None);
        }
        let about = about_address(&self.tenant, &self.id);
        let text = app.sealer().open(about, &self.kept.address)?;
        Ok(Some(format!("/hooks/{}", text.expose())))
    }
}

/// Returns the hash of what its owner has written: another secret is something else that was written.
fn hash(kept: &Kept) -> Result<String, Problem> {
    let body = to_value(&kept.body).map_err(Problem::internal)?;
    let secret = kept.secret_at.map_or(0, |at| at.as_millis()).to_string();
    let hash = CanonicalHasher::new("graphloom.server.webhook")
        .value(&body)
        .text(&secret)
        .finish();
    Ok(hash.to_string())
}
