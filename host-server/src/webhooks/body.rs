//! What a webhook says, checked.

use axum::http::HeaderName;
use graphloom::Text;

use super::place::Place;
use super::schemes::Scheme;
use crate::App;
use crate::ask::{Misfits, misfit_at};
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::target::{MAX_NAME, Target, check_labels, check_name};
use crate::wire::{KnownBy, ProviderBody, ProviderKind, RunStart, WebhookBody};

/// How many events may be named.
const MAX_EVENTS: usize = 100;
/// How long the names of headers may be, and what stands before a signature.
const MAX_HEADER: usize = 64;
/// Headers that are nobody's but the server's.
const NOT_TOLD: [&str; 4] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-api-key",
];

/// Returns what a webhook runs.
///
/// # Errors
/// `HTTP_BODY` with all that does not fit.
pub(super) fn read(body: &WebhookBody) -> Result<Target, Problem> {
    let mut misfits = Misfits::default();
    check_name(&body.name, "/name", &mut misfits);
    let few = body.events.len() <= MAX_EVENTS;
    misfits.unless(few, "/events", &format!("at most {MAX_EVENTS}"));
    for (at, event) in body.events.iter().enumerate() {
        check_name(event, &format!("/events/{at}"), &mut misfits);
    }
    provider(&body.provider, &mut misfits);
    if !body.events.is_empty() && !Scheme::of(&body.provider).has_events() {
        let what = "requests of this provider do not name their events: name the header that does (`event_header`)";
        misfits.at("/events", what);
    }
    for (place, said) in [
        ("/payload_to", &body.payload_to),
        ("/headers_to", &body.headers_to),
    ] {
        if let Some(Err(what)) = said.as_ref().map(Place::read) {
            misfits.at(place, what);
        }
    }
    check_labels(&body.labels, &mut misfits);
    let target = Target::read(&body.target, &mut misfits);
    misfits.finish()?;
    // What is not there was noted.
    target.ok_or_else(|| Problem::internal("a webhook without a target was not refused"))
}

/// Refuses what a provider has no use for, and asks for what it needs.
fn provider(provider: &ProviderBody, misfits: &mut Misfits) {
    use ProviderKind::{Basic, Github, Hmac, Token, Unsigned};
    let ProviderBody {
        kind,
        header,
        encoding,
        prefix,
        timestamp_header,
        id_header,
        event_header,
        known_by,
        user,
    } = provider;
    // Which kinds have a use for each, and which need it.
    let rows: [(&str, bool, &[ProviderKind], &[ProviderKind]); 8] = [
        ("header", header.is_some(), &[Hmac, Token], &[Hmac, Token]),
        ("encoding", encoding.is_some(), &[Hmac], &[]),
        ("prefix", prefix.is_some(), &[Hmac, Token], &[]),
        ("timestamp_header", timestamp_header.is_some(), &[Hmac], &[]),
        (
            "id_header",
            id_header.is_some(),
            &[Hmac, Token, Basic, Unsigned],
            &[],
        ),
        (
            "event_header",
            event_header.is_some(),
            &[Hmac, Token, Basic, Unsigned],
            &[],
        ),
        ("known_by", known_by.is_some(), &[Github, Hmac], &[]),
        ("user", user.is_some(), &[Basic], &[Basic]),
    ];
    for (name, is_there, useful, needed) in rows {
        let place = format!("/provider/{name}");
        if is_there && !useful.contains(kind) {
            misfits.at(
                &place,
                format!("{} has its own rules: leave it out", kind.as_str()),
            );
        }
        if !is_there && needed.contains(kind) {
            misfits.at(&place, format!("{} needs it", kind.as_str()));
        }
    }
    if *kind == Hmac && id_header.is_none() && *known_by == Some(KnownBy::Id) {
        let what = "name the header with the id (`id_header`)";
        misfits.at("/provider/known_by", what);
    }
    let named = [
        ("header", header),
        ("timestamp_header", timestamp_header),
        ("id_header", id_header),
        ("event_header", event_header),
    ];
    for (at, (name, said)) in named.iter().enumerate() {
        let Some(said) = said else { continue };
        let place = format!("/provider/{name}");
        let is_header = said.len() <= MAX_HEADER && HeaderName::try_from(said.as_str()).is_ok();
        misfits.unless(is_header, &place, "this is no name of a header");
        let is_told = *name == "header" || !NOT_TOLD.contains(&said.to_ascii_lowercase().as_str());
        misfits.unless(is_told, &place, "this header is told to nobody");
        let before = named
            .iter()
            .take(at)
            .filter_map(|(_, other)| other.as_ref());
        let mut same = before.filter(|other| other.eq_ignore_ascii_case(said));
        misfits.unless(
            same.next().is_none(),
            &place,
            "this header has another meaning already",
        );
    }
    let is_visible = |text: &Text, also: &str| {
        let mut chars = text.chars();
        text.len() <= MAX_HEADER && chars.all(|c| c.is_ascii_graphic() || also.contains(c))
    };
    let fits = prefix.as_ref().is_none_or(|prefix| is_visible(prefix, " "));
    misfits.unless(
        fits,
        "/provider/prefix",
        "at most 64 visible characters of ASCII",
    );
    let is_user = |user: &Text| {
        let fits = |c: char| !c.is_control() && c != ':';
        (1..=MAX_NAME).contains(&user.chars().count()) && user.chars().all(fits)
    };
    let fits = user.as_ref().is_none_or(is_user);
    misfits.unless(
        fits,
        "/provider/user",
        "1 to 128 characters without a colon",
    );
}

/// Returns what runs of a webhook are started with, but for what a request brings.
pub(super) fn start(body: &WebhookBody) -> RunStart {
    RunStart {
        inputs: body.inputs.clone(),
        labels: body.labels.clone(),
        callback: body.callback.clone(),
        ..RunStart::default()
    }
}

/// Checks what somebody wants to keep as a webhook.
///
/// # Errors
/// `HTTP_BODY`; what is wrong with the inputs.
pub(super) async fn check(
    app: &App,
    tenant: &Tenant,
    mut body: WebhookBody,
) -> Result<WebhookBody, Problem> {
    let target = read(&body)?;
    if let Some(callback) = &mut body.callback {
        app.callbacks().check(tenant, callback, "/callback")?;
    }
    let found = target.resolve(app, tenant, start(&body)).await?;
    let plan = &found.ready.plan;
    let payload = Place::of_payload(plan, body.payload_to.as_ref());
    let payload = payload.map_err(|what| misfit_at("/payload_to", &what))?;
    let mut comes = vec![payload];
    if let Some(said) = &body.headers_to {
        let place = Place::read(said).map_err(ToOwned::to_owned);
        let place = place.and_then(|place| place.is_in(plan).map(|()| place));
        let place = place.map_err(|what| misfit_at("/headers_to", &what))?;
        if comes.contains(&place) {
            return Err(misfit_at("/headers_to", "this is where the body goes"));
        }
        comes.push(place);
    }
    let names = comes.iter().filter_map(|place| match place {
        Place::Input(name) => Some(name.clone()),
        Place::Pin(..) => None,
    });
    found.check_but(&names.collect::<Vec<_>>())?;
    Ok(body)
}
