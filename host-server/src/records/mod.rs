//! What the server keeps beside runs: small documents with a revision, by tenant, kind and id.
//!
//! Graphs and their versions, presets, schedules, webhooks, deliveries, files, keys: all of them are a JSON body with a
//! few columns to find it by, and all are changed under a precondition. One trait serves them, so that another database is
//! one implementation. What is asked for by a handler is asked for by its [`Tenant`]; what goes across tenants
//! ([`Records::due`], [`Records::find`]) serves the server's own loops and the keys.

mod memory;
mod sqlite;
#[cfg(test)]
mod suite;

use graphloom::host::BoxFuture;
use graphloom::json::{Limits, read_value, to_json};
use graphloom::value::{from_value, to_value};
use graphloom::{Text, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};

pub use memory::MemoryRecords;
pub use sqlite::SqliteRecords;

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// What a record is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Kind { $($(#[doc = $doc])+ $name,)+ }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Returns the word that it is kept by.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

kinds! {
    /// A graph: what does not change with its versions, and its latest.
    Graph = "graph",
    /// One version of a graph, under the graph.
    GraphVersion = "graph_version",
    /// The document of a version, under the graph: apart, so that lists of versions need not read it.
    GraphDocument = "graph_document",
    /// Inputs kept for runs of a graph.
    Preset = "preset",
    /// When a graph or preset is run by itself.
    Schedule = "schedule",
    /// What others call to have a graph or preset run.
    Webhook = "webhook",
    /// What became of a request of a webhook, for its owner.
    HookCall = "hook_call",
    /// Whom to tell what becomes of a run.
    Callback = "callback",
    /// A message about a run on its way.
    Delivery = "delivery",
    /// What messages of a tenant are signed with.
    SigningSecret = "signing_secret",
    /// A file that was uploaded.
    File = "file",
    /// Bytes that a run has, under their hash.
    Artifact = "artifact",
    /// A value that blocks keep beyond a run.
    KeyValue = "key_value",
    /// A key of the API.
    ApiKey = "api_key",
    /// The answer to a request with an idempotency key.
    Replay = "replay",
    /// An OAuth login that was begun.
    Login = "login",
    /// A setting that an administrator has changed while the server ran.
    Setting = "setting",
}

/// A record as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// Whose it is.
    pub tenant: Tenant,
    /// What it is.
    pub kind: Kind,
    /// Its id, among those of its tenant and kind.
    pub id: Text,
    /// The id of what it belongs to; empty: to nothing.
    pub parent: Text,
    /// What it can be found by, in lower case.
    pub words: Text,
    /// When something is to be done about it.
    pub due: Option<Timestamp>,
    /// What no other record of its kind has, of any tenant.
    pub unique: Option<Text>,
    /// How often it was written, from 1.
    pub revision: u64,
    /// When it was first written.
    pub created: Timestamp,
    /// When it was last written.
    pub updated: Timestamp,
    /// The rest, as JSON.
    pub body: Text,
}

impl Entry {
    /// Returns the body as what it is.
    ///
    /// # Errors
    /// `HTTP_INTERNAL` where it is something else: it was damaged, or written by a later version.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let broken = |what: &dyn std::fmt::Display| {
            Problem::internal(format!(
                "{} {} cannot be read: {what}",
                self.kind.as_str(),
                self.id
            ))
        };
        let value = read_value(self.body.as_bytes(), &Limits::unlimited());
        let value = value.map_err(|faults| broken(&faults))?;
        from_value(&value).map_err(|error| broken(&error))
    }
}

/// A record to be written: all of it but what the store adds.
#[derive(Debug, Clone)]
#[must_use]
pub struct Draft {
    pub(crate) tenant: Tenant,
    pub(crate) kind: Kind,
    pub(crate) id: Text,
    pub(crate) parent: Text,
    pub(crate) words: Text,
    pub(crate) due: Option<Timestamp>,
    pub(crate) unique: Option<Text>,
    pub(crate) body: Text,
}

impl Draft {
    /// Returns a record with this body and nothing else.
    ///
    /// # Errors
    /// `HTTP_INTERNAL` for a body that is no JSON.
    pub fn new<T: Serialize>(
        tenant: &Tenant,
        kind: Kind,
        id: impl Into<Text>,
        body: &T,
    ) -> Result<Self, Problem> {
        let body = to_value(body).map_err(Problem::internal)?;
        Ok(Self {
            tenant: tenant.clone(),
            kind,
            id: id.into(),
            parent: Text::from(""),
            words: Text::from(""),
            due: None,
            unique: None,
            body: Text::from(to_json(&body)),
        })
    }

