//! Signatures that providers publish, and requests of which a little is changed.

use axum::http::HeaderMap;

use super::*;
use crate::wire::{ProviderBody, ProviderKind};

/// A request that is good, and when it is.
struct Good {
    provider: fn() -> ProviderBody,
    secret: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    seconds: i64,
    /// Its time is signed.
    is_timed: bool,
}

fn of(kind: ProviderKind) -> ProviderBody {
    ProviderBody {
        kind,
        header: None,
        encoding: None,
        prefix: None,
        timestamp_header: None,
        id_header: None,
        event_header: None,
        known_by: None,
        user: None,
    }
}

fn in_header(kind: ProviderKind) -> ProviderBody {
    ProviderBody {
        header: Some("X-Proof".into()),
        ..of(kind)
    }
}

const GOOD: &[Good] = &[
    // The example of the specification.
    Good {
        provider: || of(ProviderKind::Standard),
        secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        headers: &[
            ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("webhook-timestamp", "1614265330"),
            (
                "webhook-signature",
                "v1a,AAAA v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            ),
        ],
        body: r#"{"test": 2432232314}"#,
        seconds: 1_614_265_330,
        is_timed: true,
    },
    // "Validating webhook deliveries" of GitHub's documentation.
    Good {
        provider: || of(ProviderKind::Github),
        secret: "It's a Secret to Everybody",
        headers: &[(
            "x-hub-signature-256",
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
        )],
        body: "Hello, World!",
        seconds: 0,
        is_timed: false,
    },
    // "Verifying requests from Slack" of Slack's documentation.
    Good {
        provider: || of(ProviderKind::Slack),
        secret: "8f742231b10e8888abcd99yyyzzz85a5",
        headers: &[
            ("x-slack-request-timestamp", "1531420618"),
            (
                "x-slack-signature",
                "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
            ),
        ],
        body: "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V\
               &channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=\
               &response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN\
               &trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c",
        seconds: 1_531_420_618,
        is_timed: true,
    },
    // By the rules of Stripe's documentation, which has no example: made with openssl.
    Good {
        provider: || of(ProviderKind::Stripe),
        secret: "whsec_test_secret_0123456789",
        headers: &[(
            "stripe-signature",
            "t=1614265330,v1=00,v1=f8d3a4a7a8ca36ef2e4c33e8a5282062ca868c275b5efa2efa3e6e690d9b51cc,v0=11",
        )],
        body: r#"{"id":"evt_1"}"#,
        seconds: 1_614_265_330,
        is_timed: true,
    },
    // RFC 4231, 4.3: as digits, and in base64.
    Good {
        provider: || in_header(ProviderKind::Hmac),
        secret: "Jefe",
        headers: &[(
            "x-proof",
            "5BDCC146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        )],
        body: "what do ya want for nothing?",
        seconds: 0,
        is_timed: false,
    },
    Good {
        provider: || ProviderBody {
            encoding: Some(SignatureEncoding::Base64),
            prefix: Some("hmac ".into()),
            ..in_header(ProviderKind::Hmac)
        },
        secret: "Jefe",
        headers: &[(
            "x-proof",
            "hmac W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=",
        )],
        body: "what do ya want for nothing?",
        seconds: 0,
        is_timed: false,
    },
    Good {
        provider: || ProviderBody {
            timestamp_header: Some("X-Time".into()),
            ..in_header(ProviderKind::Hmac)
        },
        secret: "whsec_test_secret_0123456789",
        headers: &[
            ("x-time", "1614265330"),
            (
                "x-proof",
                "f8d3a4a7a8ca36ef2e4c33e8a5282062ca868c275b5efa2efa3e6e690d9b51cc",
            ),
        ],
        body: r#"{"id":"evt_1"}"#,
        seconds: 1_614_265_330,
        is_timed: true,
    },
    Good {
        provider: || of(ProviderKind::Gitlab),
        secret: "sixteen-letters!",
        headers: &[("x-gitlab-token", "sixteen-letters!")],
        body: "",
        seconds: 0,
        is_timed: false,
    },
    Good {
        provider: || ProviderBody {
            header: Some("authorization".into()),
            prefix: Some("Bearer ".into()),
            ..of(ProviderKind::Token)
        },
        secret: "sixteen-letters!",
        headers: &[("authorization", "Bearer sixteen-letters!")],
        body: "",
        seconds: 0,
        is_timed: false,
    },
    // RFC 7617, 2.
    Good {
        provider: || ProviderBody {
            user: Some("Aladdin".into()),
            ..of(ProviderKind::Basic)
        },
        secret: "open sesame",
        headers: &[("authorization", "basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")],
        body: "",
        seconds: 0,
        is_timed: false,
    },
];

const WINDOW: Duration = Duration::from_mins(5);

fn headers<'a>(lines: impl IntoIterator<Item = &'a (&'static str, &'static str)>) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        map.append(*name, value.parse().expect("a header value"));
    }
    map
}

