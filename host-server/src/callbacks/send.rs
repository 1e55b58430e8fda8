//! Messages on their way: sent until they are taken, or given up.

use std::time::Duration;

use graphloom::host::{EgressError, HttpRequest, HttpResponse};
use graphloom::{Text, Timestamp};
use tokio::task::JoinSet;

use super::kept::{Delivery, Found};
use super::{about, secret, sign};
use crate::App;
use crate::beside::WeakApp;
use crate::ids::random;
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::records::{Change, Entry, Expect, Kind, RecordError};
use crate::resource;
use crate::revise::{Become, revise};
use crate::wire::{AttemptView, DeliveryState, Moment};

/// How much longer than an attempt can take somebody has it for himself.
const CLAIM: Duration = Duration::from_secs(30);

/// The status by which a receiver says that it wants no more (RFC 9110, 15.5.11).
const GONE: u16 = 410;

/// Sends messages for as long as the application lives.
pub(crate) async fn run(app: WeakApp) {
    let mut going = JoinSet::new();
    loop {
        let Some(strong) = app.upgrade() else { return };
        while going.try_join_next().is_some() {}
        let most = strong.callbacks().options.at_once.max(1);
        let free = most.saturating_sub(going.len());
        let due = strong
            .records()
            .due(Kind::Delivery, strong.now(), free)
            .await;
        let mut stuck = due.is_err();
        for entry in due.unwrap_or_default() {
            match begin(&strong, &entry).await {
                Ok(Some(claimed)) => {
                    let app = strong.clone();
                    going.spawn(async move { attempt(&app, claimed).await });
                }
                Ok(None) => {}
                Err(problem) => {
                    tracing::warn!(problem = problem.detail(), "a callback cannot be sent now");
                    stuck = true;
                }
            }
        }
        let (alarm, records, clock) = (
            strong.callbacks().send.clone(),
            strong.records().clone(),
            strong.clock().clone(),
        );
        drop(strong);
        if going.len() >= most {
            going.join_next().await;
            continue;
        }
        alarm.wait(Kind::Delivery, stuck, &*records, &*clock).await;
    }
}

/// A message that this process has for itself.
struct Claimed {
    tenant: Tenant,
    id: Text,
    revision: u64,
    delivery: Delivery,
}

