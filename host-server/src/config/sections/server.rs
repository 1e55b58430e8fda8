//! What stands at the top: the folder, and where the server listens.

use std::net::SocketAddr;
use std::path::PathBuf;

use graphloom::Text;

use crate::config::section::section;

section! {
    /// The folder, and where the server listens.
    Server in "" {
        /// The folder that everything is kept in; it is made if it is not there.
        data: PathBuf = PathBuf::from("graphloom-data");
        /// Where to listen. Other than this machine's own addresses (loopback) need `auth.token_file` or one of `auth.jwt`.
        listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 7331));
        /// Where people and services reach this server from elsewhere, as `https://graphs.example.com`; without it the address that it listens on.
        public_url: Option<Text> = None;
    }
}
