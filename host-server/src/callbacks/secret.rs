//! The secret that callbacks of a tenant are signed with.

use graphloom::host::Secret;
use graphloom::{Text, Timestamp};
use serde::{Deserialize, Serialize};

use super::sign;
use crate::App;
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::records::{Change, Draft, Entry, Expect, Kind, RecordError};
use crate::sealing::{About, SealedSecret};
use crate::wire::{CallbackSecretView, Moment};

/// The record's id: there is one for each tenant.
const ID: &str = "callbacks";

/// How long a secret signs beside the one that came after it: a day.
const FORMER_MS: i64 = 24 * 60 * 60 * 1_000;

/// How often to try where others make one at the same time.
const TRIES: usize = 8;

/// As it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    current: SealedSecret,
    drawn: Timestamp,
    #[serde(default)]
    former: Option<Former>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Former {
    secret: SealedSecret,
    until: Timestamp,
}

fn about(tenant: &Tenant) -> About<'_> {
    let (of, id) = ("signing_secret", ID);
    About { tenant, of, id }
}

/// Returns the secrets that sign now: the tenant's, which is drawn if it has none, and the one before for a while.
pub(super) async fn signing(app: &App, tenant: &Tenant) -> Result<Vec<Secret>, Problem> {
    let (kept, _) = kept(app, tenant).await?;
    let mut secrets = vec![app.sealer().open(about(tenant), &kept.current)?];
    if let Some(former) = kept.former.filter(|former| app.now() < former.until) {
        secrets.push(app.sealer().open(about(tenant), &former.secret)?);
    }
    Ok(secrets)
}

/// Returns the secret of a tenant, to be shown to it.
pub(crate) async fn show(app: &App, tenant: &Tenant) -> Result<CallbackSecretView, Problem> {
    let (kept, _) = kept(app, tenant).await?;
    view(app, tenant, &kept)
}

/// Draws another secret. The one before signs too, for a day.
pub(crate) async fn rotate(app: &App, tenant: &Tenant) -> Result<CallbackSecretView, Problem> {
    for _ in 0..TRIES {
        let (former, entry) = kept(app, tenant).await?;
        let now = app.now();
        let until = Timestamp(now.as_millis().saturating_add(FORMER_MS));
        let fresh = Kept {
            former: Some(Former {
                secret: former.current,
                until,
            }),
            ..draw(app, tenant)?
        };
        if write(app, tenant, &fresh, Expect::Revision(entry.revision)).await? {
            return view(app, tenant, &fresh);
        }
    }
    Err(Problem::internal("the secret is changed all the time"))
}

fn view(app: &App, tenant: &Tenant, kept: &Kept) -> Result<CallbackSecretView, Problem> {
    let secret = app.sealer().open(about(tenant), &kept.current)?;
    let former = kept.former.as_ref().map(|former| former.until);
    Ok(CallbackSecretView {
        secret: secret.expose().to_owned(),
        created_at: Moment(kept.drawn),
        former_until: former.filter(|until| app.now() < *until).map(Moment),
    })
}

fn draw(app: &App, tenant: &Tenant) -> Result<Kept, Problem> {
    Ok(Kept {
        current: app.sealer().seal(about(tenant), &sign::draw()?)?,
        drawn: app.now(),
        former: None,
    })
}

async fn kept(app: &App, tenant: &Tenant) -> Result<(Kept, Entry), Problem> {
    for _ in 0..TRIES {
        let found = app.records().get(tenant, Kind::SigningSecret, ID).await?;
        if let Some(entry) = found {
            return Ok((entry.read()?, entry));
        }
        // Whoever was faster has drawn it.
        write(app, tenant, &draw(app, tenant)?, Expect::Absent).await?;
    }
    Err(Problem::internal("the secret is removed all the time"))
}

/// Writes it; says whether it was as expected.
async fn write(app: &App, tenant: &Tenant, kept: &Kept, expect: Expect) -> Result<bool, Problem> {
    let draft = Draft::new(tenant, Kind::SigningSecret, Text::from(ID), kept)?;
    let put = Change::Put(draft, expect);
    match app.records().write(vec![put], app.now()).await {
        Ok(_) => Ok(true),
        Err(RecordError::Changed { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