/// Claims what is due, or forgets it where its time is over. `None`: there is nothing to send.
async fn begin(app: &App, entry: &Entry) -> Result<Option<Claimed>, Problem> {
    let (tenant, id) = (entry.tenant.clone(), entry.id.clone());
    let seen = Expect::Revision(entry.revision);
    // One that cannot be read was logged, and is never sent.
    let delivery = entry.read::<Delivery>().ok();
    let delivery = delivery.filter(|delivery| delivery.state == DeliveryState::Pending);
    let change = match delivery.clone() {
        Some(mut delivery) => {
            delivery.attempts = delivery.attempts.saturating_add(1);
            delivery.due = after(app.now(), app.callbacks().options.timeout + CLAIM);
            Change::Put(delivery.draft(&tenant, &id)?, seen)
        }
        None => Change::remove(&tenant, Kind::Delivery, &id, seen),
    };
    match app.records().write(vec![change], app.now()).await {
        Ok(_) => {}
        // Another process was faster, or somebody has asked for it to be sent again.
        Err(RecordError::Changed { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    Ok(delivery.map(|delivery| Claimed {
        tenant,
        id,
        revision: entry.revision.saturating_add(1),
        delivery: Delivery {
            attempts: delivery.attempts.saturating_add(1),
            ..delivery
        },
    }))
}

/// What became of an attempt.
enum Came {
    /// The receiver has answered.
    Answer(u16, Option<Duration>),
    /// There was no answer.
    Nothing(String),
    /// Nothing was sent: not now.
    NotNow(Duration),
}

/// Sends a message once, and notes what became of it.
async fn attempt(app: &App, mut claimed: Claimed) {
    let (began, start) = (app.now(), app.clock().elapsed());
    let came = send(app, &claimed, began).await;
    let tried = !matches!(came, Came::NotNow(_));
    let took = app.clock().elapsed().saturating_sub(start);
    let chance = random().map_or(0.5, |bytes: [u8; 4]| {
        f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX)
    });
    let delivery = &mut claimed.delivery;
    settle(delivery, app, (came, chance), (began, took));
    let became = match delivery.state {
        DeliveryState::Delivered => "delivered",
        DeliveryState::Dead => "dead",
        DeliveryState::Pending => "failed",
    };
    if tried {
        app.metrics().beside.callback(became);
    }
    let at = (&claimed.tenant, &claimed.id);
    let Ok(draft) = delivery.draft(at.0, at.1) else {
        return;
    };
    let expect = Expect::Revision(claimed.revision);
    let put = vec![Change::Put(draft, expect)];
    if let Err(error) = app.records().write(put, app.now()).await {
        // Somebody has asked for it once more meanwhile; or it is sent again when the claim has ended.
        tracing::warn!(delivery = %claimed.id, %error, "what became of a callback cannot be noted");
    }
    // More may be due than there was room for.
    app.callbacks().send.ring();
}

fn settle(
    delivery: &mut Delivery,
    app: &App,
    (came, chance): (Came, f64),
    (began, took): (Timestamp, Duration),
) {
    let options = &app.callbacks().options;
    let now = app.now();
    let mut last = AttemptView {
        at: Moment(began),
        status: None,
        error: None,
        duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
    };
    let (mut asked, mut gives_up) = (None, false);
    match came {
        Came::NotNow(pause) => {
            // It was not tried.
            delivery.attempts = delivery.attempts.saturating_sub(1);
            delivery.due = after(now, pause.min(options.longest_pause));
            return;
        }
        Came::Answer(status, rest) => {
            last.status = Some(status);
            (asked, gives_up) = (rest, status == GONE);
            if (200..300).contains(&status) {
                delivery.state = DeliveryState::Delivered;
                delivery.due = after(now, options.keep_delivered);
                delivery.last = Some(last);
                return;
            }
        }
        Came::Nothing(error) => last.error = Some(error),
    }
    delivery.last = Some(last);
    if gives_up || delivery.attempts >= options.attempts.max(1) {
        delivery.state = DeliveryState::Dead;
        delivery.due = after(now, options.keep_dead);
        tracing::warn!(run = %delivery.run, attempts = delivery.attempts, "a callback was given up");
    } else {
        let pause = options.backoff().pause(delivery.attempts, chance, asked);
        delivery.due = after(now, pause);
    }
}

fn after(now: Timestamp, time: Duration) -> Timestamp {
    let ms = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    Timestamp(now.as_millis().saturating_add(ms))
}

async fn send(app: &App, claimed: &Claimed, now: Timestamp) -> Came {
    let request = match request(app, claimed, now).await {
        Ok(request) => request,
        Err(problem) => return Came::Nothing(problem.detail().to_owned()),
    };
    match app.callbacks().http.send(request).await {
        // The body is nobody's concern: dropping it gives up the connection.
        Ok(response) => Came::Answer(response.status, rest(&response)),
        Err(EgressError::Busy { after, .. }) => Came::NotNow(after),
        // Why an address is refused tells of the network around the server: that is for its log.
        Err(EgressError::Refused { message }) => {
            tracing::warn!(delivery = %claimed.id, message, "a callback goes nowhere");
            Came::Nothing("refused: this server does not send anything there".to_owned())
        }
        Err(error) => Came::Nothing(error.to_string()),
    }
}

async fn request(app: &App, claimed: &Claimed, now: Timestamp) -> Result<HttpRequest, Problem> {
    let delivery = &claimed.delivery;
    let tenant = &claimed.tenant;
    let secrets = match &delivery.secret {
        Some(sealed) => vec![app.sealer().open(about(tenant, &delivery.url), sealed)?],
        None => secret::signing(app, tenant).await?,
    };
    let body = delivery.payload.as_bytes();
    let signature = sign::signature(&secrets, &claimed.id, now, body)?;
    let mut request = HttpRequest::new("POST", delivery.url.as_str())
        .header("content-type", "application/json")
        .header("webhook-id", claimed.id.clone())
        .header("webhook-timestamp", sign::seconds(now))
        .header("webhook-signature", signature)
        .bytes(body);
    if let Some(trace) = &delivery.trace {
        request = request.header("traceparent", trace.clone());
    }
    request.redirects = Some(0);
    request.timeout = Some(app.callbacks().options.timeout);
    Ok(request)
}

/// Reads after how many seconds the receiver wants to be asked again.
fn rest(response: &HttpResponse) -> Option<Duration> {
    let seconds = response.header("retry-after")?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Sends a delivery once more that was given up, or is waiting, as if it had not been tried yet.
///
/// # Errors
/// `HTTP_NOT_FOUND`; `HTTP_CONFLICT` for one that was taken.
pub(crate) async fn again(app: &App, tenant: &Tenant, id: &Text) -> Result<Found, Problem> {
    let now = app.now();
    let at = (tenant, Kind::Delivery, id);
    revise(&**app.records(), now, at, |entry| {
        let mut delivery: Delivery = entry.read()?;
        if delivery.state == DeliveryState::Delivered {
            let detail = "the delivery was taken: there is nothing to send again";
            return Err(Problem::new(ServerCode::Conflict, detail));
        }
        delivery.state = DeliveryState::Pending;
        delivery.attempts = 0;
        delivery.due = now;
        Ok((Become::Put(delivery.draft(tenant, id)?), ()))
    })
    .await?;
    app.callbacks().send.ring();
    resource::get(app, tenant, id).await
}
