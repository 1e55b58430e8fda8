//! Where a command is done: in this process, or on a server.

use graphloom::Code;

use crate::args::{BlocksCommand, Command, CredentialsCommand, GraphCommand, ServerArgs};
use crate::problem::{HostCode, HostError, Problem};

/// Arguments that tell what this machine has: files, folders, and how far runs of this process reach. A server has its own.
const OF_THIS_MACHINE: [&str; 14] = [
    "allow_host",
    "cache",
    "credential",
    "credential_host",
    "credentials",
    "explain_cache",
    "key_env",
    "key_file",
    "kv",
    "mock",
    "models",
    "preset",
    "run_id",
    "store",
];

/// Arguments that a server takes for a run that begins, and for nothing else.
const OF_RUNS: [&str; 5] = ["deny_host", "durability", "max_cost", "only_host", "reuse"];

/// Where a command can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    Here,
    There,
    Either,
}

fn place(command: &Command) -> Where {
    match command {
        Command::Run(_) | Command::Runs(_) | Command::Answer(_) | Command::Explain { .. } => {
            Where::Either
        }
        Command::Graph(command) => match command {
            GraphCommand::Validate { .. } | GraphCommand::Plan(_) => Where::Either,
            GraphCommand::Push { .. } | GraphCommand::Pull { .. } | GraphCommand::List { .. } => {
                Where::There
            }
            _ => Where::Here,
        },
        Command::Blocks(command) => match command {
            BlocksCommand::Test { .. } => Where::Here,
            _ => Where::Either,
        },
        Command::Credentials(command) => match command {
            CredentialsCommand::Rotate(_) => Where::Here,
            _ => Where::Either,
        },
        _ => Where::Here,
    }
}

/// Says whether this program knows an error code: a page of its own is there without a network.
fn is_known(code: &str) -> bool {
    code.parse::<Code>().is_ok() || code.parse::<HostCode>().is_ok()
}

/// Says whether a server does this command. What is typed counts for more than what a variable says.
///
/// # Errors
/// Where the command line asks for both, for what cannot be done there, or for what takes a server without naming one.
pub(crate) fn is_remote(
    server: &ServerArgs,
    typed: &[String],
    command: &Command,
) -> Result<bool, Problem> {
    let is_typed = |name: &str| typed.iter().any(|typed| typed == name);
    let usage = |message: String| HostError::new(HostCode::Usage, message);
    let place = place(command);
    if let Command::Explain { code } = command
        && is_known(code)
    {
        return Ok(false);
    }
    if server.server.is_none() {
        return match place {
            Where::There => Err(
                usage("this is done on a server, and none is named".to_owned())
                    .expected("--server URL")
                    .into(),
            ),
            _ if is_typed("token_file") => {
                let message = "--token-file goes with --server URL".to_owned();
                Err(usage(message).into())
            }
            _ => Ok(false),
        };
    }
    if place == Where::Here {
        return match is_typed("server") {
            // The variable is there for the commands that it helps.
            false => Ok(false),
            true => Err(usage("this is done here, and asks no server".to_owned())
                .help("leave --server out")
                .into()),
        };
    }
    if !is_typed("server") && is_typed("store") {
        return Ok(false);
    }
    let kept = matches!(
        command,
        Command::Run(_) | Command::Runs(_) | Command::Answer(_)
    );
    if !is_typed("server") && kept && std::env::var_os("GRAPHLOOM_STORE").is_some() {
        let message = "GRAPHLOOM_STORE names a folder here and GRAPHLOOM_SERVER a server: which of them is meant is not said";
        return Err(usage(message.to_owned())
            .expected("--store DIR or --server URL")
            .into());
    }
    let narrows = matches!(
        command,
        Command::Run(_) | Command::Blocks(BlocksCommand::Run(_))
    );
    let own = OF_THIS_MACHINE.iter();
    let own = own.chain(OF_RUNS.iter().filter(|_| !narrows));
    if let Some(name) = own.copied().find(|name| is_typed(name)) {
        let flag = name.replace('_', "-");
        let message = format!("--{flag} is about this machine, and a server is to do this");
        return Err(usage(message)
            .help("leave it out, since the server is set up by its operator; or leave --server out (and GRAPHLOOM_SERVER unset)")
            .into());
    }
    Ok(true)
}
