//! Replacing a file: as a whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::input::{is_stdin, unreadable};
use crate::problem::{HostCode, HostError, Problem};

/// Puts `new` into the place of `old`. A reader sees the one or the other, and a crash leaves one of them; what someone
/// else wrote meanwhile is left alone.
pub(crate) fn replace(path: &Path, old: &[u8], new: &[u8]) -> Result<(), Problem> {
    if is_stdin(path) {
        let message = "--write needs a file to replace, and the graph came from standard input";
        return Err(HostError::new(HostCode::Usage, message)
            .expected("FILE in place of -")
            .into());
    }
    // A link stays a link: what it leads to is replaced.
    let target = fs::canonicalize(path).map_err(|error| unreadable(path, &error))?;
    if fs::read(&target).map_err(|error| unreadable(path, &error))? != old {
        let message = format!(
            "\"{}\" changed while it was being worked on",
            path.display()
        );
        return Err(HostError::new(HostCode::FileChanged, message).into());
    }
    write(&target, new).map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => HostError::new(
            HostCode::FileDenied,
            format!("\"{}\" may not be written", path.display()),
        )
        .into(),
        _ => {
            let message = format!("\"{}\" could not be written: {error}", path.display());
            HostError::new(HostCode::FileWrite, message).into()
        }
    })
}

/// Writes a file as a whole, with the permissions of the one that is there, if there is one.
pub(crate) fn write(target: &Path, new: &[u8]) -> io::Result<()> {
    let permissions = match fs::metadata(target) {
        Ok(found) => Some(found.permissions()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if permissions.as_ref().is_some_and(fs::Permissions::readonly) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let beside = beside(target);
    let written = write_new(&beside, new, permissions).and_then(|()| fs::rename(&beside, target));
    if written.is_err() {
        // Whatever went wrong with it, it must not stay; that it may not go either is not worth another error.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn beside(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.new", std::process::id()));
    target.with_file_name(name)
}

fn write_new(path: &Path, new: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(new)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    file.sync_all()
}
