//! The command line: a flag for each setting, and what is asked for.

use std::ffi::OsString;
use std::sync::LazyLock;

use clap::{Arg, ArgAction, Command};

use super::form::Given;
use super::section::Setting;
use super::settings;
use super::source::{Said, Source};

/// What a command line asks for.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Asked {
    /// The file of settings.
    pub file: Option<String>,
    /// Only to say what holds, and not to serve.
    pub check: bool,
    pub(super) said: Vec<Said>,
}

/// What the help shows; the others are in the guide, and in what `--check-config` prints.
const SHOWN: [&str; 2] = ["data", "listen"];

const EXAMPLE: &str = "Each setting has a flag (`rate.burst` is --rate-burst), a variable (GRAPHLOOM_SERVER_RATE_BURST) and a name in \
the file; --check-config lists them.\n\nExample:\n  graphloom-server --data /var/lib/graphloom --config /etc/graphloom.toml";

// Names of flags outlive the parser.
static SETTINGS: LazyLock<Vec<Setting>> = LazyLock::new(settings);

fn parser() -> Command {
    let own = [
        Arg::new("config")
            .long("config")
            .value_name("FILE")
            .help("Read settings from this file (TOML)"),
        Arg::new("check-config")
            .long("check-config")
            .action(ArgAction::SetTrue)
            .help("Print the settings that hold and where each came from, and end"),
    ];
    let flags = SETTINGS.iter().map(|setting| {
        let flag = Arg::new(setting.name)
            .long(setting.flag.as_str())
            .value_name("VALUE")
            .help(help(setting))
            .hide(!SHOWN.contains(&setting.name));
        if setting.is_truth {
            flag.num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true")
        } else {
            flag
        }
    });
    Command::new("graphloom-server")
        .about("Graphloom over HTTP")
        .version(env!("CARGO_PKG_VERSION"))
        .args(flags)
        .args(own)
        .after_help(EXAMPLE)
}

fn help(setting: &Setting) -> String {
    let first = setting.summary.split(['.', ';']).next().unwrap_or_default();
    match &setting.default {
        Some(default) => format!("{first} [default: {}]", default.trim_matches('"')),
        None => first.to_owned(),
    }
}

impl Asked {
    /// Reads a command line, whose first word is the program's name.
    ///
    /// # Errors
    /// For what cannot be read, and to print help or version: [`clap::Error::print`] says it, [`clap::Error::exit_code`] is
    /// how the program ends.
    pub fn read(args: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let found = parser().try_get_matches_from(args)?;
        let said = SETTINGS.iter().filter_map(|setting| {
            let value = found.get_one::<String>(setting.name)?;
            Some(Said {
                name: setting.name.to_owned(),
                given: Given::Written(value.clone()),
                source: Source::Flag(setting.flag.clone()),
            })
        });
        Ok(Self {
            said: said.collect(),
            file: found.get_one::<String>("config").cloned(),
            check: found.get_flag("check-config"),
        })
    }
}
