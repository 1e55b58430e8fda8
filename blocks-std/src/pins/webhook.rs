//! The pins of the blocks of the family `webhook`.

use graphloom::Value;

graphloom::pins! {
    /// `webhook.send`: Tells another service of something, signed.
    pub mod send: Send = "webhook.send" {
        in {
            /// Where it is sent, `http` or `https`.
            url: String,
            /// What is told; sent as JSON. By convention a map with `type` (`invoice.paid`), `timestamp` and `data`.
            payload: Value,
            /// The credential that it is signed with: its name. `webhook` if it is not given.
            credential: Value,
            /// How long the receiver may take, in milliseconds.
            timeout_ms: i64,
        }
        out {
            /// The id by which the receiver knows the message, the same for each attempt.
            id: String,
            /// The status of its answer, 200 to 299.
            status: i64,
        }
    }
}

pub use self::send::Send;
