//! Keys of this server: each gives some of what whoever made it may do, until it is revoked or ends.
//!
//! A key is shown once. What is kept is its hash, by which it is found, and its head and tail, by which people know it.

use std::sync::Arc;
use std::time::Duration;

use graphloom::host::Clock;
use graphloom::{Text, Timestamp, fresh_id};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::token::{TokenHash, draw};
use crate::brief::Brief;
use crate::principal::{Principal, Scopes, Tenant};
use crate::problem::{Problem, ServerCode};
use crate::records::{Change, Draft, Entry, Expect, Kind, Query, Records};

/// How long a look-up is remembered: another process that revokes is heard after this long, this one at once.
const KNOWN_FOR: Duration = Duration::from_secs(5);
/// How many look-ups are remembered.
const KNOWN: usize = 10_000;
/// How many characters of a key are shown, in front with what all keys begin with.
const SHOWN: (usize, usize) = (8, 4);

/// Keys of all tenants.
pub(crate) struct Keys {
    records: Arc<dyn Records>,
    clock: Arc<dyn Clock>,
    max: usize,
    known: Brief<TokenHash, Option<Principal>>,
}

/// What a key is to be.
#[derive(Debug)]
pub(crate) struct KeyDraft {
    pub(crate) name: Text,
    pub(crate) scopes: Scopes,
    pub(crate) expires: Option<Timestamp>,
}

/// A key as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    name: Text,
    /// Who made it, and so who it is.
    subject: Text,
    /// In hexadecimal digits, as it is found by.
    hash: Text,
    head: Text,
    tail: Text,
    scopes: Vec<Text>,
    expires_ms: Option<i64>,
}

/// A key, without what it is.
#[derive(Debug)]
pub(crate) struct KeyKept {
    pub(crate) id: Text,
    pub(crate) name: Text,
    pub(crate) subject: Text,
    pub(crate) head: Text,
    pub(crate) tail: Text,
    pub(crate) scopes: Scopes,
    pub(crate) created: Timestamp,
    pub(crate) expires: Option<Timestamp>,
}

impl KeyKept {
    pub(crate) fn of(entry: &Entry) -> Result<Self, Problem> {
        Ok(Self::join(entry, entry.read()?))
    }

    fn join(entry: &Entry, body: Body) -> Self {
        Self {
            id: entry.id.clone(),
            name: body.name,
            subject: body.subject,
            head: body.head,
            tail: body.tail,
            scopes: Scopes::of_words(body.scopes.iter().map(Text::as_str)),
            created: entry.created,
            expires: body.expires_ms.map(Timestamp),
        }
    }
}

fn hex(hash: &TokenHash) -> Text {
    Text::from(hash.iter().map(|b| format!("{b:02x}")).collect::<String>())
}

impl Keys {
    pub(super) fn new(records: &Arc<dyn Records>, clock: &Arc<dyn Clock>, max: usize) -> Self {
        Self {
            records: Arc::clone(records),
            clock: Arc::clone(clock),
            max,
            known: Brief::new(KNOWN_FOR, KNOWN),
        }
    }

    /// Makes a key. Returns it, which nobody can do again.
    ///
    /// # Errors
    /// `HTTP_TOO_MANY` where the tenant has as many as it may.
    pub(crate) async fn make(
        &self,
        tenant: &Tenant,
        maker: &Principal,
        draft: KeyDraft,
    ) -> Result<(KeyKept, String), Problem> {
        let there = Query::of(Kind::ApiKey, self.max);
        if self.records.list(tenant, there).await?.len() >= self.max {
            let detail = format!("there may be {} keys: revoke one first", self.max);
            return Err(Problem::new(ServerCode::TooMany, detail).retry_after(60));
        }
        let key = draw()?;
        let hash = hex(&super::hash(&key));
        let (head, tail) = SHOWN;
        let body = Body {
            name: draft.name,
            subject: maker.subject.clone(),
            hash: hash.clone(),
            head: Text::from(key.get(..head).unwrap_or_default()),
            tail: Text::from(key.get(key.len() - tail..).unwrap_or_default()),
            scopes: draft
                .scopes
                .iter()
                .map(|scope| scope.as_str().into())
                .collect(),
            expires_ms: draft.expires.map(Timestamp::as_millis),
        };
        let now = self.clock.now();
        let id = fresh_id(now);
        let record = Draft::new(tenant, Kind::ApiKey, id.clone(), &body)?.unique(hash);
        let put = Change::Put(record, Expect::Absent);
        self.records.write(vec![put], now).await?;
        Ok((self.get(tenant, &id).await?, key))
    }

