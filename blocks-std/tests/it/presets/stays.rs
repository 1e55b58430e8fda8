//! Whatever is put into a preset stays in its place: it is never another path, header line, parameter or key.

use graphloom::Value;
use graphloom::value::List;

use super::{ids, recorded};
use crate::stub_http::Sent;

const ATTEMPTS: &[&str] = &[
    "../../admin",
    "..",
    ".",
    "a/../b",
    "%2e%2e%2f",
    "a?admin=1",
    "a#b",
    "a&admin=1;b=2",
    "a\r\nx-admin: 1\r\n\r\nGET / HTTP/1.1",
    "\"}], \"admin\": {\"a\": 1",
    "\\\"",
    "@evil.example/",
    "//evil.example",
    "{credential}{secret}{{x}}${x}",
    "\r\n--graphloom\r\ncontent-disposition: form-data; name=\"admin\"\r\n\r\n1",
    "ü\u{202e}\u{0}",
    "",
];

#[tokio::test]
async fn what_is_put_in_stays_in_its_place() {
    let mut tried = 0;
    let mut sent_on = 0;
    for id in ids() {
        let call = recorded(&id);
        let (_, honest) = call.run(call.inputs(), &call.answers).await;
        for (name, value) in call.inputs().iter() {
            if value.as_str().is_none() {
                continue;
            }
            for attempt in ATTEMPTS {
                let mut inputs = call.inputs();
                inputs.insert(name.clone(), *attempt);
                let (run, sent) = call.run(inputs, &call.answers).await;
                tried += 1;
                if let Ok(run) = &run
                    && let Some(error) = &run.error
                {
                    assert!(!error.message.contains("[bug]"), "{id}.{name}: {error:?}");
                }
                for (sent, honest) in sent.iter().zip(&honest) {
                    sent_on += 1;
                    same_form(sent, honest, &format!("{id}.{name} = {attempt:?}"));
                }
            }
        }
    }
    // Not all were turned away: most went out, in their place.
    assert!(tried > 900 && sent_on > 800, "{tried} {sent_on}");
}

/// Asserts that two requests differ in values only.
fn same_form(sent: &Sent, honest: &Sent, what: &str) {
    assert_eq!(sent.method, honest.method, "{what}");
    let segments = |url: &str| url.split('/').map(str::to_owned).collect::<Vec<_>>();
    let (own, other) = (segments(&sent.url), segments(&honest.url));
    assert_eq!(own[..3], other[..3], "{what}: another host");
    // A file has folders: it stands at the end, and cannot leave.
    if !what.starts_with("github.get_file.path") {
        assert_eq!(own.len(), other.len(), "{what}: {}", sent.url);
    }
    for segment in &own {
        assert!(segment != "." && segment != "..", "{what}: {}", sent.url);
    }
    let plain = |c: char| c.is_ascii_graphic() && !"?#\\\"<>{} ".contains(c);
    assert!(sent.url.chars().all(plain), "{what}: {}", sent.url);
    let names = |pairs: &[(String, String)]| {
        pairs
            .iter()
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>()
    };
    if what.ends_with("= \"\"") {
        // An optional input that is empty is not given.
        return;
    }
    assert_eq!(names(&sent.query), names(&honest.query), "{what}");
    assert_eq!(names(&sent.headers), names(&honest.headers), "{what}");
    for (name, value) in &sent.headers {
        assert!(!value.chars().any(char::is_control), "{what}: {name}");
    }
    let kind = sent.header("content-type").unwrap_or_default();
    if kind == "application/json" {
        assert_eq!(form(&sent.json()), form(&honest.json()), "{what}");
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        let keys = |sent: &Sent| {
            let text = String::from_utf8(sent.body.clone()).unwrap();
            text.split('&')
                .map(|pair| pair.split('=').next().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(keys(sent), keys(honest), "{what}");
    } else if kind.starts_with("multipart/form-data") {
        assert_eq!(parts(sent), parts(honest), "{what}");
    }
}

/// The keys of a JSON value and the types of what stands there.
fn form(value: &Value) -> Value {
    match value {
        Value::List(list) => list.iter().map(form).collect::<List>().into(),
        Value::Map(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), form(value)))
            .collect(),
        other => Value::from(other.type_name()),
    }
}

/// The heads of the parts, told apart as a server does.
fn parts(sent: &Sent) -> Vec<String> {
    let kind = sent.header("content-type").unwrap();
    let boundary = format!("--{}", kind.split_once("boundary=").unwrap().1);
    let body = String::from_utf8_lossy(&sent.body).into_owned();
    let body = format!("\r\n{body}");
    let all: Vec<&str> = body.split(&format!("\r\n{boundary}")).collect();
    assert_eq!(all.last(), Some(&"--\r\n"));
    let head = |part: &&str| part.split("\r\n\r\n").next().unwrap().to_owned();
    all[1..all.len() - 1].iter().map(head).collect()
}
