//! `credentials add`, `list`, `remove`: secrets for runs on the server. They go there in the body of a request, and never
//! come back.

use clap::ValueEnum;
use graphloom::json::to_json;
use graphloom::value::Map;
use graphloom::{Value, value};

use super::Remote;
use super::runs::{PAGE, Pages};
use crate::args::AddCredentialArgs;
use crate::commands::{check_arguments, secret, tell_removed};
use crate::exit::Exit;
use crate::problem::{HostCode, HostError, Problem};
use crate::report::{Report, credential_added, credential_list};

pub(super) fn add(
    args: &AddCredentialArgs,
    remote: &Remote,
    report: &mut Report,
) -> Result<Exit, Problem> {
    check_arguments(args)?;
    let kind = args.kind.to_possible_value();
    let kind = kind.as_ref().map_or("", |kind| kind.get_name());
    let mut body = Map::new();
    body.insert("kind", kind);
    if let Some(provider) = &args.provider {
        body.insert("provider", provider.as_str());
    }
    if !args.host.is_empty() {
        let hosts = args.host.iter().map(|host| Value::from(host.to_string()));
        body.insert("hosts", hosts.collect::<Value>());
    }
    if let Some(user) = &args.user {
        body.insert("user", user.as_str());
    }
    let secret = secret(args, report)?;
    match &args.header {
        Some(header) => {
            let mut headers = Map::new();
            headers.insert(header.as_str(), secret);
            body.insert("headers", headers);
        }
        None => drop(body.insert("secret", secret)),
    }
    let body = to_json(&Value::from(body));
    let mut asking = remote.client.ask("PUT", &["credentials", &args.name]);
    if !args.replace {
        asking = asking.header("if-none-match", "*");
    }
    let kept = match remote.wait(asking.secret(body).value()) {
        Ok(kept) => kept.body,
        Err(Problem::Server(refusal)) if refusal.status == 412 => {
            let message = format!("there is a credential \"{}\" already", args.name);
            return Err(HostError::new(HostCode::CredentialExists, message).into());
        }
        Err(problem) => return Err(problem),
    };
    let part = |key: &str| kept.get(key).cloned().unwrap_or_default();
    let added = value!({
        "added": (part("name")),
        "provider": (part("provider")),
        "kind": (part("kind")),
        "hosts": (part("hosts")),
    });
    report.answer(&added, credential_added);
    Ok(Exit::Ok)
}

pub(super) fn list(remote: &Remote, report: &mut Report) -> Result<Exit, Problem> {
    let all = remote.wait(async {
        let mut all: Vec<Value> = Vec::new();
        let mut pages = Pages::of("credentials");
        while let Some(page) = pages.next(remote, PAGE, None).await? {
            all.extend(page);
        }
        Ok::<_, Problem>(all)
    })?;
    report.answer(&value!({ "credentials": all }), credential_list);
    Ok(Exit::Ok)
}

pub(super) fn remove(name: &str, remote: &Remote, report: &mut Report) -> Result<Exit, Problem> {
    let asking = remote.client.ask("DELETE", &["credentials", name]);
    remote.wait(asking.value())?;
    tell_removed(name, report);
    Ok(Exit::Ok)
}
