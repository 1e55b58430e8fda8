//! The pins of the blocks of the family `telegram`.

use graphloom::Value;

graphloom::pins! {
    /// `telegram.send_message`: Sends a message to a Telegram chat.
    pub mod send_message: SendMessage = "telegram.send_message" {
        in {
            /// The chat: its number, or the name of a channel as `@bees`.
            chat_id: Value,
            /// The message, of at most 4,096 characters.
            text: String,
            /// How marks in it are read.
            parse_mode: Option<String>,
            /// The message that it answers.
            reply_to_message_id: Option<i64>,
            /// Sends it without a sound.
            disable_notification: Option<bool>,
            /// The name of the credential to use; `telegram` if none is named.
            credential: Value,
        }
        out {
            /// The message.
            message_id: i64,
            /// That it was sent.
            status: String,
        }
    }
}

pub use self::send_message::SendMessage;
