//! The program: settings, application, listener.

use std::ffi::OsString;
use std::process::ExitCode;

use graphloom::CancelToken;

use crate::config::{Asked, Config, ConfigFault};
use crate::serve::serve;
use crate::setup::{Setup, token_file};

/// How the program ends where settings are wrong.
const WRONG: u8 = 2;

/// Runs the program with these arguments, the first being its name. Returns how it ended: 0, 1 where it failed, 2 where the
/// command line or the settings are wrong.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let asked = match Asked::read(args) {
        Ok(asked) => asked,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { WRONG } else { 0 });
        }
    };
    // What is no text is no setting of ours.
    let environment: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let loaded = Config::load(&asked, &environment);
    let ready = loaded.and_then(|config| Ok((Setup::of(&config, &environment)?, config)));
    let (setup, config) = match ready {
        Ok(ready) => ready,
        Err(faults) => return refuse(&faults),
    };
    if asked.check {
        check(&config, &setup);
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(run(setup, &config)),
        Err(error) => Err(error.to_string()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

#[expect(clippy::print_stderr, reason = "the program's own last word")]
fn refuse(faults: &[ConfigFault]) -> ExitCode {
    for fault in faults {
        eprintln!("error: {fault}");
    }
    ExitCode::from(WRONG)
}

#[expect(clippy::print_stderr, reason = "the program's own last word")]
fn fail(message: &str) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::FAILURE
}

#[expect(clippy::print_stdout, reason = "it is what was asked for")]
fn check(config: &Config, setup: &Setup) {
    print!("{}", config.to_toml());
    for found in &setup.found {
        println!("# {found}");
    }
}

#[expect(
    clippy::print_stderr,
    reason = "where it listens is told to whoever started it"
)]
async fn run(setup: Setup, config: &Config) -> Result<(), String> {
    let app = setup.open(config)?;
    let listen = config.server.listen;
    let listener = tokio::net::TcpListener::bind(listen).await;
    let listener = listener.map_err(|e| format!("{listen}: {e}"))?;
    let at = listener.local_addr().map_err(|e| e.to_string())?;
    eprintln!("listening on http://{at}");
    if config.auth.local_token {
        eprintln!("the token is in {}", token_file(config).display());
    }
    let until = CancelToken::new();
    let signal = until.clone();
    let stop = async move {
        let _ = tokio::signal::ctrl_c().await;
        signal.cancel();
    };
    let served = serve(listener, app.router(), config.connections.limits(), until);
    let (served, ()) = tokio::join!(served, stop);
    served.map_err(|e| e.to_string())
}
