//! The web: requests of any kind, and what is read from it. Blocks send through the context only; what gets out, and what
//! comes in, is the host's policy.

mod address;
mod answer;
mod attach;
mod call;
mod form;
mod headers;
mod legacy;
mod media;
mod outgoing;
mod repeat;

use crate::family::family;

family! {
    get::Get,
    request::Request,
    send_authenticated_web_request::SendAuthenticatedWebRequest,
    send_web_request::SendWebRequest,
}
