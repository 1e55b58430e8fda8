//! A secret that a server sends back in every form is nowhere: not in answers, events, stores, exports, caches, or kept values.

use std::path::Path;
use std::process::Stdio;
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use super::harness::{Called, Folder, called, command};
use super::stub::{Request, Response, Server};

/// Reads differently in every form that it is looked for in.
pub(crate) const CANARY: &str = "cA/n4+ry \"s3cr3t\" <&> %41\\~='x?";

/// Calls the program with the canary in a variable.
pub(crate) fn call_with_canary(args: &[&str]) -> Called {
    let mut command = command(args);
    command.env("CANARY", CANARY).stdin(Stdio::null());
    called(command.output().unwrap())
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = 0_u32;
        for at in 0..3 {
            group = group << 8 | u32::from(chunk.get(at).copied().unwrap_or_default());
        }
        for place in 0..=chunk.len() {
            let digit = DIGITS.get((group >> (18 - 6 * place)) as usize & 63);
            out.push(char::from(*digit.unwrap()));
        }
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn percent(text: &str, keep: &str, space: &str) -> String {
    let encode = |byte: u8| match char::from(byte) {
        ' ' => space.to_owned(),
        c if c.is_ascii_alphanumeric() || keep.contains(c) => c.to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

fn json(text: &str) -> String {
    let quoted = graphloom::Value::from(text).to_string();
    quoted
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap()
        .to_owned()
}

fn html(text: &str) -> String {
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

/// Every form, and the parts of base64 that hold wherever the secret stands.
fn forms() -> Vec<String> {
    let mut forms = vec![
        CANARY.to_owned(),
        json(CANARY),
        json(&json(CANARY)),
        json(CANARY).replace('/', "\\/"),
        html(CANARY),
        hex(CANARY.as_bytes()),
        hex(CANARY.as_bytes()).to_uppercase(),
        percent(CANARY, "-._~", "%20"),
        percent(CANARY, "-._~", "%20").to_lowercase(),
        percent(CANARY, "*-._", "+"),
        percent(CANARY, "-._~!$&'()*+,;=:@/", "%20"),
    ];
    for before in ["", "x", "xx"] {
        let coded = base64(format!("{before}{CANARY}").as_bytes());
        let inside = coded[4..coded.len() - 4].to_owned();
        forms.push(inside.replace('+', "-").replace('/', "_"));
        forms.push(inside);
    }
    forms
}

pub(crate) fn check_hidden(what: &str, seen: &[u8]) {
    for form in forms() {
        let found = seen
            .windows(form.len())
            .position(|part| part == form.as_bytes());
        if let Some(at) = found {
            let around = seen.get(at.saturating_sub(80)..at + form.len()).unwrap();
            panic!(
                "{what} holds {form:?}: …{}…",
                String::from_utf8_lossy(around)
            );
        }
    }
}

fn check_files(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            check_files(&path);
        } else {
            check_hidden(&path.display().to_string(), &std::fs::read(&path).unwrap());
        }
    }
}

/// Says what it was shown, as the path wants it.
fn echo(request: &Request) -> Response {
    let shown = request
        .header("authorization")
        .unwrap_or("nothing")
        .to_owned();
    let secret = shown.strip_prefix("Bearer ").unwrap_or(&shown).to_owned();
    match request.target.split('?').next().unwrap_or_default() {
        "/raw" => Response::new(200, shown),
        "/base64" => Response::new(200, base64(shown.as_bytes())),
        "/percent" => Response::new(200, percent(&shown, "-._~", "%20")),
        "/form" => Response::new(200, format!("key={}", percent(&secret, "*-._", "+"))),
        "/json" => Response::json(
            200,
            &format!("{{\"{}\": [\"{}\"]}}", json(&secret), json(&shown)),
        ),
        "/json-text" => Response::new(
            200,
            format!("{{\"key\": \"{}\"}}", json(&secret).replace('/', "\\/")),
        ),
        "/html" => Response::new(200, format!("<p title=\"{}\">", html(&secret))),
        "/hex" => Response::new(200, hex(secret.as_bytes())),
        "/header" => Response::new(200, "ok").header("x-echo", &shown).header(
            "content-type",
            &format!("text/plain; was=\"{}\"", percent(&secret, "-._~", "%20")),
        ),
        "/400" => Response::new(400, format!("no: {shown}")),
        "/401" => Response::json(
            401,
            &format!(
                "{{\"error\": {{\"message\": \"wrong key: {}\"}}}}",
                json(&secret)
            ),
        ),
        "/500" => Response::new(500, base64(shown.as_bytes())),
        "/redirect" => {
            let to = format!("/raw?key={}", percent(&secret, "-._~", "%20"));
            Response::new(302, shown).header("location", &to)
        }
        "/loop" => {
            let to = format!("/loop?key={}", percent(&secret, "-._~", "%20"));
            Response::new(302, shown).header("location", &to)
        }
        other => panic!("{other}"),
    }
}

/// Asks a page with the credential; keeps the answer, and puts it out, and what is wrong too.
fn graph(url: &str, any_status: bool) -> String {
    format!(
        r#"{{"format": 1, "name": "ask", "nodes": {{
            "ask": {{"block": "http.request", "inputs": {{"url": "{url}", "credential": "mine", "any_status": {any_status}}}}},
            "keep": {{"block": "kv.put", "inputs": {{"key": "answer"}}}},
            "pass": {{"block": "text.fill_template", "inputs": {{"format": "{{{{answer}}}}"}}}},
            "out": {{"block": "io.output", "inputs": {{"name": "answer"}}}},
            "wrong": {{"block": "io.output", "inputs": {{"name": "wrong"}}}}}},
        "links": [
            {{"from": "ask.response", "to": "keep.value"}},
            {{"from": "ask.response", "to": "pass.values.answer"}},
            {{"from": "pass.output", "to": "out.value"}},
            {{"from": "ask.error", "to": "wrong.value"}}]}}"#
    )
}

