//! The file: what goes in comes out, and nothing of it can be read or changed without the key.

use std::fs;
use std::time::Duration;

use graphloom::host::{
    Clock, Credential, CredentialError, CredentialKind, Credentials, HostSet, ManualClock, Secret,
};
use graphloom::{Text, Timestamp};
use graphloom_backends::credentials::{CredentialFileError, FileCredentials, Keys};

use super::harness::Folder;

const CANARY: &str = "ca/na+ry \"s3cr3t\" ünd\\so";

type Expected = fn(&CredentialFileError) -> bool;

fn hosts() -> HostSet {
    HostSet::parse(["api.example.com", "*.example.org:8443"]).unwrap()
}

fn key(name: &str) -> Credential {
    Credential::api_key(name, Secret::new(CANARY))
        .of("example")
        .for_hosts(&hosts())
}

#[tokio::test]
async fn every_kind_comes_back_as_it_was() {
    let (folder, clock) = (Folder::new(), ManualClock::new());
    let store = folder.store(&clock);
    let secret = || Secret::new(CANARY);
    let kinds = [
        CredentialKind::ApiKey(secret()),
        CredentialKind::UserPassword {
            user: Text::from("ada"),
            password: secret(),
        },
        CredentialKind::HostScoped(vec![
            (Text::from("x-a"), secret()),
            (Text::from("x-b"), Secret::new("b")),
        ]),
        CredentialKind::OAuth2 {
            access_token: secret(),
            scopes: vec![Text::from("read")],
        },
    ];
    for (at, kind) in kinds.into_iter().enumerate() {
        let put = Credential::new(format!("k{at}"), kind)
            .of("example")
            .for_hosts(&hosts());
        store.add(&put).unwrap();
        let got = store.get(&put.name).await.unwrap();
        assert_eq!(
            (&got.name, &got.provider, got.kind_name()),
            (&put.name, &put.provider, put.kind_name())
        );
        let shown = |one: &Credential| -> Vec<String> {
            one.secrets()
                .iter()
                .map(|secret| secret.expose().to_owned())
                .collect()
        };
        assert_eq!(shown(&got), shown(&put));
        assert!(
            got.secrets()
                .iter()
                .all(|secret| secret.hosts() == &hosts())
        );
        assert!(!format!("{store:?} {got:?} {:?}", store.list()).contains("s3cr3t"));
    }
    assert_eq!(
        store.get("none").await.unwrap_err(),
        CredentialError::Unknown
    );
    let text = folder.text("credentials.json");
    assert!(text.contains("api.example.com") && text.contains("ada"));
    assert!(!text.contains("s3cr3t") && !text.contains("x-a"));
}

