//! From a request to its run.

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use graphloom::value::Map;
use graphloom::{Text, Value};

use super::body::{read, start};
use super::calls::Call;
use super::kept::Found;
use super::payload::Payload;
use super::place::Place;
use super::prove::{Moment, prove};
use super::schemes::{self, Scheme};
use super::secret::address_hash;
use super::sent::{Sent, is_wanted};
use crate::App;
use crate::ask::within;
use crate::ids::is_id;
use crate::once::Key;
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::records::Kind;
use crate::resource::{self, Resource};
use crate::runs::Origin;
use crate::starting::{self, Begun, How};
use crate::wire::{HookAnswer, HookOutcome, ProviderKind};

/// Bodies that are larger than this are looked at aside.
const LARGE: usize = 64 << 10;
/// What becomes of a request: what to answer, and its status.
pub(crate) type Received = (StatusCode, HookAnswer);

/// The one answer where there is no webhook, or none that is enabled: which of these it is is nobody's affair.
fn unknown() -> Problem {
    Problem::new(ServerCode::NotFound, "there is no such webhook")
}

/// Takes a request to an address. What is not proven to be of the sender does nothing, and is told nothing.
///
/// # Errors
/// `HTTP_NOT_FOUND`, `HTTP_BODY_SIZE`, `HTTP_MEDIA_TYPE`, `HOOK_PROOF`, `HTTP_RATE_LIMIT`, `HTTP_BODY`, `HOOK_TARGET`; what
/// keeps the server from starting runs.
pub(crate) async fn receive(
    app: &App,
    address: &str,
    request: Request,
) -> Result<Received, Problem> {
    if !is_id(address) {
        return Err(unknown());
    }
    let hash = address_hash(address);
    let entry = app.records().find(Kind::Webhook, &hash).await?;
    let found = entry.as_ref().map(Found::of).transpose()?;
    let hook = found.filter(|found| found.kept.body.enabled);
    let hook = hook.ok_or_else(unknown)?;
    let headers = request.headers().clone();
    let body = within(request, app.webhooks().options.max_body_bytes).await?;
    let secrets = hook.kept.secrets(app, (&hook.tenant, &hook.id))?;
    let at = Moment {
        now: app.now(),
        window: app.webhooks().options.window,
    };
    let bytes = body.len();
    let look = move || {
        let scheme = Scheme::of(&hook.kept.body.provider);
        let proven = prove(&scheme, &secrets, &headers, &body, at);
        let read = proven.map(|proven| (proven, Payload::read(&headers, &body)));
        (hook, headers, read)
    };
    let (hook, headers, read) = match bytes > LARGE {
        true => app.aside().run(async move { look() }).await?,
        false => look(),
    };
    let (proven, payload) = match read {
        Ok(read) => read,
        Err(why) => {
            refused(app, &hook, bytes, &why).await;
            let detail = "the request is not proven to be of whom this webhook takes requests";
            let problem = Problem::new(ServerCode::HookProof, detail);
            // A token of this server would not help.
            let scheme = match hook.kept.body.provider.kind {
                ProviderKind::Basic => "Basic realm=\"webhook\"",
                _ => "Webhook",
            };
            let scheme = HeaderValue::from_static(scheme);
            return Err(problem.header(header::WWW_AUTHENTICATE, scheme));
        }
    };
    app.rate().hook(&hook.kept.found_by)?;
    let payload = match payload {
        Ok(payload) => payload,
        Err(problem) => {
            let status = problem.status().as_u16();
            let call = Call::new(HookOutcome::Failed, status, bytes).because(&problem);
            call.note(app, &hook).await;
            return Err(problem);
        }
    };
    let sent = Sent {
        headers: &headers,
        payload,
        proven,
        bytes,
    };
    accept(app, &hook, sent).await
}

async fn refused(app: &App, hook: &Found, bytes: usize, why: &str) {
    let (noted, now) = (&app.webhooks().refused, app.elapsed());
    let known = &hook.kept.found_by;
    if noted.get(known, now).is_ok() {
        return;
    }
    noted.renew(known.clone(), (), now);
    let problem = Problem::new(ServerCode::HookProof, why);
    let status = problem.status().as_u16();
    let call = Call::new(HookOutcome::Refused, status, bytes).because(&problem);
    call.note(app, hook).await;
}

