//! The web: requests of any kind, and what is read from it. Blocks send through the context only; what gets out, and what
//! comes in, is the host's policy.

mod address;
mod answer;
mod attach;
mod call;
#[cfg(feature = "feed")]
mod feed;
mod file_name;
mod form;
mod headers;
mod legacy;
mod media;
mod outgoing;
#[cfg(feature = "web-page")]
mod page;
mod recipients;
mod repeat;

use crate::family::family;

pub(crate) use answer::refusal;
pub(crate) use recipients::one_line;

family! {
    download::Download,
    get::Get,
    #[cfg(feature = "web-page")]
    page_to_markdown::PageToMarkdown,
    #[cfg(feature = "feed")]
    read_feed::ReadFeed,
    #[cfg(feature = "feed")]
    read_rss_feed::ReadRssFeed,
    request::Request,
    send_authenticated_web_request::SendAuthenticatedWebRequest,
    send_email::SendEmail,
    send_email_legacy::SendEmailLegacy,
    send_web_request::SendWebRequest,
    send_webhook::SendWebhook,
}
