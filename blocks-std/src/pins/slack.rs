//! The pins of the blocks of the family `slack`.

use graphloom::Value;

graphloom::pins! {
    /// `slack.post_message`: Posts a message to a Slack channel.
    pub mod post_message: PostMessage = "slack.post_message" {
        in {
            /// The channel: its id, or its name as `#general`.
            channel: String,
            /// The message, with Slack's marks.
            text: String,
            /// The message whose thread it belongs to.
            thread: Option<String>,
            /// The name of the credential to use; `slack` if none is named.
            credential: Value,
        }
        out {
            /// The message, as `thread` names it.
            message: String,
            /// The channel.
            channel: String,
        }
    }
}

pub use self::post_message::PostMessage;
