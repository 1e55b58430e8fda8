//! Variables that are named, and stores in a row.

use std::sync::Arc;

use graphloom::host::{
    Credential, CredentialError, Credentials, HostSet, MemoryCredentials, Secret,
};
use graphloom_backends::credentials::{EnvCredentials, Key, Keys, LayeredCredentials, providers};

fn environment(name: &str) -> Option<String> {
    match name {
        "OPENAI" => Some(" sk-123 \n".to_owned()),
        "EMPTY" => Some("  ".to_owned()),
        "GITHUB" => panic!("nobody named it"),
        _ => None,
    }
}

#[tokio::test]
async fn a_variable_that_is_named_is_read_and_no_other() {
    let hosts = providers::hosts("openai");
    let store = EnvCredentials::new();
    let store = store
        .with("mine", "OPENAI", "openai", &hosts, environment)
        .unwrap();
    let found = store.get("mine").await.unwrap();
    assert_eq!(found.token().unwrap().expose(), "sk-123");
    assert_eq!(
        (found.provider.as_str(), found.kind_name()),
        ("openai", "api_key")
    );
    assert!(
        found
            .token()
            .unwrap()
            .hosts()
            .matches("api.openai.com", 443)
    );
    assert_eq!(
        store.get("OPENAI").await.unwrap_err(),
        CredentialError::Unknown
    );
    assert!(!format!("{store:?}").contains("sk-123"));
}

#[test]
fn a_variable_without_a_secret_is_refused_by_name() {
    for (variable, what) in [("EMPTY", "empty"), ("MISSING", "not set")] {
        let refused =
            EnvCredentials::new().with("k", variable, "p", &HostSet::default(), environment);
        assert_eq!(
            refused.unwrap_err().to_string(),
            format!("the variable {variable} gives no credential \"k\": it is {what}")
        );
    }
}

#[tokio::test]
async fn the_first_store_that_knows_a_credential_gives_it() {
    let memory = |name: &str, key: &str| {
        Arc::new(MemoryCredentials::new().with(Credential::api_key(name, Secret::new(key))))
    };
    let keys = Keys::new(Key::generate().unwrap(), []);
    let all = LayeredCredentials::new()
        .then(memory("a", "first"))
        .then(memory("b", "second"))
        .then(memory("a", "third"))
        .then(Arc::new(keys));
    for (name, expected) in [("a", "first"), ("b", "second")] {
        let found = all.get(name).await.unwrap();
        assert_eq!(found.token().unwrap().expose(), expected);
    }
    assert_eq!(all.get("c").await.unwrap_err(), CredentialError::Unknown);
    let sealed = all.seal(b"plain").unwrap();
    assert_eq!(all.unseal(&sealed).unwrap(), b"plain");

    let keyless = LayeredCredentials::new().then(memory("a", "first"));
    assert!(matches!(
        keyless.seal(b"x"),
        Err(CredentialError::NoKey { .. })
    ));
    assert!(matches!(
        keyless.unseal(&sealed),
        Err(CredentialError::NoKey { .. })
    ));
}
