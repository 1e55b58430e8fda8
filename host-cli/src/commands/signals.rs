//! SIGINT and SIGTERM: the first asks the run to stop, the second ends the process at once.

use std::io;

use crate::exit::Exit;
use crate::problem::{HostCode, HostError, Problem};

/// Signals to this process. While it exists they no longer end it by themselves.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

fn failed(error: &io::Error) -> Problem {
    HostError::new(
        HostCode::Internal,
        format!("signals cannot be handled: {error}"),
    )
    .into()
}

#[cfg(unix)]
impl Signals {
    /// Begins to listen.
    pub(crate) fn listen() -> Result<Self, Problem> {
        use signal_hook::consts::{SIGINT, SIGTERM};
        use std::sync::Arc;
        use std::sync::atomic::AtomicBool;
        use tokio::signal::unix::{SignalKind, signal};

        let second = Arc::new(AtomicBool::new(false));
        for (number, exit) in [(SIGINT, Exit::Interrupted), (SIGTERM, Exit::Terminated)] {
            let (ends, arms) = (Arc::clone(&second), Arc::clone(&second));
            // In this order: the first signal finds the flag down, then raises it.
            signal_hook::flag::register_conditional_shutdown(number, i32::from(exit.code()), ends)
                .and_then(|_| signal_hook::flag::register(number, arms))
                .map_err(|error| failed(&error))?;
        }
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(|error| failed(&error))?,
            terminate: signal(SignalKind::terminate()).map_err(|error| failed(&error))?,
        })
    }

    /// Waits for a signal and tells how it ends the program. Cancel safe.
    pub(crate) async fn next(&mut self) -> Exit {
        tokio::select! {
            Some(()) = self.interrupt.recv() => Exit::Interrupted,
            Some(()) = self.terminate.recv() => Exit::Terminated,
            else => std::future::pending().await,
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    /// Begins to listen.
    pub(crate) fn listen() -> Result<Self, Problem> {
        use signal_hook::consts::SIGINT;
        use std::sync::Arc;
        use std::sync::atomic::AtomicBool;

        let second = Arc::new(AtomicBool::new(false));
        let code = i32::from(Exit::Interrupted.code());
        signal_hook::flag::register_conditional_shutdown(SIGINT, code, Arc::clone(&second))
            .and_then(|_| signal_hook::flag::register(SIGINT, second))
            .map_err(|error| failed(&error))?;
        Ok(Self {})
    }

    /// Waits for a signal and tells how it ends the program. Cancel safe.
    pub(crate) async fn next(&mut self) -> Exit {
        match tokio::signal::ctrl_c().await {
            Ok(()) => Exit::Interrupted,
            Err(_) => std::future::pending().await,
        }
    }
}