#[test]
fn a_secret_that_is_sent_back_is_nowhere() {
    let server = Server::start(echo);
    let host = server.address.to_string();
    let lends = [
        "--credential".to_owned(),
        "mine@stub=env:CANARY".to_owned(),
        format!("--credential-host=mine={host}"),
        format!("--allow-host={host}"),
    ];
    let pages = [
        "raw",
        "base64",
        "percent",
        "form",
        "json",
        "json-text",
        "html",
        "hex",
        "header",
        "400",
        "401",
        "500",
        "redirect",
        "loop",
    ];
    let folder = Folder::new();
    let place = |name: &str| folder.file(name, "");
    let kv = place("kv.json");
    std::fs::remove_file(&kv).unwrap();
    let (store, cache) = (
        kv.replace("kv.json", "store"),
        kv.replace("kv.json", "cache"),
    );
    let check = |what: &str, called: &Called| {
        check_hidden(&format!("{what}: stdout"), called.out.as_bytes());
        check_hidden(&format!("{what}: stderr"), called.err.as_bytes());
    };
    for page in pages {
        let before = server.requests().len();
        for (run, more) in [
            (format!("{page}-lines"), &["--events"][..]),
            (format!("{page}-text"), &[]),
        ] {
            let any_status = !more.is_empty();
            let url = server.url(&format!("/{page}"));
            let file = folder.file("ask.json", &graph(&url, any_status));
            let mut args = vec![
                "run", &file, "--run-id", &run, "--store", &store, "--cache", &cache, "--kv", &kv,
            ];
            args.extend(lends.iter().map(String::as_str));
            args.extend(more);
            let ran = call_with_canary(&args);
            check(&run, &ran);
            assert!(
                ran.exit == 0 || ran.exit == 4 || ran.exit == 10,
                "{run}: {} {}",
                ran.exit,
                ran.err
            );
            let told = format!("{}{}", ran.out, ran.err);
            // The server was shown it, and what it said is told without it.
            assert!(
                told.contains("[redacted]") || page == "loop" || !any_status,
                "{run}: {told}"
            );
        }
        let sent = &server.requests()[before..];
        let shown = format!("Bearer {CANARY}");
        assert!(sent.len() >= 2, "{page}");
        assert!(
            sent.iter()
                .all(|one| one.header("authorization") == Some(&shown)),
            "{page}"
        );
        let (lines, text) = (format!("{page}-lines"), format!("{page}-text"));
        for args in [
            &["runs", "events", &lines][..],
            &["runs", "show", &lines],
            &["runs", "show", &lines, "--at", "4"],
            &["runs", "export", &lines],
            &["runs", "why", &lines, "out"],
            &["runs", "why", &lines, "ask"],
            &["runs", "diff", &lines, &text],
        ] {
            let looked = call_with_canary(&[args, &["--store", &store]].concat());
            assert!(
                looked.exit == 0 || args[1] == "why",
                "{args:?}: {}",
                looked.err
            );
            check(&format!("{page} {args:?}"), &looked);
        }
    }
    for args in [&["doctor"][..], &["runs", "list"]] {
        check(
            &format!("{args:?}"),
            &call_with_canary(&[args, &["--store", &store]].concat()),
        );
    }
    assert!(std::fs::read_to_string(&kv).unwrap().contains("[redacted]"));
    check_files(Path::new(&store).parent().unwrap());
}

