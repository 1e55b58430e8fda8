//! The program: settings, application, listener.

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use graphloom::CancelToken;

use crate::config::{Asked, Config, ConfigFault};
use crate::serve::serve;
use crate::setup::{Setup, token_file};
use crate::signals::Signals;
use crate::trace::Collector;

/// How the program ends where settings are wrong.
const WRONG: u8 = 2;

/// How long what is on its way may take when the process ends at once.
const MOMENT: Duration = Duration::from_secs(1);

/// How the program came to its end.
enum Ended {
    /// It was told to stop, and nothing was at work any more.
    Drained,
    /// It was told so twice, the second time by this signal.
    AtOnce(u8),
}

/// Runs the program with these arguments, the first being its name. Returns how it ended: 0 where it was told to stop by one
/// signal, 130 or 143 by two, 1 where it failed, 2 where the command line or the settings are wrong.
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
    let _last = crate::log::begin(&config.log);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.to_string()),
    };
    let ended = runtime.block_on(run(setup, &config));
    // A block on a thread of its own that does not hear that it is over keeps nobody waiting.
    runtime.shutdown_timeout(MOMENT);
    match ended {
        Ok(Ended::Drained) => ExitCode::SUCCESS,
        Ok(Ended::AtOnce(signal)) => ExitCode::from(128 + signal),
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
async fn run(setup: Setup, config: &Config) -> Result<Ended, String> {
    let mut signals = Signals::new().map_err(|e| e.to_string())?;
    let spans = Collector::begin(config)?;
    let app = setup.open(config, &spans)?;
    let listen = config.server.listen;
    let listener = tokio::net::TcpListener::bind(listen).await;
    let listener = listener.map_err(|e| format!("{listen}: {e}"))?;
    let at = listener.local_addr().map_err(|e| e.to_string())?;
    eprintln!("listening on http://{at}");
    if config.auth.local_token {
        eprintln!("the token is in {}", token_file(config).display());
    }
    let until = CancelToken::new();
    let served = serve(
        listener,
        app.router(),
        config.connections.limits(),
        until.clone(),
    );
    let mut served = std::pin::pin!(served);
    tokio::select! {
        served = served.as_mut() => return served.map(|()| Ended::Drained).map_err(|e| e.to_string()),
        _ = signals.next() => {}
    }
    tracing::info!("nothing new begins: the server is told to stop");
    let time = Duration::from_millis(config.runs.drain_time_ms);
    let drained = async {
        // Whoever asks how a run ended is still answered.
        let left = app.end(time).await;
        until.cancel();
        match left {
            0 => Ok(()),
            left => Err(format!(
                "{left} runs could not be given back to their store"
            )),
        }
    };
    let ended = async {
        let (drained, served) = tokio::join!(drained, served);
        drained?;
        served.map_err(|e| e.to_string())
    };
    tokio::select! {
        ended = ended => {
            spans.end().await;
            ended.map(|()| Ended::Drained)
        }
        signal = signals.next() => {
            // What is at work is cut off, and what is known of it kept, if that is done at once.
            let _ = tokio::time::timeout(MOMENT, app.end(Duration::ZERO)).await;
            let _ = tokio::time::timeout(MOMENT, spans.end()).await;
            Ok(Ended::AtOnce(signal))
        }
    }
}