async fn accept(app: &App, hook: &Found, sent: Sent<'_>) -> Result<Received, Problem> {
    let body = &hook.kept.body;
    let scheme = Scheme::of(&body.provider);
    let event = sent.event(&scheme);
    let id = sent.first(&scheme.id);
    let key = sent.key(&scheme, hook, id.as_deref());
    let noted = |outcome, status: StatusCode| Call {
        event: event.clone(),
        delivery: id.clone(),
        ..Call::new(outcome, status.as_u16(), sent.bytes)
    };
    let is_ping = scheme.ping.is_some() && event.as_deref() == scheme.ping;
    if is_ping || !is_wanted(&body.events, event.as_deref()) {
        let outcome = match is_ping {
            true => HookOutcome::Ping,
            false => HookOutcome::Skipped,
        };
        noted(outcome, StatusCode::OK).note(app, hook).await;
        let challenge = schemes::Place::Body(&["challenge"]);
        let challenge = sent.payload.text_at(challenge, sent.headers);
        let answer = HookAnswer {
            outcome,
            run_id: None,
            challenge: challenge.filter(|_| is_ping),
        };
        return Ok((StatusCode::OK, answer));
    }
    let told = body.headers_to.is_some().then(|| sent.told(&scheme));
    match begin(app, hook, &sent.payload, told, key).await {
        Ok(begun) => {
            let outcome = match begun.is_new {
                true => HookOutcome::Started,
                false => HookOutcome::Repeated,
            };
            let call = Call {
                run: Some(begun.run.clone()),
                ..noted(outcome, StatusCode::ACCEPTED)
            };
            call.note(app, hook).await;
            let answer = HookAnswer {
                outcome,
                run_id: Some(begun.run),
                challenge: None,
            };
            Ok((StatusCode::ACCEPTED, answer))
        }
        Err(problem) => {
            let told = told_to_sender(&problem);
            let call = noted(HookOutcome::Failed, told.status());
            call.because(&problem).note(app, hook).await;
            Err(told)
        }
    }
}

/// What is wrong with the server, and what will pass, whoever has sent it is told: they send it again. What is wrong with the
/// graph is the owner's affair.
fn told_to_sender(problem: &Problem) -> Problem {
    let status = problem.status();
    // What a store says of itself is for the owner too.
    if problem.code().starts_with("STORE_") {
        let detail = "no run can be started at the moment";
        return Problem::new(ServerCode::Unavailable, detail).retry_after(5);
    }
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return problem.clone();
    }
    let detail = "no run could be started with this: whoever has made the webhook can see why";
    Problem::new(ServerCode::HookTarget, detail)
}

async fn begin(
    app: &App,
    hook: &Found,
    payload: &Payload,
    told: Option<Value>,
    key: Option<Key>,
) -> Result<Begun, Problem> {
    let (tenant, body) = (&hook.tenant, &hook.kept.body);
    let target = read(body)?;
    let mut asked = start(body);
    let found = target.resolve(app, tenant, asked.clone()).await?;
    let plan = &found.ready.plan;
    let unfit = |what: String| Problem::new(ServerCode::HookTarget, what);
    let place = Place::of_payload(plan, body.payload_to.as_ref()).map_err(unfit)?;
    place.put(&mut asked, place.fit(plan, payload));
    let mut literal = vec![place.name()];
    if let Some((said, told)) = body.headers_to.as_ref().zip(told) {
        let place = Place::read(said).map_err(|what| unfit(what.to_owned()))?;
        place.put(&mut asked, told);
        literal.push(place.name());
    }
    // Whoever calls is not to name files of the owner's.
    let how = How::from(Origin::Webhook(hook.id.clone())).key(key);
    let how = how.literal(literal);
    starting::start(app, tenant, target.what(), asked, how).await
}

/// Starts a run as if a request had brought this: for the owner, who is told all that is wrong.
///
/// # Errors
/// `HTTP_NOT_FOUND`; what no run can be started with.
pub(crate) async fn trial(
    app: &App,
    tenant: &Tenant,
    id: &Text,
    payload: Value,
) -> Result<HookAnswer, Problem> {
    let hook: Found = resource::get(app, tenant, id).await?;
    let text = match &payload {
        Value::Text(text) => text.clone(),
        other => Text::from(graphloom::json::to_json(other)),
    };
    let bytes = text.len();
    let payload = Payload {
        value: payload,
        text,
    };
    let told = hook
        .kept
        .body
        .headers_to
        .as_ref()
        .map(|_| Map::new().into());
    let begun = begin(app, &hook, &payload, told, None).await;
    let call = match &begun {
        Ok(begun) => Call {
            run: Some(begun.run.clone()),
            ..Call::new(HookOutcome::Started, 202, bytes)
        },
        Err(problem) => {
            let status = problem.status().as_u16();
            Call::new(HookOutcome::Failed, status, bytes).because(problem)
        }
    };
    let call = Call {
        is_trial: true,
        ..call
    };
    call.note(app, &hook).await;
    Ok(HookAnswer {
        outcome: HookOutcome::Started,
        run_id: Some(begun?.run),
        challenge: None,
    })
}
