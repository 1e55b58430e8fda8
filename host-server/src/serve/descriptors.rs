//! How many descriptors the process may have: a connection takes one, and so does a file.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the number of open descriptors to what the system allows this process. Returns how many there may be now;
/// `None`: as many as there are.
#[must_use]
pub fn raise_descriptors() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    let before = limit.current;
    limit.current = limit.maximum;
    match setrlimit(Resource::Nofile, limit) {
        Ok(()) => getrlimit(Resource::Nofile).current,
        // As it was.
        Err(_) => before,
    }
}
