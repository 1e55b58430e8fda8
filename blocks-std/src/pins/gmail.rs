//! The pins of the blocks of the family `gmail`.

use graphloom::Value;

graphloom::pins! {
    /// `gmail.send_message`: Sends a message from one's own Gmail address.
    pub mod send_message: SendMessage = "gmail.send_message" {
        in {
            /// Who gets it: `ada@example.com` or `Ada <ada@example.com>`.
            to: Vec<String>,
            /// What it is about.
            subject: String,
            /// The message.
            body: String,
            /// Who gets a copy that all see.
            cc: Vec<String>,
            /// Who gets a copy that nobody sees.
            bcc: Vec<String>,
            /// What the message is: `plain`, `html`, or `auto`: a page where there is an end tag or a line break of HTML in it.
            content_type: Option<String>,
            /// Files to send along, each as a `data:` URI.
            attachments: Vec<String>,
            /// The credential to use, one that may send mail (`https://www.googleapis.com/auth/gmail.send`); `google` if none is named.
            credential: Value,
        }
        out {
            /// What Gmail calls the message (`id`), and that it is sent (`status`).
            result: graphloom::value::Map,
        }
    }
}

pub use self::send_message::SendMessage;
