//! The pins of the blocks of the family `email`.

use graphloom::Value;

graphloom::pins! {
    /// `email.send`: Sends a message by mail (SMTP).
    pub mod send: Send = "email.send" {
        in {
            /// Who gets it: an address, several with commas between them, or a list of them.
            to: Value,
            /// Who gets a copy that all see.
            cc: Value,
            /// Who gets a copy that nobody sees.
            bcc: Value,
            /// What it is about.
            subject: String,
            /// The message.
            text: String,
            /// The same as HTML, for readers that show it.
            html: Option<String>,
            /// Who sends it: an address. The name in the credential, if it is not given.
            from: Option<String>,
            /// The server that takes it (SMTP).
            server: String,
            /// Its port: 465 speaks TLS at once, every other changes to it.
            port: i64,
            /// The credential for the server: its name. A user name and password.
            credential: Value,
        }
        out {
            /// What the server said when it took the message.
            reply: String,
        }
    }
}

pub use self::send::Send;