impl Good {
    fn ask(
        &self,
        secrets: &[&str],
        headers: &HeaderMap,
        body: &[u8],
        late: i64,
    ) -> Result<Proven, String> {
        let provider = (self.provider)();
        let secrets: Vec<Secret> = secrets.iter().map(|text| Secret::new(*text)).collect();
        let at = Moment {
            now: Timestamp((self.seconds + late) * 1_000),
            window: WINDOW,
        };
        prove(&Scheme::of(&provider), &secrets, headers, body, at)
    }

    fn is_signed(&self) -> bool {
        self.ask(
            &[self.secret],
            &headers(self.headers),
            self.body.as_bytes(),
            0,
        )
        .is_ok_and(|proven| proven.content.is_some())
    }
}

#[test]
fn what_providers_publish_is_taken() {
    for (at, good) in GOOD.iter().enumerate() {
        let lines = headers(good.headers);
        let proven = good.ask(&[good.secret], &lines, good.body.as_bytes(), 0);
        let proven = proven.unwrap_or_else(|why| panic!("row {at}: {why}"));
        assert_eq!(proven.is_timed, good.is_timed, "row {at}");
        // While a secret is replaced both are taken, in whatever order.
        for secrets in [
            ["another secret of it", good.secret],
            [good.secret, "another secret of it"],
        ] {
            let again = good.ask(&secrets, &lines, good.body.as_bytes(), 0);
            assert_eq!(again.as_ref(), Ok(&proven), "row {at}");
        }
    }
}

/// 78. Everything that is a little different.
#[test]
fn what_was_changed_is_refused() {
    for (at, good) in GOOD.iter().enumerate() {
        let lines = headers(good.headers);
        let refused = |what: &str, found: Result<Proven, String>| {
            assert!(found.is_err(), "row {at}: {what} is taken");
        };
        let body = good.body.as_bytes();
        refused(
            "another secret",
            good.ask(&["another-secret-of-it"], &lines, body, 0),
        );
        refused("no secret", good.ask(&[], &lines, body, 0));
        refused("an empty secret", good.ask(&[""], &lines, body, 0));
        refused(
            "nothing",
            good.ask(&[good.secret], &HeaderMap::new(), body, 0),
        );
        for (name, _) in good.headers {
            let mut less = lines.clone();
            less.remove(*name);
            refused(name, good.ask(&[good.secret], &less, body, 0));
            let mut twice = lines.clone();
            twice.append(*name, lines.get(*name).expect("it is there").clone());
            refused("it twice", good.ask(&[good.secret], &twice, body, 0));
            for other in [
                "", "v1,", "v0=", "sha256=", "Bearer ", "Basic ", "t=,v1=", "\u{e9}",
            ] {
                let mut changed = lines.clone();
                changed.insert(*name, other.parse().expect("a header value"));
                refused(other, good.ask(&[good.secret], &changed, body, 0));
            }
        }
        if !good.is_signed() {
            continue;
        }
        for changed in [
            format!("{} ", good.body),
            format!("{}\n", good.body),
            good.body.replacen([' ', '=', ':'], "", 1),
            String::new(),
        ] {
            refused(
                "another body",
                good.ask(&[good.secret], &lines, changed.as_bytes(), 0),
            );
        }
    }
}

#[test]
fn no_request_is_that_of_another_provider() {
    for (at, good) in GOOD.iter().enumerate() {
        for (other_at, other) in GOOD.iter().enumerate() {
            if at == other_at {
                continue;
            }
            // Right for one, with the secret of the other in both.
            let found = other.ask(
                &[good.secret],
                &headers(good.headers),
                good.body.as_bytes(),
                0,
            );
            assert!(found.is_err(), "row {at} as row {other_at}");
        }
    }
}

/// 78. Five minutes.
#[test]
fn a_signed_time_holds_for_the_window() {
    for good in GOOD.iter().filter(|good| good.is_timed) {
        let lines = headers(good.headers);
        for (late, is_taken) in [
            (0, true),
            (300, true),
            (301, false),
            (-300, true),
            (-301, false),
        ] {
            let found = good.ask(&[good.secret], &lines, good.body.as_bytes(), late);
            assert_eq!(found.is_ok(), is_taken, "{late} s late: {found:?}");
        }
    }
}
