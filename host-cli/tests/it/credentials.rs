//! `credentials`: what is kept, what is shown, and what is refused.

use std::path::Path;
use std::process::Stdio;

use graphloom::Value;

use super::harness::{Called, Folder, call, call_with, called, command};
use super::secrets::{CANARY, call_with_canary, check_hidden};
use super::stub::{Response, Server};

struct Bench {
    /// Gone when dropped.
    _folder: Folder,
    file: String,
}

impl Bench {
    fn new() -> Self {
        let folder = Folder::new();
        let file = folder.file("x", "").replace("/x", "/credentials.json");
        Self {
            _folder: folder,
            file,
        }
    }

    fn beside(&self, name: &str) -> String {
        self.file.replace("credentials.json", name)
    }

    fn call(&self, args: &[&str]) -> Called {
        call_with_canary(
            &[
                &["credentials"],
                args,
                &["--credentials", &self.file, "--json"],
            ]
            .concat(),
        )
    }

    fn names(&self) -> Vec<String> {
        let list = self.call(&["list"]).json();
        let all = list.get("credentials").and_then(Value::as_list).unwrap();
        let name = |one: &Value| one.get("name").unwrap().as_str().unwrap().to_owned();
        all.iter().map(name).collect()
    }
}

#[test]
fn a_secret_comes_from_a_variable_a_file_or_standard_input() {
    let bench = Bench::new();
    let added = bench.call(&["add", "openai", "--from-env", "CANARY"]);
    assert_eq!(added.exit, 0, "{}", added.err);
    let secret = bench.beside("secret");
    std::fs::write(&secret, format!("{CANARY}\n")).unwrap();
    let added = bench.call(&[
        "add",
        "mail",
        "--kind",
        "user_password",
        "--user",
        "ada",
        "--host",
        "smtp.example.com:587",
        "--from-file",
        &secret,
    ]);
    assert_eq!(added.exit, 0, "{}", added.err);
    std::fs::remove_file(&secret).unwrap();
    let args = [
        "credentials",
        "add",
        "a/b",
        "--host",
        "a.example",
        "--kind",
        "host_scoped",
        "--header",
        "x-key",
        "--credentials",
        &bench.file,
    ];
    let added = call_with(&args, &format!("{CANARY}\n"));
    assert_eq!(added.exit, 0, "{}", added.err);
    assert_eq!(bench.names(), ["a/b", "mail", "openai"]);

    for json in [&["--json"][..], &[]] {
        let listed = call(&[&["credentials", "list", "--credentials", &bench.file], json].concat());
        assert_eq!(listed.exit, 0, "{}", listed.err);
        for shown in ["smtp.example.com:587", "user_password", "api.openai.com"] {
            assert!(listed.out.contains(shown), "{}", listed.out);
        }
        check_hidden("the list", listed.out.as_bytes());
    }
    for name in ["credentials.json", "credentials.key"] {
        let path = bench.beside(name);
        check_hidden(name, &std::fs::read(&path).unwrap());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }
}

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
    let bench = Bench::new();
    const SECRET: &str = "sk-proj-on-argv-1234";
    let equals = |flag: &str| format!("{flag}={SECRET}");
    let (long, key, short) = (equals("--secret"), equals("--key"), format!("-k{SECRET}"));
    for extra in [
        &[SECRET][..],
        &["--secret", SECRET],
        &[&long],
        &[&key],
        &[&short],
        &["--", SECRET],
    ] {
        let refused = bench.call(&[&["add", "openai"], extra].concat());
        let behind = call(&[&["credentials", "add", "openai"], extra].concat());
        for refused in [refused, behind] {
            assert_eq!(refused.exit, 2, "{extra:?} {}", refused.err);
            assert!(
                !format!("{}{}", refused.out, refused.err).contains("on-argv"),
                "{extra:?} {}",
                refused.err
            );
        }
    }
    let explained = call(&["credentials", "add", "openai", SECRET]);
    assert!(explained.err.contains("--from-env"), "{}", explained.err);
    let folder = Folder::new();
    let graph = folder.file("greet.json", super::harness::GREET);
    for given in [
        format!("openai={SECRET}"),
        SECRET.to_owned(),
        format!("openai=env:={SECRET}"),
    ] {
        for args in [
            ["run", &graph, "--credential", &given],
            [
                "blocks",
                "run",
                "http.get",
                &format!("--credential={given}"),
            ],
        ] {
            let refused = call(&args);
            assert_ne!(refused.exit, 0, "{given}");
            if !given.contains("env:") {
                assert_eq!(refused.exit, 2, "{given}");
                assert!(!refused.err.contains("on-argv"), "{}", refused.err);
                assert!(refused.err.contains("env:VARIABLE"), "{}", refused.err);
            }
        }
    }
    assert!(!Path::new(&bench.file).exists());
}

