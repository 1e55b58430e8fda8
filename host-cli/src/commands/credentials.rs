//! `credentials`: add, list, remove, rotate. A secret comes from a variable, a file, or standard input, and never from the
//! command line, which every process of the machine can read.

use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use graphloom::fault::nearest;
use graphloom::host::{Credential, CredentialKind, HostPattern, Secret, SystemClock};
use graphloom::{Text, Value, value};
use graphloom_backends::credentials::{Entry, FileCredentials, KeyError, Keys};

use crate::args::{AddCredentialArgs, CredentialKindArg, CredentialsCommand, KeptArgs};
use crate::credentials::{default_file, env, hosts, key_file, keys, of_file, of_key};
use crate::exit::Exit;
use crate::input::unreadable;
use crate::problem::{HostCode, HostError, Problem};
use crate::report::{Report, credential_added, credential_list};

/// How large a secret may be: 64 KiB.
const MAX_SECRET_BYTES: u64 = 64 << 10;

pub(crate) fn on_credentials(
    command: &CredentialsCommand,
    report: &mut Report,
) -> Result<Exit, Problem> {
    match command {
        CredentialsCommand::Add(args) => add(args, report),
        CredentialsCommand::List(kept) => list(kept, report),
        CredentialsCommand::Remove { name, kept } => remove(name, kept, report),
        CredentialsCommand::Rotate(kept) => rotate(kept, report),
    }
}

fn path(kept: &KeptArgs) -> Result<PathBuf, Problem> {
    kept.credentials.clone().map_or_else(default_file, Ok)
}

fn store(path: &Path, keys: Keys) -> FileCredentials {
    FileCredentials::new(path, keys, Arc::new(SystemClock::default()))
}

/// Listing and removing need no key, and a key that nobody has opens nothing.
fn without_key(path: &Path) -> Result<FileCredentials, Problem> {
    let key = graphloom_backends::credentials::Key::generate().map_err(|error| of_key(&error))?;
    Ok(store(path, Keys::new(key, [])))
}

/// Refuses arguments that do not go together, and a secret among them.
pub(crate) fn check_arguments(args: &AddCredentialArgs) -> Result<(), Problem> {
    if !args.extra.is_empty() {
        // Without what stands there: it may be a secret.
        let message = "a secret is not taken from the command line, which every process of this machine can read";
        return Err(HostError::new(HostCode::Usage, message)
            .expected("--from-env VARIABLE, --from-file FILE, or the secret on standard input")
            .help("what was given should be taken for known to others, if it was a secret")
            .into());
    }
    let usage = |message: &str| Problem::from(HostError::new(HostCode::Usage, message));
    if args.user.is_some() != (args.kind == CredentialKindArg::UserPassword) {
        return Err(usage(
            "--user NAME goes with --kind user_password, and with no other",
        ));
    }
    if args.header.is_some() != (args.kind == CredentialKindArg::HostScoped) {
        return Err(usage(
            "--header NAME goes with --kind host_scoped, and with no other",
        ));
    }
    Ok(())
}

fn add(args: &AddCredentialArgs, report: &mut Report) -> Result<Exit, Problem> {
    check_arguments(args)?;
    let provider = args.provider.as_deref().unwrap_or(&args.name);
    let own: Vec<HostPattern> = args.host.clone();
    let hosts = hosts(own, provider, "--host HOST[:PORT]")?;
    let path = path(&args.kept)?;
    let keys = keys_to_add(&path, args)?;
    let secret = Secret::new(secret(args, report)?);
    let kind = match (args.kind, &args.user, &args.header) {
        (CredentialKindArg::UserPassword, Some(user), _) => CredentialKind::UserPassword {
            user: Text::from(user.as_str()),
            password: secret,
        },
        (CredentialKindArg::HostScoped, _, Some(header)) => {
            CredentialKind::HostScoped(vec![(Text::from(header.as_str()), secret)])
        }
        (CredentialKindArg::Oauth2, ..) => CredentialKind::OAuth2 {
            access_token: secret,
            scopes: Vec::new(),
        },
        _ => CredentialKind::ApiKey(secret),
    };
    let credential = Credential::new(args.name.as_str(), kind);
    let credential = credential.of(provider).for_hosts(&hosts);
    let store = store(&path, keys);
    let kept = match args.replace {
        true => store.put(&credential),
        false => store.add(&credential),
    };
    kept.map_err(|error| of_file(&error))?;
    let added = value!({
        "added": (args.name.as_str()),
        "provider": provider,
        "kind": (credential.kind_name()),
        "hosts": (hosts.iter().map(|host| Value::from(host.to_string())).collect::<Value>()),
        "file": (path.display().to_string()),
    });
    report.answer(&added, credential_added);
    report.note(&format!(
        "next: give --credentials {} to what may use it",
        path.display()
    ));
    Ok(Exit::Ok)
}

/// Returns the keys, and makes the first one beside a file that is not there yet.
fn keys_to_add(path: &Path, args: &AddCredentialArgs) -> Result<Keys, Problem> {
    let key = &args.kept.key;
    let beside = key_file(path, key);
    if key.key_env.is_some() || key.key_file.is_some() || path.exists() {
        return keys(path, key);
    }
    match Keys::read(&beside) {
        Err(KeyError::Missing { .. }) => Keys::create(&beside).map_err(|error| of_key(&error)),
        read => read.map_err(|error| of_key(&error)),
    }
}

