//! The pins of the blocks of the family `twilio`.

use graphloom::Value;

graphloom::pins! {
    /// `twilio.send_sms`: Sends a text message to a telephone.
    pub mod send_sms: SendSms = "twilio.send_sms" {
        in {
            /// The SID of the account.
            account: String,
            /// One of the account's numbers, as `+15550100`.
            from: String,
            /// The number.
            to: String,
            /// The message, of at most 1,600 characters.
            text: String,
            /// The name of the credential to use; `twilio` if none is named.
            credential: Value,
        }
        out {
            /// The message.
            id: String,
            /// How far it is, as `queued`.
            status: String,
        }
    }
}

pub use self::send_sms::SendSms;