#[test]
fn the_file_is_its_owners_and_whole() {
    let (folder, clock) = (Folder::new(), ManualClock::new());
    let store = folder.store(&clock);
    store.add(&key("a")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(store.path()).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }
    // What a killed writer left beside it is in nobody's way.
    fs::write(folder.join("credentials.json.new"), "half").unwrap();
    store.add(&key("b")).unwrap();
    assert!(!folder.join("credentials.json.new").exists());
    let names: Vec<String> = store
        .list()
        .unwrap()
        .into_iter()
        .map(|entry| entry.name)
        .collect();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn names_are_looked_at_and_taken_once() {
    let (folder, clock) = (Folder::new(), ManualClock::new());
    let store = folder.store(&clock);
    for name in ["", "a b", "a\nb", "ü", "a=b", "a@b", &"x".repeat(129)] {
        let refused = store.add(&key(name)).unwrap_err();
        assert!(
            matches!(refused, CredentialFileError::Name { .. }),
            "{name}"
        );
    }
    store.add(&key("a")).unwrap();
    assert!(matches!(
        store.add(&key("a")),
        Err(CredentialFileError::Exists { .. })
    ));
    clock.advance(Duration::from_secs(5));
    store.put(&key("a")).unwrap();
    let entry = store.list().unwrap().remove(0);
    assert_eq!(
        (entry.created_at, entry.updated_at),
        (Timestamp(0), Timestamp(5_000))
    );
    assert!(store.remove("a").unwrap());
    assert!(!store.remove("a").unwrap());
    assert!(store.list().unwrap().is_empty());
}

#[tokio::test]
async fn nothing_in_it_can_be_changed_without_the_key() {
    let (folder, clock) = (Folder::new(), ManualClock::new());
    let store = folder.store(&clock);
    store.add(&key("a")).unwrap();
    let password = CredentialKind::UserPassword {
        user: Text::from("ada"),
        password: Secret::new("b"),
    };
    store.add(&Credential::new("b", password)).unwrap();
    let good = folder.text("credentials.json");
    for (from, to) in [
        ("api.example.com", "api.example.net"),
        ("\"provider\": \"example\"", "\"provider\": \"other\""),
        ("\"created_at\": 0", "\"created_at\": 1"),
        ("\"a\": {", "\"c\": {"),
    ] {
        assert!(good.contains(from), "{good}");
        fs::write(store.path(), good.replacen(from, to, 1)).unwrap();
        let name = if to.starts_with("\"c\"") { "c" } else { "a" };
        let refused = store.get(name).await.unwrap_err().to_string();
        assert!(refused.contains("not as it was sealed"), "{refused}");
        store.get("b").await.unwrap();
    }
    fs::write(
        store.path(),
        good.replacen("\"user\": \"ada\"", "\"user\": \"eve\"", 1),
    )
    .unwrap();
    assert!(store.get("b").await.is_err());
}

#[tokio::test]
async fn what_is_no_such_file_is_told_and_left_alone() {
    let (folder, clock) = (Folder::new(), ManualClock::new());
    let store = folder.store(&clock).max_bytes(10_000);
    store.add(&key("a")).unwrap();
    let good = folder.text("credentials.json");
    let cut = &good[..good.len() / 2];
    let cases: [(String, Expected); 8] = [
        (String::new(), |e| {
            matches!(e, CredentialFileError::Foreign { .. })
        }),
        ("\u{7f}ELF".to_owned(), |e| {
            matches!(e, CredentialFileError::Foreign { .. })
        }),
        ("{\"a\": 1}".to_owned(), |e| {
            matches!(e, CredentialFileError::Foreign { .. })
        }),
        (good.replace("\"format\": 1", "\"format\": 2"), |e| {
            matches!(
                e,
                CredentialFileError::Newer {
                    found: 2,
                    known: 1,
                    ..
                }
            )
        }),
        (cut.to_owned(), |e| {
            matches!(e, CredentialFileError::Damaged { .. })
        }),
        (good.replace("\"key\"", "\"kei\""), |e| {
            matches!(e, CredentialFileError::Damaged { .. })
        }),
        (good.replace("api.example.com", "https://x/"), |e| {
            matches!(e, CredentialFileError::Damaged { .. })
        }),
        (" ".repeat(10_001), |e| {
            matches!(e, CredentialFileError::TooLarge { limit: 10_000, .. })
        }),
    ];
    for (text, expected) in cases {
        fs::write(store.path(), &text).unwrap();
        for error in [
            store.list().unwrap_err(),
            store.add(&key("b")).unwrap_err(),
            store.remove("a").unwrap_err(),
        ] {
            assert!(expected(&error), "{error:?}");
        }
        assert!(store.get("a").await.is_err());
        assert_eq!(folder.text("credentials.json"), text);
    }
    fs::remove_file(store.path()).unwrap();
    fs::create_dir(store.path()).unwrap();
    assert!(matches!(
        store.list(),
        Err(CredentialFileError::File { .. })
    ));
}

#[tokio::test]
async fn keys_are_rotated() {
    let (folder, clock) = (Folder::new(), ManualClock::new());
    let old = folder.store(&clock);
    old.add(&key("a")).unwrap();
    old.add(&key("b")).unwrap();
    let sealed = old.seal(b"of a run that waits").unwrap();
    Keys::add_to(&folder.join("key")).unwrap();
    let both = folder.store(&clock);
    // Sealed by the old key, and good.
    both.get("a").await.unwrap();
    assert_eq!(both.reseal().unwrap(), 2);
    let ids: Vec<Text> = both
        .list()
        .unwrap()
        .into_iter()
        .map(|entry| entry.key)
        .collect();
    let newest = Keys::read(&folder.join("key"))
        .unwrap()
        .ids()
        .next()
        .unwrap()
        .clone();
    assert_eq!(ids, [newest.clone(), newest]);
    assert_eq!(
        both.get("b").await.unwrap().token().unwrap().expose(),
        CANARY
    );
    assert_eq!(both.unseal(&sealed).unwrap(), b"of a run that waits");
    // Who has not the new key is told so.
    let error = old.get("a").await.unwrap_err();
    assert!(
        matches!(&error, CredentialError::NoKey { message } if message.contains("was not given")),
        "{error}"
    );
}

#[test]
fn writers_do_not_undo_each_other() {
    let (folder, clock) = (Folder::new(), ManualClock::new());
    folder.store(&clock);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            // Each as another process would: with a store of its own.
            let store = folder.store(&clock);
            scope.spawn(move || {
                for at in 0..10 {
                    store.add(&key(&format!("w{writer}-{at}"))).unwrap();
                }
            });
        }
    });
    assert_eq!(folder.store(&clock).list().unwrap().len(), 40);
}

#[tokio::test]
async fn a_file_that_is_not_there_knows_nothing_and_is_not_made() {
    let (folder, clock) = (Folder::new(), ManualClock::new());
    let store = folder.store(&clock);
    assert_eq!(store.get("a").await.unwrap_err(), CredentialError::Unknown);
    assert!(store.list().unwrap().is_empty());
    assert!(!store.remove("a").unwrap());
    assert!(!store.path().exists());
    let _ = (clock.now(), FileCredentials::DEFAULT_MAX_BYTES);
}
