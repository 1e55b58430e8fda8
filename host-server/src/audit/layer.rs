//! The layer that notes requests.

use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::what::{Asked, Sensitivity};
use super::{Audit, line};
use crate::App;
use crate::address::{Address, Place};
use crate::principal::Principal;
use crate::problem::{Problem, ServerCode};

/// A request that is on its way. Dropped while it is, since whoever asked has gone, it is noted as that.
struct Pending<'a> {
    audit: &'a Audit,
    asked: Asked,
    bytes_in: Option<u64>,
    is_over: bool,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if !self.is_over && (self.asked.changes() || self.asked.sensitivity == Sensitivity::High) {
            self.audit
                .offer(line::abandoned(&self.asked, self.bytes_in));
        }
    }
}

/// Notes a request once its answer is there.
pub(crate) async fn layer<F: Future<Output = Response>>(
    app: &App,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let Some(audit) = app.audit() else {
        return next(request).await;
    };
    let length = request.headers().get(header::CONTENT_LENGTH);
    let mut pending = Pending {
        audit,
        asked: Asked::of(&request, app.now()),
        bytes_in: length.and_then(|length| length.to_str().ok()?.parse().ok()),
        is_over: false,
    };
    let is_high = pending.asked.sensitivity == Sensitivity::High;
    if audit.writer.is_failing() && (pending.asked.changes() || is_high) {
        pending.is_over = true;
        let detail = "the audit log cannot be written, and what cannot be noted is not done";
        return Problem::new(ServerCode::Unavailable, detail)
            .retry_after(5)
            .into_response();
    }
    let response = next(request).await;
    // Who it is and from where was found out further in.
    let extensions = response.extensions();
    pending.asked.who = extensions.get::<Principal>().cloned();
    pending.asked.address = extensions.get::<Address>().and_then(|address| address.0);
    if audit.wants(app, &pending.asked, response.status()) {
        let lost = audit.take_lost();
        if lost > 0 {
            audit.offer(line::lost(app.now(), lost));
        }
        let text = line::answered(&pending.asked, pending.bytes_in, &response);
        if audit.writer.is_failing() {
            audit.offer(text);
        } else {
            audit.write(text, is_high).await;
        }
    }
    pending.is_over = true;
    response
}

impl Audit {
    /// Says whether a request is noted. Of those who ask too often one a minute is: a log must not be filled by them.
    fn wants(&self, app: &App, asked: &Asked, status: StatusCode) -> bool {
        if status == StatusCode::TOO_MANY_REQUESTS {
            let who = asked.who.as_ref();
            let who = who.map(|who| (who.tenant_name().clone(), who.subject.clone()));
            let key = (asked.address.map(Place::of), who);
            let now = app.elapsed();
            let is_new = self.muted.get(&key, now).is_err();
            if is_new {
                self.muted.renew(key, (), now);
            }
            return is_new;
        }
        let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status);
        refused || self.reads || asked.changes() || asked.sensitivity == Sensitivity::High
    }
}
