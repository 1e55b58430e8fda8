//! What keeps secrets in, and spending within bounds.
//!
//! An attempt that gets hold of a credential is *guarded* from there on: whatever leaves it is searched for the secrets
//! that the run knows. So is one that reaches outside: a server may tell one node what another node sent it. An attempt
//! that looks at a secret ([`Context::expose`]) is *tainted*: whatever it emits is sealed, what it says is withheld, and
//! what it sends may go where the secret may, since nobody can tell what was made of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::host::{
    BlobError, Capability, Credentials, Grants, HostPattern, HostSet, Redactor, Secret,
};
use crate::json::to_json;
use crate::value::{Map, Text, Value};

use super::context::{Context, RunEnv, Said};
use super::emitter::EmitError;
use super::error::{BlockError, PANICKED};

/// What an attempt holds of secrets.
#[derive(Debug, Default)]
pub(crate) struct Guard(OnceLock<Box<Held>>);

#[derive(Debug, Default)]
struct Held {
    tainted: AtomicBool,
    /// Where everything that was looked at may go.
    hosts: Mutex<Option<HostSet>>,
    /// Ends of partial texts, by pin, that may be the beginning of a secret.
    pending: Mutex<Vec<(Text, String)>>,
    /// Why nothing could be sealed, where that was so: this the attempt may say.
    unsealed: OnceLock<String>,
}

impl Guard {
    #[inline(always)]
    pub(crate) fn is_on(&self) -> bool {
        self.0.get().is_some()
    }

    pub(super) fn turn_on(&self) {
        self.0.get_or_init(Box::default);
    }

    pub(super) fn taint(&self, secret: &Secret) {
        let held = self.0.get_or_init(Box::default);
        let mut hosts = held.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let both = match &*hosts {
            None => secret.hosts().clone(),
            Some(known) => common(known, secret.hosts()),
        };
        *hosts = Some(both);
        held.tainted.store(true, Ordering::Release);
    }

    /// Returns an end as it may be told. Whatever a tainted attempt says of its failure may be made of the secret.
    pub(crate) fn presentable_end(&self, end: Result<(), BlockError>) -> Result<(), BlockError> {
        match end {
            Err(error) if self.tainted_for().is_some() => Err(self.withheld(error)),
            end => end,
        }
    }

    #[cold]
    fn withheld(&self, error: BlockError) -> BlockError {
        let message = WITHHELD.to_owned();
        let unsealed = self.0.get().and_then(|held| held.unsealed.get());
        match error {
            BlockError::Refused { message, .. } if Some(&message) == unsealed => {
                BlockError::Refused {
                    capability: Capability::Credential.as_str(),
                    message,
                }
            }
            BlockError::Input { .. } => BlockError::Input { message },
            BlockError::Credential { .. } => BlockError::Credential {
                name: "[withheld]".to_owned(),
                message,
            },
            BlockError::Failed { retry, .. } => BlockError::Failed { message, retry },
            BlockError::Refused { capability, .. } => BlockError::Refused {
                capability,
                message,
            },
            BlockError::Bug { .. } => BlockError::Bug { message },
            BlockError::Budget { spent, limit, .. } => BlockError::Budget {
                unit: "[withheld]".to_owned(),
                spent,
                limit,
            },
            // These hold no text of a block.
            other @ (BlockError::Timeout { .. }
            | BlockError::Cancelled
            | BlockError::Diverged { .. }
            | BlockError::InDoubt) => other,
        }
    }

    /// Returns what can be told of a partial text, without secrets: all but an end that may be the beginning of one. That
    /// waits for what comes next.
    fn whole(&self, pin: &Text, text: &str, redactor: &Redactor) -> Text {
        let held = self.0.get_or_init(Box::default);
        let mut pending = held.pending.lock().unwrap_or_else(PoisonError::into_inner);
        let at = pending.iter().position(|(known, _)| known == pin);
        let mut all = at.map_or_else(String::new, |at| pending.swap_remove(at).1);
        all.push_str(text);
        // What is found is replaced first: its end may be the beginning of another.
        let mut all = redactor.clean(&all).into_owned();
        let rest = all.split_off(all.len() - redactor.unfinished(&all));
        if !rest.is_empty() {
            pending.push((pin.clone(), rest));
        }
        Text::from(all)
    }

