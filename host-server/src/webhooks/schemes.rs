//! How each provider proves what it sends: a row each, of what [`super::prove`] can do.

use graphloom::host::Secret;

use crate::callbacks::sign;
use crate::wire::{KnownBy, ProviderBody, ProviderKind, SignatureEncoding};

/// The usual header for what makes a request the same when it is sent again.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// What is proven of a provider's requests, and what they tell.
#[derive(Debug)]
pub(super) struct Scheme<'a> {
    pub(super) proof: Proof<'a>,
    /// Where a delivery has its id.
    pub(super) id: [Option<Place<'a>>; 2],
    /// One that is sent again is known by its id, where it has one; else by what was signed.
    pub(super) is_known_by_id: bool,
    /// Where it has the name of its event; the first that is there.
    pub(super) event: [Option<Place<'a>>; 3],
    /// What comes behind the name, and a point.
    pub(super) action: Option<Place<'a>>,
    /// The event that only asks whether somebody is there.
    pub(super) ping: Option<&'static str>,
}

/// How a request is proven to be of the sender.
#[derive(Debug)]
pub(super) enum Proof<'a> {
    /// By an HMAC-SHA256.
    Mac(Mac<'a>),
    /// By the secret in a header, behind this.
    Token { header: &'a str, prefix: &'a str },
    /// By basic authentication with this name.
    Basic { user: &'a str },
    /// By nothing but the address.
    Nothing,
}

/// How a signature is made and written.
#[derive(Debug)]
pub(super) struct Mac<'a> {
    /// The header that has it.
    pub(super) header: &'a str,
    /// What stands between several.
    pub(super) between: Option<char>,
    /// What each begins with; others are passed over.
    pub(super) prefix: &'a str,
    pub(super) encoding: SignatureEncoding,
    /// Where the time in seconds stands.
    pub(super) time: Option<Time<'a>>,
    /// What is signed.
    pub(super) signed: &'static [Piece],
    /// What the secret stands for.
    pub(super) key: fn(&Secret) -> Option<Vec<u8>>,
}

/// Where the time of a request stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Time<'a> {
    Header(&'a str),
    /// Among the signatures, behind this.
    Among(&'static str),
}

/// A piece of what is signed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Piece {
    /// The header with the id.
    Id(&'static str),
    Time,
    Body,
    Text(&'static str),
}

/// Where a text stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    Header(&'a str),
    /// In the body, behind these names.
    Body(&'static [&'static str]),
}

fn plain(secret: &Secret) -> Option<Vec<u8>> {
    Some(secret.expose().as_bytes().to_vec())
}

fn standard(secret: &Secret) -> Option<Vec<u8>> {
    sign::key(secret).ok()
}

const BODY: &[Piece] = &[Piece::Body];
const TIME_BODY: &[Piece] = &[Piece::Time, Piece::Text("."), Piece::Body];

impl<'a> Scheme<'a> {
    /// Returns the row of a provider. Texts that a body lacks were refused when it was kept: an empty header is in no request.
    pub(super) fn of(provider: &'a ProviderBody) -> Self {
        let said = provider.id_header.as_deref().map(Place::Header);
        let id = said.or(Some(Place::Header(IDEMPOTENCY_KEY)));
        let event = [
            provider.event_header.as_deref().map(Place::Header),
            None,
            None,
        ];
        let header = provider.header.as_deref().unwrap_or_default();
        let prefix = provider.prefix.as_deref().unwrap_or_default();
        let by_content = provider.known_by == Some(KnownBy::Content);
        let generic = |proof, id| Self {
            proof,
            id: [id, None],
            is_known_by_id: !by_content,
            event,
            action: None,
            ping: None,
        };
        match provider.kind {
            ProviderKind::Standard => Self {
                proof: Proof::Mac(Mac {
                    header: "webhook-signature",
                    between: Some(' '),
                    prefix: "v1,",
                    encoding: SignatureEncoding::Base64,
                    time: Some(Time::Header("webhook-timestamp")),
                    signed: &[
                        Piece::Id("webhook-id"),
                        Piece::Text("."),
                        Piece::Time,
                        Piece::Text("."),
                        Piece::Body,
                    ],
                    key: standard,
                }),
                id: [Some(Place::Header("webhook-id")), None],
                is_known_by_id: true,
                event: [Some(Place::Body(&["type"])), None, None],
                action: None,
                ping: None,
            },
            // Neither the id nor the event is signed.
            ProviderKind::Github => Self {
                proof: Proof::Mac(Mac {
                    header: "x-hub-signature-256",
                    between: None,
                    prefix: "sha256=",
                    encoding: SignatureEncoding::Hex,
                    time: None,
                    signed: BODY,
                    key: plain,
                }),
                id: [Some(Place::Header("x-github-delivery")), None],
                is_known_by_id: !by_content,
                event: [Some(Place::Header("x-github-event")), None, None],
                action: Some(Place::Body(&["action"])),
                ping: Some("ping"),
            },
            ProviderKind::Gitlab => Self {
                proof: Proof::Token {
                    header: "x-gitlab-token",
                    prefix: "",
                },
                id: [
                    Some(Place::Header(IDEMPOTENCY_KEY)),
                    Some(Place::Header("x-gitlab-event-uuid")),
                ],
                is_known_by_id: true,
                event: [Some(Place::Header("x-gitlab-event")), None, None],
                action: None,
                ping: None,
            },
            ProviderKind::Stripe => Self {
                proof: Proof::Mac(Mac {
                    header: "stripe-signature",
                    between: Some(','),
                    prefix: "v1=",
                    encoding: SignatureEncoding::Hex,
                    time: Some(Time::Among("t=")),
                    signed: TIME_BODY,
                    key: plain,
                }),
                id: [Some(Place::Body(&["id"])), None],
                is_known_by_id: true,
                event: [Some(Place::Body(&["type"])), None, None],
                action: None,
                ping: None,
            },
            ProviderKind::Slack => Self {
                proof: Proof::Mac(Mac {
                    header: "x-slack-signature",
                    between: None,
                    prefix: "v0=",
                    encoding: SignatureEncoding::Hex,
                    time: Some(Time::Header("x-slack-request-timestamp")),
                    signed: &[
                        Piece::Text("v0:"),
                        Piece::Time,
                        Piece::Text(":"),
                        Piece::Body,
                    ],
                    key: plain,
                }),
                id: [
                    Some(Place::Body(&["event_id"])),
                    Some(Place::Body(&["trigger_id"])),
                ],
                is_known_by_id: true,
                event: [
                    Some(Place::Body(&["event", "type"])),
                    Some(Place::Body(&["type"])),
                    Some(Place::Body(&["command"])),
                ],
                action: None,
                ping: Some("url_verification"),
            },
            ProviderKind::Hmac => {
                let time = provider.timestamp_header.as_deref().map(Time::Header);
                let mac = Mac {
                    header,
                    between: None,
                    prefix,
                    encoding: provider.encoding.unwrap_or_default(),
                    signed: if time.is_some() { TIME_BODY } else { BODY },
                    time,
                    key: plain,
                };
                // An id that is not signed counts only where it was asked for.
                generic(Proof::Mac(mac), said)
            }
            ProviderKind::Token => generic(Proof::Token { header, prefix }, id),
            ProviderKind::Basic => {
                let user = provider.user.as_deref().unwrap_or_default();
                generic(Proof::Basic { user }, id)
            }
            ProviderKind::Unsigned => generic(Proof::Nothing, id),
        }
    }

    /// Returns the header that proves it: nobody else is to see that.
    pub(super) fn proves(&self) -> Option<&str> {
        match &self.proof {
            Proof::Mac(mac) => Some(mac.header),
            Proof::Token { header, .. } => Some(header),
            Proof::Basic { .. } => Some("authorization"),
            Proof::Nothing => None,
        }
    }

    /// Says whether requests name their events.
    pub(super) fn has_events(&self) -> bool {
        self.event.iter().any(Option::is_some)
    }
}
