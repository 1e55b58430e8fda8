//! Tokens of an issuer, as the settings have them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use graphloom::fault::nearest;
use graphloom::host::{HostPattern, HostSet};
use graphloom_backends::http::{EgressPolicy, GuardedHttp, HttpOptions};
use url::{Host, Url};
use zeroize::Zeroizing;

use super::{Jwt, JwtKeys, KeyError};
use crate::config::secret::{Guard, read, read_secret};
use crate::config::{Config, ConfigCode, ConfigFault};
use crate::principal::{Role, Scope, Scopes};
use crate::setup::Environment;

/// Returns what verifies the tokens of the issuer that the settings name, if they name one, and a line for people about it.
pub(crate) fn of(
    config: &Config,
    environment: &Environment,
    faults: &mut Vec<ConfigFault>,
) -> Option<(Jwt, String)> {
    let before = faults.len();
    let jwt = &config.jwt;
    let conflict = |name: &str, message: &str| config.fault(ConfigCode::Conflict, name, message);
    if !jwt.is_set() {
        for (name, is_said) in [
            ("auth.jwt.issuer", jwt.issuer.is_some()),
            ("auth.jwt.audience", jwt.audience.is_some()),
        ] {
            if is_said {
                faults.push(conflict(name, "it says nothing without a key: set `auth.jwt.jwks_url`, or another of `auth.jwt`"));
            }
        }
        return None;
    }
    for (name, is_said) in [
        ("auth.jwt.issuer", jwt.issuer.is_some()),
        ("auth.jwt.audience", jwt.audience.is_some()),
    ] {
        if !is_said {
            faults.push(conflict(
                name,
                "tokens are taken of one issuer, for one audience: set both",
            ));
        }
    }
    let keys = keys(config, environment)
        .map_err(|mut more| faults.append(&mut more))
        .ok();
    let most = most(config).map_err(|fault| faults.push(fault)).ok();
    if faults.len() > before {
        return None;
    }
    let (keys, note) = keys?;
    let verifier = Jwt::new(keys, jwt.issuer.clone()?, jwt.audience.clone()?)
        .leeway(Duration::from_secs(jwt.leeway_s))
        .tenant_claim(jwt.tenant_claim.clone())
        .max_scopes(most?);
    Some((verifier, note))
}

/// Returns the keys that exactly one setting names.
fn keys(config: &Config, environment: &Environment) -> Result<(JwtKeys, String), Vec<ConfigFault>> {
    let jwt = &config.jwt;
    let shown = |path: &Path| path.display().to_string();
    let mut found = Vec::new();
    if let Some(path) = &jwt.secret_file {
        let keys = read_secret(path).map_err(|e| e.to_string());
        let keys = keys.and_then(|secret| with(JwtKeys::secret(&secret)));
        found.push((
            "auth.jwt.secret_file",
            keys,
            format!("[redacted], HS256, of {}", shown(path)),
        ));
    }
    if let Some(name) = &jwt.secret_variable {
        let keys = variable(name, environment).and_then(|secret| with(JwtKeys::secret(&secret)));
        found.push((
            "auth.jwt.secret_variable",
            keys,
            format!("[redacted], HS256, of {name}"),
        ));
    }
    if let Some(path) = &jwt.public_key_file {
        let pem = read(path, Guard::Public).map_err(|e| e.to_string());
        let keys = pem.and_then(|pem| with(JwtKeys::public_pem(&String::from_utf8_lossy(&pem))));
        found.push((
            "auth.jwt.public_key_file",
            keys,
            format!("the public key of {}", shown(path)),
        ));
    }
    if let Some(path) = &jwt.jwks_file {
        let json = read(path, Guard::Public).map_err(|e| e.to_string());
        let keys = json.and_then(|json| with(JwtKeys::set(&json)));
        found.push((
            "auth.jwt.jwks_file",
            keys,
            format!("the public keys of {}", shown(path)),
        ));
    }
    if let Some(url) = &jwt.jwks_url {
        let keys = published(url, Duration::from_secs(jwt.jwks_max_age_s));
        found.push((
            "auth.jwt.jwks_url",
            keys,
            format!("the public keys of {url}"),
        ));
    }
    let many = found.len() > 1;
    let mut faults = Vec::new();
    let mut last = None;
    for (name, keys, note) in found {
        if many {
            let message = "tokens are signed with one thing: set only one of these";
            faults.push(config.fault(ConfigCode::Conflict, name, message));
        }
        match keys {
            Ok(keys) => last = Some((keys, format!("auth.jwt: {note}"))),
            Err(message) => faults.push(config.fault(ConfigCode::Secret, name, message)),
        }
    }
    last.filter(|_| faults.is_empty()).ok_or(faults)
}

fn with(keys: Result<JwtKeys, KeyError>) -> Result<JwtKeys, String> {
    keys.map_err(|error| error.to_string())
}

fn variable(name: &str, environment: &Environment) -> Result<Zeroizing<Vec<u8>>, String> {
    let found = environment.iter().find(|(own, _)| own == name);
    let (_, secret) = found.ok_or_else(|| format!("there is no variable {name}"))?;
    Ok(Zeroizing::new(secret.clone().into_bytes()))
}

/// Returns the keys at an address. The client goes there and nowhere else.
fn published(url: &str, max_age: Duration) -> Result<JwtKeys, String> {
    let wrong = |why: &str| {
        format!("expected the address of a set of keys, as https://issuer.example/keys: {why}")
    };
    let parsed = Url::parse(url).map_err(|error| wrong(&error.to_string()))?;
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err("a name or a password does not belong into an address".to_owned());
    }
    let (Some(host), Some(port)) = (parsed.host(), parsed.port_or_known_default()) else {
        return Err(wrong("it names no host"));
    };
    let is_here = match &host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    if parsed.scheme() != "https" && !(parsed.scheme() == "http" && is_here) {
        return Err(wrong(
            "keys come by https, so that nobody on the way changes them",
        ));
    }
    let place =
        HostPattern::parse(&format!("{host}:{port}")).map_err(|error| wrong(&error.to_string()))?;
    let place = HostSet::from_iter([place]);
    let policy = EgressPolicy::new()
        .allow_hosts(place.clone())
        .only_hosts(place);
    let http = GuardedHttp::new(HttpOptions::new().policy(policy));
    Ok(JwtKeys::published(url, Arc::new(http), max_age))
}

/// Returns what tokens give at most.
fn most(config: &Config) -> Result<Scopes, ConfigFault> {
    let mut most = Scopes::none();
    for word in &config.jwt.max_scopes {
        let scope = Scope::ALL
            .iter()
            .find(|scope| scope.as_str() == word.as_str());
        let given = match (Role::of_name(word), scope) {
            (Some(role), _) => role.scopes(),
            (None, Some(scope)) => Scopes::none().with(*scope),
            (None, None) => {
                let known = Role::ALL.iter().map(|role| role.as_str());
                let known = known.chain(Scope::ALL.iter().map(|scope| scope.as_str()));
                let near = nearest(word, known).join(", ");
                let message = format!("there is no scope or role {word:?}; near: {near}");
                return Err(config.fault(ConfigCode::Value, "auth.jwt.max_scopes", message));
            }
        };
        most = most.or(given);
    }
    Ok(most)
}
