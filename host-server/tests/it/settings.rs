//! Settings, by the program itself; and the page that has all of them.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use graphloom_server::config::settings;
use serde_json::json;

use crate::harness::{Folder, key_of};
use crate::signer::Signer;

/// Asks the program what holds, with a folder of its own.
fn check(folder: &Folder, args: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_graphloom-server"));
    command.env_clear().envs(environment.iter().copied());
    command.arg("--data").arg(folder.path()).args(args);
    command.arg("--check-config").output().expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// Writes a file with this mode.
fn file(folder: &Folder, name: &str, content: &str, mode: u32) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, content).expect("it is written");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("a mode");
    path
}

fn shown(path: &Path) -> &str {
    path.to_str().expect("text")
}

#[test]
fn what_holds_is_printed_with_its_sources_and_without_secrets() {
    let folder = Folder::new();
    let canary = "canary-0123456789-0123456789-0123456789";
    let token = file(&folder, "mine", canary, 0o600);
    let config = format!("auth.token_file = {:?}\n[rate]\nburst = 7\n", shown(&token));
    let config = file(&folder, "server.toml", &config, 0o644);
    let variables = [("GRAPHLOOM_SERVER_RATE_REQUESTS_PER_SECOND", "8")];
    let done = check(
        &folder,
        &["--config", shown(&config), "--listen", "0.0.0.0:0"],
        &variables,
    );
    let out = text(&done.stdout);
    assert_eq!(
        (done.status.code(), text(&done.stderr)),
        (Some(0), String::new()),
        "{out}"
    );
    let line = |name: &str| {
        let found = out
            .lines()
            .find(|line| line.starts_with(&format!("{name} =")));
        found.expect(name).to_owned()
    };
    assert!(line("rate.burst").ends_with("server.toml:3"), "{out}");
    assert!(
        line("rate.requests_per_second").starts_with("rate.requests_per_second = 8 "),
        "{out}"
    );
    assert!(line("listen").ends_with("# --listen"), "{out}");
    assert!(line("audit.reads").ends_with("# default"), "{out}");
    assert!(out.contains("[redacted]") && !out.contains(canary), "{out}");
    // Looking makes nothing.
    assert!(!folder.path().join("token").exists());
}

/// 62. Without auth, or with a weak secret, the process does not start.
#[test]
fn what_would_be_open_to_others_does_not_start() {
    let folder = Folder::new();
    let good = "x".repeat(32);
    let short = file(&folder, "short", &good[1..], 0o600);
    let open = file(&folder, "open", &good, 0o644);
    let empty = file(&folder, "empty", "\n", 0o600);
    let fine = file(&folder, "fine", &good, 0o600);
    let cases: &[(&[&str], Option<&str>)] = &[
        (&["--listen", "0.0.0.0:0"], Some("CONFIG_EXPOSED")),
        (&["--listen", "[::]:0"], Some("CONFIG_EXPOSED")),
        (&["--listen", "192.0.2.1:0"], Some("CONFIG_EXPOSED")),
        (&["--listen", "[::ffff:127.0.0.1]:0"], None),
        (&["--listen", "127.9.9.9:0"], None),
        (
            &["--listen", "0.0.0.0:0", "--auth-token-file", shown(&fine)],
            None,
        ),
        (
            &[
                "--listen",
                "0.0.0.0:0",
                "--auth-local-token=false",
                "--auth-token-file",
                shown(&fine),
            ],
            Some("CONFIG_EXPOSED"),
        ),
        (&["--auth-token-file", shown(&short)], Some("CONFIG_SECRET")),
        (&["--auth-token-file", shown(&open)], Some("CONFIG_SECRET")),
        (&["--auth-token-file", shown(&empty)], Some("CONFIG_SECRET")),
        (&["--auth-token-file", "/nowhere"], Some("CONFIG_SECRET")),
        (&["--rate-burst", "0"], Some("CONFIG_RANGE")),
        (&["--config", "/nowhere"], Some("CONFIG_FILE")),
        (&["--no-such-flag"], Some("unexpected argument")),
    ];
    for (args, wrong) in cases {
        let done = check(&folder, args, &[]);
        let said = text(&done.stderr);
        let expected = if wrong.is_some() { 2 } else { 0 };
        assert_eq!(done.status.code(), Some(expected), "{args:?}: {said}");
        assert!(said.contains(wrong.unwrap_or("")), "{args:?}: {said}");
        assert!(!said.contains(&good[1..]), "{args:?}: {said}");
    }
}

