//! Credentials: where they are kept, and which of them what runs may use.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use graphloom::host::{Credentials, HostPattern, HostSet, Http, SystemClock};
use graphloom_backends::credentials::{
    CredentialFileError, EnvCredentials, FileCredentials, KeyError, Keys, LayeredCredentials,
    providers,
};

use crate::problem::{HostCode, HostError, Problem};

/// Which credentials what runs may use: none where nothing is said.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Credentials")]
pub(crate) struct CredentialArgs {
    /// Lend the credential NAME out of a variable: NAME=env:VARIABLE, or NAME@PROVIDER=env:VARIABLE where the provider has
    /// another name; may be given several times
    #[arg(long, value_name = "NAME=env:VARIABLE", value_parser = pair, hide_env_values = true)]
    pub(crate) credential: Vec<Pair>,
    /// Let a credential out of a variable go to this host, in place of its provider's: NAME=HOST[:PORT]; may be given
    /// several times
    #[arg(long, value_name = "NAME=HOST", value_parser = pair)]
    pub(crate) credential_host: Vec<Pair>,
    /// Lend the credentials of this file
    #[arg(long, value_name = "FILE", env = "GRAPHLOOM_CREDENTIALS")]
    pub(crate) credentials: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) key: KeyArgs,
}

/// Where the key of a credential file is.
#[derive(Debug, Default, Args)]
pub(crate) struct KeyArgs {
    /// The key file; beside the credentials, with the ending .key, where nothing is said
    #[arg(long, value_name = "FILE", env = "GRAPHLOOM_KEY_FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// The variable that holds the key, in place of a file
    #[arg(long, value_name = "VARIABLE", conflicts_with = "key_file")]
    pub(crate) key_env: Option<String>,
}

/// Two texts of the command line. It does not print: someone may have put a secret there.
#[derive(Clone)]
pub(crate) struct Pair {
    left: String,
    right: String,
}

impl std::fmt::Debug for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pair").finish_non_exhaustive()
    }
}

/// Takes any text: one that is refused here would be printed.
#[expect(clippy::unnecessary_wraps, reason = "the form that clap asks for")]
fn pair(text: &str) -> Result<Pair, std::convert::Infallible> {
    let (left, right) = text.split_once('=').unwrap_or((text, ""));
    Ok(Pair {
        left: left.to_owned(),
        right: right.to_owned(),
    })
}

/// Returns the credentials that the command line lends.
pub(crate) fn lent(
    args: &CredentialArgs,
    http: &Arc<dyn Http>,
) -> Result<Option<Arc<dyn Credentials>>, Problem> {
    let mut all = LayeredCredentials::new();
    if args.credential.is_empty() {
        if !args.credential_host.is_empty() {
            let message = "--credential-host says where a credential of --credential may go";
            return Err(HostError::new(HostCode::Usage, message).into());
        }
    } else {
        all = all.then(Arc::new(from_variables(args)?));
    }
    match &args.credentials {
        Some(path) => {
            let keys = keys(path, &args.key)?;
            let store = FileCredentials::new(path, keys, Arc::new(SystemClock::default()));
            if !path.exists() {
                return Err(missing(path));
            }
            all = all.then(Arc::new(store.renewing_by(Arc::clone(http))));
        }
        None if args.key.key_file.is_some() || args.key.key_env.is_some() => {
            // What is sealed can be opened, and sealed, without a file.
            all = all.then(Arc::new(keys(Path::new(""), &args.key)?));
        }
        None if args.credential.is_empty() => return Ok(None),
        None => {}
    }
    Ok(Some(Arc::new(all)))
}

fn from_variables(args: &CredentialArgs) -> Result<EnvCredentials, Problem> {
    let mut store = EnvCredentials::new();
    let mut named: Vec<&str> = Vec::new();
    for given in &args.credential {
        let variable = given.right.strip_prefix("env:");
        let Some(variable) = variable.filter(|name| !name.is_empty()) else {
            // Without what stands there: it may be a secret.
            let message = "--credential names a variable, and not the secret itself: every process of this machine \
                           can read the command line";
            return Err(HostError::new(HostCode::Usage, message)
                .expected("NAME=env:VARIABLE")
                .into());
        };
        let (name, provider) = match given.left.split_once('@') {
            Some(parts) => parts,
            None => (given.left.as_str(), given.left.as_str()),
        };
        if name.is_empty() || provider.is_empty() || named.contains(&name) {
            let message = format!(
                "--credential {}: a name is given once, and is not empty",
                given.left
            );
            return Err(HostError::new(HostCode::Usage, message)
                .expected("NAME=env:VARIABLE or NAME@PROVIDER=env:VARIABLE")
                .into());
        }
        named.push(name);
        let own = args.credential_host.iter().filter(|pair| pair.left == name);
        let own: Vec<HostPattern> = own
            .map(|pair| host(&pair.right))
            .collect::<Result<_, _>>()?;
        let hosts = hosts(own, provider, &format!("--credential-host {name}=HOST"))?;
        let read = store.with(name, variable, provider, &hosts, env);
        store = read.map_err(|error| HostError::new(HostCode::Credential, error.to_string()))?;
    }
    if let Some(other) = args
        .credential_host
        .iter()
        .find(|pair| !named.contains(&pair.left.as_str()))
    {
        let message = format!(
            "--credential-host names \"{}\", which no --credential does",
            other.left
        );
        return Err(HostError::new(HostCode::Usage, message).into());
    }
    Ok(store)
}

