//! Bodies as forms write them.

use std::fmt::Write as _;

use graphloom::Value;
use graphloom::json::to_json;
use graphloom::value::Map;
use sha2::{Digest, Sha256};

use crate::data_uri::File;

/// Writes pairs as a form does (`application/x-www-form-urlencoded`): a list gives its name several times, null nothing.
pub(super) fn encode(pairs: &Map) -> String {
    let mut out = String::new();
    for (name, value) in pairs.iter() {
        let one = std::slice::from_ref(value);
        let values: &[Value] = value.as_list().map_or(one, |list| list);
        for value in values.iter().filter(|value| !value.is_null()) {
            if !out.is_empty() {
                out.push('&');
            }
            escape(&mut out, name);
            out.push('=');
            escape(&mut out, &field(value));
        }
    }
    out
}

/// Returns a value as a field of a form: a text as it stands, anything else as JSON.
fn field(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        other => to_json(other),
    }
}

fn escape(out: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => {
                out.push(char::from(byte))
            }
            b' ' => out.push('+'),
            other => {
                // Writing to a string does not fail.
                let _ = write!(out, "%{other:02X}");
            }
        }
    }
}

/// Writes fields and files as `multipart/form-data` (RFC 7578), and returns it with its content type.
pub(super) fn multipart(fields: &Map, files_name: &str, files: &[File]) -> (Vec<u8>, String) {
    // Made of the content, so that a repeated request is the same, and so that the content cannot have it in it.
    let mut digest = Sha256::new();
    for (name, value) in fields.iter() {
        digest.update(name.as_bytes());
        digest.update(field(value));
    }
    for file in files {
        digest.update(&file.bytes);
    }
    let mut boundary = "graphloom-".to_owned();
    for byte in digest.finalize().iter().take(16) {
        let _ = write!(boundary, "{byte:02x}");
    }
    let mut out = Vec::new();
    let mut part = |head: String, bytes: &[u8]| {
        out.extend_from_slice(
            format!("--{boundary}\r\ncontent-disposition: form-data; {head}\r\n\r\n").as_bytes(),
        );
        out.extend_from_slice(bytes);
        out.extend_from_slice(b"\r\n");
    };
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
        part(
            format!("name=\"{}\"", quoted(name)),
            field(value).as_bytes(),
        );
    }
    for (position, file) in files.iter().enumerate() {
        let media_type: String = file
            .media_type
            .chars()
            .filter(|c| !c.is_control())
            .collect();
        let head = format!(
            "name=\"{}\"; filename=\"file{}\"\r\ncontent-type: {media_type}",
            quoted(files_name),
            position + 1
        );
        part(head, &file.bytes);
    }
    out.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (out, format!("multipart/form-data; boundary={boundary}"))
}

/// Escapes a name as browsers do.
fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use graphloom::value;

    use super::*;

    #[test]
    fn forms_are_written() {
        let pairs =
            value!({"a b": "c&d=é", "n": 1, "l": ["x", "y"], "none": null, "m": {"k": true}});
        let expected = "a+b=c%26d%3D%C3%A9&n=1&l=x&l=y&m=%7B%22k%22%3Atrue%7D";
        assert_eq!(encode(pairs.as_map().unwrap()), expected);
    }

    #[test]
    fn parts_are_written_and_cannot_break_out() {
        let fields = value!({"a\"\r\nb": "x"});
        let file = File {
            media_type: "text/plain\r\nx: y".to_owned(),
            bytes: b"hello".to_vec(),
        };
        let (body, media_type) = multipart(fields.as_map().unwrap(), "up", &[file]);
        let boundary = media_type
            .strip_prefix("multipart/form-data; boundary=")
            .unwrap();
        let expected = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"a%22%0D%0Ab\"\r\n\r\nx\r\n\
             --{boundary}\r\ncontent-disposition: form-data; name=\"up\"; filename=\"file1\"\r\n\
             content-type: text/plainx: y\r\n\r\nhello\r\n--{boundary}--\r\n"
        );
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }
}
