//! A mail message as it travels: head and body by RFC 5322, parts by RFC 2045 and 2046, words that are not ASCII by RFC 2047.

use std::fmt::Write;

use graphloom::Text;
use graphloom::prelude::*;

use crate::base64::{Alphabet, encode};
use crate::data_uri::File;
use crate::web::one_line;

/// An underscore stands in no base64, and every part is in base64: it cannot come up inside of one.
const BOUNDARY: &str = "=_part";

/// An encoded word has 75 signs at most (RFC 2047): twelve around it, and four for each three bytes.
const WORD_BYTES: usize = 45;

/// A line of base64 (RFC 2045).
const LINE: usize = 76;

/// What is sent.
pub(super) struct Message<'m> {
    pub(super) to: &'m [Text],
    pub(super) cc: &'m [Text],
    pub(super) bcc: &'m [Text],
    pub(super) subject: &'m str,
    pub(super) body: &'m str,
    pub(super) is_html: bool,
    pub(super) attachments: Vec<File>,
}

impl Message<'_> {
    /// Writes the message.
    ///
    /// # Errors
    /// [`BlockError::Input`] where a line of the head would become two, or an address is none.
    pub(super) fn write(&self) -> Result<String, BlockError> {
        let mut text = String::new();
        for (name, addresses) in [("To", self.to), ("Cc", self.cc), ("Bcc", self.bcc)] {
            if !addresses.is_empty() {
                let addresses: Result<Vec<_>, _> =
                    addresses.iter().map(|one| address(one)).collect();
                line(&mut text, name, &addresses?.join(",\r\n "));
            }
        }
        one_line("the subject", self.subject)?;
        line(&mut text, "Subject", &words(self.subject));
        line(&mut text, "MIME-Version", "1.0");
        let kind = if self.is_html {
            "text/html"
        } else {
            "text/plain"
        };
        let kind = format!("{kind}; charset=utf-8");
        if self.attachments.is_empty() {
            part(&mut text, &kind, None, self.body.as_bytes());
            return Ok(text);
        }
        line(
            &mut text,
            "Content-Type",
            &format!("multipart/mixed; boundary=\"{BOUNDARY}\""),
        );
        text.push_str("\r\n--");
        text.push_str(BOUNDARY);
        text.push_str("\r\n");
        part(&mut text, &kind, None, self.body.as_bytes());
        for (position, file) in self.attachments.iter().enumerate() {
            one_line("the media type of an attachment", &file.media_type)?;
            let name = format!("attachment-{}", position + 1);
            // Writing to a text cannot fail.
            let _ = write!(text, "--{BOUNDARY}\r\n");
            part(&mut text, &file.media_type, Some(&name), &file.bytes);
        }
        let _ = write!(text, "--{BOUNDARY}--\r\n");
        Ok(text)
    }
}

fn line(text: &mut String, name: &str, value: &str) {
    let _ = write!(text, "{name}: {value}\r\n");
}

/// Writes the head and the body of one part.
fn part(text: &mut String, media_type: &str, file: Option<&str>, bytes: &[u8]) {
    line(text, "Content-Type", media_type);
    line(text, "Content-Transfer-Encoding", "base64");
    if let Some(name) = file {
        line(
            text,
            "Content-Disposition",
            &format!("attachment; filename=\"{name}\""),
        );
    }
    text.push_str("\r\n");
    let digits = encode(bytes, Alphabet::Standard);
    let mut rest = digits.as_str();
    while !rest.is_empty() {
        let (first, more) = rest.split_at(rest.len().min(LINE));
        text.push_str(first);
        text.push_str("\r\n");
        rest = more;
    }
}