fn host(text: &str) -> Result<HostPattern, Problem> {
    HostPattern::parse(text)
        .map_err(|error| HostError::new(HostCode::Usage, error.to_string()).into())
}

/// Returns where a secret may go: what was said, else what is known of its provider.
pub(crate) fn hosts(own: Vec<HostPattern>, provider: &str, say: &str) -> Result<HostSet, Problem> {
    if !own.is_empty() {
        return Ok(own.into_iter().collect());
    }
    let known = providers::hosts(provider);
    if known.is_empty() {
        let message =
            format!("where secrets of the provider \"{provider}\" may go is not known here");
        let names = providers::PROVIDERS.iter().map(|known| known.name);
        return Err(HostError::new(HostCode::Usage, message)
            .expected(say)
            .suggest(graphloom::fault::nearest(provider, names))
            .into());
    }
    Ok(known)
}

/// Reads a variable that the command line names.
pub(crate) fn env(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the host, and the command line names the variable"
    )]
    std::env::var(name).ok()
}

/// Returns the keys of a credential file.
pub(crate) fn keys(store: &Path, args: &KeyArgs) -> Result<Keys, Problem> {
    let keys = match &args.key_env {
        Some(variable) => {
            let origin = format!("the variable {variable}");
            Keys::parse(&env(variable).unwrap_or_default(), &origin)
        }
        None => Keys::read(&key_file(store, args)),
    };
    keys.map_err(|error| of_key(&error))
}

/// Returns where the key file is.
pub(crate) fn key_file(store: &Path, args: &KeyArgs) -> PathBuf {
    let beside = || store.with_extension("key");
    args.key_file.clone().unwrap_or_else(beside)
}

/// Returns where credentials are kept where nothing is said.
pub(crate) fn default_file() -> Result<PathBuf, Problem> {
    let folder = |name: &str| std::env::var_os(name).filter(|text| !text.is_empty());
    let data = folder("XDG_DATA_HOME").map(PathBuf::from);
    let data = data.filter(|path| path.is_absolute());
    let data = data.or_else(|| Some(PathBuf::from(folder("HOME")?).join(".local/share")));
    let data = data.or_else(|| folder("APPDATA").map(PathBuf::from));
    let data = data.ok_or_else(|| {
        HostError::new(
            HostCode::Usage,
            "there is no folder for data here: HOME is not set",
        )
        .expected("--credentials FILE")
    })?;
    Ok(data.join("graphloom/credentials.json"))
}

pub(crate) fn missing(path: &Path) -> Problem {
    let message = format!("there is no credential file \"{}\"", path.display());
    HostError::new(HostCode::FileNotFound, message)
        .help("`graphloom credentials add NAME --credentials FILE` makes one")
        .into()
}

/// Says what is wrong with a key.
pub(crate) fn of_key(error: &KeyError) -> Problem {
    let told = HostError::new(HostCode::Credential, error.to_string());
    match error {
        KeyError::OpenToOthers { path, .. } => told.help(format!(
            "chmod 600 {}; if others may have read it, `graphloom credentials rotate` makes another key",
            path.display()
        )),
        KeyError::Missing { .. } => {
            told.help("say where the key is: --key-file FILE, GRAPHLOOM_KEY_FILE, or --key-env VARIABLE")
        }
        _ => told,
    }
    .into()
}

/// Says what is wrong with a credential file.
pub(crate) fn of_file(error: &CredentialFileError) -> Problem {
    let code = match error {
        CredentialFileError::Exists { .. } => HostCode::CredentialExists,
        CredentialFileError::Name { .. } => HostCode::Usage,
        CredentialFileError::Key(error) => return of_key(error),
        _ => HostCode::Credential,
    };
    HostError::new(code, error.to_string()).into()
}
