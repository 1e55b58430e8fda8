//! Who asks, and what they may do.

use std::fmt;

use graphloom::{Text, Timestamp};

use crate::problem::{Problem, ServerCode};

macro_rules! scopes {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// One thing that a principal may do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Scope { $($(#[doc = $doc])+ $name,)+ }

        impl Scope {
            /// Every scope.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Returns the word that keys and tokens have for it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }
        }
    };
}

scopes! {
    /// See graphs, their versions and tags.
    GraphsRead = "graphs:read",
    /// Make, change and delete them.
    GraphsWrite = "graphs:write",
    /// See runs, their events and results.
    RunsRead = "runs:read",
    /// Start, cancel, resume, answer and delete them.
    RunsWrite = "runs:write",
    /// See the catalogue of blocks.
    BlocksRead = "blocks:read",
    /// Run one block by itself.
    BlocksRun = "blocks:run",
    /// See and download files.
    FilesRead = "files:read",
    /// Upload and delete them.
    FilesWrite = "files:write",
    /// See schedules.
    SchedulesRead = "schedules:read",
    /// Make, change and delete them.
    SchedulesWrite = "schedules:write",
    /// See webhooks and deliveries.
    WebhooksRead = "webhooks:read",
    /// Make, change and delete webhooks; send a delivery again.
    WebhooksWrite = "webhooks:write",
    /// See which credentials there are; never what they consist of.
    CredentialsRead = "credentials:read",
    /// Write and delete them.
    CredentialsWrite = "credentials:write",
    /// Make and revoke keys of the tenant.
    KeysWrite = "keys:write",
    /// Run the server: drain, limits, other tenants.
    Admin = "admin",
    /// See the numbers of the server, which are about all tenants.
    Metrics = "metrics",
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of scopes.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Scopes(u32);

impl Scopes {
    /// Returns the empty set.
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// Returns all of them.
    #[must_use]
    pub fn all() -> Self {
        Scope::ALL.iter().copied().collect()
    }

    /// Adds one.
    #[must_use]
    pub const fn with(self, scope: Scope) -> Self {
        Self(self.0 | 1 << scope as u32)
    }

    /// Says whether this one is among them.
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & 1 << scope as u32 != 0
    }

    /// Returns those that are in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Returns those that are in one set or the other.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns them in the order of the list.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .iter()
            .copied()
            .filter(move |scope| self.has(*scope))
    }

    /// Reads words, as a key or a claim has them; words that are none of ours are passed over, since tokens serve other
    /// programs too.
    pub fn of_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let known = |word| Scope::ALL.iter().find(|scope| scope.as_str() == word);
        words.into_iter().filter_map(known).copied().collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        scopes.into_iter().fold(Self::none(), Self::with)
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(Scope::as_str))
            .finish()
    }
}

/// A name for a set of scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// All that reads.
    Viewer,
    /// Reads, runs and answers.
    Runner,
    /// All but keys, credentials and the server itself.
    Editor,
    /// All but the server itself.
    Owner,
    /// All.
    Admin,
}

impl Role {
    /// Every role, from the one that may least.
    pub const ALL: [Self; 5] = [
        Self::Viewer,
        Self::Runner,
        Self::Editor,
        Self::Owner,
        Self::Admin,
    ];

    /// Returns its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Runner => "runner",
            Self::Editor => "editor",
            Self::Owner => "owner",
            Self::Admin => "admin",
        }
    }

    /// Returns the role of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Returns what it may do.
    #[must_use]
    pub fn scopes(self) -> Scopes {
        let all = || Scope::ALL.iter().copied();
        let reads = |scope: &Scope| scope.as_str().ends_with(":read");
        match self {
            Self::Viewer => all().filter(reads).collect(),
            Self::Runner => Self::Viewer
                .scopes()
                .with(Scope::RunsWrite)
                .with(Scope::BlocksRun)
                .with(Scope::FilesWrite),
            Self::Editor => all()
                .filter(|scope| {
                    let kept = [
                        Scope::CredentialsWrite,
                        Scope::KeysWrite,
                        Scope::Admin,
                        Scope::Metrics,
                    ];
                    !kept.contains(scope)
                })
                .collect(),
            Self::Owner => all()
                .filter(|scope| ![Scope::Admin, Scope::Metrics].contains(scope))
                .collect(),
            Self::Admin => Scopes::all(),
        }
    }
}

