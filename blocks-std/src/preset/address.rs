//! Where a request goes: an address with places in its path, each of which stays one place whatever is put in.

use graphloom::host::HostSet;
use graphloom::json::Pointer;
use graphloom::prelude::*;
use graphloom::{Text, Value};

use super::reader::Reader;
use super::tree::{Names, Ref, Scope, plain};

/// The place for the credential, in an address of a service that wants it there.
const CREDENTIAL: &str = "credential";

#[derive(Debug, Clone)]
pub(super) enum Address {
    /// Scheme and host are as written; what is behind them has places.
    Parts { origin: Text, path: Vec<Part> },
    /// All of it comes from an input or an earlier step; a credential never goes there.
    Whole(Ref),
}

#[derive(Debug, Clone)]
pub(super) enum Part {
    Literal(Text),
    /// `{name}`: one segment, or a part of one.
    One(Ref),
    /// `{+name}`: segments with `/` between them.
    Many(Ref),
    /// `{credential}`.
    Credential,
}

impl Address {
    pub(super) fn read(
        value: &Value,
        at: &Pointer,
        names: &Names,
        hosts: &HostSet,
        reader: &mut Reader,
    ) -> Option<Self> {
        if let Value::Map(_) = value {
            let table = reader.table(value, at, &["$"])?;
            let of = table.need_text(reader, "$")?;
            return Ref::parse(&of, &at.push("$"), names, reader).map(Self::Whole);
        }
        let Value::Text(text) = value else {
            reader.wrong_type(at, "a text, or a placeholder", value);
            return None;
        };
        let Some((origin, path)) = split(text) else {
            reader.invalid(
                at,
                "expected https://, a host without placeholders, and a path behind a slash",
            );
            return None;
        };
        if !allowed(origin, hosts) {
            let message = format!("\"{origin}\" is none of the hosts of the preset: {hosts}");
            reader.invalid(at, message);
        }
        let mut parts = Vec::new();
        let mut rest = path;
        while !rest.is_empty() {
            let (literal, behind) = rest
                .split_once('{')
                .map_or((rest, None), |(a, b)| (a, Some(b)));
            check_literal(literal, at, reader);
            if !literal.is_empty() {
                parts.push(Part::Literal(Text::from(literal)));
            }
            let Some(behind) = behind else { break };
            let Some((name, after)) = behind.split_once('}') else {
                reader.invalid(at, "a { without its }");
                return None;
            };
            parts.push(match (name, name.strip_prefix('+')) {
                (CREDENTIAL, _) => Part::Credential,
                (_, Some(name)) => Part::Many(Ref::parse(name, at, names, reader)?),
                (name, None) => Part::One(Ref::parse(name, at, names, reader)?),
            });
            rest = after;
        }
        let origin = Text::from(origin);
        Some(Self::Parts {
            origin,
            path: parts,
        })
    }

    /// Says whether the credential stands in it.
    pub(super) fn has_credential(&self) -> bool {
        match self {
            Self::Parts { path, .. } => path.iter().any(|part| matches!(part, Part::Credential)),
            Self::Whole(_) => false,
        }
    }

    pub(super) fn refs(&self, see: &mut impl FnMut(&Ref)) {
        match self {
            Self::Whole(of) => see(of),
            Self::Parts { path, .. } => path.iter().for_each(|part| match part {
                Part::One(of) | Part::Many(of) => see(of),
                Part::Literal(_) | Part::Credential => {}
            }),
        }
    }

    /// Returns the address with its places filled; `credential` stands where the credential is put in later.
    pub(super) fn fill(
        &self,
        scope: &Scope,
        hosts: &HostSet,
        credential: &str,
    ) -> Result<String, BlockError> {
        match self {
            Self::Whole(of) => {
                let found = of.find(scope);
                let found = found.ok_or_else(|| BlockError::input(format!("{of} is not given")))?;
                whole(found.as_str().unwrap_or_default(), hosts)
            }
            Self::Parts { origin, path } => {
                let mut filled = String::new();
                for part in path {
                    match part {
                        Part::Literal(text) => filled.push_str(text),
                        Part::One(of) => encode(&mut filled, &segment(of, scope)?),
                        Part::Many(of) => {
                            let value = segment(of, scope)?;
                            for (index, one) in value.split('/').enumerate() {
                                if one.is_empty() {
                                    return Err(will_not_do(of, "has an empty part in its path"));
                                }
                                if index > 0 {
                                    filled.push('/');
                                }
                                encode(&mut filled, one);
                            }
                        }
                        Part::Credential => filled.push_str(credential),
                    }
                }
                // A dot segment would lead out of the place that it stands in.
                if filled
                    .split('/')
                    .any(|segment| matches!(segment, "." | ".."))
                {
                    return Err(BlockError::input(
                        "\".\" and \"..\" cannot stand as a part of the address's path",
                    ));
                }
                Ok(format!("{origin}{filled}"))
            }
        }
    }
}

