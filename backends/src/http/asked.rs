//! A request as it was asked for: read once, and refused where it will not do.

use bytes::Bytes;
use graphloom::Text;
use graphloom::host::{Body, EgressError, HttpRequest, Part, Redactor, SECRET_IN_PATH, Secret};
use reqwest::Method;
use reqwest::header::{HeaderName, HeaderValue};
use url::Url;

use super::hop::{Hop, Line};
use super::options::HttpLimits;
use super::sites::origin;

/// Header lines that say how a connection is used, or whose it is: the client writes them.
const OWN: [&str; 12] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "http2-settings",
];

/// Shorter words of a secret are not looked for by themselves.
const LONG_WORD: usize = 8;

pub(super) fn wrong(message: impl Into<String>) -> EgressError {
    EgressError::Request {
        message: message.into(),
    }
}

/// Reads a request, and takes note of its secrets.
pub(super) fn read(
    request: &HttpRequest,
    limits: &HttpLimits,
    user_agent: &str,
) -> Result<Hop, EgressError> {
    let method = method(&request.method)?;
    let (url, shown_url) = url(&request.url, request.path_secret.as_ref(), &request.query)?;
    let mut headers = Vec::with_capacity(request.headers.len() + 2);
    for (name, value) in &request.headers {
        headers.push(line(name, value)?);
    }
    for (name, value) in [("user-agent", user_agent), ("accept", "*/*")] {
        if !headers.iter().any(|line| line.name == name) {
            headers.push(line(name, &Part::from(value))?);
        }
    }
    let packs = !headers.iter().any(|line| line.name == "accept-encoding");
    if packs {
        headers.push(line("accept-encoding", &Part::from("gzip"))?);
    }
    let size = |line: &Line| line.name.as_str().len() + line.value.len() + 4;
    let head = url.as_str().len() + headers.iter().map(size).sum::<usize>();
    if head > limits.max_head_bytes {
        return Err(wrong(format!(
            "address and header lines have {head} bytes; the limit is {}",
            limits.max_head_bytes
        )));
    }
    let (body, is_secret) = match &request.body {
        Body::Bytes(bytes) => (Some(Bytes::copy_from_slice(bytes)), false),
        Body::Secret(secret) => (
            Some(Bytes::copy_from_slice(secret.expose().as_bytes())),
            true,
        ),
        // A kind of body that came to be after this client was written would be sent wrongly.
        Body::Empty => (None, false),
        _ => return Err(wrong("this client does not know this kind of body")),
    };
    let length = body.as_ref().map_or(0, Bytes::len) as u64;
    if length > limits.max_request_bytes {
        return Err(wrong(format!(
            "the body has {length} bytes; the limit is {}",
            limits.max_request_bytes
        )));
    }
    let redactor = Redactor::new();
    let secrets: Vec<Secret> = request.secrets().cloned().collect();
    for secret in &secrets {
        redactor.learn(secret);
        // A scheme stands before most of them, as in `Bearer …`.
        let words = secret.expose().split_whitespace();
        let long = words.filter(|word| word.len() >= LONG_WORD);
        long.for_each(|word| redactor.learn(&Secret::new(word)));
    }
    Ok(Hop {
        method,
        url,
        shown_url,
        headers,
        body,
        is_body_secret: is_secret,
        secrets,
        redactor,
    })
}

fn method(text: &str) -> Result<Method, EgressError> {
    match Method::from_bytes(text.as_bytes()) {
        // A tunnel leads elsewhere than was judged; an echo shows what is secret.
        Ok(Method::CONNECT | Method::TRACE) | Err(_) => {
            Err(wrong(format!("\"{}\" is no method for this", shown(text))))
        }
        Ok(method) => Ok(method),
    }
}

/// Reads an address with what is added to it; and the same as it may be shown.
fn url(
    text: &str,
    secret: Option<&Secret>,
    query: &[(Text, Part)],
) -> Result<(Url, Url), EgressError> {
    // Without what is behind the path: a secret could stand there.
    let plain = shown(text.split(['?', '#']).next().unwrap_or_default());
    // The parser would leave them out, and what was looked at before would be another address.
    if text.chars().any(char::is_control) || text.trim() != text {
        return Err(wrong(format!(
            "the address \"{plain}\" has line ends or other control characters in it, or white space around it"
        )));
    }
    let parse = |text: &str| {
        let parsed = Url::parse(text);
        let mut url =
            parsed.map_err(|error| wrong(format!("\"{plain}\" is no address: {error}")))?;
        url.set_fragment(None);
        Ok::<_, EgressError>(url)
    };
    let (mut url, mut shown) = match secret {
        None if text.contains(SECRET_IN_PATH) => {
            return Err(wrong(
                "the address has a place for a secret, and none was given",
            ));
        }
        None => (parse(text)?, parse(text)?),
        Some(secret) => {
            let shown = parse(&text.replace(SECRET_IN_PATH, "[redacted]"))?;
            // Whatever is put in, scheme, host and port are those of the address without it.
            let url = parse(&text.replace(SECRET_IN_PATH, &segment(secret)?))?;
            let is_in_path = shown.path().contains("[redacted]") && origin(&url) == origin(&shown);
            if !is_in_path {
                return Err(wrong("the address has no place in its path for the secret"));
            }
            (url, shown)
        }
    };
    for (name, value) in query {
        let (value, visible) = match value {
            Part::Text(text) => (text.as_str(), text.as_str()),
            Part::Secret(secret) => (secret.expose(), "[redacted]"),
            _ => return Err(wrong("this client does not know this kind of value")),
        };
        url.query_pairs_mut().append_pair(name, value);
        shown.query_pairs_mut().append_pair(name, visible);
    }
    Ok((url, shown))
}

/// Returns a secret as a part of one segment of a path (RFC 3986, section 3.3).
fn segment(secret: &Secret) -> Result<String, EgressError> {
    let secret = secret.expose();
    if matches!(secret, "" | "." | "..") {
        return Err(wrong("this secret cannot stand in a path"));
    }
    let mut out = String::with_capacity(secret.len());
    for byte in secret.bytes() {
        match byte {
            // Tokens have colons, and a colon is as good as a letter there.
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    Ok(out)
}

/// Reads a header line. An error says its name, and never what it says.
fn line(name: &str, value: &Part) -> Result<Line, EgressError> {
    let bad = |what: &str| wrong(format!("header \"{}\": {what}", shown(name)));
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad("this is no name"))?;
    if OWN.contains(&name.as_str()) {
        return Err(bad("the client writes this one itself"));
    }
    let (text, is_secret) = match value {
        Part::Text(text) => (text.as_str(), false),
        Part::Secret(secret) => (secret.expose(), true),
        _ => return Err(bad("this client does not know this kind of value")),
    };
    let mut value = HeaderValue::from_bytes(text.as_bytes())
        .map_err(|_| bad("a value has no line ends and other control characters in it"))?;
    value.set_sensitive(is_secret);
    Ok(Line {
        name,
        value,
        is_secret,
    })
}

/// A text for an error: not long, and without control characters.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 200;
    let plain = text
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c });
    plain.take(LONGEST).collect()
}
