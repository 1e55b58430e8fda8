//! Everything that a tenant owns, as JSON Lines (docs/formats/export.md): records, credentials without what is secret about
//! them, runs with their journals.
//!
//! It is read piece by piece, while the tenant may go on: what is changed meanwhile is there as it was before, or as it is
//! after. The last line says that it is whole.

use std::collections::VecDeque;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use graphloom::host::{RunEntry, RunQuery};
use graphloom::journal::Export as Journal;
use graphloom::json::{Limits, read_value, to_json};
use graphloom::value::{Map, to_value};
use graphloom::{Text, Value};

use crate::App;
use crate::answer::moment;
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::records::{Entry, Kind, Query};
use crate::wire::{CredentialView, RunView};

/// The name of the form, which the header has.
const SCHEMA: &str = "tenant-export/1";
/// How many records, and how many runs, are read at a time.
const PAGE: usize = 100;
/// What is of the server's own making, short-lived or nothing but a secret.
const LEFT_OUT: [Kind; 4] = [
    Kind::Login,
    Kind::Replay,
    Kind::HookCall,
    Kind::SigningSecret,
];

/// Answers with everything that a tenant owns.
///
/// # Errors
/// What the records failed with, as far as that is known before the first line.
pub(crate) async fn export(app: &App, tenant: &Tenant) -> Result<Response, Problem> {
    let kinds = Kind::ALL.iter().copied();
    let mut state = State {
        app: app.clone(),
        tenant: tenant.clone(),
        kinds: kinds.filter(|kind| !LEFT_OUT.contains(kind)).collect(),
        after: None,
        runs: VecDeque::new(),
        told: Vec::new(),
        journal: None,
        stage: Stage::Head,
        count: 0,
    };
    let first = state.next().await?;
    let lines = unfold((state, first), |(mut state, first)| async move {
        let lines = match first {
            Some(first) => Ok(Some(first)),
            None => state.next().await,
        };
        match lines.transpose()? {
            Ok(lines) => Some((Ok(lines), (state, None))),
            // What goes wrong now can only cut the answer off: the last line is missing.
            Err(problem) => {
                let error = std::io::Error::other(problem.detail().to_owned());
                Some((Err(error), (state, None)))
            }
        }
    });
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/jsonl"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"export.jsonl\""),
        ),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

enum Stage {
    Head,
    Records,
    Credentials,
    Runs,
    Over,
}

struct State {
    app: App,
    tenant: Tenant,
    /// Those that are yet to come, the current one first.
    kinds: VecDeque<Kind>,
    /// Behind which record of the current kind to go on.
    after: Option<Text>,
    runs: VecDeque<RunEntry>,
    /// The runs of all pages up to now, the latest accepted first: behind the last one that is still there it goes on.
    told: Vec<Text>,
    /// The journal of the run that was told last.
    journal: Option<Journal>,
    stage: Stage,
    count: u64,
}

impl State {
    /// Returns the next lines; `None` behind the last one.
    async fn next(&mut self) -> Result<Option<String>, Problem> {
        loop {
            match self.stage {
                Stage::Head => {
                    self.stage = Stage::Records;
                    let mut head = Map::new();
                    head.insert("schema", SCHEMA);
                    head.insert("graphloom", env!("CARGO_PKG_VERSION"));
                    head.insert("tenant", self.tenant.as_text().clone());
                    head.insert("at", moment(self.app.now()));
                    return Ok(Some(line("header", head)));
                }
                Stage::Records => match self.records().await? {
                    Some(lines) => return Ok(Some(lines)),
                    None => self.stage = Stage::Credentials,
                },
                Stage::Credentials => {
                    self.stage = Stage::Runs;
                    return Ok(Some(self.credentials().await?));
                }
                Stage::Runs => match self.runs().await? {
                    Some(lines) => return Ok(Some(lines)),
                    None => self.stage = Stage::Over,
                },
                Stage::Over if self.count == u64::MAX => return Ok(None),
                Stage::Over => {
                    let mut end = Map::new();
                    end.insert("lines", self.count);
                    self.count = u64::MAX;
                    return Ok(Some(line("end", end)));
                }
            }
        }
    }

    async fn records(&mut self) -> Result<Option<String>, Problem> {
        while let Some(kind) = self.kinds.front().copied() {
            let query = Query::of(kind, PAGE).after(self.after.clone());
            let entries = self.app.records().list(&self.tenant, query).await?;
            match entries.last() {
                Some(last) => self.after = Some(last.id.clone()),
                None => {
                    self.kinds.pop_front();
                    self.after = None;
                    continue;
                }
            }
            self.count += entries.len() as u64;
            return Ok(Some(entries.iter().map(record).collect()));
        }
        Ok(None)
    }

