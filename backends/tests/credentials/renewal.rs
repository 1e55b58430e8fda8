//! Tokens are renewed before they end, once for all who ask, and kept before they are used.

use std::sync::Arc;
use std::time::Duration;

use graphloom::Timestamp;
use graphloom::host::{CredentialError, Credentials, EgressError, HostSet, ManualClock, Secret};
use graphloom_backends::credentials::FileCredentials;
use graphloom_backends::credentials::oauth::{ClientAuth, OAuthClient, TokenBody, Tokens};

use tokio::task::JoinSet;

use super::harness::{Folder, Stub};

const TOKEN_URL: &str = "https://id.example.com/token";

fn put(store: &FileCredentials, ends: i64) {
    let client =
        OAuthClient::new("client", TOKEN_URL).with_secret(Some(Secret::new("cl/ient+s3cret")));
    let tokens = Tokens::new(Secret::new("access-0"))
        .with_refresh(Secret::new("refresh-0"))
        .until(Timestamp(ends));
    let hosts = HostSet::parse(["api.example.com"]).unwrap();
    store
        .put_tokens("work", "example", &hosts, &client, &tokens)
        .unwrap();
}

fn answer(nth: usize) -> Result<(u16, String), EgressError> {
    let body = format!(
        r#"{{"access_token":"access-{nth}","refresh_token":"refresh-{nth}","token_type":"Bearer","expires_in":3600,"scope":"a b"}}"#
    );
    Ok((200, body))
}

async fn token(store: &FileCredentials) -> Result<String, CredentialError> {
    let found = store.get("work").await?;
    assert_eq!(
        found.token().unwrap().hosts().to_string(),
        "api.example.com"
    );
    Ok(found.token().unwrap().expose().to_owned())
}

#[tokio::test]
async fn fifty_at_once_ask_the_service_once() {
    let (folder, clock) = (Folder::new(), ManualClock::new());
    let http = Stub::shut(|nth, _| answer(nth));
    let store = folder.store(&clock).renewing_by(http.clone());
    put(&store, 3_600_000);
    assert_eq!(token(&store).await.unwrap(), "access-0");
    clock.advance(Duration::from_secs(3_541));
    let mut asking = JoinSet::new();
    for _ in 0..50 {
        let store = store.clone();
        asking.spawn(async move { token(&store).await.unwrap() });
    }
    // Nobody has an answer before the service gave one.
    while http.sent().is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(asking.try_join_next().is_none());
    http.gate.add_permits(100);
    let all = asking.join_all().await;
    assert_eq!(all, vec!["access-1"; 50]);
    let sent = http.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].url, TOKEN_URL);
    assert_eq!(sent[0].hosts, "id.example.com", "and nowhere else");
    assert_eq!(
        sent[0].body,
        "grant_type=refresh_token&refresh_token=refresh-0&client_id=client&client_secret=cl%2Fient%2Bs3cret"
    );
    // Another process finds what was kept, and the service's newer refresh token goes next.
    let other = folder.store(&clock).renewing_by(http.clone());
    assert_eq!(token(&other).await.unwrap(), "access-1");
    clock.advance(Duration::from_secs(7_200));
    assert_eq!(token(&other).await.unwrap(), "access-2");
    assert!(http.sent()[1].body.contains("refresh_token=refresh-1&"));
    let entry = other.list().unwrap().remove(0);
    assert_eq!(entry.scopes, ["a", "b"]);
    assert!(!folder.text("credentials.json").contains("access-"));
}

#[tokio::test]
async fn two_processes_ask_the_service_once() {
    let (folder, clock) = (Folder::new(), ManualClock::new());
    let http = Stub::shut(|nth, _| answer(nth));
    let stores = [0, 1].map(|_| folder.store(&clock).renewing_by(http.clone()));
    put(&stores[0], 1_000);
    clock.advance(Duration::from_secs(1));
    let mut asking = JoinSet::new();
    for store in stores {
        asking.spawn(async move { token(&store).await.unwrap() });
    }
    while http.sent().is_empty() {
        tokio::task::yield_now().await;
    }
    http.gate.add_permits(100);
    assert_eq!(asking.join_all().await, ["access-1", "access-1"]);
    assert_eq!(http.sent().len(), 1);
}

#[tokio::test]
async fn who_gives_up_waiting_does_not_lose_the_token() {
    let (folder, clock) = (Folder::new(), ManualClock::new());
    let http = Stub::shut(|nth, _| answer(nth));
    let store = folder.store(&clock).renewing_by(http.clone());
    put(&store, 1_000);
    clock.advance(Duration::from_secs(1));
    let mut tasks = JoinSet::new();
    let first = tasks.spawn({
        let store = store.clone();
        async move { token(&store).await }
    });
    while http.sent().is_empty() {
        tokio::task::yield_now().await;
    }
    first.abort();
    assert!(tasks.join_next().await.unwrap().unwrap_err().is_cancelled());
    http.gate.add_permits(100);
    assert_eq!(token(&store).await.unwrap(), "access-1");
    assert_eq!(http.sent().len(), 1);
}

