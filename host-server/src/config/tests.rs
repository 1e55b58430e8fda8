use std::collections::HashSet;
use std::ffi::OsString;
use std::io::Write;

use super::*;

/// Loads what a file, variables and flags say.
fn load(
    file: &str,
    variables: &[(&str, &str)],
    flags: &[&str],
) -> Result<Config, Vec<ConfigFault>> {
    let mut kept = tempfile();
    kept.1.write_all(file.as_bytes()).expect("it is written");
    let path = kept.0.to_str().expect("text").to_owned();
    let program = ["graphloom-server", "--config", &path];
    let args = program.iter().chain(flags).map(OsString::from);
    let asked = Asked::read(args).expect("a command line");
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let variables: Vec<(String, String)> = variables.iter().map(own).collect();
    let loaded = Config::load(&asked, &variables);
    std::fs::remove_file(kept.0).expect("it was there");
    loaded
}

fn tempfile() -> (std::path::PathBuf, std::fs::File) {
    let name: [u8; 8] = crate::ids::random().expect("random numbers");
    let name = format!("graphloom-config-{:x}.toml", u64::from_be_bytes(name));
    let path = std::env::temp_dir().join(name);
    let file = std::fs::File::create(&path).expect("a file");
    (path, file)
}

fn codes(faults: &[ConfigFault]) -> Vec<(&'static str, &str)> {
    let pairs = faults.iter();
    let pairs = pairs.map(|fault| (fault.code.as_str(), fault.name.as_str()));
    pairs.collect()
}

#[test]
fn the_later_source_wins_and_each_is_known() {
    let file = "listen = \"127.0.0.1:1\"\n\n[rate]\nburst = 1\nrequests_per_second = 2\naddress_burst = 3\n";
    let variables = [
        ("GRAPHLOOM_SERVER_RATE_REQUESTS_PER_SECOND", "20"),
        ("GRAPHLOOM_SERVER_RATE_ADDRESS_BURST", "30"),
    ];
    let config = load(file, &variables, &["--rate-address-burst", "300"]).expect("settings");
    let rate = &config.rate;
    assert_eq!(
        (
            rate.burst,
            rate.requests_per_second,
            rate.address_burst,
            rate.failures_per_minute
        ),
        (1, 20, 300, 20)
    );
    assert!(matches!(
        config.source("rate.burst"),
        Source::File { line: 4, .. }
    ));
    assert_eq!(
        config.source("rate.requests_per_second").to_string(),
        "GRAPHLOOM_SERVER_RATE_REQUESTS_PER_SECOND"
    );
    assert_eq!(
        config.source("rate.address_burst").to_string(),
        "--rate-address-burst"
    );
    assert_eq!(config.source("rate.failures_per_minute"), Source::Default);
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let file = "lisen = \"127.0.0.1:1\"\n[rate]\nburst = \"many\"\nrequests_per_second = 1_000_001\n\
                [auth]\ntoken_file = \"\"\n[auth.jwt]\nisuer = \"x\"\n[nothing.at.all]\nx = 1\n[requests]\nmax_body_bytes = 1\n";
    let variables = [
        ("GRAPHLOOM_SERVER_RATE_BRST", "1"),
        ("GRAPHLOOM_SERVER_LISTEN", "localhost"),
    ];
    let faults =
        load(file, &variables, &["--rate-failures-per-minute", "few"]).expect_err("faults");
    let mut found = codes(&faults);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("CONFIG_RANGE", "rate.requests_per_second"),
            ("CONFIG_RANGE", "requests.max_body_bytes"),
            ("CONFIG_UNKNOWN", ""),
            ("CONFIG_UNKNOWN", "auth.jwt.isuer"),
            ("CONFIG_UNKNOWN", "lisen"),
            ("CONFIG_UNKNOWN", "nothing.at.all.x"),
            ("CONFIG_VALUE", "auth.token_file"),
            ("CONFIG_VALUE", "listen"),
            ("CONFIG_VALUE", "rate.burst"),
            ("CONFIG_VALUE", "rate.failures_per_minute"),
        ]
    );
    let text = |name| {
        let found = faults
            .iter()
            .find(|fault| fault.name == name)
            .expect("a fault");
        found.to_string()
    };
    assert!(
        text("lisen").contains(".toml:1: lisen: there is no such setting; did you mean listen"),
        "{}",
        text("lisen")
    );
    assert!(
        text("auth.jwt.isuer").contains(".toml:8: "),
        "{}",
        text("auth.jwt.isuer")
    );
    assert!(text("auth.jwt.isuer").contains("auth.jwt.issuer"));
    assert!(
        text("rate.requests_per_second").ends_with("expected 0 to 1000000, found 1000001"),
        "{}",
        text("rate.requests_per_second")
    );
    assert!(
        text("").contains("GRAPHLOOM_SERVER_RATE_BURST"),
        "{}",
        text("")
    );
}

