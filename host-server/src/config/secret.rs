//! Secrets and keys that settings name: read from files that others cannot read, or from a variable.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

/// How large such a file may be.
const MAX_BYTES: u64 = 256 << 10;

/// How many bytes a secret has at least: as many as its hash has, so that guessing it is no shorter way.
pub(crate) const MIN_SECRET: usize = 32;

/// Who may not do what with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Nobody but its owner and group may read it, nobody but its owner may change it: a secret.
    Secret,
    /// Nobody but its owner and group may change it: a public key.
    Public,
}

/// Reads a file that a setting names.
///
/// # Errors
/// Why not, for people; `NotFound` where there is none.
pub(crate) fn read(path: &Path, guard: Guard) -> io::Result<Zeroizing<Vec<u8>>> {
    let file = File::open(path)?;
    guarded(&file, guard)?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(io::Error::other(format!(
            "it has more than {MAX_BYTES} bytes"
        )));
    }
    Ok(bytes)
}

/// Reads a secret: without the line end behind it, and long enough.
///
/// # Errors
/// Why not, for people; `NotFound` where there is none.
pub(crate) fn read_secret(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = read(path, Guard::Secret)?;
    while bytes.last().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
        bytes.pop();
    }
    strong(&bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

/// Refuses a secret that is too short.
///
/// # Errors
/// Why, for people.
pub(crate) fn strong(secret: &[u8]) -> Result<(), String> {
    let found = secret.len();
    if found >= MIN_SECRET {
        return Ok(());
    }
    Err(format!(
        "a secret has at least {MIN_SECRET} bytes, and this one has {found}"
    ))
}

#[cfg(unix)]
fn guarded(file: &File, guard: Guard) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let (open, what) = match guard {
        // The group may read: so files come to a container that is not root's.
        Guard::Secret => (
            0o027,
            "be read by others, or changed by its group: `chmod 600` it",
        ),
        Guard::Public => (0o002, "be changed by others: `chmod 644` it"),
    };
    let mode = found.mode() & 0o777;
    if mode & open != 0 {
        return Err(io::Error::other(format!(
            "it has the mode {mode:03o}, so it can {what}"
        )));
    }
    Ok(())
}

#[cfg(not(unix))]
fn guarded(_: &File, _: Guard) -> io::Result<()> {
    // Who may read a file is for its folder to say there.
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_secret_that_is_short_or_open_is_refused() {
        let name: [u8; 8] = crate::ids::random().expect("random numbers");
        let path =
            std::env::temp_dir().join(format!("graphloom-secret-{:x}", u64::from_be_bytes(name)));
        let check = |text: &str, mode: u32, wrong: Option<&str>| {
            std::fs::write(&path, text).expect("it is written");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("a mode");
            match (read_secret(&path), wrong) {
                (Ok(secret), None) => assert_eq!(secret.as_slice(), "s".repeat(32).as_bytes()),
                (Err(error), Some(wrong)) => assert!(error.to_string().contains(wrong), "{error}"),
                (found, wrong) => panic!("{text:?} {mode:o}: {found:?}, expected {wrong:?}"),
            }
        };
        let good = "s".repeat(32);
        check(&format!("{good}\r\n"), 0o600, None);
        check(&good, 0o400, None);
        check(&good, 0o440, None);
        check(&good, 0o604, Some("mode 604"));
        check(&good, 0o620, Some("mode 620"));
        check("", 0o600, Some("has 0"));
        check(&"s".repeat(31), 0o600, Some("has 31"));
        check(&format!("{}\n\n", "s".repeat(31)), 0o600, Some("has 31"));
        std::fs::remove_file(&path).expect("it was there");
        let none = read_secret(&path).expect_err("none");
        assert_eq!(none.kind(), io::ErrorKind::NotFound);
        assert!(read_secret(&std::env::temp_dir()).is_err());
    }
}
