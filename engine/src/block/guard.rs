//! What keeps secrets in, and spending within bounds.
//!
//! An attempt that gets hold of a credential is *guarded* from there on: whatever leaves it is searched for the secrets
//! that the run knows. One that looks at a secret ([`Context::expose`]) is *tainted*: whatever it emits is sealed, since
//! nobody can tell what was made of it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::host::{BlobError, Grants, HostPattern, HostSet, Secret};
use crate::json::to_json;
use crate::value::{Map, Text, Value};

use super::context::{Context, Said};
use super::emitter::EmitError;
use super::error::BlockError;

/// What an attempt holds of secrets.
#[derive(Debug, Default)]
pub(crate) struct Guard(OnceLock<Box<Held>>);

#[derive(Debug, Default)]
struct Held {
    tainted: AtomicBool,
    /// Where everything that was looked at may go.
    hosts: Mutex<Option<HostSet>>,
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
            // Patterns that both name: fewer than both mean, and never more.
            Some(known) => known
                .iter()
                .filter(|one| secret.hosts().iter().any(|other| other == *one))
                .cloned()
                .collect(),
        };
        *hosts = Some(both);
        held.tainted.store(true, Ordering::Release);
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

impl Context {
    /// Returns a value as it may leave this attempt: without secrets, or sealed.
    pub(super) fn presentable(&self, value: &Value) -> Result<Value, EmitError> {
        let Some(hosts) = self.guard.tainted_for() else {
            return Ok(self.host.env().redactor().clean_value(value));
        };
        let hosts: Vec<Value> = hosts
            .iter()
            .map(|one| Value::from(one.to_string()))
            .collect();
        let plain = to_json(&crate::value!({ "hosts": (hosts), "value": (value.clone()) }));
        let sealed = self.host.env().host.credentials.seal(plain.as_bytes());
        sealed
            .map(Value::from)
            .map_err(|error| EmitError::Unsealed {
                message: error.to_string(),
            })
    }

    pub(super) fn clean_value(&self, value: Value) -> Value {
        match self.guard.is_on() {
            true => self.host.env().redactor().clean_value(&value),
            false => value,
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

    pub(super) fn clean_map(&self, map: Map) -> Map {
        if !self.guard.is_on() {
            return map;
        }
        match self.clean_value(Value::Map(map)) {
            Value::Map(map) => map,
            _ => Map::new(),
        }
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
            Said::Partial { pin, text } => Said::Partial {
                pin,
                text: withheld(text),
            },
            Said::Cost { unit, amount } => Said::Cost {
                unit: clean(unit),
                amount,
            },
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
    let plain = std::str::from_utf8(plain).ok()?;
    let value: Value = serde_json::from_str(plain).ok()?;
    let hosts = value.get("hosts")?.as_list()?.iter();
    let hosts: Option<HostSet> = hosts
        .map(|one| HostPattern::parse(one.as_str()?).ok())
        .collect();
    let secret = match value.get("value")? {
        Value::Text(text) => text.to_string(),
        other => to_json(other),
    };
    Some(Secret::new(secret).for_hosts(hosts?))
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