#[test]
fn a_file_that_is_no_toml_is_told_with_its_lines() {
    let faults = load(
        "listen = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:2\"\nx = = 1\n",
        &[],
        &[],
    )
    .expect_err("faults");
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("CONFIG_FILE: ") && line.contains(".toml:2")),
        "{lines:?}"
    );
    assert!(
        lines.iter().any(|line| line.contains(".toml:3")),
        "{lines:?}"
    );
    let asked = Asked::read(["x", "--config", "/nowhere/at/all.toml"].map(OsString::from))
        .expect("a command line");
    let faults = Config::load(&asked, &[]).expect_err("a fault");
    assert_eq!(faults[0].code, ConfigCode::File);
}

#[test]
fn variables_of_others_are_left_alone() {
    let others = [
        ("GRAPHLOOM_SERVER_SERVICE_HOST", "10.0.0.1"),
        ("GRAPHLOOM_SERVER_SERVICE_PORT_HTTP", "80"),
        ("GRAPHLOOM_SERVER_PORT", "tcp://10.0.0.1:80"),
        ("GRAPHLOOM_SERVER_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("GRAPHLOOM_SERVER_MY_SECRET", "it"),
        ("GRAPHLOOM_STORE", "x"),
    ];
    let file = "auth.jwt.secret_variable = \"GRAPHLOOM_SERVER_MY_SECRET\"\n";
    assert!(load(file, &others, &[]).is_ok());
    let faults = load("", &others, &[]).expect_err("a fault");
    assert_eq!(faults.len(), 1);
    assert_eq!(faults[0].source.to_string(), "GRAPHLOOM_SERVER_MY_SECRET");
}

#[test]
fn what_is_printed_says_the_same_again() {
    let file = "data = \"a b\\\\\\\"c\"\n[access]\nallow_addresses = [\"10.0.0.0/8\", \"::1\"]\n[auth.jwt]\nissuer = \"https://é/\"\n[audit]\nreads = true\n";
    let config = load(file, &[], &["--auth-local-token=false"]).expect("settings");
    let again = load(&config.to_toml(), &[], &[]).expect("settings");
    for setting in settings() {
        assert_eq!(
            config.show(setting.name),
            again.show(setting.name),
            "{}",
            setting.name
        );
    }
    assert!(!again.auth.local_token && again.audit.reads);
    let printed = config.to_toml();
    assert!(printed.contains("# --auth-local-token\n"), "{printed}");
    assert!(printed.contains(".toml:3\n"), "{printed}");
}

#[test]
fn no_two_settings_share_a_name_a_variable_or_a_flag() {
    let all = settings();
    let mut seen = HashSet::new();
    for setting in &all {
        for name in [setting.name, &setting.variable, &setting.flag] {
            assert!(
                seen.insert(name.to_owned()) || name == setting.name,
                "{name}"
            );
        }
        assert!(setting.summary.ends_with('.'), "{}", setting.name);
        assert!(!setting.what.is_empty());
        // Each default is within its own range, and is read as it is shown.
        if let Some(default) = &setting.default {
            let line = format!("{} = {default}\n", setting.name);
            assert!(load(&line, &[], &[]).is_ok(), "{line}");
        }
    }
}

#[test]
fn the_help_is_short_and_has_an_example() {
    let help = Asked::read(["x", "--help"].map(OsString::from)).expect_err("the help");
    let help = help.to_string();
    assert!(help.lines().count() < 25, "{help}");
    assert!(help.contains("graphloom-server --data"), "{help}");
}
