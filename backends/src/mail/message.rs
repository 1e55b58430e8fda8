//! Writes a message (RFC 5322).

use std::time::{Duration, SystemTime};

use graphloom::Text;
use graphloom::host::{Clock, EgressError, Mail};
use lettre::Message;
use lettre::message::{Mailbox, MultiPart, SinglePart};

use super::options::MailLimits;

pub(super) fn wrong(message: impl Into<String>) -> EgressError {
    EgressError::Request {
        message: message.into(),
    }
}

/// Writes the message. What could become a header line of its own is refused.
pub(super) fn write(
    mail: &Mail,
    limits: &MailLimits,
    clock: &dyn Clock,
) -> Result<Message, EgressError> {
    let n = mail.to.len() + mail.cc.len() + mail.bcc.len();
    if n == 0 || n > limits.max_recipients {
        return Err(wrong(format!(
            "a message goes to 1 to {} people; this one to {n}",
            limits.max_recipients
        )));
    }
    let from = mailbox("from", &mail.from)?;
    let now = u64::try_from(clock.now().as_millis()).unwrap_or(0);
    let id = mail.key.as_ref().map(|key| id(key, &from)).transpose()?;
    let mut message = Message::builder()
        .from(from)
        .date(SystemTime::UNIX_EPOCH + Duration::from_millis(now))
        .subject(line("the subject", &mail.subject)?)
        .message_id(id);
    for to in &mail.to {
        message = message.to(mailbox("to", to)?);
    }
    for cc in &mail.cc {
        message = message.cc(mailbox("cc", cc)?);
    }
    for bcc in &mail.bcc {
        message = message.bcc(mailbox("bcc", bcc)?);
    }
    let text = mail.text.to_string();
    let message = match &mail.html {
        Some(html) => message.multipart(MultiPart::alternative_plain_html(text, html.to_string())),
        None => message.singlepart(SinglePart::plain(text)),
    };
    let message =
        message.map_err(|error| wrong(format!("the message cannot be written: {error}")))?;
    let size = message.formatted().len();
    if size > limits.max_message_bytes {
        return Err(wrong(format!(
            "the message has {size} bytes; the limit is {}",
            limits.max_message_bytes
        )));
    }
    Ok(message)
}

/// A text that stays on its line.
fn line<'t>(what: &str, text: &'t Text) -> Result<&'t str, EgressError> {
    if text.chars().any(char::is_control) {
        return Err(wrong(format!(
            "{what} has line ends or other control characters in it"
        )));
    }
    Ok(text)
}

fn mailbox(what: &str, text: &Text) -> Result<Mailbox, EgressError> {
    let shown: String = text.chars().filter(|c| !c.is_control()).take(100).collect();
    let named = format!("\"{shown}\" ({what})");
    line(&named, text)?.trim().parse().map_err(|_| {
        wrong(format!(
            "{named} is no address: expected ada@example.com or Ada <ada@example.com>"
        ))
    })
}

/// The name by which a message is known when it comes again.
fn id(key: &Text, from: &Mailbox) -> Result<String, EgressError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.@".contains(c);
    if key.is_empty() || !key.chars().all(fits) {
        return Err(wrong(
            "the key of a message has other characters in it than an address has",
        ));
    }
    Ok(match key.contains('@') {
        true => format!("<{key}>"),
        false => format!("<{key}@{}>", from.email.domain()),
    })
}
