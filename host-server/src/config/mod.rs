//! How the server is set up.

use std::net::SocketAddr;
use std::path::PathBuf;

/// The settings that hold.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// The folder that everything is kept in.
    pub data: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
}
