//! The pins of the blocks of the family `discord`.

use graphloom::Value;

graphloom::pins! {
    /// `discord.list_messages`: Returns the latest messages of a Discord channel.
    pub mod list_messages: ListMessages = "discord.list_messages" {
        in {
            /// The channel.
            channel_id: String,
            /// At most so many, 1 to 100.
            limit: Option<i64>,
            /// Only messages behind this one.
            after: Option<String>,
            /// The name of the credential to use; `discord` if none is named.
            credential: Value,
        }
        out {
            /// The messages, the latest first: `id`, `content`, `author`, `timestamp`.
            messages: Vec<graphloom::value::Map>,
            /// Each of them.
            message: graphloom::value::Map,
        }
    }

    /// `discord.reply_to_message`: Answers a message in a Discord channel.
    pub mod reply_to_message: ReplyToMessage = "discord.reply_to_message" {
        in {
            /// The channel.
            channel_id: String,
            /// The message to answer.
            message_id: String,
            /// The answer, of at most 2,000 characters.
            reply_content: String,
            /// Tells the author of the message.
            mention_author: Option<bool>,
            /// The name of the credential to use; `discord` if none is named.
            credential: Value,
        }
        out {
            /// That it was sent.
            status: String,
            /// The answer.
            reply_id: String,
        }
    }

    /// `discord.send_message`: Sends a message to a channel of a Discord server, found by its name.
    pub mod send_message: SendMessage = "discord.send_message" {
        in {
            /// The message.
            message_content: String,
            /// The name of the channel, without `#`.
            channel_name: String,
            /// The name of the server; any that the bot is in, if it is not said.
            server_name: Option<String>,
            /// The name of the credential to use; `discord` if none is named.
            credential: Value,
        }
        out {
            /// That it was sent.
            status: String,
            /// The message.
            message_id: String,
            /// The channel.
            channel_id: String,
        }
    }

    /// `discord.send_webhook`: Sends a message through a webhook of a Discord channel.
    pub mod send_webhook: SendWebhook = "discord.send_webhook" {
        in {
            /// The number in the webhook's address.
            webhook_id: String,
            /// The message, of at most 2,000 characters.
            content: String,
            /// Under which name; that of the webhook, if it is not said.
            username: Option<String>,
            /// The name of the credential to use; `discord_webhook` if none is named.
            credential: Value,
        }
        out {
            /// The message.
            message_id: String,
        }
    }
}

pub use self::list_messages::ListMessages;
pub use self::reply_to_message::ReplyToMessage;
pub use self::send_message::SendMessage;
pub use self::send_webhook::SendWebhook;