/// Splits an address behind its host.
fn split(text: &str) -> Option<(&str, &str)> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))?;
    let host = rest.find('/')?;
    let origin = text.get(..text.len() - rest.len() + host)?;
    let path = text.get(origin.len()..)?;
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    (host > 0 && rest.get(..host)?.chars().all(name)).then_some((origin, path))
}

/// Says whether an origin, as [`split`] gives it, is one of these hosts.
fn allowed(origin: &str, hosts: &HostSet) -> bool {
    let (scheme, host) = origin.split_once("://").unwrap_or_default();
    let (host, port) = match host.split_once(':') {
        Some((host, port)) => (host, port.parse().ok()),
        None => (host, Some(if scheme == "https" { 443 } else { 80 })),
    };
    port.is_some_and(|port| hosts.matches(host, port))
}

fn check_literal(text: &str, at: &Pointer, reader: &mut Reader) {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/%".contains(c);
    if let Some(odd) = text.chars().find(|c| !fits(*c)) {
        let message = format!("{odd:?} cannot stand in a path; the query stands in \"query\"");
        reader.invalid(at, message);
    }
    if text.split('/').any(|one| matches!(one, "." | "..")) || text.to_lowercase().contains("%2e") {
        reader.invalid(at, "a path has no dot segments");
    }
}

fn will_not_do(of: &Ref, why: &str) -> BlockError {
    BlockError::input(format!("{of} {why}, and stands in the address"))
}

fn segment(of: &Ref, scope: &Scope) -> Result<String, BlockError> {
    match of.find(scope) {
        None => Err(will_not_do(of, "is not given, or was not found")),
        Some(Value::List(_) | Value::Map(_)) => Err(will_not_do(of, "is no text or number")),
        Some(value) => match plain(&value) {
            text if text.is_empty() => Err(will_not_do(of, "is empty")),
            text => Ok(text),
        },
    }
}

/// Escapes all but what RFC 3986 calls unreserved.
pub(super) fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            other => {
                out.push('%');
                for digit in [other >> 4, other & 15] {
                    let digit = char::from_digit(u32::from(digit), 16).unwrap_or('0');
                    out.push(digit.to_ascii_uppercase());
                }
            }
        }
    }
}

/// Checks an address that comes from outside the preset: its host is one of the preset's, or the preset goes anywhere.
fn whole(text: &str, hosts: &HostSet) -> Result<String, BlockError> {
    let text = text.trim();
    let refuse = |why: &str| Err(BlockError::input(format!("the address {why}")));
    if text
        .chars()
        .any(|c| c.is_control() || c == ' ' || c == '\\')
    {
        return refuse("holds blanks, control characters or a backslash");
    }
    if hosts.iter().any(|host| host.to_string() == "*") {
        // The client reads the address, and judges it by what it reads.
        return match text.starts_with("https://") || text.starts_with("http://") {
            true => Ok(text.to_owned()),
            false => refuse("does not begin with https:// or http://"),
        };
    }
    // Read here as strictly as can be: a host of plain letters, so that no reader takes another one for it.
    let head = text.find(['?', '#']).unwrap_or(text.len());
    let (before, behind) = text.split_at(head);
    let slashed = if before.matches('/').count() < 3 {
        format!("{before}/")
    } else {
        before.to_owned()
    };
    match split(&slashed) {
        Some((origin, _)) if allowed(origin, hosts) => Ok(format!("{slashed}{behind}")),
        _ => Err(BlockError::Refused {
            capability: "http",
            message: format!("the address is not on one of the hosts of this block: {hosts}"),
        }),
    }
}
