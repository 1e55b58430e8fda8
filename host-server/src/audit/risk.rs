//! Rules of whoever runs the server: they see who wants what from where before anything is done.

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use graphloom::Text;
use graphloom::host::BoxFuture;

use super::what::Asked;
use crate::App;
use crate::problem::{Problem, ServerCode};

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Nothing.
    Pass,
    /// It may go on, and this is written into the audit log.
    Note(Text),
    /// It may not: `AUTH_RISK`. Why is for the audit log, and not for whoever asks.
    Refuse(Text),
}

/// Judges requests, once it is known who asks and before anything of a body is read. A rule should be quick: a request waits
/// for it, within the time that an answer has. One that is dropped while it thinks has said nothing, and nothing is done.
pub trait RiskRule: Send + Sync {
    /// Says what it thinks of a request.
    fn judge<'a>(&'a self, asked: &'a Asked) -> BoxFuture<'a, Verdict>;
}

/// What rules had to say, for the log.
#[derive(Debug, Clone, Default)]
pub(super) struct Noted(pub(super) Vec<Text>);

/// The layer: asks the rules in their order, the first that refuses being the last.
pub(crate) async fn layer<F: Future<Output = Response>>(
    app: &App,
    request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    if app.risk_rules().is_empty() {
        return next(request).await;
    }
    let asked = Asked::of(&request, app.now());
    let mut notes = Vec::new();
    let mut refused = false;
    for rule in app.risk_rules() {
        match rule.judge(&asked).await {
            Verdict::Pass => {}
            Verdict::Note(note) => notes.push(note),
            Verdict::Refuse(why) => {
                notes.push(why);
                refused = true;
                break;
            }
        }
    }
    let mut response = if refused {
        let detail = "a rule of this server does not let this be done";
        Problem::new(ServerCode::AuthRisk, detail).into_response()
    } else {
        next(request).await
    };
    if !notes.is_empty() {
        response.extensions_mut().insert(Noted(notes));
    }
    response
}
