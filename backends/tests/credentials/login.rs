//! A person's way through a service's page.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use graphloom::Timestamp;
use graphloom::host::{Clock, Http, ManualClock, Secret};
use graphloom_backends::credentials::oauth::{
    Login, LoginOptions, OAuthClient, OAuthError, Redirected, SERVICES, service,
};
use sha2::{Digest, Sha256};

use super::harness::Stub;

const BACK: &str = "http://127.0.0.1:8123/back";

fn begin(clock: &ManualClock) -> Login {
    let google = service("google").unwrap();
    let client =
        OAuthClient::new("client id", google.token_url).with_secret(Some(Secret::new("shh!")));
    let options = LoginOptions::new(BACK).scopes(["mail", "files read"]);
    Login::begin(google, client, options, Arc::new(clock.clone())).unwrap()
}

fn pair<'t>(url: &'t str, name: &str) -> &'t str {
    let (_, query) = url.split_once('?').unwrap();
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(own, _)| *own == name).unwrap().1
}

fn back(state: &str) -> Redirected {
    Redirected::read(&format!("{BACK}?state={state}&code=4%2Fco%20de")).unwrap()
}

#[tokio::test]
async fn a_code_is_exchanged_with_the_proof_that_was_promised() {
    let clock = ManualClock::new();
    let login = begin(&clock);
    let url = login.url();
    assert!(url.starts_with(
        "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=client%20id&"
    ));
    assert_eq!(
        pair(url, "redirect_uri"),
        "http%3A%2F%2F127.0.0.1%3A8123%2Fback"
    );
    assert_eq!(pair(url, "scope"), "mail%20files%20read");
    assert_eq!(
        (pair(url, "access_type"), pair(url, "code_challenge_method")),
        ("offline", "S256")
    );
    assert_eq!(pair(url, "state").len(), 43);
    assert_eq!(login.state().unwrap().as_str(), pair(url, "state"));
    assert!(!url.contains("shh"));

    let stub = Stub::new(|_, _| {
        Ok((
            200,
            r#"{"access_token":"a","expires_in":"60","refresh_token":"r"}"#.to_owned(),
        ))
    });
    let http: Arc<dyn Http> = stub.clone();
    clock.advance(Duration::from_secs(599));
    let tokens = login
        .finish(&http, &back(pair(url, "state")))
        .await
        .unwrap();
    assert_eq!(tokens.access.expose(), "a");
    assert_eq!(
        tokens.expires_at,
        Some(Timestamp(clock.now().as_millis() + 60_000))
    );
    let sent = stub.sent().remove(0);
    let body = format!("?{}", sent.body);
    assert_eq!(pair(&body, "code"), "4%2Fco%20de");
    assert_eq!(pair(&body, "client_secret"), "shh%21");
    let verifier = pair(&body, "code_verifier");
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    assert_eq!(challenge, pair(url, "code_challenge"));

    // Once.
    let again = login
        .finish(&http, &back(pair(url, "state")))
        .await
        .unwrap_err();
    assert_eq!(again, OAuthError::Over);
    assert!(login.state().is_none());
    assert_eq!(stub.sent().len(), 1);
}

#[tokio::test]
async fn what_belongs_elsewhere_or_comes_late_asks_nobody() {
    let clock = ManualClock::new();
    let login = begin(&clock);
    let other = begin(&clock);
    let stub = Stub::new(|_, _| Ok((200, r#"{"access_token":"a"}"#.to_owned())));
    let http: Arc<dyn Http> = stub.clone();
    let state = pair(login.url(), "state").to_owned();
    let foreign = pair(other.url(), "state").to_owned();
    let short = &state[..42];
    for wrong in ["x", short, &foreign, &format!("{state}x")] {
        let error = login.finish(&http, &back(wrong)).await.unwrap_err();
        assert_eq!(error, OAuthError::State, "{wrong}");
    }
    assert!(stub.sent().is_empty());
    // It is still open for whoever began it.
    login.finish(&http, &back(&state)).await.unwrap();
    clock.advance(Duration::from_secs(601));
    assert_eq!(
        other.finish(&http, &back(&foreign)).await.unwrap_err(),
        OAuthError::Over
    );
    assert_eq!(stub.sent().len(), 1);
}

#[test]
fn what_comes_back_is_read_or_refused() {
    let denied = Redirected::read("/back?error=access_denied&state=s").unwrap_err();
    assert!(matches!(&denied, OAuthError::Refused { code, .. } if code == "access_denied"));
    for nothing in [
        "",
        "/back",
        "/back?code=c",
        "/back?state=s",
        "/back?state=%zz&code=%ff",
    ] {
        assert!(
            matches!(Redirected::read(nothing), Err(OAuthError::Request { .. })),
            "{nothing}"
        );
    }
    let of = |query: &str| Redirected::state_of(query);
    assert_eq!(of("error=access_denied&state=s").as_deref(), Some("s"));
    assert_eq!(of("code=c"), None);
    let read = Redirected::read("code=c&state=a+b#part").unwrap();
    assert_eq!((read.state.as_str(), read.code.expose()), ("a b", "c"));
    assert!(!format!("{read:?}").contains("a b"));
}

#[tokio::test]
async fn answers_that_are_none_are_told_without_what_is_in_them() {
    let clock = ManualClock::new();
    for (status, body, expected) in [
        (200, "", "no JSON"),
        (200, "<html>s3cret</html>", "no JSON"),
        (200, r#"{"token":"s3cret"}"#, "no access_token"),
        (200, r#"{"access_token":""}"#, "no access_token"),
        (
            200,
            r#"{"access_token":"s3cret","token_type":"mac"}"#,
            "not bearer",
        ),
        (500, r#"{"access_token":"s3cret"}"#, "status 500"),
        (
            200,
            r#"{"error":"bad_verification_code"}"#,
            "bad_verification_code",
        ),
        (
            400,
            "{\"error\":\"a\\u001b[31m\",\"error_description\":\"4/co de\"}",
            "refuses: a[31m ([redacted])",
        ),
    ] {
        let login = begin(&clock);
        let http: Arc<dyn Http> = Stub::new(move |_, _| Ok((status, body.to_owned())));
        let state = pair(login.url(), "state").to_owned();
        let error = login
            .finish(&http, &back(&state))
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{error}");
        assert!(
            !error.contains("s3cret") && !error.contains('\u{1b}'),
            "{error}"
        );
    }
}

#[test]
fn every_service_can_be_asked() {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::new());
    for (at, one) in SERVICES.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| SERVICES[at].name);
        assert!(before < Some(one.name), "{} is out of order", one.name);
        for url in [one.authorize_url, one.token_url, one.page]
            .into_iter()
            .chain(one.revoke_url)
        {
            assert!(url.starts_with("https://"), "{url}");
        }
        let client = OAuthClient::new("c", one.token_url);
        Login::begin(one, client, LoginOptions::new(BACK), clock.clone()).unwrap();
    }
}
