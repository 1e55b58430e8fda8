//! The program: settings, engine, listener.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use clap::Parser;
use graphloom::{CancelToken, Engine, Registry};
use graphloom_backends::sqlite::{SqliteOptions, SqliteStore};

use crate::App;
use crate::auth::Auth;
use crate::ids::random;
use crate::principal::{Principal, Role, Tenant};
use crate::records::SqliteRecords;
use crate::serve::{Limits, serve};

/// Graphloom over HTTP
#[derive(Debug, Parser)]
#[command(name = "graphloom-server", version)]
struct Args {
    /// The folder that everything is kept in; it is made if it is not there
    #[arg(long, value_name = "DIR", default_value = "graphloom-data")]
    data: PathBuf,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7331")]
    listen: SocketAddr,
}

/// Runs the program with these arguments, the first being its name. Returns how it ended.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = match Args::try_parse_from(args) {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.to_string()),
    };
    match runtime.block_on(run(&args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

#[expect(clippy::print_stderr, reason = "the program's own last word")]
fn fail(message: &str) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::from(2)
}

#[expect(
    clippy::print_stderr,
    reason = "where it listens is told to whoever started it"
)]
async fn run(args: &Args) -> Result<(), String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    std::fs::create_dir_all(&args.data).map_err(|e| format!("{}: {e}", args.data.display()))?;
    let token = token(&args.data)?;
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).map_err(|e| text(&e))?;
    let store = SqliteStore::open(&args.data, SqliteOptions::new()).map_err(|e| text(&e))?;
    let records = SqliteRecords::open(args.data.join("server.db")).map_err(|e| text(&e))?;
    let local = Principal::new(Tenant::LOCAL, "local").scopes(Role::Admin.scopes());
    let app = App::builder(Engine::new(registry))
        .store(Arc::new(store))
        .records(Arc::new(records))
        .auth(Auth::new().token(&token, local))
        .build()
        .map_err(|e| e.detail().to_owned())?;
    let listener = tokio::net::TcpListener::bind(args.listen).await;
    let listener = listener.map_err(|e| format!("{}: {e}", args.listen))?;
    let at = listener.local_addr().map_err(|e| text(&e))?;
    eprintln!(
        "listening on http://{at}, the token is in {}",
        args.data.join("token").display()
    );
    let until = CancelToken::new();
    let signal = until.clone();
    let stop = async move {
        let _ = tokio::signal::ctrl_c().await;
        signal.cancel();
    };
    let served = serve(listener, app.router(), Limits::default(), until);
    let (served, ()) = tokio::join!(served, stop);
    served.map_err(|e| text(&e))
}

/// Returns the token of the folder, which is made if it is not there.
fn token(data: &Path) -> Result<String, String> {
    let file = data.join("token");
    match std::fs::read_to_string(&file) {
        Ok(token) => return Ok(token.trim().to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(format!("{}: {error}", file.display())),
    }
    let bytes: [u8; 32] = random().map_err(|e| e.detail().to_owned())?;
    let token = format!("glk_{}", BASE64.encode(bytes));
    std::fs::write(&file, format!("{token}\n")).map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(token)
}