    async fn credentials(&mut self) -> Result<String, Problem> {
        // A server that keeps none has none to tell of.
        let Ok(vault) = self.app.vault() else {
            return Ok(String::new());
        };
        let mut lines = String::new();
        for entry in vault.list(&self.tenant).await? {
            let view = to_value(&CredentialView::from(entry)).map_err(Problem::internal)?;
            let mut map = Map::new();
            map.insert("credential", view);
            lines += &line("credential", map);
            self.count += 1;
        }
        Ok(lines)
    }

    async fn runs(&mut self) -> Result<Option<String>, Problem> {
        if let Some(journal) = &mut self.journal {
            match self.app.runs().lines(journal).await {
                Ok(Some(lines)) => return Ok(Some(lines)),
                Ok(None) => {}
                // It was deleted meanwhile: what was told of it stays, and the next one follows.
                Err(problem) if problem.status() == StatusCode::NOT_FOUND => {}
                Err(problem) => return Err(problem),
            }
            self.journal = None;
        }
        if self.runs.is_empty() {
            self.runs = self.page().await?.into();
            let told = self.runs.iter().map(|entry| entry.run.clone());
            self.told.extend(told);
        }
        let Some(entry) = self.runs.pop_front() else {
            return Ok(None);
        };
        let mut map = Map::new();
        let view = to_value(&RunView::of(&entry)).map_err(Problem::internal)?;
        map.insert("run", view);
        self.journal = Some(Journal::of(entry.run));
        self.count += 1;
        Ok(Some(line("run", map)))
    }

    /// Returns the next runs.
    async fn page(&mut self) -> Result<Vec<RunEntry>, Problem> {
        loop {
            let query = RunQuery::latest(PAGE);
            let query = match self.told.last() {
                Some(last) => query.after(last.clone()),
                None => query,
            };
            match self.app.runs().list(&self.tenant, query).await {
                // It was deleted meanwhile. All that stood between the one before it and the next one was told, or is gone, too.
                Err(problem) if problem.code() == ServerCode::Cursor.as_str() => {
                    self.told.pop();
                }
                listed => return listed,
            }
        }
    }
}

fn record(entry: &Entry) -> String {
    let mut map = Map::new();
    map.insert("kind", entry.kind.as_str());
    map.insert("id", entry.id.clone());
    if !entry.parent.is_empty() {
        map.insert("parent", entry.parent.clone());
    }
    map.insert("revision", entry.revision);
    map.insert("created_at", moment(entry.created));
    map.insert("updated_at", moment(entry.updated));
    // What cannot be read is told as the text that it is.
    let body = read_value(entry.body.as_bytes(), &Limits::unlimited());
    let body = body.unwrap_or_else(|_| Value::from(entry.body.clone()));
    map.insert("body", seen(entry.kind, body));
    line("record", map)
}

/// Returns a body without what is secret in it.
fn seen(kind: Kind, body: Value) -> Value {
    match (kind, body) {
        // By its hash a key is found, and nobody but the server has to.
        (Kind::ApiKey, Value::Map(mut map)) => {
            map.remove("hash");
            Value::Map(map)
        }
        // These are the tenant's own documents: nothing in them is the server's secret.
        (Kind::Graph | Kind::GraphVersion | Kind::GraphDocument | Kind::KeyValue, body) => body,
        (_, body) => unsealed(body),
    }
}

/// Leaves out what is sealed by a key of the server.
fn unsealed(value: Value) -> Value {
    match value {
        Value::Map(map) => {
            let kept = map.iter().filter(|(_, value)| !is_sealed(value));
            let kept = kept.map(|(name, value)| (name.clone(), unsealed(value.clone())));
            Value::from(kept.collect::<Map>())
        }
        Value::List(list) => list.iter().cloned().map(unsealed).collect::<Value>(),
        other => other,
    }
}

/// Says whether it is a secret at rest: `{ "key": …, "sealed": … }`.
fn is_sealed(value: &Value) -> bool {
    match value {
        Value::Map(map) => {
            map.len() == 2 && map.get("key").is_some() && map.get("sealed").is_some()
        }
        _ => false,
    }
}

/// Returns a line of this type.
fn line(kind: &str, rest: Map) -> String {
    let mut map = Map::new();
    map.insert("type", kind);
    map.extend(rest);
    let mut text = to_json(&Value::from(map));
    text.push('\n');
    text
}