/// Returns an address as it stands in a head: a name that is not ASCII is encoded.
fn address(text: &str) -> Result<String, BlockError> {
    let text = text.trim();
    one_line("an address", text)?;
    let (name, mailbox) = match text.rsplit_once('<') {
        Some((name, rest)) => (
            name.trim().trim_matches('"'),
            rest.trim_end_matches('>').trim(),
        ),
        None => ("", text),
    };
    let is_mailbox = mailbox
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty())
        && mailbox
            .chars()
            .all(|c| c.is_ascii_graphic() && !matches!(c, ',' | '<' | '>' | '(' | ')' | '"'));
    if !is_mailbox {
        return Err(BlockError::input(format!(
            "\"{text}\" is no address: expected ada@example.com or Ada <ada@example.com>"
        )));
    }
    Ok(match name {
        "" => mailbox.to_owned(),
        name if name.is_ascii() => format!("\"{}\" <{mailbox}>", name.replace(['\\', '"'], "")),
        name => format!("{} <{mailbox}>", words(name)),
    })
}

/// Returns a text as it stands in a head: as it is, or in encoded words, each on a line of its own.
fn words(text: &str) -> String {
    // What looks like an encoded word would be read as one.
    if text.is_ascii() && !text.contains("=?") {
        return text.to_owned();
    }
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if word.len() + c.len_utf8() > WORD_BYTES {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    let words = words.iter().map(|word| {
        format!(
            "=?utf-8?B?{}?=",
            encode(word.as_bytes(), Alphabet::Standard)
        )
    });
    words.collect::<Vec<_>>().join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<'m>(to: &'m [Text], subject: &'m str) -> Message<'m> {
        Message {
            to,
            cc: &[],
            bcc: &[],
            subject,
            body: "Héllo",
            is_html: false,
            attachments: Vec::new(),
        }
    }

    #[test]
    fn a_message_has_a_head_and_a_body() {
        let to = [
            Text::from("Ada <ada@example.com>"),
            Text::from("bob@example.com"),
        ];
        assert_eq!(
            message(&to, "Hello").write().unwrap(),
            "To: \"Ada\" <ada@example.com>,\r\n bob@example.com\r\nSubject: Hello\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nSMOpbGxv\r\n"
        );
    }

    #[test]
    fn words_that_are_not_ascii_are_encoded_in_words_that_fit_a_line() {
        assert_eq!(words("plain"), "plain");
        assert_eq!(words("Grüße"), "=?utf-8?B?R3LDvMOfZQ==?=");
        assert_eq!(
            words("=?utf-8?B?eA==?="),
            "=?utf-8?B?PT91dGYtOD9CP2VBPT0/PQ==?="
        );
        let long = words(&"ü".repeat(100));
        assert!(long.split("\r\n ").all(|word| word.len() <= 75) && long.contains("\r\n "));
        assert_eq!(
            address("Jürgen <j@example.com>").unwrap(),
            "=?utf-8?B?SsO8cmdlbg==?= <j@example.com>"
        );
    }

    #[test]
    fn files_are_parts_of_their_own() {
        let to = [Text::from("a@b.c")];
        let mut message = message(&to, "s");
        message.attachments = vec![File {
            media_type: "text/csv".to_owned(),
            bytes: b"a,b\n".to_vec(),
        }];
        let text = message.write().unwrap();
        assert!(text.contains(
            "multipart/mixed; boundary=\"=_part\"\r\n\r\n--=_part\r\nContent-Type: text/plain"
        ));
        assert!(text.ends_with(
            "--=_part\r\nContent-Type: text/csv\r\nContent-Transfer-Encoding: base64\r\n\
             Content-Disposition: attachment; filename=\"attachment-1\"\r\n\r\nYSxiCg==\r\n--=_part--\r\n"
        ));
    }

    #[test]
    fn nothing_becomes_another_line_of_the_head() {
        let good = [Text::from("a@b.c")];
        assert!(message(&good, "a\r\nBcc: x@y.z").write().is_err());
        for bad in [
            "a@b.c\r\nBcc: x@y.z",
            "nobody",
            "a@",
            "@b",
            "a@b.c, x@y.z",
            "ü@b.c",
            "x <a@b.c> y <",
        ] {
            assert!(message(&[Text::from(bad)], "s").write().is_err(), "{bad}");
        }
    }
}
