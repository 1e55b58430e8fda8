//! Keys and signatures by the examples of the RFCs, which another implementation verifies too; claims; keys that are
//! fetched.

use std::collections::VecDeque;
use std::sync::Mutex;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use graphloom::host::{BoxFuture, EgressError, HttpBody, HttpRequest, HttpResponse, ManualClock};
use graphloom::value::Map;
use graphloom::{Timestamp, Value, value};

use super::*;
use crate::principal::Scope;

const PAYLOAD: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

/// RFC 7515, A.2.
const RSA_N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const RSA_PEM: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAofgWCuLjybRlzo0tZWJj
NiuSfb4p4fAkd/wWJcyQoTbji9k0l8W26mPddxHmfHQp+Vaw+4qPCJrcS2mJPMEz
P1Pt0Bm4d4QlL+yRT+SFd2lZS+pCgNMsD1W/YpRPEwOWvG6b32690r2jZ47soMZo
9wGzjb/7OMg0LOL+bSf63kpaSHSXndS5z5rexMdbBYUsLA9e+KXBdQOS+UTo7WTB
EMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6/I5IhlJH7aGhyxX
FvUK+DWNmoudF8NAco9/h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXp
oQIDAQAB
-----END PUBLIC KEY-----
";
const RSA_SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

/// RFC 7515, A.3.
const P256_PEM: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7
6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==
-----END PUBLIC KEY-----
";
const P256_X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const P256_Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
const P256_SIGNATURE: &str =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

/// RFC 8037, A.4.
const ED25519_PEM: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----
";
const ED25519_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const ED25519_SIGNATURE: &str =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

/// RFC 7515, A.1.
const SECRET: &str =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

fn decoded(text: &str) -> Vec<u8> {
    BASE64.decode(text).expect("base64")
}

fn set(keys: Value) -> Result<KeySet, KeyError> {
    KeySet::read(value!({ "keys": keys }).to_string().as_bytes())
}

fn jwks() -> KeySet {
    let keys = value!([
        { "kty": "RSA", "kid": "r", "use": "sig", "alg": "RS256", "n": RSA_N, "e": "AQAB" },
        { "kty": "EC", "crv": "P-256", "kid": "e", "x": P256_X, "y": P256_Y },
        { "kty": "OKP", "crv": "Ed25519", "kid": "d", "alg": "EdDSA", "x": ED25519_X },
        { "kty": "oct", "kid": "secret", "k": SECRET },
        { "kty": "RSA", "kid": "enc", "use": "enc", "n": RSA_N, "e": "AQAB" },
        { "kty": "RSA", "kid": "ps", "alg": "PS256", "n": RSA_N, "e": "AQAB" },
        { "kty": "RSA", "kid": "wrap", "key_ops": ["wrapKey"], "n": RSA_N, "e": "AQAB" },
        { "kty": "EC", "crv": "P-384", "kid": "e384", "x": P256_X, "y": P256_Y },
        { "kty": "unheard", "kid": "u" },
        { "kid": "nothing" }
    ]);
    set(keys).expect("a set")
}

#[test]
fn the_examples_of_the_rfcs_hold_and_nothing_near_them() {
    let pem = |text| pem::read(text).expect("a key");
    let named = |id| jwks().find(Some(id)).expect("a key");
    let ed25519 = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".to_owned();
    let rsa = format!("eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}");
    let p256 = format!("eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}");
    let hmac = format!("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{PAYLOAD}");
    let secret = Key::secret(&decoded(SECRET)).expect("a key");
    for (key, algorithm, text, signature) in [
        (
            secret,
            "HS256",
            &hmac,
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        ),
        (pem(RSA_PEM), "RS256", &rsa, RSA_SIGNATURE),
        (named("r"), "RS256", &rsa, RSA_SIGNATURE),
        (pem(P256_PEM), "ES256", &p256, P256_SIGNATURE),
        (named("e"), "ES256", &p256, P256_SIGNATURE),
        (pem(ED25519_PEM), "EdDSA", &ed25519, ED25519_SIGNATURE),
        (named("d"), "EdDSA", &ed25519, ED25519_SIGNATURE),
    ] {
        let mut signature = decoded(signature);
        assert_eq!(key.algorithm(), algorithm);
        assert!(key.verifies(text.as_bytes(), &signature), "{algorithm}");
        assert!(
            !key.verifies(&text.as_bytes()[1..], &signature),
            "{algorithm}"
        );
        assert!(!key.verifies(text.as_bytes(), &[]), "{algorithm}");
        assert!(
            !key.verifies(text.as_bytes(), &signature[1..]),
            "{algorithm}"
        );
        assert!(
            !key.verifies(text.as_bytes(), &vec![0; signature.len()]),
            "{algorithm}"
        );
        signature[7] ^= 1;
        assert!(!key.verifies(text.as_bytes(), &signature), "{algorithm}");
    }
}