    /// Returns a record as it is kept, to be written again.
    pub(crate) fn again(entry: &Entry) -> Self {
        Self {
            tenant: entry.tenant.clone(),
            kind: entry.kind,
            id: entry.id.clone(),
            parent: entry.parent.clone(),
            words: entry.words.clone(),
            due: entry.due,
            unique: entry.unique.clone(),
            body: entry.body.clone(),
        }
    }

    /// Says what it belongs to.
    pub fn parent(mut self, id: impl Into<Text>) -> Self {
        self.parent = id.into();
        self
    }

    /// Says what it can be found by; the case of letters does not count.
    pub fn words(mut self, words: &str) -> Self {
        self.words = Text::from(words.to_lowercase());
        self
    }

    /// Says when something is to be done about it.
    pub fn due(mut self, at: Option<Timestamp>) -> Self {
        self.due = at;
        self
    }

    /// Says what no other record of its kind has.
    pub fn unique(mut self, text: impl Into<Text>) -> Self {
        self.unique = Some(text.into());
        self
    }
}

/// What a write asks of the revision that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// Nothing.
    Any,
    /// There is none.
    Absent,
    /// It is this one.
    Revision(u64),
}

impl Expect {
    /// Says whether the revision that is there is as expected; for whoever writes a [`Records`].
    ///
    /// # Errors
    /// [`RecordError::Changed`].
    pub fn check(self, kind: Kind, id: &Text, revision: Option<u64>) -> Result<(), RecordError> {
        let fits = match self {
            Self::Any => true,
            Self::Absent => revision.is_none(),
            Self::Revision(expected) => revision == Some(expected),
        };
        if fits {
            return Ok(());
        }
        let id = id.clone();
        Err(RecordError::Changed { kind, id, revision })
    }
}

/// One change of a write.
#[derive(Debug, Clone)]
#[must_use]
pub enum Change {
    /// A record is to be there, in place of one with its tenant, kind and id.
    Put(Draft, Expect),
    /// A record is to be gone; that there is none is no error with [`Expect::Any`].
    Remove {
        /// Whose it is.
        tenant: Tenant,
        /// What it is.
        kind: Kind,
        /// Its id.
        id: Text,
        /// What is asked of the revision that is there.
        expect: Expect,
    },
    /// All records of a kind that belong to this one are to be gone.
    RemoveUnder {
        /// Whose they are.
        tenant: Tenant,
        /// What they are.
        kind: Kind,
        /// What they belong to.
        parent: Text,
    },
    /// There are at most so many, counted after the changes before this one; else nothing is written.
    AtMost {
        /// Whose they are.
        tenant: Tenant,
        /// What they are.
        kind: Kind,
        /// Only those that belong to this one.
        parent: Option<Text>,
        /// How many there may be.
        max: u64,
    },
}

impl Change {
    /// A tenant has at most so many records of a kind.
    pub fn at_most(tenant: &Tenant, kind: Kind, max: u64) -> Self {
        Self::AtMost {
            tenant: tenant.clone(),
            kind,
            parent: None,
            max,
        }
    }

    /// A record is to be gone.
    pub fn remove(tenant: &Tenant, kind: Kind, id: &Text, expect: Expect) -> Self {
        Self::Remove {
            tenant: tenant.clone(),
            kind,
            id: id.clone(),
            expect,
        }
    }
}

/// Which records of a tenant to list.
#[derive(Debug, Clone)]
#[must_use]
pub struct Query {
    pub(crate) kind: Kind,
    pub(crate) parent: Option<Text>,
    pub(crate) words: Vec<Text>,
    pub(crate) after: Option<Text>,
    pub(crate) limit: usize,
}

impl Query {
    /// Asks for the records of a kind by id, the greatest first: ids of ours have the time in front, so that is the latest.
    pub fn of(kind: Kind, limit: usize) -> Self {
        Self {
            kind,
            parent: None,
            words: Vec::new(),
            after: None,
            limit,
        }
    }

    /// Only those that belong to this one.
    pub fn under(mut self, parent: impl Into<Text>) -> Self {
        self.parent = Some(parent.into());
        self
    }

    /// Only those whose words have this in them; the case of letters does not count. May be said of several.
    pub fn word(mut self, word: Option<&str>) -> Self {
        self.words
            .extend(word.map(|word| Text::from(word.to_lowercase())));
        self
    }

    /// Only those with a smaller id than this.
    pub fn after(mut self, id: Option<Text>) -> Self {
        self.after = id;
        self
    }
}