    /// Returns a key of a tenant.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`, also for another tenant's.
    pub(crate) async fn get(&self, tenant: &Tenant, id: &Text) -> Result<KeyKept, Problem> {
        KeyKept::of(&self.entry(tenant, id).await?)
    }

    async fn entry(&self, tenant: &Tenant, id: &Text) -> Result<Entry, Problem> {
        let entry = self.records.get(tenant, Kind::ApiKey, id).await?;
        entry.ok_or_else(|| Problem::not_found("key", id))
    }

    /// Revokes a key: the next request with it is refused.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`, also for another tenant's.
    pub(crate) async fn revoke(&self, tenant: &Tenant, id: &Text) -> Result<(), Problem> {
        let entry = self.entry(tenant, id).await?;
        let body: Body = entry.read()?;
        let gone = Change::remove(tenant, Kind::ApiKey, id, Expect::Any);
        let done = self.records.write(vec![gone], self.clock.now()).await;
        // Also where the write failed: then it is looked up again.
        if let Some(hash) = bytes(&body.hash) {
            self.known.forget(&hash);
        }
        done?;
        Ok(())
    }

    /// Forgets every look-up: what is kept is asked for anew.
    pub(crate) fn forget_all(&self) {
        self.known.forget_all();
    }

    /// Returns whose key has this hash; a key that has ended too.
    pub(super) async fn principal(&self, hash: &TokenHash) -> Result<Option<Principal>, Problem> {
        let asked = match self.known.get(hash, self.clock.elapsed()) {
            Ok(known) => return Ok(known),
            Err(asked) => asked,
        };
        let entry = self.records.find(Kind::ApiKey, &hex(hash)).await?;
        let found = entry
            .as_ref()
            .map(|entry| of_key(entry, hash))
            .transpose()?;
        let found = found.flatten();
        self.known
            .keep(*hash, found.clone(), asked, self.clock.elapsed());
        Ok(found)
    }

    /// Says whether a key still gives this principal all that it has.
    pub(super) async fn still_gives(&self, who: &Principal, key: &Text) -> bool {
        let tenant = Tenant::of_kept(who.tenant_name().clone());
        match self.get(&tenant, key).await {
            Ok(kept) => kept.scopes == who.scopes && kept.expires == who.expires,
            Err(_) => false,
        }
    }
}

/// Returns the principal of a key, where it is the one of this hash.
fn of_key(entry: &Entry, hash: &TokenHash) -> Result<Option<Principal>, Problem> {
    let body: Body = entry.read()?;
    // An index has found it, whose time tells something of the hash and nothing of the key; this is the judgement.
    let is_same = bytes(&body.hash).is_some_and(|kept| bool::from(kept[..].ct_eq(&hash[..])));
    if !is_same {
        return Ok(None);
    }
    let kept = KeyKept::join(entry, body);
    let who = Principal::new(entry.tenant.as_text().clone(), kept.subject).scopes(kept.scopes);
    let who = who.key(kept.id);
    Ok(Some(match kept.expires {
        Some(at) => who.expires(at),
        None => who,
    }))
}

/// Reads a hash as it is kept.
fn bytes(hex: &str) -> Option<TokenHash> {
    let mut hash = TokenHash::default();
    if hex.len() != hash.len() * 2 {
        return None;
    }
    for (byte, at) in hash.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_read_as_it_is_written() {
        let hash = super::super::hash("t");
        assert_eq!(bytes(&hex(&hash)), Some(hash));
        for bad in ["", "zz", &"z".repeat(64), &"é".repeat(32)] {
            assert_eq!(bytes(bad), None, "{bad}");
        }
    }
}