/// Reads the secret; a line end behind it is none of it.
pub(crate) fn secret(args: &AddCredentialArgs, report: &mut Report) -> Result<String, Problem> {
    let wrong = |message: String| Problem::from(HostError::new(HostCode::Credential, message));
    let (text, origin) = match (&args.from_env, &args.from_file) {
        (Some(variable), _) => (
            env(variable).ok_or_else(|| wrong(format!("the variable {variable} is not set")))?,
            format!("the variable {variable}"),
        ),
        (None, Some(file)) => {
            let origin = format!("the file \"{}\"", file.display());
            let opened = std::fs::File::open(file).map_err(|error| unreadable(file, &error))?;
            let text = read(opened).map_err(|error| unreadable(file, &error))?;
            (text, origin)
        }
        (None, None) if io::stdin().is_terminal() => {
            report.note(&format!(
                "the secret of \"{}\", which is not shown:",
                args.name
            ));
            let typed = rpassword::read_password();
            let typed = typed.map_err(|error| unreadable(Path::new("-"), &error))?;
            (typed, "what was typed".to_owned())
        }
        (None, None) => {
            let text =
                read(io::stdin().lock()).map_err(|error| unreadable(Path::new("-"), &error))?;
            (text, "standard input".to_owned())
        }
    };
    if text.len() as u64 > MAX_SECRET_BYTES {
        return Err(wrong(format!(
            "{origin} is larger than {MAX_SECRET_BYTES} bytes"
        )));
    }
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.trim().is_empty() {
        return Err(wrong(format!("{origin} is empty")));
    }
    Ok(secret.to_owned())
}

fn read(from: impl Read) -> io::Result<String> {
    let mut text = String::new();
    from.take(MAX_SECRET_BYTES + 1).read_to_string(&mut text)?;
    Ok(text)
}

fn list(kept: &KeptArgs, report: &mut Report) -> Result<Exit, Problem> {
    let path = path(kept)?;
    let entries = without_key(&path)?.list();
    let entries = entries.map_err(|error| of_file(&error))?;
    let all: Value = entries.iter().map(entry_value).collect();
    let answer = value!({ "credentials": (all), "file": (path.display().to_string()) });
    report.answer(&answer, credential_list);
    Ok(Exit::Ok)
}

fn entry_value(entry: &Entry) -> Value {
    let hosts: Value = entry
        .hosts
        .iter()
        .map(|host| Value::from(host.to_string()))
        .collect();
    let mut map = graphloom::value::Map::new();
    map.insert("name", entry.name.as_str());
    map.insert("provider", entry.provider.clone());
    map.insert("kind", entry.kind);
    map.insert("hosts", hosts);
    if let Some(user) = &entry.user {
        map.insert("user", user.clone());
    }
    if entry.kind == "oauth2" {
        map.insert(
            "scopes",
            entry
                .scopes
                .iter()
                .cloned()
                .map(Value::from)
                .collect::<Value>(),
        );
        map.insert("expires_at", entry.expires_at.map(|at| at.as_millis()));
    }
    map.insert("created_at", entry.created_at.as_millis());
    map.insert("updated_at", entry.updated_at.as_millis());
    map.insert("key", entry.key.clone());
    map.into()
}

fn remove(name: &str, kept: &KeptArgs, report: &mut Report) -> Result<Exit, Problem> {
    let path = path(kept)?;
    let store = without_key(&path)?;
    if store.remove(name).map_err(|error| of_file(&error))? {
        tell_removed(name, report);
        return Ok(Exit::Ok);
    }
    let entries = store.list().map_err(|error| of_file(&error))?;
    let names = entries.iter().map(|entry| entry.name.as_str());
    let message = format!("there is no credential \"{name}\" in {}", path.display());
    Err(HostError::new(HostCode::UnknownCredential, message)
        .suggest(nearest(name, names))
        .into())
}

/// Says that a credential is there no more.
pub(crate) fn tell_removed(name: &str, report: &mut Report) {
    report.answer(&value!({ "removed": name }), |_| {
        format!("removed {name}\n")
    });
}

fn rotate(kept: &KeptArgs, report: &mut Report) -> Result<Exit, Problem> {
    let path = path(kept)?;
    if !path.exists() {
        return Err(crate::credentials::missing(&path));
    }
    // A variable is its owner's to change: what is there is sealed anew with the first key in it.
    let keys = match kept.key.key_env {
        Some(_) => keys(&path, &kept.key)?,
        None => Keys::add_to(&key_file(&path, &kept.key)).map_err(|error| of_key(&error))?,
    };
    let newest = keys
        .newest()
        .map(|key| key.id().clone())
        .unwrap_or_default();
    let resealed = store(&path, keys)
        .reseal()
        .map_err(|error| of_file(&error))?;
    match report.is_json() {
        true => report.json(&value!({ "key": newest, "sealed": (resealed as u64) })),
        false => report.human(&format!("{resealed} sealed with the key {newest}\n")),
    }
    report.note(
        "older keys stay in the key file for runs that wait with sealed values; take their lines out when there are none",
    );
    Ok(Exit::Ok)
}
