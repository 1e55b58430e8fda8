//! Gmail, as far as a preset cannot say it: messages are sent as they travel (RFC 5322), which takes code to write.

mod message;

use crate::family::family;

family! {
    send_message::SendMessage,
}
