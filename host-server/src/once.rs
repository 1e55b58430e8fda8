//! Requests that are done once: `Idempotency-Key`.
//!
//! A key is one of its tenant's, and holds for a day. What a request with a key made is found again by a write that both
//! requests would have to do, so that of two at once one does it and the other learns of it: a run has the key itself (the
//! store keeps it with the run), and what lies in the records comes with a record of the key ([`make`]).

use axum::http::{HeaderMap, HeaderName};
use graphloom::value::CanonicalHasher;
use graphloom::{Text, Timestamp, Value, fresh_id};
use serde::{Deserialize, Serialize};

use crate::App;
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::records::{Change, Draft, Expect, Kind};

pub(crate) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that an answer is about what an earlier request did.
pub(crate) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// How long a key may be.
const MAX_KEY: usize = 255;
/// How long a key holds: a day.
const HOLDS_MS: i64 = 24 * 60 * 60 * 1_000;
/// How many keys that hold no more are forgotten with each that is noted.
const SWEPT: usize = 16;

/// What a request is known by when it comes again, and what it asked.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    name: Text,
    request: Text,
    /// It holds for longer than a day.
    lasts: bool,
}

impl Key {
    /// Reads the key of a request, if it has one. `path` and `body` are what it asks: with another path or body, the key is
    /// that of another request.
    ///
    /// # Errors
    /// `HTTP_PARAMETER` for two keys, and for one that is none.
    pub(crate) fn of_request(
        tenant: &Tenant,
        headers: &HeaderMap,
        path: &str,
        body: &Value,
    ) -> Result<Option<Self>, Problem> {
        let mut all = headers.get_all(IDEMPOTENCY_KEY).iter();
        let Some(first) = all.next() else {
            return Ok(None);
        };
        let refuse = |detail: &str| Problem::new(ServerCode::Parameter, detail.to_owned());
        if all.next().is_some() {
            return Err(refuse("Idempotency-Key: give one"));
        }
        let key = first.to_str().ok().map(str::trim);
        let key = key.filter(|key| (1..=MAX_KEY).contains(&key.len()));
        let key = key.ok_or_else(|| refuse("Idempotency-Key: 1 to 255 characters of ASCII"))?;
        let request = CanonicalHasher::new("graphloom.server.request")
            .text(path)
            .value(body)
            .finish();
        Ok(Some(Self {
            name: name(tenant, "request", key),
            request: Text::from(request.to_string()),
            lasts: false,
        }))
    }

    /// Returns the key of something that the server does by itself, e.g. `schedule` and its id and time. It is no key that a
    /// request can have, and holds for as long as what it made is there: a time of a schedule does not come again after a day.
    pub(crate) fn of(tenant: &Tenant, who: &str, what: &str) -> Self {
        Self {
            name: name(tenant, who, what),
            request: Text::from(who),
            lasts: true,
        }
    }

    /// Has it hold for a day only.
    pub(crate) fn for_a_day(self) -> Self {
        Self {
            lasts: false,
            ..self
        }
    }

    /// Returns what the store is to know a run by.
    pub(crate) fn name(&self) -> &Text {
        &self.name
    }

    /// Returns what it is to know a run by that comes after one with this key whose day is over.
    pub(crate) fn after(&self, run: &str) -> Text {
        let next = CanonicalHasher::new("graphloom.server.idempotency.next")
            .text(&self.name)
            .text(run)
            .finish();
        Text::from(next.to_string())
    }

    /// Returns what is asked, as a hash.
    pub(crate) fn request(&self) -> &Text {
        &self.request
    }

    /// Says whether the key still holds, if it was first used at this time.
    pub(crate) fn holds(&self, used: Timestamp, now: Timestamp) -> bool {
        self.lasts || now.as_millis().saturating_sub(used.as_millis()) < HOLDS_MS
    }

    /// Refuses a request that is another one than that which had the key first.
    ///
    /// # Errors
    /// `HTTP_IDEMPOTENCY`.
    pub(crate) fn is_for(&self, request: Option<&str>) -> Result<(), Problem> {
        if request == Some(self.request.as_str()) {
            return Ok(());
        }
        let detail = "this Idempotency-Key came with another request before";
        Err(Problem::new(ServerCode::Idempotency, detail))
    }
}

fn name(tenant: &Tenant, who: &str, what: &str) -> Text {
    let hash = CanonicalHasher::new("graphloom.server.idempotency")
        .text(tenant.as_text())
        .text(who)
        .text(what)
        .finish();
    Text::from(hash.to_string())
}

/// What is noted of a key.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Used {
    request: Text,
    at: i64,
    /// The id of what was made.
    made: Text,
}

/// What a request made, now or the first time that it came.
#[derive(Debug)]
pub(crate) struct Made {
    /// Its id.
    pub(crate) id: Text,
    /// It was made by this request.
    pub(crate) is_new: bool,
}

/// Makes something that lies in the records, once for its key. `write` is given the id that it is to have, and changes that
/// belong into the write that makes it.
///
/// # Errors
/// `HTTP_IDEMPOTENCY` for the key of another request; what `write` refuses, which uses up no key.
pub(crate) async fn make(
    app: &App,
    tenant: &Tenant,
    key: Option<Key>,
    write: impl AsyncFnOnce(&Text, Vec<Change>) -> Result<(), Problem>,
) -> Result<Made, Problem> {
    let now = app.now();
    let id = fresh_id(now);
    let Some(key) = key else {
        write(&id, Vec::new()).await?;
        return Ok(Made { id, is_new: true });
    };
    let (known, revision) = look(app, tenant, &key).await?;
    if let Some(made) = known {
        return Ok(made);
    }
    let used = Used {
        request: key.request.clone(),
        at: now.as_millis(),
        made: id.clone(),
    };
    let ends = Timestamp(now.as_millis().saturating_add(HOLDS_MS));
    let note = Draft::new(tenant, Kind::Replay, key.name.clone(), &used)?.due(Some(ends));
    let expect = revision.map_or(Expect::Absent, Expect::Revision);
    match write(&id, vec![Change::Put(note, expect)]).await {
        Ok(()) => {
            sweep(app, now).await;
            Ok(Made { id, is_new: true })
        }
        // Perhaps since the same request was quicker.
        Err(problem) => match look(app, tenant, &key).await? {
            (Some(made), _) => Ok(made),
            (None, _) => Err(problem),
        },
    }
}

/// Returns what was made with a key that holds, or the revision of one that holds no more.
async fn look(
    app: &App,
    tenant: &Tenant,
    key: &Key,
) -> Result<(Option<Made>, Option<u64>), Problem> {
    let Some(entry) = app.records().get(tenant, Kind::Replay, &key.name).await? else {
        return Ok((None, None));
    };
    let used: Used = entry.read()?;
    if !key.holds(Timestamp(used.at), app.now()) {
        return Ok((None, Some(entry.revision)));
    }
    key.is_for(Some(&used.request))?;
    let made = Made {
        id: used.made,
        is_new: false,
    };
    Ok((Some(made), Some(entry.revision)))
}

/// Forgets some keys that hold no more. What goes wrong with it goes wrong the next time too, or not.
async fn sweep(app: &App, now: Timestamp) {
    let over = app.records().due(Kind::Replay, now, SWEPT).await;
    let gone = over.unwrap_or_default().into_iter().map(|over| {
        let seen = Expect::Revision(over.revision);
        Change::remove(&over.tenant, Kind::Replay, &over.id, seen)
    });
    let gone: Vec<Change> = gone.collect();
    if !gone.is_empty() {
        let _ = app.records().write(gone, now).await;
    }
}