#[test]
fn keys_that_are_none_of_ours_are_passed_over() {
    let all = jwks();
    for id in [
        "secret",
        "enc",
        "ps",
        "wrap",
        "e384",
        "u",
        "nothing",
        "",
        "../../dev/null",
    ] {
        assert!(all.find(Some(id)).is_none(), "{id}");
    }
    assert!(all.find(None).is_none(), "there are several");
    let one = set(value!([{ "kty": "OKP", "crv": "Ed25519", "x": ED25519_X }]));
    let one = one.expect("a set");
    assert!(one.find(None).is_some() && one.find(Some("d")).is_none());
}

#[test]
fn what_is_no_key_is_told() {
    let wrong = |key: Result<Key, KeyError>, with: &str| {
        let error = key.expect_err(with).to_string();
        assert!(error.contains(with), "{error}");
    };
    wrong(Key::secret(b"short"), "32 bytes");
    wrong(pem::read(""), "found none");
    wrong(
        pem::read(&RSA_PEM.replace("PUBLIC", "RSA PRIVATE")),
        "private key",
    );
    wrong(
        pem::read(&RSA_PEM.replace("PUBLIC KEY", "CERTIFICATE")),
        "CERTIFICATE",
    );
    wrong(pem::read(&format!("{RSA_PEM}{P256_PEM}")), "more than one");
    wrong(pem::read(&RSA_PEM.replace("MIIB", "!!!!")), "base64");
    wrong(pem::read(&RSA_PEM.replace("MIIB", "MIIC")), "damaged");
    let (n, e) = (decoded(RSA_N), decoded("AQAB"));
    wrong(Key::rsa(&n[..128], &e), "1024");
    wrong(Key::rsa(&n.repeat(5), &e), "2048 to 8192");
    wrong(Key::rsa(&n, &[1]), "exponent");
    wrong(Key::rsa(&n, &[2]), "exponent");
    wrong(Key::rsa(&n, &[]), "exponent");
    wrong(Key::rsa(&[], &e), "and this one has 0");
    wrong(Key::p256(&[2; 33]), "P-256");
    wrong(Key::ed25519(&[2; 31]), "32 bytes");
    // P-384, and RSA of 1,024 bits, by another implementation.
    wrong(
        pem::read(
            "-----BEGIN PUBLIC KEY-----\nMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE3t8w7wSdpvP5HDgrbBI4Gj06kvin5QuY\n/3xFH6q1m4wPPFqlSGxkATjiPLS4WR6Q7wekYR4oV+PwlxGlpTPIhruPIrImI7/b\nZxSuuoRZkYim7fmkuYZKlz5WqKQyX0tP\n-----END PUBLIC KEY-----\n",
        ),
        "RSA, P-256 or Ed25519",
    );
    wrong(
        pem::read(
            "-----BEGIN PUBLIC KEY-----\nMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDF89cMLexMmMBwHmmA7giFzpa2\nlnQZnU/no+/FMcCrv0jxgIeX//RAYFkAnq61rx+fUk9BWDCW6h0co5JWjTk0ctnY\n24p77EQbBXjhIazLYNxO4qhxs2fl/sAO6/1T/+PNVxxKlIxmBbWqYe4bZNcj+LTz\n3qIVtJMrKULNglcXCQIDAQAB\n-----END PUBLIC KEY-----\n",
        ),
        "1024",
    );
    for (json, with) in [
        ("", "no JSON"),
        ("{}", "no list"),
        ("{\"keys\":{}}", "no list"),
        ("{\"keys\":[]}", "none that"),
        ("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"}]}", "none that"),
        (
            "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AAAA\",\"e\":\"AQAB\"}]}",
            "none that",
        ),
    ] {
        let error = KeySet::read(json.as_bytes()).expect_err(json).to_string();
        assert!(error.contains(with), "{json}: {error}");
    }
    let many: Value = (0..65).map(|_| Value::Null).collect();
    assert!(set(many).is_err());
}

