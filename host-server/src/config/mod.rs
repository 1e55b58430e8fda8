//! How the server is set up: typed settings with defaults, from a file, then the environment, then the command line; the
//! later wins, and each knows where it came from.
//!
//! A part of the server that has settings has a section: one file in `sections`, one line in [`Config`]. Its flags,
//! variables, page in the guide and line in `--check-config` follow from that. Secrets are no settings: a setting names
//! the file or the variable that has one.
//!
//! | file | what it is for |
//! |---|---|
//! | `form` | types of settings, as they are written |
//! | `section` | the struct of a section |
//! | `sections` | the sections |
//! | `file`, `environment`, `flags` | what each source says |
//! | `source` | where a setting came from |
//! | `fault` | what is wrong with them |
//! | `show` | what holds, for people |
//! | `secret` | what settings name and do not have |

mod environment;
mod fault;
mod file;
mod flags;
mod form;
pub(crate) mod secret;
mod section;
mod sections;
mod show;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;

use graphloom::fault::nearest;

pub use crate::address::{Cidr, CidrError};
pub use crate::cors::{Origin, OriginError};
pub use crate::log::{LogFilter, LogFormat};

pub use fault::{ConfigCode, ConfigFault};
pub use flags::Asked;
pub use form::{Form, Given};
pub use section::{Refusal, Section, Setting};
pub use sections::{
    Access, AuditFile, Blocks, Callbacks, Connections, Credentials, Egress, FilesSection, Jwt,
    Live, Log, QuotasSection, Rate, Requests, RetentionSection, RunsSection, Schedules, Server,
    Tokens, Trace, Values, Webhooks,
};
pub use source::Source;

use source::Said;

macro_rules! config {
    ($($(#[doc = $doc:literal])+ $name:ident: $section:ty,)+) => {
        /// The settings that hold.
        #[derive(Debug, Clone, Default)]
        #[non_exhaustive]
        pub struct Config {
            $($(#[doc = $doc])+ pub $name: $section,)+
            sources: BTreeMap<&'static str, Source>,
        }

        impl Config {
            fn set(&mut self, name: &str, given: &Given) -> Option<Result<(), Refusal>> {
                $(if let Some(done) = Section::set(&mut self.$name, name, given) {
                    return Some(done);
                })+
                None
            }

            /// Returns what a setting is, as TOML has it; `None`: nothing is said.
            #[must_use]
            pub fn show(&self, name: &str) -> Option<String> {
                $(if let Some(shown) = Section::show(&self.$name, name) {
                    return Some(shown);
                })+
                None
            }
        }

        /// Returns every setting, by section.
        #[must_use]
        pub fn settings() -> Vec<Setting> {
            let mut all = Vec::new();
            $(all.extend(<$section as Section>::settings());)+
            all
        }
    };
}

config! {
    /// The folder, and where the server listens.
    server: Server,
    /// What connections may take.
    connections: Connections,
    /// What a request may take.
    requests: Requests,
    /// From where requests are taken.
    access: Access,
    /// Tokens of this server.
    auth: Tokens,
    /// Tokens of an issuer.
    jwt: Jwt,
    /// How often one may ask.
    rate: Rate,
    /// What live events may take.
    live: Live,
    /// What is written down of requests.
    audit: AuditFile,
    /// What the program writes down of itself.
    log: Log,
    /// Spans of requests and runs.
    trace: Trace,
    /// How much a tenant may have.
    quotas: QuotasSection,
    /// Runs.
    runs: RunsSection,
    /// How long runs are kept that are over.
    retention: RetentionSection,
    /// Where blocks reach.
    egress: Egress,
    /// Which blocks and models there are.
    blocks: Blocks,
    /// Credentials of tenants.
    credentials: Credentials,
    /// Values that blocks keep beyond a run.
    values: Values,
    /// Files, and what runs keep as bytes.
    files: FilesSection,
    /// What runs by itself.
    schedules: Schedules,
    /// What others are told of runs.
    callbacks: Callbacks,
    /// What others call.
    webhooks: Webhooks,
}

impl Config {
    /// Reads what a command line asks for: the file that it names, then this environment, then its flags.
    ///
    /// # Errors
    /// Everything that is wrong with any of them.
    pub fn load(asked: &Asked, environment: &[(String, String)]) -> Result<Self, Vec<ConfigFault>> {
        let mut faults = Vec::new();
        let mut said = Vec::new();
        if let Some(path) = asked.file.as_deref().or(environment::file(environment)) {
            file::read(Path::new(path), &mut said, &mut faults);
        }
        let strange = environment::read(environment, &mut said);
        said.extend(asked.said.iter().cloned());
        let config = Self::of(&said, &mut faults);
        faults.extend(
            strange
                .iter()
                .filter_map(|name| environment::unknown(name, &config)),
        );
        if faults.is_empty() {
            Ok(config)
        } else {
            Err(faults)
        }
    }

    /// Puts together what sources say, the later over the earlier.
    fn of(said: &[Said], faults: &mut Vec<ConfigFault>) -> Self {
        let all = settings();
        let mut config = Self::default();
        for Said {
            name,
            given,
            source,
        } in said
        {
            let found = config.set(name, given);
            let known = all.iter().find(|setting| setting.name == name);
            let (Some(found), Some(known)) = (found, known) else {
                let near = nearest(name, all.iter().map(|setting| setting.name));
                faults.push(ConfigFault::unknown(name, source, &near));
                continue;
            };
            match found {
                Ok(()) => drop(config.sources.insert(known.name, source.clone())),
                Err(refusal) => faults.push(ConfigFault::refused(known.name, source, refusal)),
            }
        }
        config
    }

    /// Returns where a setting came from.
    #[must_use]
    pub fn source(&self, name: &str) -> Source {
        self.sources.get(name).cloned().unwrap_or_default()
    }

    /// Returns a fault of a setting as it holds.
    pub(crate) fn fault(
        &self,
        code: ConfigCode,
        name: &str,
        message: impl Into<String>,
    ) -> ConfigFault {
        ConfigFault::new(code, name, self.source(name), message)
    }
}
