//! Where blocks reach.

use graphloom::host::HostPattern;

use crate::config::section::section;

section! {
    /// Where blocks, logins and callbacks reach: the internet, where nothing else is said.
    Egress in "egress." {
        /// Hosts that may have private addresses, or an unusual port that is named, as intranet.example or 127.0.0.1:8080.
        allow_hosts: Vec<HostPattern> = Vec::new();
        /// Nothing but these hosts is reached; an empty list: everything.
        only_hosts: Vec<HostPattern> = Vec::new();
        /// These hosts are never reached, whatever else is said.
        deny_hosts: Vec<HostPattern> = Vec::new();
    }
}
