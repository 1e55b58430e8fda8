//! The engine as this host sets it up.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use graphloom::host::{Grants, Http};
use graphloom::{DynBlock, Engine, EngineBuilder, Registry};
use graphloom_backends::egress::EgressPolicy;
use graphloom_backends::http::{GuardedHttp, HttpOptions};
use graphloom_backends::mail::{GuardedMail, MailOptions};
use graphloom_blocks::preset::Preset;

use crate::args::OutsideArgs;
use crate::credentials;
use crate::exit::Exit;
use crate::input;
use crate::problem::{HostCode, HostError, Problem};
use crate::report::Report;

/// The blocks that the command line describes, for every registry of this process: each is read once.
static PRESETS: OnceLock<Vec<Arc<Preset>>> = OnceLock::new();

/// Reads the presets that the command line names.
pub(crate) fn know_presets(files: &[PathBuf], report: &mut Report) -> Result<(), Problem> {
    let mut presets = Vec::with_capacity(files.len());
    for file in files {
        let origin = input::read(file, report)?;
        let preset = Preset::from_json(&origin.source).map_err(|errors| {
            let message = format!("{}: {errors}", origin.name);
            Problem::from(HostError::new(HostCode::Preset, message))
        })?;
        presets.push(Arc::new(preset));
    }
    let _ = PRESETS.set(presets);
    Ok(())
}

/// Returns every block that this program brings, and those that the command line describes.
pub(crate) fn registry() -> Result<Registry, Problem> {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).map_err(|error| {
        Problem::from(HostError::new(HostCode::Internal, error.to_string()).exit(Exit::Internal))
    })?;
    #[cfg(feature = "probes")]
    crate::probes::register(&mut registry);
    for preset in PRESETS.get().into_iter().flatten() {
        let added = registry.add_dyn(Arc::clone(preset) as Arc<dyn DynBlock>);
        added.map_err(|error| HostError::new(HostCode::Preset, error.to_string()))?;
    }
    Ok(registry)
}

/// Returns an engine with every block, for what runs nothing.
pub(crate) fn engine() -> Result<Engine, Problem> {
    registry().map(Engine::new)
}

/// Returns an engine with every block, whose runs reach outside as far as the command line lets them.
pub(crate) fn acting_engine(outside: &OutsideArgs) -> Result<Engine, Problem> {
    Ok(builder(registry()?, outside)?.build())
}

/// Begins an engine with these blocks, whose runs reach outside as far as the command line lets them.
pub(crate) fn builder(registry: Registry, outside: &OutsideArgs) -> Result<EngineBuilder, Problem> {
    let allowed = outside.allow_host.iter().cloned().collect();
    let policy = EgressPolicy::new().allow_hosts(allowed);
    // Nothing is opened or read for it before the first request.
    let http = GuardedHttp::new(HttpOptions::new().policy(policy.clone()));
    let http: Arc<dyn Http> = Arc::new(http);
    let mail = GuardedMail::new(MailOptions::new().policy(policy));
    let lent = credentials::lent(&outside.credentials, &http)?;
    let builder = Engine::builder(registry).http(http).mailer(Arc::new(mail));
    Ok(match lent {
        Some(credentials) => builder.credentials(credentials),
        None => builder,
    })
}

/// Returns what the command line grants a run.
pub(crate) fn grants(outside: &OutsideArgs) -> Grants {
    let mut grants = Grants::all();
    if !outside.only_host.is_empty() {
        grants = grants.only_hosts(outside.only_host.iter().cloned().collect());
    }
    if !outside.deny_host.is_empty() {
        grants = grants.deny_hosts(outside.deny_host.iter().cloned().collect());
    }
    for (unit, amount) in &outside.max_cost {
        grants = grants.spend(unit.as_str(), *amount);
    }
    grants
}

/// Returns a runtime that has this thread only: starting threads is most of what a short call would cost.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Problem> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            let message = format!("the system does not give what a run needs: {error}");
            HostError::new(HostCode::Internal, message).into()
        })
}