#[test]
fn one_block_alone_tells_no_secret_either() {
    let server = Server::start(echo);
    let host = server.address.to_string();
    for page in ["raw", "401"] {
        let url = format!("url={}", server.url(&format!("/{page}")));
        let ran = call_with_canary(&[
            "blocks",
            "run",
            "http.request",
            "-i",
            &url,
            "-i",
            "credential=mine",
            "--credential",
            "mine@stub=env:CANARY",
            "--credential-host",
            &format!("mine={host}"),
            "--allow-host",
            &host,
        ]);
        check_hidden("stdout", ran.out.as_bytes());
        check_hidden("stderr", ran.err.as_bytes());
        assert!(
            format!("{}{}", ran.out, ran.err).contains("[redacted]"),
            "{} {}",
            ran.out,
            ran.err
        );
    }
}

#[test]
fn a_credential_goes_to_its_own_hosts_only() {
    let server = Server::start(echo);
    let host = server.address.to_string();
    let url = format!("url={}", server.url("/raw"));
    let ran = call_with_canary(&[
        "blocks",
        "run",
        "http.request",
        "-i",
        &url,
        "-i",
        "credential=openai",
        "--credential",
        "openai=env:CANARY",
        "--allow-host",
        &host,
    ]);
    assert_ne!(ran.exit, 0);
    assert!(server.requests().is_empty(), "it was sent");
    check_hidden("stderr", ran.err.as_bytes());
}

#[test]
fn two_nodes_use_one_credential_at_the_same_time() {
    let met = (Mutex::new(0), Condvar::new());
    let server = Server::start(move |request| {
        let (count, all) = &met;
        let mut count = count.lock().unwrap();
        *count += 1;
        all.notify_all();
        // Who waits for the other to be done waits here in vain.
        let (count, _) = all
            .wait_timeout_while(count, Duration::from_secs(20), |count| *count < 2)
            .unwrap();
        assert!(request.header("authorization").is_some());
        Response::new(200, if *count == 2 { "both" } else { "alone" })
    });
    let (host, url) = (server.address.to_string(), server.url("/"));
    let node = |name: &str| {
        format!(
            r#""{name}": {{"block": "http.request", "inputs": {{"url": "{url}", "credential": "mine"}}}}"#
        )
    };
    let graph = format!(
        r#"{{"format": 1, "nodes": {{{}, {},
            "out": {{"block": "io.output", "inputs": {{"name": "said"}}}}}},
        "links": [{{"from": "a.response", "to": "out.value"}}, {{"from": "b.response", "to": "out.value"}}]}}"#,
        node("a"),
        node("b")
    );
    let folder = Folder::new();
    let file = folder.file("two.json", &graph);
    let ran = call_with_canary(&[
        "run",
        &file,
        "--credential",
        "mine@stub=env:CANARY",
        "--credential-host",
        &format!("mine={host}"),
        "--allow-host",
        &host,
        "--json",
    ]);
    assert_eq!(ran.exit, 0, "{}", ran.err);
    assert_eq!(ran.out.matches("both").count(), 2, "{}", ran.out);
    assert_eq!(server.most_open(), 2);
}
