//! What the program lends to runs, as its settings have it: which blocks and models there are, where they reach, which
//! credentials.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use graphloom::host::{HostPattern, HostSet, Http, SystemClock};
use graphloom::{DynBlock, Engine, Registry, Text};
use graphloom_backends::credentials::{KeyError, Keys};
use graphloom_backends::egress::EgressPolicy;
use graphloom_backends::http::{GuardedHttp, HttpOptions};
use graphloom_backends::mail::{GuardedMail, MailOptions};
use graphloom_blocks::llm::Models;
use graphloom_blocks::preset::Preset;

use crate::app::{App, AppBuilder};
use crate::config::{Config, ConfigCode, ConfigFault, Egress, secret};
use crate::lent::Named;
use crate::logins::OAuthServices;
use crate::principal::Tenant;
use crate::vault::Vault;

/// How large a file of presets or models may be: 8 MiB.
const MAX_FILE: u64 = 8 << 20;

/// What settings name, read.
pub(crate) struct Outside {
    registry: Registry,
    models: Option<Models>,
    /// `None`: it is yet to be made.
    keys: Option<Keys>,
    oauth: OAuthServices,
}

impl Outside {
    /// Reads all that settings name. Makes nothing.
    pub(crate) fn of(
        config: &Config,
        found: &mut Vec<String>,
        faults: &mut Vec<ConfigFault>,
    ) -> Self {
        let mut registry = Registry::new();
        if let Err(error) = graphloom_blocks::register(&mut registry) {
            let message = format!("the blocks that come along: {error}");
            faults.push(config.fault(ConfigCode::Conflict, "blocks.presets", message));
        }
        #[cfg(feature = "probes")]
        crate::probes::register(&mut registry);
        for file in &config.blocks.presets {
            if let Err(message) = preset(&mut registry, file) {
                faults.push(config.fault(ConfigCode::File, "blocks.presets", message));
            }
        }
        let models = config.blocks.models.as_deref().map(models).transpose();
        let models = models.unwrap_or_else(|message| {
            faults.push(config.fault(ConfigCode::File, "blocks.models", message));
            None
        });
        let keys = keys(config, found).unwrap_or_else(|error| {
            let (code, name) = (ConfigCode::Secret, "credentials.key_file");
            faults.push(config.fault(code, name, error.to_string()));
            None
        });
        if let Some(url) = config.server.public_url.as_deref()
            && !is_base(url)
        {
            let message =
                format!("expected an address as https://graphs.example.com, found {url:?}");
            faults.push(config.fault(ConfigCode::Value, "public_url", message));
        }
        let oauth = oauth(config, found).unwrap_or_else(|message| {
            faults.push(config.fault(ConfigCode::Secret, "credentials.oauth_file", message));
            OAuthServices::new()
        });
        Self {
            registry,
            models,
            keys,
            oauth,
        }
    }

    /// Begins the application. Makes the key if it is not there.
    ///
    /// # Errors
    /// The key could not be made.
    pub(crate) fn builder(self, config: &Config) -> Result<AppBuilder, String> {
        let policy = policy(&config.egress);
        let http = GuardedHttp::new(HttpOptions::new().policy(policy.clone()));
        let http: Arc<dyn Http> = Arc::new(http);
        let mail = GuardedMail::new(MailOptions::new().policy(policy));
        let engine = Engine::builder(self.registry)
            .http(Arc::clone(&http))
            .mailer(Arc::new(mail));
        let keys = match self.keys {
            Some(keys) => keys,
            None => Keys::create(&key_file(config)).map_err(|error| error.to_string())?,
        };
        let beside = keys.clone();
        let vault = Vault::new(folder(config), keys, Arc::new(SystemClock::default()))
            .max_credentials(config.credentials.max)
            .renewing_by(http);
        let mut builder = App::builder(engine.build())
            .value_limits(config.values.limits())
            .files(config.server.data.join("files"))
            .file_limits(config.files.limits())
            .keys(beside)
            .schedules(config.schedules.options())
            .webhooks(config.webhooks.options())
            .retention(config.retention.options())
            .callbacks(config.callbacks.options(&config.egress));
        if !config.credentials.lend.is_empty() {
            let store = Arc::new(vault.of(&Tenant::of_kept(Tenant::LOCAL)));
            let names = config.credentials.lend.clone();
            builder = builder.lend(Arc::new(Named::new(store, names)));
        }
        if let Some(models) = self.models {
            builder = builder.models(models);
        }
        if let Some(url) = public_url(config) {
            builder = builder.public_url(url);
        }
        Ok(builder.vault(vault).oauth(self.oauth))
    }
}