/// Damaged PEMs are refused and never panic.
#[test]
fn a_damaged_pem_is_no_key() {
    for pem in [RSA_PEM, P256_PEM, ED25519_PEM] {
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = base64::engine::general_purpose::STANDARD
            .decode(body)
            .expect("base64");
        for at in 0..der.len() {
            let mut cut = der.clone();
            cut.truncate(at);
            let body = base64::engine::general_purpose::STANDARD.encode(cut);
            let text = format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n");
            assert!(pem::read(&text).is_err(), "{at}");
        }
    }
}

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn claims() -> Claims {
    Claims {
        issuer: "https://issuer".into(),
        audience: "graphloom".into(),
        leeway: Duration::from_secs(30),
        tenant: "sub".into(),
        most: Role::Owner.scopes(),
    }
}

fn base() -> Map {
    let base = value!({
        "iss": "https://issuer", "aud": "graphloom", "sub": "ada", "exp": 1_800_000_060, "scope": "runs:read openid"
    });
    base.as_map().expect("a map").clone()
}

/// Returns who a token with these claims in place of the usual ones is of; `Null` takes one away.
fn who(changes: &Value) -> Result<Principal, &'static str> {
    let mut all = base();
    for (name, value) in changes.as_map().expect("a map").iter() {
        match value {
            Value::Null => drop(all.remove(name)),
            value => drop(all.insert(name.clone(), value.clone())),
        }
    }
    claims()
        .principal(&all.into(), NOW)
        .map_err(|refused| match refused {
            Refused::Invalid(why) => why,
            Refused::Expired => "expired",
            Refused::Unavailable => "unavailable",
        })
}

#[test]
fn a_token_gives_what_its_claims_say_and_no_more_than_it_may() {
    let ada = who(&value!({})).expect("a principal");
    assert_eq!(
        (ada.tenant_name().as_str(), ada.subject.as_str()),
        ("ada", "ada")
    );
    assert_eq!(ada.scopes.iter().collect::<Vec<_>>(), [Scope::RunsRead]);
    assert_eq!(ada.expires, Some(Timestamp(1_800_000_060_000)));
    for (changes, scopes) in [
        (value!({ "scope": null }), Scopes::none()),
        (
            value!({ "scope": ["runs:read", "runs:write"] }),
            Scopes::of_words(["runs:read", "runs:write"]),
        ),
        (
            value!({ "scope": "  runs:read   runs:read " }),
            Scopes::of_words(["runs:read"]),
        ),
        (value!({ "scope": "*" }), Scopes::none()),
        (
            value!({ "scope": null, "role": "viewer" }),
            Role::Viewer.scopes(),
        ),
        (
            value!({ "scope": null, "roles": ["viewer", "runner", "king"] }),
            Role::Runner.scopes(),
        ),
        (
            value!({ "scope": null, "roles": "viewer runner" }),
            Scopes::none(),
        ),
        (value!({ "roles": ["admin"] }), Role::Owner.scopes()),
        (value!({ "scope": "admin" }), Scopes::none()),
        (
            value!({ "scopes": ["runs:write"], "permissions": ["runs:write"] }),
            Scopes::of_words(["runs:read"]),
        ),
    ] {
        assert_eq!(who(&changes).map(|who| who.scopes), Ok(scopes), "{changes}");
    }
}

