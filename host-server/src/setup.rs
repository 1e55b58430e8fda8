//! From settings to an application: what can be wrong with it is found before anything is opened.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use graphloom_backends::sqlite::{SqliteOptions, SqliteStore};
use zeroize::Zeroizing;

use crate::App;
use crate::audit::Audit;
use crate::auth::{self, Auth, Jwt, of_settings};
use crate::config::secret::read_secret;
use crate::config::{Config, ConfigCode, ConfigFault};
use crate::outside::Outside;
use crate::principal::{Principal, Role, Tenant};
use crate::records::SqliteRecords;
use crate::serve::raise_descriptors;
use crate::trace::Collector;

/// Variables of the environment.
pub(crate) type Environment = [(String, String)];

/// What settings name and is no setting: secrets and keys.
pub(crate) struct Setup {
    /// The administrator's token; `None`: none is taken, or it is yet to be made.
    token: Option<Zeroizing<Vec<u8>>>,
    outside: Outside,
    jwt: Option<Jwt>,
    /// What was found, for people; of secrets only where they are.
    pub(crate) found: Vec<String>,
}

impl Setup {
    /// Looks at all that settings name.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) fn of(config: &Config, environment: &Environment) -> Result<Self, Vec<ConfigFault>> {
        let mut faults = Vec::new();
        let mut found = Vec::new();
        let token = token(config, &mut found).unwrap_or_else(|fault| {
            faults.push(fault);
            None
        });
        let outside = Outside::of(config, &mut found, &mut faults);
        let jwt = of_settings(config, environment, &mut faults).map(|(jwt, note)| {
            found.push(note);
            jwt
        });
        found.push(descriptors(config));
        faults.extend(exposed(config));
        faults.extend(Collector::check(config));
        if faults.is_empty() {
            Ok(Self {
                token,
                outside,
                jwt,
                found,
            })
        } else {
            Err(faults)
        }
    }

    /// Opens the folder. Returns the application, which has to be on a tokio runtime.
    ///
    /// # Errors
    /// What could not be opened or made, for people.
    pub(crate) fn open(self, config: &Config, spans: &Collector) -> Result<App, String> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let data = &config.server.data;
        make_folder(data).map_err(|e| format!("{}: {e}", data.display()))?;
        let token = match self.token {
            None if config.auth.local_token => Some(
                make_token(config).map_err(|e| format!("{}: {e}", token_file(config).display()))?,
            ),
            token => token,
        };
        let mut auth = Auth::new().max_keys(config.auth.max_keys);
        if let Some(token) = token {
            let local = Principal::new(Tenant::LOCAL, "local").scopes(Role::Admin.scopes());
            auth = auth.token(&String::from_utf8_lossy(&token), local);
        }
        if let Some(jwt) = self.jwt {
            auth = auth.jwt(jwt);
        }
        let store = SqliteStore::open(data, SqliteOptions::new()).map_err(|e| text(&e))?;
        let records = SqliteRecords::open(data.join("server.db")).map_err(|e| text(&e))?;
        let mut builder = spans.of(self.outside.builder(config)?);
        if config.audit.enabled {
            let own = || data.join("audit.jsonl");
            let file = config.audit.file.clone().unwrap_or_else(own);
            let audit = Audit::open(&file, &config.audit);
            builder = builder.audit(audit.map_err(|e| format!("{}: {e}", file.display()))?);
        }
        builder
            .store(Arc::new(store))
            .records(Arc::new(records))
            .auth(auth)
            .live(config.live.options(&config.access.cors_origins))
            .access(config.access.clone())
            .rate(config.rate.clone())
            .quotas(config.quotas.quotas())
            .max_body_bytes(config.requests.max_body_bytes)
            .request_time(Duration::from_millis(config.requests.time_ms))
            .build()
            .map_err(|e| e.detail().to_owned())
    }
}

/// Makes the folder, for its owner only; one that is there keeps the mode that it has.
fn make_folder(data: &Path) -> io::Result<()> {
    let mut folder = DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(data)
}

/// Lets the process have as many descriptors as it may, and says how many that is.
fn descriptors(config: &Config) -> String {
    let Some(most) = raise_descriptors() else {
        return "descriptors: as many as there are".to_owned();
    };
    let wanted = config.connections.max as u64;
    let few = if most < wanted {
        format!(
            ", which is less than `connections.max` ({wanted}): raise the limit of the system (ulimit -Hn)"
        )
    } else {
        String::new()
    };
    format!("descriptors: {most}{few}")
}

/// Returns where the administrator's token is.
pub(crate) fn token_file(config: &Config) -> PathBuf {
    let own = || config.server.data.join("token");
    config.auth.token_file.clone().unwrap_or_else(own)
}

fn token(
    config: &Config,
    found: &mut Vec<String>,
) -> Result<Option<Zeroizing<Vec<u8>>>, ConfigFault> {
    if !config.auth.local_token {
        return Ok(None);
    }
    let path = token_file(config);
    match read_secret(&path) {
        Ok(token) if token.iter().all(u8::is_ascii_graphic) => {
            found.push(format!(
                "auth: [redacted], {} bytes of {}",
                token.len(),
                path.display()
            ));
            Ok(Some(token))
        }
        // It is made when the server starts.
        Err(error)
            if error.kind() == io::ErrorKind::NotFound && config.auth.token_file.is_none() =>
        {
            found.push(format!("auth: {} is yet to be made", path.display()));
            Ok(None)
        }
        found => {
            let why = found.err().map_or_else(
                || "it has other characters than a token can have".to_owned(),
                |error| error.to_string(),
            );
            let message = format!("{}: {why}", path.display());
            Err(config.fault(ConfigCode::Secret, "auth.token_file", message))
        }
    }
}

/// Makes the token of the folder, for its owner only from the start.
fn make_token(config: &Config) -> io::Result<Zeroizing<Vec<u8>>> {
    let token = auth::draw().map_err(|e| io::Error::other(e.detail().to_owned()))?;
    let token = Zeroizing::new(token);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(token_file(config))?;
    file.write_all(format!("{}\n", *token).as_bytes())?;
    file.sync_all()?;
    Ok(Zeroizing::new(token.as_bytes().to_vec()))
}

/// Refuses to listen for others without knowing who asks: the token of the folder is for whoever sits at this machine.
fn exposed(config: &Config) -> Option<ConfigFault> {
    let is_known =
        config.auth.local_token && config.auth.token_file.is_some() || config.jwt.is_set();
    if config.server.listen.ip().to_canonical().is_loopback() || is_known {
        return None;
    }
    let message = format!(
        "{} can be reached from other machines: set `auth.token_file`, or one of `auth.jwt`, or listen on 127.0.0.1",
        config.server.listen
    );
    Some(config.fault(ConfigCode::Exposed, "listen", message))
}
