//! `serve`: the server, where this program was built with it.

use std::ffi::OsString;
#[cfg(feature = "serve")]
use std::process::ExitCode;

use crate::exit::Exit;
use crate::problem::Problem;
use crate::report::Report;

/// Runs the server until it is told to stop.
#[cfg(feature = "serve")]
#[expect(
    clippy::unnecessary_wraps,
    reason = "the form that it has without the feature"
)]
pub(super) fn serve(args: Vec<OsString>, report: &mut Report) -> Result<Exit, Problem> {
    report.flush();
    let name = OsString::from("graphloom serve");
    let ended = graphloom_server::command::main(std::iter::once(name).chain(args));
    let exits = [Exit::Ok, Exit::Internal, Exit::Usage];
    let is_it = |exit: &Exit| ExitCode::from(exit.code()) == ended;
    Ok(exits.into_iter().find(is_it).unwrap_or(Exit::Internal))
}

/// Says where the server is.
#[cfg(not(feature = "serve"))]
pub(super) fn serve(_: Vec<OsString>, _: &mut Report) -> Result<Exit, Problem> {
    use crate::problem::{HostCode, HostError};

    let message = "this program was built without the server";
    Err(HostError::new(HostCode::Usage, message)
        .help("`graphloom-server` is the same with the same arguments; to have it here too: cargo build -p graphloom-cli --features serve")
        .into())
}