/// 61. Times, audiences, issuers, and claims of other types.
#[test]
fn claims_that_do_not_hold_are_refused() {
    for (changes, why) in [
        (value!({ "iss": "https://issuer/" }), "issuer"),
        (value!({ "iss": null }), "issuer"),
        (value!({ "iss": ["https://issuer"] }), "issuer"),
        (value!({ "aud": null }), "audience"),
        (value!({ "aud": "graphloom2" }), "audience"),
        (value!({ "aud": "other graphloom" }), "audience"),
        (value!({ "aud": ["other"] }), "audience"),
        (value!({ "aud": [] }), "audience"),
        (value!({ "aud": [["graphloom"]] }), "texts"),
        (value!({ "aud": { "graphloom": true } }), "texts"),
        (value!({ "exp": null }), "no end"),
        (value!({ "exp": "1800000060" }), "moment"),
        (value!({ "exp": -1 }), "moment"),
        (value!({ "exp": 1e300 }), "moment"),
        (value!({ "exp": 9_999_999_999_999_i64 }), "moment"),
        (value!({ "exp": true }), "moment"),
        (value!({ "exp": 1_799_999_970 }), "expired"),
        (value!({ "exp": 0 }), "expired"),
        (value!({ "nbf": 1_800_000_031 }), "not to be used yet"),
        (value!({ "nbf": "now" }), "moment"),
        (value!({ "iat": 1_800_000_031 }), "in the future"),
        (value!({ "iat": 253_402_300_799_i64 }), "in the future"),
        (value!({ "sub": null }), "whose"),
        (value!({ "sub": "" }), "nobody"),
        (value!({ "sub": " ada" }), "nobody"),
        (value!({ "sub": "ada\n" }), "nobody"),
        (value!({ "sub": 7 }), "whose"),
        (value!({ "sub": "local" }), "server's own"),
        (value!({ "sub": "a".repeat(201) }), "nobody"),
        (value!({ "scope": 7 }), "texts"),
        (value!({ "roles": [7] }), "texts"),
    ] {
        let found = who(&changes).expect_err("refused");
        assert!(found.contains(why), "{changes}: {found}");
    }
    for fine in [
        value!({ "aud": ["other", "graphloom"] }),
        value!({ "exp": 1_799_999_971 }),
        value!({ "exp": 1_800_000_000.5 }),
        value!({ "nbf": 1_800_000_030, "iat": 1_800_000_030 }),
        value!({ "sub": "auth0|0123", "x": [1, 2, 3] }),
    ] {
        assert!(who(&fine).is_ok(), "{fine}");
    }
}

#[test]
fn another_claim_can_name_the_tenant() {
    let claims = Claims {
        tenant: "org".into(),
        ..claims()
    };
    let mut all = base();
    assert!(claims.principal(&all.clone().into(), NOW).is_err());
    all.insert("org", "acme");
    let who = claims.principal(&all.into(), NOW).expect("a principal");
    assert_eq!(
        (who.tenant_name().as_str(), who.subject.as_str()),
        ("acme", "ada")
    );
}

/// An issuer that gives these answers, one after the other, the last one again and again.
struct Issuer {
    answers: Mutex<VecDeque<(u16, String)>>,
    asked: Mutex<u32>,
}

impl Issuer {
    fn new(answers: impl IntoIterator<Item = (u16, Value)>) -> Arc<Self> {
        let answers = answers
            .into_iter()
            .map(|(status, body)| (status, body.to_string()));
        Arc::new(Self {
            answers: Mutex::new(answers.collect()),
            asked: Mutex::new(0),
        })
    }

    fn asked(&self) -> u32 {
        *self.asked.lock().expect("no panic")
    }
}

impl Http for Issuer {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, EgressError>> {
        assert_eq!(
            (request.redirects, request.max_bytes),
            (Some(0), Some(256 << 10))
        );
        *self.asked.lock().expect("no panic") += 1;
        let mut answers = self.answers.lock().expect("no panic");
        let (status, body) = match answers.len() {
            1 => answers[0].clone(),
            _ => answers.pop_front().expect("an answer"),
        };
        Box::pin(async move {
            Ok(HttpResponse::new(
                status,
                "https://issuer/keys",
                HttpBody::of(body),
            ))
        })
    }
}

