//! What a block may reach outside for: blocks declare it, grants allow it, the context checks both.

use crate::words::words;

words! {
    /// What a block may reach outside for, through its context only.
    Capability {
        /// Web requests through the host's guarded client.
        Http = "http",
        /// Messages by mail, through the host's client.
        Mail = "mail",
        /// Credentials, by name.
        Credential = "credential",
        /// Stored bytes.
        Blobs = "blobs",
        /// The time of day, and sleeping.
        Clock = "clock",
        /// Random numbers (seeded by the run).
        Random = "random",
        /// Running sub-graphs.
        Graphs = "graphs",
        /// Firing the nodes linked to it as tools.
        Tools = "tools",
        /// Waiting for a signal from outside, a person's answer for one.
        Wait = "wait",
        /// Something that the host supplies by type.
        Ext = "ext",
    }
}
