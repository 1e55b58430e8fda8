//! Which server is asked, with which token; what is told where that will not do.

use std::net::TcpListener;

use super::harness::{LOOKS, Server, TOKEN};
use crate::harness::{Folder, called_with, command};

#[test]
fn where_nobody_listens_there_is_no_connection() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr();
    let url = format!("http://{}", port.unwrap());
    let called = called_with(command(&["runs", "list", "--server", &url]), "");
    assert_eq!(called.exit, 1, "{called:?}");
    assert_eq!(called.error_codes(), ["CLI_SERVER_UNREACHABLE"]);
    assert!(called.err.contains("graphloom-server"), "{}", called.err);
}

#[test]
fn a_token_comes_from_a_variable_or_a_file_that_is_its_owners() {
    let server = Server::start();
    let folder = Folder::new();
    let file = folder.file("token", &format!("{TOKEN}\n"));
    let exit = |variable: Option<&str>, file: Option<&str>| {
        let mut call = command(&["runs", "list", "--server", &server.url]);
        if let Some(token) = variable {
            call.env("GRAPHLOOM_TOKEN", token);
        }
        if let Some(file) = file {
            call.args(["--token-file", file]);
        }
        let called = called_with(call, "");
        let codes = match called.exit {
            0 => Vec::new(),
            _ => called.error_codes(),
        };
        assert!(!called.err.contains(TOKEN), "{}", called.err);
        (called.exit, codes.join(" "), called.err)
    };
    let told = |told: (i32, String, String)| (told.0, told.1);
    assert_eq!(told(exit(Some(TOKEN), None)), (0, String::new()));
    let (code, codes, said) = exit(None, None);
    assert_eq!((code, codes.as_str()), (5, "AUTH_MISSING"));
    assert!(said.contains("--token-file"), "{said}");
    assert_eq!(
        told(exit(Some("wrong"), None)),
        (5, "AUTH_INVALID".to_owned())
    );
    assert_eq!(
        told(exit(Some("a token"), None)),
        (5, "CLI_TOKEN".to_owned())
    );
    #[cfg(unix)]
    {
        use std::fs::{Permissions, set_permissions};
        use std::os::unix::fs::PermissionsExt;
        set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
        assert_eq!(
            told(exit(None, Some(&file))),
            (5, "CLI_TOKEN".to_owned()),
            "others can read it"
        );
        set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
    }
    // What is typed counts for more than the variable.
    assert_eq!(told(exit(Some("wrong"), Some(&file))), (0, String::new()));
    let empty = folder.file("empty", "\n");
    assert_eq!(told(exit(None, Some(&empty))), (5, "CLI_TOKEN".to_owned()));
    let (code, ..) = exit(None, Some("no/such/file"));
    assert_eq!(code, 6);
}

#[test]
fn a_token_that_may_only_look_changes_nothing() {
    let server = Server::start();
    let mut call = server.command(&["graph", "push", "-"]);
    call.env("GRAPHLOOM_TOKEN", LOOKS);
    let called = called_with(call, crate::harness::GREET);
    assert_eq!(
        (called.exit, called.error_codes()),
        (5, vec!["AUTH_SCOPE".to_owned()])
    );
}

#[test]
fn a_token_goes_to_other_machines_by_https_only() {
    let mut call = command(&["runs", "list", "--server", "http://192.0.2.1:7331"]);
    call.env("GRAPHLOOM_TOKEN", TOKEN);
    let called = called_with(call, "");
    assert_eq!(
        (called.exit, called.error_codes()),
        (5, vec!["CLI_SERVER_ADDRESS".to_owned()])
    );
    assert!(called.err.contains("https"), "{}", called.err);
}

#[test]
fn what_answers_has_to_be_a_server_of_ours() {
    use std::io::{Read, Write};
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        "HTTP/1.1 301 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 502 Bad\r\ncontent-length: 3\r\n\r\noh!",
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let called = called_with(command(&["runs", "list", "--server", &url]), "");
        assert_eq!(
            (called.exit, called.error_codes()),
            (1, vec!["CLI_SERVER_ANSWER".to_owned()]),
            "{answer}"
        );
        thread.join().unwrap();
    }
}

#[test]
fn here_or_there_is_said_once() {
    let usage = |args: &[&str], variables: &[(&str, &str)]| {
        let mut call = command(args);
        call.envs(variables.iter().copied());
        let called = called_with(call, "");
        assert_eq!(called.exit, 2, "{args:?} {called:?}");
        assert_eq!(called.error_codes(), ["CLI_USAGE"], "{args:?}");
        called.err
    };
    let url = "http://127.0.0.1:1";
    let server = ["--server", url];
    let typed = |args: &[&str]| usage(&[args, &server].concat(), &[]);
    typed(&["graph", "fmt", "-"]);
    typed(&["blocks", "test"]);
    typed(&["doctor", "--store", "x"]);
    typed(&["credentials", "rotate"]);
    typed(&["runs", "list", "--store", "x"]);
    for flag in [
        &["--kv", "x"][..],
        &["--mock"],
        &["--cache", "x"],
        &["--allow-host", "x"],
        &["--credentials", "x"],
        &["--run-id", "x"],
        &["--durability", "every"],
        &["--preset", "x"],
    ] {
        let said = typed(&[&["run", "graph:x"], flag].concat());
        assert!(said.contains(flag[0]), "{said}");
    }
    for address in ["nonsense", "ftp://x", "http://u:p@x", "http://x/?a=b"] {
        let said = usage(&["runs", "list", "--server", address], &[]);
        assert!(!said.contains("u:p"), "{said}");
    }
    let variable = [("GRAPHLOOM_SERVER", url)];
    let both = [("GRAPHLOOM_SERVER", url), ("GRAPHLOOM_STORE", "x")];
    usage(&["runs", "list"], &both);
    usage(&["graph", "list"], &[]);
    usage(&["run", "graph:a@0", "--server", url], &[]);
    usage(&["runs", "list", "--token-file", "x"], &[]);
    // The variable is for the commands that it helps, and gives way to what is typed.
    for args in [
        &["graph", "fmt", "-"][..],
        &["schema", "graph"],
        &["run", "-", "--store", "target/none/../none"],
    ] {
        let mut call = command(args);
        call.envs(variable);
        let called = called_with(call, crate::harness::GREET);
        assert_ne!(called.exit, 1, "{args:?} {called:?}");
        assert_ne!(called.exit, 2, "{args:?} {called:?}");
    }
}