fn published(issuer: &Arc<Issuer>) -> Fetched {
    Fetched::new(
        "https://issuer/keys".into(),
        Arc::clone(issuer) as _,
        Duration::from_secs(3_600),
    )
}

fn named(ids: &[&str]) -> (u16, Value) {
    let keys: Value = ids
        .iter()
        .map(|id| value!({ "kty": "OKP", "crv": "Ed25519", "kid": (*id), "x": ED25519_X }))
        .collect();
    (200, value!({ "keys": keys }))
}

async fn find(keys: &Fetched, id: &str, clock: &ManualClock) -> Option<bool> {
    keys.find(Some(id), clock)
        .await
        .ok()
        .map(|key| key.is_some())
}

#[tokio::test]
async fn an_unknown_name_has_keys_fetched_once_a_minute() {
    let issuer = Issuer::new([named(&["a"]), named(&["a", "b"])]);
    let (keys, clock) = (published(&issuer), ManualClock::new());
    assert_eq!(find(&keys, "a", &clock).await, Some(true));
    assert_eq!(find(&keys, "a", &clock).await, Some(true));
    assert_eq!(issuer.asked(), 1);
    for made_up in 0..100 {
        assert_eq!(
            find(&keys, &format!("x{made_up}"), &clock).await,
            Some(false)
        );
    }
    assert_eq!(issuer.asked(), 1, "it was fetched a moment ago");
    assert_eq!(find(&keys, "b", &clock).await, Some(false));
    clock.advance(Duration::from_secs(60));
    assert_eq!(find(&keys, "b", &clock).await, Some(true));
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn old_keys_are_fetched_again_and_a_revoked_one_goes() {
    let issuer = Issuer::new([named(&["a", "b"]), named(&["b"])]);
    let (keys, clock) = (published(&issuer), ManualClock::new());
    assert_eq!(find(&keys, "a", &clock).await, Some(true));
    clock.advance(Duration::from_secs(3_599));
    assert_eq!(find(&keys, "a", &clock).await, Some(true));
    assert_eq!(issuer.asked(), 1);
    clock.advance(Duration::from_secs(1));
    assert_eq!(find(&keys, "a", &clock).await, Some(false));
    assert_eq!(find(&keys, "b", &clock).await, Some(true));
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn an_issuer_that_is_away_is_asked_again_and_its_keys_serve_for_a_day() {
    let away = || (503, value!({}));
    let issuer = Issuer::new([away(), away(), named(&["a"]), away()]);
    let (keys, clock) = (published(&issuer), ManualClock::new());
    assert_eq!(find(&keys, "a", &clock).await, None, "nothing is known yet");
    assert_eq!(find(&keys, "a", &clock).await, None);
    assert_eq!(issuer.asked(), 1, "not at once again");
    clock.advance(Duration::from_secs(5));
    assert_eq!(find(&keys, "a", &clock).await, None);
    clock.advance(Duration::from_secs(5));
    assert_eq!(find(&keys, "a", &clock).await, Some(true));
    clock.advance(Duration::from_hours(2));
    assert_eq!(find(&keys, "a", &clock).await, Some(true));
    clock.advance(Duration::from_hours(22) - Duration::from_secs(1));
    assert_eq!(find(&keys, "a", &clock).await, Some(true));
    clock.advance(Duration::from_secs(61));
    assert_eq!(find(&keys, "a", &clock).await, None, "they are too old");
}

#[tokio::test]
async fn those_who_wait_share_one_fetch() {
    let issuer = Issuer::new([named(&["a"])]);
    let (keys, clock) = (Arc::new(published(&issuer)), ManualClock::new());
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (keys, clock) = (Arc::clone(&keys), clock.clone());
        all.spawn(async move { find(&keys, "a", &clock).await });
    }
    assert!(
        all.join_all()
            .await
            .iter()
            .all(|found| *found == Some(true))
    );
    assert_eq!(issuer.asked(), 1);
}