#[test]
fn what_is_wrong_is_told_with_its_code() {
    let bench = Bench::new();
    let check = |args: &[&str], exit: i32, code: &str| {
        let refused = bench.call(args);
        assert_eq!(
            (refused.exit, refused.error_codes()),
            (exit, vec![code.to_owned()]),
            "{args:?}: {}",
            refused.err
        );
        check_hidden("stderr", refused.err.as_bytes());
    };
    check(
        &["add", "nobody-knows", "--from-env", "CANARY"],
        2,
        "CLI_USAGE",
    );
    check(
        &["add", "a b", "--host", "a.example", "--from-env", "CANARY"],
        2,
        "CLI_USAGE",
    );
    check(
        &["add", "openai", "--user", "ada", "--from-env", "CANARY"],
        2,
        "CLI_USAGE",
    );
    check(
        &["add", "openai", "--from-env", "NOBODY_SET_THIS"],
        5,
        "CLI_CREDENTIAL",
    );
    check(
        &["add", "openai", "--from-file", "/nowhere/at/all"],
        6,
        "CLI_FILE_NOT_FOUND",
    );
    check(&["rotate"], 6, "CLI_FILE_NOT_FOUND");
    assert_eq!(
        bench.call(&["add", "openai", "--from-env", "CANARY"]).exit,
        0
    );
    check(
        &["add", "openai", "--from-env", "CANARY"],
        7,
        "CLI_CREDENTIAL_EXISTS",
    );
    assert_eq!(
        bench
            .call(&["add", "openai", "--from-env", "CANARY", "--replace"])
            .exit,
        0
    );
    check(&["remove", "opnai"], 6, "CLI_UNKNOWN_CREDENTIAL");
    assert_eq!(bench.call(&["remove", "openai"]).exit, 0);
    assert!(bench.names().is_empty());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let open = std::fs::Permissions::from_mode(0o644);
        std::fs::set_permissions(bench.beside("credentials.key"), open).unwrap();
        check(
            &["add", "openai", "--from-env", "CANARY"],
            5,
            "CLI_CREDENTIAL",
        );
    }
    std::fs::write(&bench.file, "{}").unwrap();
    check(&["list"], 5, "CLI_CREDENTIAL");
}

#[test]
fn runs_use_what_is_kept_before_and_after_a_rotation() {
    let bench = Bench::new();
    let server = Server::start(|request| {
        let shown = request.header("authorization").unwrap_or("nothing");
        Response::new(
            200,
            if shown == format!("Bearer {CANARY}") {
                "it fits"
            } else {
                "it does not"
            },
        )
    });
    let (host, url) = (
        server.address.to_string(),
        format!("url={}", server.url("/")),
    );
    let added = bench.call(&["add", "mine", "--host", &host, "--from-env", "CANARY"]);
    assert_eq!(added.exit, 0, "{}", added.err);
    let ask = |more: &[&str]| {
        let args = [
            "blocks",
            "run",
            "http.request",
            "-i",
            &url,
            "-i",
            "credential=mine",
            "--allow-host",
            &host,
        ];
        call(&[&args, more].concat())
    };
    let without = ask(&[]);
    assert_eq!(
        without.exit, 5,
        "nothing is lent unless it is said: {}",
        without.err
    );
    let lent = ["--credentials", bench.file.as_str()];
    assert!(ask(&lent).out.contains("it fits"), "{}", ask(&lent).err);
    assert_eq!(bench.call(&["rotate"]).exit, 0);
    assert_eq!(bench.call(&["rotate"]).exit, 0);
    let keys = std::fs::read_to_string(bench.beside("credentials.key")).unwrap();
    assert_eq!(
        keys.lines().filter(|line| !line.starts_with('#')).count(),
        3
    );
    assert!(ask(&lent).out.contains("it fits"));
    // The newest alone is enough, out of a variable too.
    let newest = keys.lines().find(|line| !line.starts_with('#')).unwrap();
    std::fs::remove_file(bench.beside("credentials.key")).unwrap();
    let refused = ask(&lent);
    assert_eq!(refused.exit, 5, "{}", refused.err);
    let mut by_variable = command(&[
        "blocks",
        "run",
        "http.request",
        "-i",
        &url,
        "-i",
        "credential=mine",
        "--allow-host",
        &host,
        "--credentials",
        &bench.file,
        "--key-env",
        "KEY",
    ]);
    let by_variable = called(
        by_variable
            .env("KEY", newest)
            .stdin(Stdio::null())
            .output()
            .unwrap(),
    );
    assert!(by_variable.out.contains("it fits"), "{}", by_variable.err);
}
