//! The format, frozen: a file of the first version opens for ever. See docs/formats/credentials.md.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use graphloom::host::{CredentialKind, Credentials, ManualClock};
use graphloom::value::Sealed;
use graphloom_backends::credentials::{FileCredentials, Keys};

use super::harness::Folder;

fn kept(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/credentials/formats/1");
    fs::read_to_string(folder.join(name)).unwrap()
}

fn keys() -> Keys {
    Keys::parse(&kept("key.txt"), "the fixture").unwrap()
}

#[tokio::test]
async fn a_file_of_the_first_version_opens() {
    let folder = Folder::new();
    let path = folder.join("credentials.json");
    fs::write(&path, kept("credentials.json")).unwrap();
    let store = FileCredentials::new(path, keys(), Arc::new(ManualClock::new()));
    let found: Vec<String> = store
        .list()
        .unwrap()
        .iter()
        .map(|one| format!("{} {} {} {}", one.name, one.provider, one.kind, one.hosts))
        .collect();
    assert_eq!(
        found,
        [
            "intranet example host_scoped *.example.org:8443",
            "mail smtp user_password smtp.example.com:587",
            "openai openai api_key api.openai.com",
            "work github oauth2 api.github.com, uploads.github.com",
        ]
    );
    let secret = async |name: &str| {
        let found = store.get(name).await.unwrap();
        let secrets = found.secrets();
        secrets
            .iter()
            .map(|one| one.expose().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(secret("openai").await, ["sk-fixture"]);
    assert_eq!(secret("mail").await, ["pass/w+rd \"ü\""]);
    assert_eq!(secret("intranet").await, ["one", "two"]);
    assert_eq!(secret("work").await, ["access"]);
    let mail = store.get("mail").await.unwrap();
    assert!(
        matches!(&mail.kind, CredentialKind::UserPassword { user, .. } if user.as_str() == "ada")
    );
}

#[test]
fn a_sealed_value_of_the_first_version_opens() {
    let text = kept("sealed.txt");
    let (key, ciphertext) = text.trim().split_once(' ').unwrap();
    let plain = keys().unseal(&Sealed::new(key, ciphertext)).unwrap();
    assert_eq!(plain, br#"{"hosts":["api.example.com"],"value":"sealed"}"#);
}

/// Writes the fixture, once for each format: `cargo test -p graphloom-backends --features credentials -- --ignored`.
#[test]
#[ignore = "writes the fixture of a new format"]
fn write_the_fixture() {
    use graphloom::Text;
    use graphloom::host::{Credential, HostSet, Secret};
    use graphloom_backends::credentials::oauth::{OAuthClient, Tokens};

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/credentials/formats/1");
    let store = FileCredentials::new(
        folder.join("credentials.json"),
        keys(),
        Arc::new(ManualClock::new()),
    );
    let hosts = |hosts: &[&str]| HostSet::parse(hosts).unwrap();
    let openai = Credential::api_key("openai", Secret::new("sk-fixture"));
    store
        .add(&openai.for_hosts(&hosts(&["api.openai.com"])))
        .unwrap();
    let mail = CredentialKind::UserPassword {
        user: Text::from("ada"),
        password: Secret::new("pass/w+rd \"ü\""),
    };
    store
        .add(
            &Credential::new("mail", mail)
                .of("smtp")
                .for_hosts(&hosts(&["smtp.example.com:587"])),
        )
        .unwrap();
    let headers = [("x-one", "one"), ("x-two", "two")]
        .map(|(name, value)| (Text::from(name), Secret::new(value)));
    let headers = CredentialKind::HostScoped(headers.to_vec());
    store
        .add(
            &Credential::new("intranet", headers)
                .of("example")
                .for_hosts(&hosts(&["*.example.org:8443"])),
        )
        .unwrap();
    let client = OAuthClient::new("client", "https://github.com/login/oauth/access_token")
        .with_secret(Some(Secret::new("client secret")));
    let tokens = Tokens::new(Secret::new("access")).with_refresh(Secret::new("refresh"));
    store
        .put_tokens(
            "work",
            "github",
            &hosts(&["api.github.com", "uploads.github.com"]),
            &client,
            &tokens,
        )
        .unwrap();
    let sealed = keys()
        .seal(br#"{"hosts":["api.example.com"],"value":"sealed"}"#)
        .unwrap();
    let text = format!("{} {}\n", sealed.key_id(), sealed.ciphertext());
    fs::write(folder.join("sealed.txt"), text).unwrap();
}