/// Why records could not be had or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The record is not as the write takes it to be. Nothing was written.
    #[error("{kind} {id} is not as expected", kind = .kind.as_str())]
    Changed {
        /// What it is.
        kind: Kind,
        /// Its id.
        id: Text,
        /// Its revision now; `None`: it is not there.
        revision: Option<u64>,
    },
    /// Another record of the kind has what only one may have. Nothing was written.
    #[error("there is another {kind} with what only one may have", kind = .kind.as_str())]
    Taken {
        /// What it is.
        kind: Kind,
    },
    /// There would be more of them than there may be. Nothing was written.
    #[error("there are {max} already, which is as many as there may be: {kind}", kind = .kind.as_str())]
    TooMany {
        /// What they are.
        kind: Kind,
        /// How many there may be.
        max: u64,
    },
    /// This names no file: what is kept there ends with the connection, and each of several has its own.
    #[error("{path:?} is no file to keep records in: `MemoryRecords` keeps them in memory")]
    NoFile {
        /// What was named.
        path: String,
    },
    /// The store was written by a later version.
    #[error("the records have format {found}; this version knows {known} and those before it")]
    Format {
        /// The store's format.
        found: u32,
        /// The latest one that this version knows.
        known: u32,
    },
    /// What was deleted is not in the records any more, and still stands in the log beside their file: something reads there
    /// for so long that it could not be emptied.
    #[error(
        "{removed} records are deleted, and their bytes are still in the log of the file, which others read"
    )]
    StillLogged {
        /// How many records were deleted.
        removed: u64,
    },
    /// The store failed.
    #[error("the records cannot be had: {message}")]
    Failed {
        /// What happened.
        message: String,
    },
}

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        match &error {
            RecordError::Changed {
                revision: Some(_), ..
            } => Self::new(ServerCode::Precondition, "it was changed meanwhile"),
            RecordError::Changed { id, kind, .. } => Self::not_found(kind.as_str(), id),
            RecordError::Taken { .. } => Self::new(ServerCode::Conflict, error.to_string()),
            RecordError::TooMany { .. } => Self::new(ServerCode::TooMany, error.to_string()),
            RecordError::StillLogged { .. } => {
                Self::new(ServerCode::Unavailable, format!("{error}: ask again"))
            }
            _ => Self::internal(error),
        }
    }
}

/// How much there is of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Usage {
    /// How many records.
    pub records: u64,
    /// The bytes of their ids and bodies.
    pub bytes: u64,
}

/// Keeps records. Every implementation passes the suite of this module (`suite`).
pub trait Records: Send + Sync {
    /// Writes, all of it or nothing, so that it outlives a power cut when this returns. Gives the new revision of each
    /// change, 0 for one that puts nothing.
    ///
    /// # Errors
    /// [`RecordError::Changed`], [`RecordError::Taken`], [`RecordError::TooMany`]; what the store failed with.
    fn write(
        &self,
        changes: Vec<Change>,
        now: Timestamp,
    ) -> BoxFuture<'_, Result<Vec<u64>, RecordError>>;

    /// Returns one record of a tenant.
    ///
    /// # Errors
    /// What the store failed with.
    fn get<'a>(
        &'a self,
        tenant: &'a Tenant,
        kind: Kind,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Entry>, RecordError>>;

    /// Lists records of a tenant.
    ///
    /// # Errors
    /// What the store failed with.
    fn list<'a>(
        &'a self,
        tenant: &'a Tenant,
        query: Query,
    ) -> BoxFuture<'a, Result<Vec<Entry>, RecordError>>;

    /// Returns records of a kind, of any tenant, about which something is to be done by now: the longest due first.
    ///
    /// # Errors
    /// What the store failed with.
    fn due(
        &self,
        kind: Kind,
        now: Timestamp,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Entry>, RecordError>>;

    /// Returns the record of a kind, of any tenant, that has this for itself.
    ///
    /// # Errors
    /// What the store failed with.
    fn find<'a>(
        &'a self,
        kind: Kind,
        unique: &'a str,
    ) -> BoxFuture<'a, Result<Option<Entry>, RecordError>>;

    /// Returns how much a tenant has of a kind.
    ///
    /// # Errors
    /// What the store failed with.
    fn usage<'a>(
        &'a self,
        tenant: &'a Tenant,
        kind: Kind,
    ) -> BoxFuture<'a, Result<Usage, RecordError>>;

    /// Returns tenants that have records, by name, those behind this one; not the server itself.
    ///
    /// # Errors
    /// What the store failed with.
    fn tenants(
        &self,
        after: Option<Text>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Tenant>, RecordError>>;

    /// Returns how many records there are of each kind, of all tenants; none of which there is none.
    ///
    /// # Errors
    /// What the store failed with.
    fn counts(&self) -> BoxFuture<'_, Result<Vec<(Kind, u64)>, RecordError>>;

    /// Forgets everything of a tenant, so that nothing of it is left in files either; gives how many records there were.
    ///
    /// # Errors
    /// [`RecordError::StillLogged`]: it is forgotten, and something of it is left in files; what the store failed with.
    fn erase<'a>(&'a self, tenant: &'a Tenant) -> BoxFuture<'a, Result<u64, RecordError>>;
}
