//! One request, from inputs to an answer: what `http.get` and `http.request` share.

use std::time::Duration;

use graphloom::block::{Literals, Needs};
use graphloom::host::HttpRequest;
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Retry, Text, Value};

use super::answer::{self, ReadAs, Response};
use super::attach::{Auth, attach};
use super::outgoing::{self, WriteAs};
use super::{address, headers, repeat};
use crate::credential::CredentialPin;

/// Whose a credential is that the graph does not say more of.
pub(super) const PROVIDER: &str = "http";

/// What a node asks for.
pub(super) struct Call {
    pub(super) method: &'static str,
    pub(super) url: Text,
    pub(super) headers: Map,
    pub(super) query: Map,
    pub(super) body: Value,
    pub(super) body_as: WriteAs,
    pub(super) credential: Option<CredentialPin>,
    pub(super) auth: Auth,
    pub(super) auth_name: Option<Text>,
    pub(super) timeout_ms: Option<u64>,
    pub(super) max_bytes: u64,
    pub(super) follow_redirects: bool,
    pub(super) read_as: ReadAs,
    pub(super) any_status: bool,
    pub(super) idempotency: bool,
}

impl Call {
    /// Sends the request and returns its answer. A failure says whether sending it again does harm.
    pub(super) async fn answer(self, cx: &Context) -> Result<Response, BlockError> {
        let repeatable = repeat::is_repeatable(self.method) || self.idempotency;
        let sent = self.sent(cx).await;
        sent.map_err(|error| match error {
            BlockError::Failed { message, retry } if repeatable => BlockError::Failed {
                message,
                retry: repeat::harmless(retry),
            },
            other => other,
        })
    }

    async fn sent(self, cx: &Context) -> Result<Response, BlockError> {
        let mut request = HttpRequest::new(self.method, self.url.clone());
        request = headers::add(cx, request, &self.headers)?;
        request = outgoing::query(cx, request, &self.query)?;
        request = outgoing::body(cx, request, self.body, self.body_as).await?;
        if let Some(pin) = &self.credential {
            let credential = pin.get(cx, PROVIDER).await?;
            request = attach(request, &credential, self.auth, self.auth_name.as_ref())?;
        }
        if self.idempotency && !headers::has(&request, "idempotency-key") {
            request = request.header("idempotency-key", cx.info().idempotency_key());
        }
        request.max_bytes = Some(self.max_bytes);
        request.timeout = match self.timeout_ms {
            Some(0) => {
                return Err(BlockError::input(
                    "\"timeout_ms\" is 0: expected at least 1",
                ));
            }
            Some(ms) => Some(Duration::from_millis(ms)),
            None => None,
        };
        request.redirects = (!self.follow_redirects).then_some(0);
        let answer = cx.http()?.send(request).await?;
        // A redirect that was not to be followed is what was asked for.
        let asked = !self.follow_redirects && matches!(answer.status, 300..=399);
        if !answer.is_success() && !asked && !self.any_status {
            return Err(answer::refusal(self.method, &self.url, answer).await);
        }
        let acted = answer.status;
        let read = answer::read(cx, answer, self.read_as, self.max_bytes).await;
        read.map_err(|error| match error {
            // It was done: what broke is only the news of it.
            BlockError::Failed { message, retry } => BlockError::Failed {
                message: format!(
                    "{} {}: status {acted}: {message}",
                    self.method,
                    address::shown(&self.url)
                ),
                retry: match retry {
                    Retry::NotActed | Retry::NotActedAfter(_) => Retry::Maybe,
                    other => other,
                },
            },
            other => other,
        })
    }
}

/// Returns what a node with these literals reaches outside for.
pub(super) fn needs(literals: &Literals<'_>) -> Needs {
    let needs = address::host_need(literals, "url");
    let pin = CredentialPin::literal(literals, "credential");
    match pin.is_given() {
        true => needs.credential(pin.need(PROVIDER)),
        false => needs,
    }
}