/// 62. The token that the folder had before is held to the same.
#[test]
fn a_weak_token_of_the_folder_is_refused() {
    for (token, mode, wrong) in [
        (key_of("a"), 0o600, None),
        (key_of("a"), 0o644, Some("mode 644")),
        ("short".to_owned(), 0o600, Some("at least 32 bytes")),
        (String::new(), 0o600, Some("at least 32 bytes")),
        (
            format!("{} {}", "a".repeat(20), "b".repeat(20)),
            0o600,
            Some("characters"),
        ),
    ] {
        let folder = Folder::new();
        file(&folder, "token", &token, mode);
        let done = check(&folder, &[], &[]);
        let said = text(&done.stderr);
        assert_eq!(
            done.status.code(),
            Some(if wrong.is_some() { 2 } else { 0 }),
            "{said}"
        );
        assert!(said.contains(wrong.unwrap_or("")), "{said}");
    }
}

/// 62. What tokens are signed with is one thing, strong, and not open to others.
#[test]
fn weak_and_missing_keys_of_an_issuer_are_refused() {
    let folder = Folder::new();
    let rsa = Signer::rsa();
    let good = "0123456789abcdef".repeat(2);
    let secret = file(&folder, "secret", &good, 0o600);
    let short = file(&folder, "short", &good[1..], 0o600);
    let empty = file(&folder, "empty", "", 0o600);
    let open = file(&folder, "open", &good, 0o604);
    let public = file(&folder, "public.pem", &rsa.pem(), 0o644);
    let private = rsa.pem().replace("PUBLIC", "PRIVATE");
    let private = file(&folder, "private.pem", &private, 0o600);
    let loose = file(&folder, "loose.pem", &rsa.pem(), 0o646);
    let keys = json!({ "keys": [rsa.jwk("k")] }).to_string();
    let keys = file(&folder, "keys.json", &keys, 0o644);
    let hidden = json!({ "keys": [Signer::hmac().jwk("k")] }).to_string();
    let hidden = file(&folder, "hidden.json", &hidden, 0o644);
    let flag = |name: &str, value: &str| vec![format!("--auth-jwt-{name}"), value.to_owned()];
    let path = |name: &str, path: &Path| flag(name, shown(path));
    let variables = [
        ("THE_SECRET", good.as_str()),
        ("EMPTY_SECRET", ""),
        ("SHORT_SECRET", &good[1..]),
    ];
    let cases: Vec<(Vec<Vec<String>>, &str)> = vec![
        (vec![path("secret-file", &secret)], ""),
        (vec![flag("secret-variable", "THE_SECRET")], ""),
        (vec![path("public-key-file", &public)], ""),
        (vec![path("jwks-file", &keys)], ""),
        (vec![flag("jwks-url", "https://issuer.example/keys")], ""),
        (vec![flag("jwks-url", "http://127.0.0.1:8080/keys")], ""),
        (vec![path("secret-file", &short)], "CONFIG_SECRET"),
        (vec![path("secret-file", &empty)], "CONFIG_SECRET"),
        (vec![path("secret-file", &open)], "mode 604"),
        (vec![flag("secret-file", "/nowhere")], "CONFIG_SECRET"),
        (vec![flag("secret-variable", "EMPTY_SECRET")], "has 0"),
        (vec![flag("secret-variable", "SHORT_SECRET")], "has 31"),
        (
            vec![flag("secret-variable", "NO_SECRET")],
            "no variable NO_SECRET",
        ),
        (vec![path("public-key-file", &private)], "private key"),
        (vec![path("public-key-file", &loose)], "mode 646"),
        (vec![path("public-key-file", &keys)], "found none"),
        (vec![path("jwks-file", &public)], "found no JSON"),
        (
            vec![path("jwks-file", &hidden)],
            "none that tokens are verified with",
        ),
        (
            vec![flag("jwks-url", "http://issuer.example/keys")],
            "https",
        ),
        (
            vec![flag("jwks-url", "https://ada:word@issuer.example/keys")],
            "CONFIG_SECRET",
        ),
        (
            vec![flag("jwks-url", "file:///etc/passwd")],
            "CONFIG_SECRET",
        ),
        (vec![flag("jwks-url", "keys")], "CONFIG_SECRET"),
        (
            vec![
                path("secret-file", &secret),
                path("public-key-file", &public),
            ],
            "CONFIG_CONFLICT",
        ),
        (
            vec![path("jwks-file", &keys), flag("max-scopes", "owner,king")],
            "\"king\"",
        ),
    ];
    for (args, wrong) in cases {
        let args = args.iter().flatten().map(String::as_str);
        let fixed = [
            "--auth-jwt-issuer",
            "https://issuer",
            "--auth-jwt-audience",
            "graphloom",
            "--listen",
            "0.0.0.0:0",
        ];
        let args: Vec<&str> = args.chain(fixed).collect();
        let done = check(&folder, &args, &variables);
        let (out, said) = (text(&done.stdout), text(&done.stderr));
        let expected = if wrong.is_empty() { 0 } else { 2 };
        assert_eq!(done.status.code(), Some(expected), "{args:?}: {said}");
        assert!(said.contains(wrong), "{args:?}: {said}");
        assert!(
            !said.contains(&good[1..]) && !out.contains(&good[1..]),
            "{args:?}: {said}{out}"
        );
    }
    for missing in ["issuer", "audience"] {
        let done = check(
            &folder,
            &[
                "--auth-jwt-secret-file",
                shown(&secret),
                &format!("--auth-jwt-{missing}"),
                "x",
            ],
            &[],
        );
        assert_eq!(done.status.code(), Some(2), "only {missing}");
        let done = check(&folder, &[&format!("--auth-jwt-{missing}"), "x"], &[]);
        assert_eq!(done.status.code(), Some(2), "{missing} without a key");
    }
}

