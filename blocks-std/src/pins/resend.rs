//! The pins of the blocks of the family `resend`.

use graphloom::Value;

graphloom::pins! {
    /// `resend.send_mail`: Sends a mail through Resend.
    pub mod send_mail: SendMail = "resend.send_mail" {
        in {
            /// From whom, as `Ada <ada@bees.example>`; its domain must be one of the account's.
            from: String,
            /// To whom; at most 50.
            to: Vec<String>,
            /// The subject.
            subject: String,
            /// The mail, plain.
            text: Option<String>,
            /// The mail, as HTML.
            html: Option<String>,
            /// Who gets a copy.
            cc: Option<Vec<String>>,
            /// Who gets one unseen.
            bcc: Option<Vec<String>>,
            /// Where answers go.
            reply_to: Option<String>,
            /// The name of the credential to use; `resend` if none is named.
            credential: Value,
        }
        out {
            /// The mail.
            id: String,
        }
    }
}

pub use self::send_mail::SendMail;