/// On whose behalf something is kept. Whatever belongs to another tenant is not there.
///
/// Handlers get one from a [`Principal`] only, by naming what they want to do; all that is kept is asked for by it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tenant(Text);

impl Tenant {
    /// The tenant of a server that serves one person.
    pub const LOCAL: &'static str = "local";

    /// Returns the tenant that something kept belongs to. For what the server does by itself: schedules, deliveries.
    pub(crate) fn of_kept(name: impl Into<Text>) -> Self {
        Self(name.into())
    }

    /// Whose the server's own records are: no token has this name.
    pub(crate) fn server() -> Self {
        Self(Text::from(""))
    }

    /// Returns its name.
    #[must_use]
    pub fn as_text(&self) -> &Text {
        &self.0
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who asks. The auth layer makes one of a token; a program that embeds the router may put one into the request itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Principal {
    tenant: Tenant,
    /// Who it is, for the audit log.
    pub subject: Text,
    /// What it may do.
    pub scopes: Scopes,
    /// When it ends, where it does.
    pub expires: Option<Timestamp>,
    /// The id of the key that it has shown, where it was one of this server.
    pub key: Option<Text>,
}

impl Principal {
    /// Returns a principal that may do nothing yet.
    #[must_use]
    pub fn new(tenant: impl Into<Text>, subject: impl Into<Text>) -> Self {
        Self {
            tenant: Tenant(tenant.into()),
            subject: subject.into(),
            scopes: Scopes::none(),
            expires: None,
            key: None,
        }
    }

    /// Says what it may do.
    #[must_use]
    pub fn scopes(mut self, scopes: Scopes) -> Self {
        self.scopes = scopes;
        self
    }

    /// Says when it ends.
    #[must_use]
    pub fn expires(mut self, at: Timestamp) -> Self {
        self.expires = Some(at);
        self
    }

    /// Says which key it has shown.
    #[must_use]
    pub fn key(mut self, id: impl Into<Text>) -> Self {
        self.key = Some(id.into());
        self
    }

    /// Returns its tenant, for doing what this scope allows.
    ///
    /// # Errors
    /// `AUTH_SCOPE` where it may not.
    pub fn may(&self, scope: Scope) -> Result<&Tenant, Problem> {
        if self.scopes.has(scope) {
            return Ok(&self.tenant);
        }
        Err(Problem::new(
            ServerCode::AuthScope,
            format!("this takes the scope \"{scope}\", which the token does not have"),
        ))
    }

    /// Returns any tenant, for whoever runs the server.
    ///
    /// # Errors
    /// `AUTH_SCOPE` without the scope `admin`; `HTTP_NOT_FOUND` for what no tenant is called.
    pub(crate) fn over(&self, name: &str) -> Result<Tenant, Problem> {
        self.may(Scope::Admin)?;
        // The server's own records are nobody's to take along or to forget.
        if name.is_empty() {
            return Err(Problem::not_found("tenant", name));
        }
        Ok(Tenant::of_kept(name))
    }

    /// Returns the name of its tenant, for the audit log and limits.
    #[must_use]
    pub fn tenant_name(&self) -> &Text {
        &self.tenant.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_may_all_that_the_one_before_may() {
        for pair in Role::ALL.windows(2) {
            let (less, more) = (pair[0].scopes(), pair[1].scopes());
            assert_eq!(less.and(more), less, "{pair:?}");
            assert_ne!(less, more, "{pair:?}");
        }
        assert!(!Role::Owner.scopes().has(Scope::Admin));
        assert!(!Role::Editor.scopes().has(Scope::CredentialsWrite));
    }

    #[test]
    fn words_that_are_no_scopes_give_nothing() {
        assert_eq!(Scopes::of_words(["*", "", "all", "runs:*"]), Scopes::none());
        let two = Scopes::of_words(["runs:read", "openid", "graphs:read"]);
        assert_eq!(
            two.iter().collect::<Vec<_>>(),
            [Scope::GraphsRead, Scope::RunsRead]
        );
    }

    #[test]
    fn a_tenant_takes_a_scope() {
        let who = Principal::new("a", "b").scopes(Role::Viewer.scopes());
        assert_eq!(
            who.may(Scope::RunsRead).map(|t| t.as_text().as_str()).ok(),
            Some("a")
        );
        assert_eq!(
            who.may(Scope::RunsWrite).err().map(|p| p.code()),
            Some("AUTH_SCOPE")
        );
    }
}
