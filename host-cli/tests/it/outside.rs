//! How far what runs may reach outside, as the command line says it.

use crate::harness::{Called, Folder, GREET, call, called, command};
use crate::stub::{Response, Server};

#[test]
fn flags_that_name_no_host_or_amount_are_refused() {
    let folder = Folder::new();
    let file = folder.file("greet.json", GREET);
    for flag in ["--allow-host", "--only-host", "--deny-host"] {
        for bad in ["", "https://a.example", "a/b", "a:0", "a*b", "user@a"] {
            let called = call(&["run", &file, flag, bad]);
            assert_eq!(called.exit, 2, "{flag} {bad}: {}", called.err);
            assert!(called.err.contains("names no host"), "{}", called.err);
        }
    }
    for bad in ["", "usd", "=1", "usd=", "usd=-1", "usd=nan", "usd=inf"] {
        let called = call(&["run", &file, "--max-cost", bad]);
        assert_eq!(called.exit, 2, "{bad}: {}", called.err);
        assert!(called.err.contains("as usd=0.5"), "{}", called.err);
    }
}

#[test]
fn what_runs_something_takes_the_flags() {
    let folder = Folder::new();
    let file = folder.file("greet.json", GREET);
    let flags = [
        "--allow-host",
        "localhost:8080",
        "--allow-host=*.example:*",
        "--only-host",
        "*",
        "--deny-host=b.example",
        "--max-cost",
        "usd=0.5",
        "--max-cost=tokens=1000",
    ];
    let ran = call(&[&["run", file.as_str()], &flags[..]].concat());
    assert_eq!(ran.exit, 0, "{}", ran.err);
    let block = [
        "blocks",
        "run",
        "text.split",
        "-i",
        "text=a,b",
        "-i",
        "delimiter=,",
    ];
    let ran = call(&[&block[..], &flags[..]].concat());
    assert_eq!(ran.exit, 0, "{}", ran.err);
}

/// The address of a server, and a call of `http.request` there with these flags. The environment names a proxy where
/// nobody is.
fn request(url: &str, flags: &[&str]) -> Called {
    let url = format!("url={url}");
    let args = [
        "blocks",
        "run",
        "http.request",
        "-i",
        "method=GET",
        "-i",
        &url,
    ];
    let mut command = command(&[&args[..], flags].concat());
    for name in [
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "all_proxy",
    ] {
        command.env(name, "http://127.0.0.1:1");
    }
    called(command.output().unwrap())
}

#[test]
fn a_block_reaches_what_the_command_line_lets_it() {
    let server = Server::start(|_| Response::new(200, "hello from the web"));
    let here = server.address.to_string();
    let url = server.url("/page");
    let ran = request(&url, &["--allow-host", &here]);
    assert_eq!(ran.exit, 0, "{} {}", ran.out, ran.err);
    assert!(ran.out.contains("hello from the web"), "{}", ran.out);
    for flags in [
        &[][..],
        &["--allow-host", "127.0.0.1"],
        &["--allow-host", &here, "--deny-host", &here],
        &["--allow-host", &here, "--only-host", "*.example"],
    ] {
        let ran = request(&url, flags);
        assert_eq!(ran.exit, 5, "{flags:?}: {} {}", ran.out, ran.err);
        assert!(ran.out.contains("BLOCK_REFUSED"), "{flags:?}: {}", ran.out);
    }
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_file_of_models_is_read_before_anything_runs() {
    let folder = Folder::new();
    let file = folder.file("greet.json", GREET);
    let good = folder.file("models.json", r#"{"format": 1, "models": []}"#);
    let ran = call(&["run", &file, "--models", &good]);
    assert_eq!(ran.exit, 0, "{}", ran.err);
    let bad = folder.file(
        "bad.json",
        r#"{"format": 1, "models": [{"name": "m", "provider": "x"}]}"#,
    );
    let ran = call(&["--json", "run", &file, "--models", &bad]);
    assert_eq!(ran.error_codes(), ["CLI_MODELS"], "{}", ran.err);
    assert!(ran.err.contains("no such provider"), "{}", ran.err);
    let ran = call(&["--json", "run", &file, "--models", "nowhere.json"]);
    assert_eq!(ran.error_codes(), ["CLI_FILE_NOT_FOUND"], "{}", ran.err);
}