#[tokio::test]
async fn a_refusal_is_told_to_all_and_says_what_to_do() {
    let (folder, clock) = (Folder::new(), ManualClock::new());
    let http = Stub::shut(|_, sent| {
        // A service that says too much.
        let body = format!(
            r#"{{"error":"invalid_grant","error_description":"no more of {}"}}"#,
            sent.body.replace("cl%2Fient%2Bs3cret", "cl/ient+s3cret")
        );
        Ok((400, body))
    });
    let store = folder.store(&clock).renewing_by(http.clone());
    put(&store, 1_000);
    clock.advance(Duration::from_secs(1));
    let mut asking = JoinSet::new();
    for _ in 0..10 {
        let store = store.clone();
        asking.spawn(async move { token(&store).await.unwrap_err() });
    }
    while http.sent().is_empty() {
        tokio::task::yield_now().await;
    }
    http.gate.add_permits(100);
    for error in asking.join_all().await {
        let text = error.to_string();
        assert!(matches!(error, CredentialError::Expired { .. }), "{text}");
        assert!(
            text.contains("id.example.com refuses: invalid_grant") && text.contains("log in"),
            "{text}"
        );
        assert!(
            !text.contains("refresh-0") && !text.contains("s3cret"),
            "{text}"
        );
    }
    // What is kept stays as it is: a person may know better.
    assert_eq!(store.list().unwrap().len(), 1);
}

#[tokio::test]
async fn a_token_that_is_still_good_is_used_while_the_service_is_away() {
    let (folder, clock) = (Folder::new(), ManualClock::new());
    let http = Stub::new(|nth, _| match nth {
        1 => Err(EgressError::Connect {
            message: "refused".to_owned(),
        }),
        2 => Ok((503, "<html>".to_owned())),
        _ => answer(nth),
    });
    let store = folder.store(&clock).renewing_by(http.clone());
    put(&store, 60_000);
    clock.advance(Duration::from_secs(10));
    assert_eq!(token(&store).await.unwrap(), "access-0");
    clock.advance(Duration::from_secs(50));
    let over = token(&store).await.unwrap_err();
    assert!(matches!(over, CredentialError::Store { .. }), "{over}");
    assert_eq!(token(&store).await.unwrap(), "access-3");
}

#[tokio::test]
async fn a_login_meanwhile_is_the_later_word() {
    let (folder, clock) = (Folder::new(), ManualClock::new());
    let http = Stub::shut(|nth, _| answer(nth));
    let store = folder.store(&clock).renewing_by(http.clone());
    put(&store, 1_000);
    clock.advance(Duration::from_secs(1));
    let mut tasks = JoinSet::new();
    tasks.spawn({
        let store = store.clone();
        async move { token(&store).await }
    });
    while http.sent().is_empty() {
        tokio::task::yield_now().await;
    }
    put(&store, 9_000_000);
    http.gate.add_permits(1);
    assert!(tasks.join_next().await.unwrap().unwrap().is_err());
    assert_eq!(token(&store).await.unwrap(), "access-0");
}

#[tokio::test]
async fn without_the_means_it_is_told_which_is_missing() {
    let (folder, clock) = (Folder::new(), ManualClock::new());
    let store = folder.store(&clock);
    put(&store, 1_000);
    clock.advance(Duration::from_secs(1));
    let error = token(&store).await.unwrap_err().to_string();
    assert!(error.contains("no web client"), "{error}");
    let client = OAuthClient::new("client", TOKEN_URL);
    let tokens = Tokens::new(Secret::new("a")).until(Timestamp(0));
    store
        .put_tokens("work", "p", &HostSet::default(), &client, &tokens)
        .unwrap();
    let error = token(&store).await.unwrap_err();
    assert!(
        matches!(&error, CredentialError::Expired { message } if message.contains("log in")),
        "{error}"
    );
}

#[tokio::test]
async fn clients_say_who_they_are_as_the_service_wants_it() {
    let clock = ManualClock::new();
    let http = Stub::new(|nth, _| answer(nth));
    let (web, time): (
        Arc<dyn graphloom::host::Http>,
        Arc<dyn graphloom::host::Clock>,
    ) = (http.clone(), Arc::new(clock));
    let client = OAuthClient::new("a:b", TOKEN_URL)
        .with_secret(Some(Secret::new("s p")))
        .with_auth(ClientAuth::Basic)
        .with_body(TokenBody::Json);
    client
        .refresh(&web, &time, &Secret::new("r"))
        .await
        .unwrap();
    let sent = http.sent().remove(0);
    assert_eq!(
        sent.body,
        r#"{"grant_type":"refresh_token","refresh_token":"r"}"#
    );
    // a%3Ab:s%20p
    assert!(
        sent.headers.contains(&(
            "authorization".to_owned(),
            "Basic YSUzQWI6cyUyMHA=".to_owned()
        )),
        "{sent:?}"
    );
}