    fn take_pending(&self) -> Vec<(Text, String)> {
        let Some(held) = self.0.get() else {
            return Vec::new();
        };
        std::mem::take(&mut held.pending.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn tainted_for(&self) -> Option<HostSet> {
        let held = self.0.get()?;
        if !held.tainted.load(Ordering::Acquire) {
            return None;
        }
        held.hosts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// What is said in place of an error whose text may be made of a secret.
const WITHHELD: &str =
    "it failed, and what it says of that is withheld, since it has looked at a secret";

/// What is said of a panic in a run whose blocks have looked at secrets.
const WITHHELD_PANIC: &str = "the block panicked, and what it said is withheld, since blocks of this run have looked at secrets";

/// Units that are told in any case: they are no text of the block's own.
const UNITS: [&str; 5] = ["usd", "tokens", "calls", "bytes", "seconds"];

/// Patterns that both name: fewer than both mean, and never more.
fn common(a: &HostSet, b: &HostSet) -> HostSet {
    let named = |one: &&HostPattern| b.iter().any(|other| other == *one);
    a.iter().filter(named).cloned().collect()
}

impl RunEnv {
    /// Returns what is told of an error: without the secrets that the run knows.
    pub(crate) fn told(&self, error: &BlockError) -> String {
        // The box that would know whether this attempt looked at a secret broke with it.
        if let BlockError::Bug { message } = error
            && message.starts_with(PANICKED)
            && self.exposed.load(Ordering::Acquire)
        {
            return WITHHELD_PANIC.to_owned();
        }
        let message = error.to_string();
        match self.secrets.get() {
            Some(redactor) => redactor.clean(&message).into_owned(),
            None => message,
        }
    }
}

impl Context {
    /// Returns a value as it may leave this attempt by an emission. What is left of partial texts goes before it.
    pub(super) fn emitted(&self, value: &Value) -> Result<Value, EmitError> {
        for (pin, text) in self.guard.take_pending() {
            let text = Text::from(&*self.host.env().redactor().clean(&text));
            let said = Said::Partial { pin, text };
            self.host.tell(self.scope, self.node, self.firing, said);
        }
        self.presentable(value)
    }

    /// Returns a value as it may leave this attempt: without secrets, or sealed.
    pub(super) fn presentable(&self, value: &Value) -> Result<Value, EmitError> {
        if !self.guard.is_on() {
            return Ok(value.clone());
        }
        let Some(hosts) = self.guard.tainted_for() else {
            return Ok(self.host.env().redactor().clean_value(value));
        };
        let hosts: Vec<Value> = hosts
            .iter()
            .map(|one| Value::from(one.to_string()))
            .collect();
        let plain = to_json(&crate::value!({ "hosts": (hosts), "value": (value.clone()) }));
        let sealed = self.host.env().host.credentials.seal(plain.as_bytes());
        sealed.map(Value::from).map_err(|error| {
            let error = EmitError::Unsealed {
                message: error.to_string(),
            };
            if let (Some(held), BlockError::Refused { message, .. }) =
                (self.guard.0.get(), BlockError::from(error.clone()))
            {
                let _ = held.unsealed.set(message);
            }
            error
        })
    }

    /// Returns what [`Context::presentable`] made of a value of this attempt, as it was; it is as tainted as it was then.
    pub(super) fn restored(&self, value: &Value) -> Result<Value, BlockError> {
        let Value::Sealed(sealed) = value else {
            return Ok(value.clone());
        };
        let env = self.host.env();
        let refused = |message: String| BlockError::Credential {
            name: sealed.key_id().to_string(),
            message,
        };
        let plain = env.host.credentials.unseal(sealed);
        let plain = plain.map_err(|error| refused(error.to_string()))?;
        let (hosts, value) = content(&plain)
            .ok_or_else(|| refused("what was sealed is not a value of a run".to_owned()))?;
        env.exposed.store(true, Ordering::Release);
        self.guard.taint(&Secret::new("").for_hosts(hosts));
        Ok(value)
    }

    /// Says whether what this attempt emits is sealed.
    pub(super) fn is_tainted(&self) -> bool {
        self.guard.is_on() && self.guard.tainted_for().is_some()
    }

    /// Returns the grants under which this attempt may send: those of the run, and once it has looked at a secret only to
    /// where that may go.
    pub(super) fn sending_grants(&self) -> Grants {
        self.guard.turn_on();
        let grants = self.host.env().host.grants.clone();
        match self.guard.tainted_for() {
            Some(hosts) => grants.intersect(&Grants::all().only_hosts(hosts)),
            None => grants,
        }
    }

    /// Refuses a name that is written down as it is, where it holds a secret.
    pub(super) fn nameable(&self, name: &str) -> Result<(), BlockError> {
        if self.guard.is_on() && self.host.env().redactor().finds(name) {
            return Err(BlockError::Bug {
                message: "the name of a step or a signal holds a secret".to_owned(),
            });
        }
        Ok(())
    }

    pub(super) fn clean_text(&self, text: Text) -> Text {
        match self.guard.is_on() {
            true => Text::from(&*self.host.env().redactor().clean(&text)),
            false => text,
        }
    }

    pub(super) fn clean_bytes(&self, bytes: Vec<u8>) -> Result<Vec<u8>, BlobError> {
        if self.guard.tainted_for().is_some() {
            return Err(BlobError::Store {
                message: "a block that has looked at a secret keeps no bytes".to_owned(),
            });
        }
        Ok(match self.guard.is_on() {
            true => self.host.env().redactor().clean_bytes(bytes),
            false => bytes,
        })
    }

    /// Returns the inputs of a call as they may leave this attempt: each as an emission would.
    pub(super) fn presentable_map(&self, map: Map) -> Result<Map, BlockError> {
        if !self.guard.is_on() {
            return Ok(map);
        }
        let mut clean = Map::with_capacity(map.len());
        for (name, value) in map.iter() {
            clean.insert(self.clean_text(name.clone()), self.presentable(value)?);
        }
        Ok(clean)
    }

    pub(super) fn clean_said(&self, said: Said) -> Said {
        if !self.guard.is_on() {
            return said;
        }
        let redactor = self.host.env().redactor();
        let clean = |text: Text| Text::from(&*redactor.clean(&text));
        // A part of a sealed value is not shown: what it is a part of will not be either.
        let tainted = self.guard.tainted_for().is_some();
        let withheld = |text: Text| {
            if tainted {
                Text::from("[sealed]")
            } else {
                clean(text)
            }
        };
        match said {
            Said::Log(level, text) => Said::Log(level, withheld(text)),
            Said::Partial { pin, text } if tainted => Said::Partial {
                pin: withheld(pin),
                text: withheld(text),
            },
            Said::Partial { pin, text } => {
                // A secret may come in two parts.
                let text = self.guard.whole(&pin, &text, redactor);
                let pin = clean(pin);
                Said::Partial { pin, text }
            }
            Said::Cost { unit, amount } => {
                let limited = |known: &str| self.host.env().host.grants.may_spend(known).is_some();
                let unit = match tainted && !UNITS.contains(&unit.as_str()) && !limited(&unit) {
                    true => Text::from("[withheld]"),
                    false => clean(unit),
                };
                Said::Cost { unit, amount }
            }
            said @ Said::Progress(_) => said,
        }
    }

    /// Refuses where the run has spent what it may.
    pub(super) fn afford(&self) -> Result<(), BlockError> {
        let env = self.host.env();
        env.spent.within(&env.host.grants)
    }
}

/// Reads what [`Context::presentable`] sealed.
pub(super) fn opened(plain: &[u8]) -> Option<Secret> {
    let (hosts, value) = content(plain)?;
    let secret = match value {
        Value::Text(text) => text.to_string(),
        other => to_json(&other),
    };
    Some(Secret::new(secret).for_hosts(hosts))
}

fn content(plain: &[u8]) -> Option<(HostSet, Value)> {
    let plain = std::str::from_utf8(plain).ok()?;
    let value: Value = serde_json::from_str(plain).ok()?;
    let hosts = value.get("hosts")?.as_list()?.iter();
    let hosts: Option<HostSet> = hosts
        .map(|one| HostPattern::parse(one.as_str()?).ok())
        .collect();
    Some((hosts?, value.get("value")?.clone()))
}

/// Says whether two emissions are the same, where they are not equal: the same may be sealed twice, and differ in that.
pub(crate) fn same_sealed(credentials: &dyn Credentials, a: &Value, b: &Value) -> bool {
    let (Value::Sealed(a), Value::Sealed(b)) = (a, b) else {
        return false;
    };
    match (credentials.unseal(a), credentials.unseal(b)) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}

/// What the blocks of a run said that they cost. Counted only where that is limited.
#[derive(Debug, Default)]
pub(crate) struct Spent(Option<Mutex<Vec<(Text, f64)>>>);

impl Spent {
    pub(crate) fn of(grants: &Grants) -> Self {
        Self(grants.limited_units().next().map(|_| Mutex::default()))
    }

    pub(crate) fn add(&self, unit: &Text, amount: f64) {
        let Some(sums) = &self.0 else { return };
        let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
        match sums.iter_mut().find(|(known, _)| known == unit) {
            Some((_, sum)) => *sum += amount,
            None => sums.push((unit.clone(), amount)),
        }
    }

    fn within(&self, grants: &Grants) -> Result<(), BlockError> {
        let Some(sums) = &self.0 else { return Ok(()) };
        let sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
        for (unit, limit) in grants.limited_units() {
            let spent = sums
                .iter()
                .find(|(known, _)| known == unit)
                .map_or(0.0, |(_, sum)| *sum);
            if spent >= limit {
                return Err(BlockError::Budget {
                    unit: unit.to_string(),
                    spent,
                    limit,
                });
            }
        }
        Ok(())
    }
}
