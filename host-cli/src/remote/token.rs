//! What shows a server who asks: a token, out of a variable or a file, and never from the command line, which every process
//! of the machine can read.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use graphloom::host::{HostSet, Secret};

use crate::args::ServerArgs;
use crate::credentials::env;
use crate::input::unreadable;
use crate::problem::{HostCode, HostError, Problem};

/// The variable that holds the token.
const VARIABLE: &str = "GRAPHLOOM_TOKEN";

/// How long a token may be: 16 KiB, as much as a server takes.
const MAX_BYTES: u64 = 16 << 10;

/// Returns the token, where there is one; it may go to these hosts and nowhere else.
///
/// # Errors
/// A file that is not there, that others may read, or that holds no token.
pub(super) fn token(args: &ServerArgs, hosts: &HostSet) -> Result<Option<Secret>, Problem> {
    let (text, origin) = match &args.token_file {
        Some(file) => (read(file)?, format!("the file \"{}\"", file.display())),
        None => match env(VARIABLE).filter(|text| !text.is_empty()) {
            Some(text) => (text, format!("the variable {VARIABLE}")),
            None => return Ok(None),
        },
    };
    let token = text.trim();
    // What stands there may be a secret all the same, and is not shown.
    let fits = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    if !fits || text.len() as u64 > MAX_BYTES {
        let message = format!("{origin} holds no token: one line of visible ASCII");
        return Err(HostError::new(HostCode::Token, message).into());
    }
    Ok(Some(Secret::new(token).for_hosts(hosts.clone())))
}

fn read(path: &Path) -> Result<String, Problem> {
    let failed = |error| unreadable(path, &error);
    let file = File::open(path).map_err(failed)?;
    // Of the file that is open: another one may have its name by now.
    let known = file.metadata().map_err(failed)?;
    if !known.is_file() {
        let message = format!("\"{}\" is no regular file", path.display());
        return Err(HostError::new(HostCode::Token, message).into());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = known.permissions().mode();
        if mode & 0o077 != 0 {
            let shown = path.display();
            let message = format!(
                "\"{shown}\" can be read by others (its mode is {:03o})",
                mode & 0o777
            );
            return Err(HostError::new(HostCode::Token, message)
                .help(format!(
                    "chmod 600 {shown}; if others may have read it, ask for another token"
                ))
                .into());
        }
    }
    let mut text = String::new();
    file.take(MAX_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(failed)?;
    Ok(text)
}
