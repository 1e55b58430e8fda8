//! Presets: inputs kept for runs of a graph.

use graphloom::value::to_value;
use graphloom::{Text, Timestamp};

use crate::App;
use crate::ask::{Patch, misfit_at};
use crate::etag::{self, Asked};
use crate::once::{self, Key, Made};
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::records::{Change, Draft, Entry, Expect, Kind};
use crate::resource::{Resource, Tagged, get, meant};
use crate::revise::Tries;
use crate::starting;
use crate::wire::PresetBody;

/// How long the name of a preset may be, in characters.
const MAX_NAME: usize = 200;
/// How long its description may be.
const MAX_DESCRIPTION: usize = 4_000;

/// A preset with its record.
pub(crate) struct KeptPreset {
    pub(crate) id: Text,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    /// Its entity tag.
    pub(crate) tag: String,
    pub(crate) preset: PresetBody,
    revision: u64,
}

impl Resource for KeptPreset {
    const KIND: Kind = Kind::Preset;

    fn of(entry: &Entry) -> Result<Self, Problem> {
        let preset: PresetBody = entry.read()?;
        let content = to_value(&preset).map_err(Problem::internal)?.content_hash();
        Ok(Self {
            id: entry.id.clone(),
            created: entry.created,
            updated: entry.updated,
            tag: etag::tag(&content.to_string(), entry.revision),
            preset,
            revision: entry.revision,
        })
    }
}

impl Tagged for KeptPreset {
    fn tag(&self) -> &str {
        &self.tag
    }
}

/// Keeps a new preset, once for its key.
///
/// # Errors
/// `HTTP_BODY` for what does not fit; `HTTP_TOO_MANY`.
pub(crate) async fn create(
    app: &App,
    tenant: &Tenant,
    preset: &PresetBody,
    key: Option<Key>,
) -> Result<Made, Problem> {
    let preset = &check(app, tenant, preset.clone()).await?;
    once::make(app, tenant, key, async |id, mut changes| {
        changes.push(Change::Put(draft(tenant, id, preset)?, Expect::Absent));
        changes.push(at_most(app, tenant));
        app.records().write(changes, app.now()).await?;
        Ok(())
    })
    .await
}

/// What a preset is to become.
pub(crate) enum Become<'a> {
    /// This.
    Whole(&'a PresetBody),
    /// What it is, changed.
    Patched(&'a Patch),
}

/// Puts a preset in the place of what is there, or makes it, as the precondition says.
///
/// # Errors
/// `HTTP_NOT_FOUND`, `HTTP_PRECONDITION`; as [`create`].
pub(crate) async fn write(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    asked: &Asked,
    to: &Become<'_>,
) -> Result<KeptPreset, Problem> {
    let mut tries = Tries::default();
    loop {
        let found: Option<KeptPreset> = meant(app, tenant, id, asked).await?;
        let preset = match (to, &found) {
            (Become::Whole(preset), _) => (*preset).clone(),
            (Become::Patched(patch), Some(kept)) => patch.changed(&kept.preset)?,
            (Become::Patched(_), None) => return Err(Problem::not_found("preset", id)),
        };
        let preset = check(app, tenant, preset).await?;
        let expect = match &found {
            Some(kept) => Expect::Revision(kept.revision),
            None => Expect::Absent,
        };
        let put = Change::Put(draft(tenant, id, &preset)?, expect);
        let changes = vec![put, at_most(app, tenant)];
        if tries.is_done(app.records().write(changes, app.now()).await)? {
            return get(app, tenant, id).await;
        }
    }
}

/// Forgets a preset.
///
/// # Errors
/// `HTTP_NOT_FOUND`, `HTTP_PRECONDITION`.
pub(crate) async fn delete(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    asked: &Asked,
) -> Result<(), Problem> {
    let kept: KeptPreset = get(app, tenant, id).await?;
    asked.check(Some(&kept.tag))?;
    let seen = Expect::Revision(kept.revision);
    let gone = Change::remove(tenant, Kind::Preset, id, seen);
    app.records().write(vec![gone], app.now()).await?;
    Ok(())
}

fn draft(tenant: &Tenant, id: &Text, preset: &PresetBody) -> Result<Draft, Problem> {
    let draft = Draft::new(tenant, Kind::Preset, id.clone(), preset)?;
    let words = format!("{}\n{}", preset.name, preset.description);
    Ok(draft.parent(preset.graph_id.clone()).words(&words))
}

fn at_most(app: &App, tenant: &Tenant) -> Change {
    Change::at_most(tenant, Kind::Preset, app.quotas().max_presets)
}

/// Refuses what no run could be started with. Returns it as it is kept.
async fn check(app: &App, tenant: &Tenant, mut preset: PresetBody) -> Result<PresetBody, Problem> {
    if !(1..=MAX_NAME).contains(&preset.name.chars().count()) {
        return Err(misfit_at("/name", "a name has 1 to 200 characters"));
    }
    if preset.description.chars().count() > MAX_DESCRIPTION {
        let what = "a description has at most 4000 characters";
        return Err(misfit_at("/description", what));
    }
    starting::check(&preset.run).map_err(|p| p.placed(|place| format!("/run{place}")))?;
    if let Some(callback) = &mut preset.run.callback {
        app.callbacks().check(tenant, callback, "/run/callback")?;
    }
    let (graph, version) = (&preset.graph_id, preset.run.version);
    match app.graphs().ready(tenant, graph, version).await {
        Ok(_) => Ok(preset),
        Err(problem) if problem.code() == ServerCode::NotFound.as_str() => {
            Err(misfit_at("/graph_id", problem.detail()))
        }
        Err(problem) => Err(problem),
    }
}