/// Returns where people reach the server, where that is known before it listens.
fn public_url(config: &Config) -> Option<Text> {
    let listen = config.server.listen;
    let own = || (listen.port() != 0).then(|| Text::from(format!("http://{listen}")));
    config.server.public_url.clone().or_else(own)
}

/// Says whether this can be an address of a server: of the web, and without what only a request has.
fn is_base(url: &str) -> bool {
    let rest = ["https://", "http://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    let fits = |c: char| c.is_ascii_graphic() && !"?#@\\\"<>".contains(c);
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && rest.chars().all(fits))
}

fn policy(egress: &Egress) -> EgressPolicy {
    let set = |hosts: &[HostPattern]| hosts.iter().cloned().collect::<HostSet>();
    let policy = EgressPolicy::new()
        .allow_hosts(set(&egress.allow_hosts))
        .deny_hosts(set(&egress.deny_hosts));
    if egress.only_hosts.is_empty() {
        policy
    } else {
        policy.only_hosts(set(&egress.only_hosts))
    }
}

/// Returns where credentials are kept.
fn folder(config: &Config) -> PathBuf {
    config.server.data.join("credentials")
}

/// Returns where their key is.
fn key_file(config: &Config) -> PathBuf {
    let own = || config.server.data.join("credentials.key");
    config.credentials.key_file.clone().unwrap_or_else(own)
}

fn keys(config: &Config, found: &mut Vec<String>) -> Result<Option<Keys>, KeyError> {
    let path = key_file(config);
    match Keys::read(&path) {
        Ok(keys) => {
            let newest = keys.ids().next().cloned().unwrap_or_default();
            found.push(format!(
                "credentials: sealed with {newest} of {}",
                path.display()
            ));
            Ok(Some(keys))
        }
        // A key that is made now would open nothing of what is there.
        Err(KeyError::Missing { .. })
            if config.credentials.key_file.is_none() && !Vault::has_any(&folder(config)) =>
        {
            found.push(format!("credentials: {} is yet to be made", path.display()));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn oauth(config: &Config, found: &mut Vec<String>) -> Result<OAuthServices, String> {
    let Some(file) = &config.credentials.oauth_file else {
        return Ok(OAuthServices::new());
    };
    let told = |what: &dyn std::fmt::Display| format!("{}: {what}", file.display());
    let bytes = secret::read(file, secret::Guard::Secret).map_err(|error| told(&error))?;
    let services = OAuthServices::from_json(&bytes).map_err(|error| told(&error))?;
    found.push(format!("logins: [redacted], {}", file.display()));
    Ok(services)
}

fn preset(registry: &mut Registry, file: &Path) -> Result<(), String> {
    let told = |what: &dyn std::fmt::Display| format!("{}: {what}", file.display());
    let preset = Preset::from_json(&read(file)?).map_err(|errors| told(&errors))?;
    let block: Arc<dyn DynBlock> = Arc::new(preset);
    registry.add_dyn(block).map_err(|error| told(&error))?;
    Ok(())
}

fn models(file: &Path) -> Result<Models, String> {
    Models::from_json(&read(file)?).map_err(|error| format!("{}: {error}", file.display()))
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    let told = |error: std::io::Error| format!("{}: {error}", file.display());
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).map_err(told)?;
    let read = opened.take(MAX_FILE + 1).read_to_end(&mut bytes);
    read.map_err(told)?;
    if bytes.len() as u64 > MAX_FILE {
        let path = file.display();
        return Err(format!("{path} is larger than {MAX_FILE} bytes"));
    }
    Ok(bytes)
}
