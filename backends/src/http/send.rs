//! The way of a request.

use graphloom::Text;
use graphloom::host::{EgressError, HttpBody, HttpRequest, HttpResponse};
use reqwest::Response;
use reqwest::header::{HeaderName, HeaderValue, RETRY_AFTER};

use crate::egress::{Place, Reach};

use super::answer::{self, Answer};
use super::hop::Hop;
use super::options::HttpLimits;
use super::pace::retry_after;
use super::sites::Lease;
use super::{GuardedHttp, asked, client};
use crate::egress::Timer;

/// Sends a request and all that its answers redirect it to.
pub(super) async fn send(
    http: &GuardedHttp,
    request: HttpRequest,
) -> Result<HttpResponse, EgressError> {
    let options = &http.options;
    let limits = &options.limits;
    let mut hop = asked::read(&request, limits, &options.user_agent)?;
    let total = request
        .timeout
        .map_or(limits.total, |asked| asked.min(limits.total));
    let timer = Timer::start(&options.clock, total);
    let asked_redirects = request.redirects.unwrap_or(limits.max_redirects);
    let redirects = asked_redirects.min(limits.max_redirects);
    let mut followed = 0;
    loop {
        let mut place = options.policy.place(&hop.url, request.grants())?;
        secrets_may_go(&hop, &mut place)?;
        let (response, mut lease) = exchange(http, &hop, &place, &timer).await?;
        let status = response.status().as_u16();
        let next = match asked_redirects {
            0 => None,
            _ => hop.redirect(status, response.headers())?,
        };
        let Some(url) = next else {
            return answered(http, &request, &hop, response, lease, timer);
        };
        if followed == redirects {
            return Err(EgressError::Transport {
                message: format!("{} leads on after {redirects} redirects", hop.shown_host()),
            });
        }
        followed += 1;
        lease.worked();
        hop = hop.to(status, url)?;
    }
}

/// Refuses where a secret may not go; one that goes over plain http narrows the reach to this machine.
fn secrets_may_go(hop: &Hop, place: &mut Place) -> Result<(), EgressError> {
    let (host, port) = (&place.host, place.port);
    let refused = |message: String| Err(EgressError::Refused { message });
    for secret in &hop.secrets {
        if !secret.hosts().matches(host, port) {
            let pattern = if matches!(port, 80 | 443) {
                host.clone()
            } else {
                format!("{host}:{port}")
            };
            return refused(format!(
                "the credential may not go to {pattern}: it was given for {}. One that is added with `--host {pattern}` may",
                match secret.hosts().is_empty() {
                    true => "no host".to_owned(),
                    false => secret.hosts().to_string(),
                }
            ));
        }
    }
    if hop.secrets.is_empty() || hop.url.scheme() == "https" {
        return Ok(());
    }
    if place.reach != Reach::Private {
        return refused(format!(
            "a secret does not go to {host} over plain http: use https"
        ));
    }
    place.reach = Reach::Loopback;
    // The resolver is not asked about an address.
    crate::egress::literal(&hop.url).map_or(Ok(()), |address| {
        crate::egress::may_dial(place.reach, host, &[address]).map(|_| ())
    })
}

/// Sends one request and waits for the head of its answer.
async fn exchange(
    http: &GuardedHttp,
    hop: &Hop,
    place: &Place,
    timer: &Timer,
) -> Result<(Response, Lease), EgressError> {
    let options = &http.options;
    let limits = &options.limits;
    let client = http.clients.of(place.reach, options)?;
    let mut request = client.request(hop.method.clone(), hop.url.clone());
    for line in &hop.headers {
        request = request.header(line.name.clone(), line.value.clone());
    }
    if let Some(body) = &hop.body {
        request = request.body(body.clone());
    }
    let mut rates = options.rates.iter();
    let rate = rates.find(|(hosts, _)| hosts.matches(&place.host, place.port));
    let site = http.sites.site(&hop.url, options);
    let credential = http.sites.credential(&hop.secrets);
    let rate = rate.map(|(_, rate)| *rate);
    let mut lease = site.enter(credential, rate, timer, options).await?;
    let sent = timer.within("the headers", limits.headers, request.send());
    let sent = match sent.await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => Err(cleaned(
            client::told(&error, &place.host, limits.connect),
            hop,
        )),
        Err(timeout) => Err(timeout),
    };
    let response = sent.inspect_err(|error| judge(&mut lease, error, limits))?;
    let status = response.status().as_u16();
    if matches!(status, 502..=504) {
        lease.failed();
    }
    let rest = response
        .headers()
        .get(RETRY_AFTER)
        .filter(|_| matches!(status, 429 | 503));
    let rest = rest.and_then(|value| value.to_str().ok());
    if let Some(time) = rest.and_then(|text| retry_after(text, &*options.clock)) {
        lease.rest(time);
    }
    let size = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + 4;
    if response.headers().iter().map(size).sum::<usize>() > limits.max_head_bytes {
        return Err(EgressError::TooLarge {
            limit: limits.max_head_bytes as u64,
            how: " in its headers",
        });
    }
    Ok((response, lease))
}

/// Tells the breaker what an error says about the host.
pub(super) fn judge(lease: &mut Lease, error: &EgressError, limits: &HttpLimits) {
    match error {
        EgressError::Connect { .. } | EgressError::Transport { .. } => lease.failed(),
        EgressError::Timeout { after, .. } if *after >= limits.breaker_slow => lease.failed(),
        _ => {}
    }
}

/// Takes what is secret out of what a client says.
fn cleaned(error: EgressError, hop: &Hop) -> EgressError {
    let clean = |message: String| hop.redactor.clean(&message).into_owned();
    match error {
        EgressError::Connect { message } => EgressError::Connect {
            message: clean(message),
        },
        EgressError::Transport { message } => EgressError::Transport {
            message: clean(message),
        },
        other => other,
    }
}

/// Returns the answer, whose body is still to come.
fn answered(
    http: &GuardedHttp,
    request: &HttpRequest,
    hop: &Hop,
    response: Response,
    lease: Lease,
    timer: Timer,
) -> Result<HttpResponse, EgressError> {
    let limits = &http.options.limits;
    let most = request.max_bytes.map_or(limits.max_answer_bytes, |asked| {
        asked.min(limits.max_answer_bytes)
    });
    let has_body = hop.method != reqwest::Method::HEAD;
    if has_body
        && response
            .content_length()
            .is_some_and(|length| length > most)
    {
        return Err(EgressError::TooLarge {
            limit: most,
            how: "",
        });
    }
    let status = response.status().as_u16();
    let is_packed = has_body && answer::is_packed(response.headers());
    let lines = response.headers().iter().filter(|(name, _)| {
        // They tell of what came, which is not what is handed on.
        !(is_packed && matches!(name.as_str(), "content-encoding" | "content-length"))
    });
    let headers = lines
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (Text::from(name.as_str()), Text::from(&*value))
        })
        .collect();
    let url = hop.shown_url();
    let body = Answer::new(response, lease, timer, limits, most, is_packed, hop);
    let mut answer = HttpResponse::new(status, url, HttpBody::new(body));
    answer.headers = headers;
    Ok(answer)
}
