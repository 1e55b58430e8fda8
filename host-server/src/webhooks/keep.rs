//! Webhooks kept and changed.

use graphloom::Text;
use graphloom::host::Secret;

use super::body::check;
use super::kept::{Found, Kept};
use super::secret;
use crate::App;
use crate::ask::{Patch, misfit_at};
use crate::etag::Asked;
use crate::once::{self, Key, Made};
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::records::{Change, Expect, Kind};
use crate::resource::{self, Resource, get};
use crate::revise::{Become, revise};
use crate::wire::{ProviderKind, WebhookBody};

/// The secret of one that is to be made: given, or drawn.
struct Fresh {
    secret: Option<Secret>,
    is_drawn: bool,
}

impl Fresh {
    fn of(body: &WebhookBody) -> Result<Self, Problem> {
        let kind = body.provider.kind;
        if let Some(given) = &body.secret {
            secret::check(kind, given).map_err(|what| misfit_at("/secret", what))?;
            let secret = Some(given.clone());
            return Ok(Self {
                secret,
                is_drawn: false,
            });
        }
        let secret = secret::draw(kind)?;
        if secret.is_none() && kind != ProviderKind::Unsigned {
            return Err(misfit_at("/secret", "give the one that the service shows"));
        }
        Ok(Self {
            secret,
            is_drawn: true,
        })
    }

    fn drawn(self) -> Option<Secret> {
        self.secret.filter(|_| self.is_drawn)
    }
}

/// Keeps a new webhook, once for its key. Gives the secret too, if it was drawn now.
pub(crate) async fn create(
    app: &App,
    tenant: &Tenant,
    body: WebhookBody,
    key: Option<Key>,
) -> Result<(Made, Option<Secret>), Problem> {
    let body = check(app, tenant, body).await?;
    let fresh = Fresh::of(&body)?;
    let made = once::make(app, tenant, key, async |id, changes| {
        put_new(app, tenant, id, (&body, &fresh), changes).await
    });
    let made = made.await?;
    let drawn = fresh.drawn().filter(|_| made.is_new);
    Ok((made, drawn))
}

async fn put_new(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    (body, fresh): (&WebhookBody, &Fresh),
    mut changes: Vec<Change>,
) -> Result<(), Problem> {
    let kept = Kept::new(app, (tenant, id), body.clone(), fresh.secret.as_ref())?;
    let most = app.webhooks().options.max_per_tenant;
    changes.push(Change::Put(kept.draft(tenant, id)?, Expect::Absent));
    changes.push(Change::at_most(tenant, Kind::Webhook, most));
    app.records().write(changes, kept.changed).await?;
    Ok(())
}

/// Puts a webhook in place of the one that is there, or makes it, as the precondition says. One that is there keeps its
/// address, and its secret where no other one is given. Gives the secret too, if it was drawn now.
pub(crate) async fn replace(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    body: WebhookBody,
    asked: &Asked,
) -> Result<(Found, Option<Secret>), Problem> {
    let current: Option<Found> = resource::meant(app, tenant, id, asked).await?;
    let body = check(app, tenant, body).await?;
    if current.is_none() {
        let fresh = Fresh::of(&body)?;
        put_new(app, tenant, id, (&body, &fresh), Vec::new()).await?;
        return Ok((get(app, tenant, id).await?, fresh.drawn()));
    }
    Ok((rewrite(app, tenant, id, &body, asked).await?, None))
}

/// Changes parts of a webhook.
pub(crate) async fn patch(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    patch: &Patch,
    asked: &Asked,
) -> Result<Found, Problem> {
    let found: Found = get(app, tenant, id).await?;
    asked.check(Some(&found.tag))?;
    let body = check(app, tenant, patch.changed(&found.kept.body)?).await?;
    // What was patched is to be there still.
    let asked = Asked::OneOf(vec![found.tag]);
    rewrite(app, tenant, id, &body, &asked).await
}

async fn rewrite(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    body: &WebhookBody,
    asked: &Asked,
) -> Result<Found, Problem> {
    let kind = body.provider.kind;
    let refuse = |what: &str| misfit_at("/secret", what);
    if let Some(secret) = &body.secret {
        secret::check(kind, secret).map_err(refuse)?;
    }
    let now = app.now();
    let whose = (tenant, id.as_str());
    resource::rewrite(app, tenant, id, asked, |found: Found| {
        let mut kept = found.kept;
        match &body.secret {
            Some(secret) => kept.set(app, whose, secret)?,
            None if kind == ProviderKind::Unsigned => kept.forget(),
            None => {
                let secrets = kept.secrets(app, whose)?;
                let current = secrets.first();
                let current = current.ok_or_else(|| refuse("it has none yet: give one"))?;
                secret::check(kind, current).map_err(refuse)?;
            }
        }
        kept.body = body.clone();
        kept.changed = now;
        Ok(Become::Put(kept.draft(tenant, id)?))
    })
    .await?;
    get(app, tenant, id).await
}

/// Gives a webhook another secret; the one before is taken too for a day. Gives the secret too, if it was drawn now.
///
/// # Errors
/// `HTTP_CONFLICT` for one that is unsigned; `HTTP_BODY` for what cannot be one, and where the service draws it.
pub(crate) async fn rotate(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    given: Option<Secret>,
) -> Result<(Found, Option<Secret>), Problem> {
    let (at, whose) = ((tenant, Kind::Webhook, id), (tenant, id.as_str()));
    let drawn = revise(&**app.records(), app.now(), at, |entry| {
        let mut kept = Found::of(entry)?.kept;
        let kind = kept.body.provider.kind;
        if kind == ProviderKind::Unsigned {
            let detail =
                "it is unsigned and has no secret: make another one, which has another address";
            return Err(Problem::new(ServerCode::Conflict, detail));
        }
        let drawn = match &given {
            Some(given) => {
                secret::check(kind, given).map_err(|what| misfit_at("/secret", what))?;
                kept.rotate(app, whose, given)?;
                None
            }
            None => {
                let drawn = secret::draw(kind)?;
                let none = || misfit_at("/secret", "give the one that the service shows");
                let drawn = drawn.ok_or_else(none)?;
                kept.rotate(app, whose, &drawn)?;
                Some(drawn)
            }
        };
        Ok((Become::Put(kept.draft(tenant, id)?), drawn))
    });
    let drawn = drawn.await?;
    Ok((get(app, tenant, id).await?, drawn))
}

/// Forgets a webhook, and what was noted of its requests. Its runs stay.
pub(crate) async fn delete(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    asked: &Asked,
) -> Result<(), Problem> {
    resource::rewrite(app, tenant, id, asked, |_: Found| Ok(Become::Gone)).await?;
    let calls = Change::RemoveUnder {
        tenant: tenant.clone(),
        kind: Kind::HookCall,
        parent: id.clone(),
    };
    app.records().write(vec![calls], app.now()).await?;
    Ok(())
}
