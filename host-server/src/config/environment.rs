//! Variables: `GRAPHLOOM_SERVER_` and the name of the setting.

use graphloom::fault::nearest;

use super::fault::ConfigFault;
use super::form::{Given, quoted};
use super::section::{PREFIX, Setting};
use super::source::{Said, Source};
use super::{Config, settings};

/// The variable that names the file.
const FILE: &str = "GRAPHLOOM_SERVER_CONFIG";

/// Returns the file that the environment names.
pub(super) fn file(environment: &[(String, String)]) -> Option<&str> {
    let found = environment.iter().find(|(name, _)| name == FILE);
    found
        .map(|(_, path)| path.as_str())
        .filter(|path| !path.is_empty())
}

/// Reads the variables. Returns those that begin as ours do and are no setting's.
pub(super) fn read(environment: &[(String, String)], said: &mut Vec<Said>) -> Vec<String> {
    let all = settings();
    let mut strange = Vec::new();
    for (variable, value) in environment {
        match all.iter().find(|setting| setting.variable == *variable) {
            Some(setting) => said.push(Said {
                name: setting.name.to_owned(),
                given: Given::Written(value.clone()),
                source: Source::Variable(variable.clone()),
            }),
            None if variable.starts_with(PREFIX) && !is_of_others(variable) => {
                strange.push(variable.clone());
            }
            None => {}
        }
    }
    strange
}

/// Returns the fault of a variable that is no setting's, unless one of these settings names it as the place of a secret.
pub(super) fn unknown(variable: &str, config: &Config) -> Option<ConfigFault> {
    let all = settings();
    let shown = quoted(variable);
    let names_it = |setting: &Setting| {
        setting.name.ends_with("_variable") && config.show(setting.name).as_ref() == Some(&shown)
    };
    if all.iter().any(names_it) {
        return None;
    }
    let near = nearest(
        variable,
        all.iter().map(|setting| setting.variable.as_str()),
    );
    let source = Source::Variable(variable.to_owned());
    Some(ConfigFault::unknown("", &source, &near))
}

/// Says whether a variable with our beginning is that of the file, or one that Kubernetes gives each container about a
/// service of the name `graphloom-server`
/// (<https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>).
fn is_of_others(variable: &str) -> bool {
    let rest = variable.strip_prefix(PREFIX).unwrap_or_default();
    variable == FILE
        || rest == "PORT"
        || rest == "SERVICE_HOST"
        || rest.starts_with("SERVICE_PORT")
        || rest.starts_with("PORT_")
}