const PAGE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../docs/guides/server-config.md"
);
/// What settings name for runs is read before anything is made.
#[test]
fn what_runs_are_to_get_is_looked_at_first() {
    let folder = Folder::new();
    let key = |name, mode| {
        // Drawn for this test: base64 of 32 bytes.
        let key = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\n";
        file(&folder, name, key, mode)
    };
    let (open, fine) = (key("open.key", 0o640), key("fine.key", 0o600));
    let services = r#"{"google": {"client_id": "ours", "client_secret": "q83vEj"}}"#;
    let oauth = file(&folder, "oauth.json", services, 0o600);
    let public = file(&folder, "public.json", services, 0o644);
    let broken = file(&folder, "broken.json", "{", 0o644);
    let cases: &[(&[&str], Option<&str>)] = &[
        (
            &["--egress-allow-hosts", "127.0.0.1:8080,*.example.com"],
            None,
        ),
        (
            &["--egress-deny-hosts", "https://example.com"],
            Some("CONFIG_VALUE"),
        ),
        (&["--credentials-key-file", shown(&fine)], None),
        (
            &["--credentials-key-file", shown(&open)],
            Some("CONFIG_SECRET"),
        ),
        (
            &["--credentials-key-file", "/nowhere"],
            Some("CONFIG_SECRET"),
        ),
        (
            &["--credentials-key-file", shown(&broken)],
            Some("CONFIG_SECRET"),
        ),
        (&["--blocks-presets", shown(&broken)], Some("CONFIG_FILE")),
        (&["--blocks-models", shown(&broken)], Some("CONFIG_FILE")),
        (&["--values-max-bytes", "0"], Some("CONFIG_RANGE")),
        (&["--public-url", "https://graphs.example.com/sub"], None),
        (
            &["--public-url", "graphs.example.com"],
            Some("CONFIG_VALUE"),
        ),
        (&["--public-url", "https://a/?b"], Some("CONFIG_VALUE")),
        (&["--credentials-oauth-file", shown(&oauth)], None),
        (
            &["--credentials-oauth-file", shown(&public)],
            Some("CONFIG_SECRET"),
        ),
        (
            &["--credentials-oauth-file", shown(&fine)],
            Some("CONFIG_SECRET"),
        ),
    ];
    for (args, wrong) in cases {
        let done = check(&folder, args, &[]);
        let said = text(&done.stderr);
        let expected = if wrong.is_some() { 2 } else { 0 };
        assert_eq!(done.status.code(), Some(expected), "{args:?}: {said}");
        assert!(said.contains(wrong.unwrap_or("")), "{args:?}: {said}");
        assert!(!text(&done.stdout).contains("q83vEj") && !said.contains("q83vEj"));
    }
    assert!(!folder.path().join("credentials.key").exists());

    // A key that was made now would open nothing of what is there.
    fs::create_dir(folder.path().join("credentials")).expect("a folder");
    file(&folder, "credentials/some.json", "{}", 0o600);
    let done = check(&folder, &[], &[]);
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stderr).contains("CONFIG_SECRET"));
}

const BEGIN: &str = "<!-- settings: written by a test of the server -->\n";
const END: &str = "<!-- end -->";

/// The page of settings says what the code says: with `UPDATE=1` it is written.
#[test]
fn the_page_has_every_setting() {
    let mut table = String::from("| setting | default | what it says |\n|---|---|---|\n");
    for setting in settings() {
        let default = setting
            .default
            .map_or_else(|| "nothing".to_owned(), |text| format!("`{text}`"));
        let range = setting
            .range
            .map_or_else(String::new, |range| format!(" ({range})"));
        let (name, flag, variable, summary) = (
            setting.name,
            &setting.flag,
            &setting.variable,
            &setting.summary,
        );
        let _ = writeln!(
            table,
            "| `{name}`<br>`--{flag}`<br>`{variable}` | {default}{range} | {summary} |"
        );
    }
    let page = fs::read_to_string(PAGE).expect("the page");
    let (before, rest) = page.split_once(BEGIN).expect("where it begins");
    let (found, after) = rest.split_once(END).expect("where it ends");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(PAGE, format!("{before}{BEGIN}{table}{END}{after}")).expect("it is written");
        return;
    }
    assert_eq!(found, table, "UPDATE=1 writes it");
}
