//! How someone stands, in the headers of an answer: `X-RateLimit-…`, and `RateLimit` with `RateLimit-Policy` as the draft of
//! the IETF has them (draft-ietf-httpapi-ratelimit-headers).

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::buckets::{Level, Quota};
use super::seconds;
use crate::problem::{Problem, ServerCode};

/// What is told of a limit.
#[derive(Debug, Clone)]
pub(crate) struct Standing([(HeaderName, HeaderValue); 5]);

impl Standing {
    fn new(name: &str, quota: Quota, level: &Level) -> Self {
        let reset = seconds(level.until_full);
        let (burst, window, left) = (quota.burst, seconds(quota.window()), level.left);
        let text =
            |text: String| HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""));
        Self([
            (
                HeaderName::from_static("x-ratelimit-limit"),
                HeaderValue::from(burst),
            ),
            (
                HeaderName::from_static("x-ratelimit-remaining"),
                HeaderValue::from(left),
            ),
            (
                HeaderName::from_static("x-ratelimit-reset"),
                HeaderValue::from(reset),
            ),
            (
                HeaderName::from_static("ratelimit-policy"),
                text(format!("\"{name}\";q={burst};w={window}")),
            ),
            (
                HeaderName::from_static("ratelimit"),
                text(format!("\"{name}\";r={left};t={reset}")),
            ),
        ])
    }

    /// Tells it.
    pub(crate) fn write(self, headers: &mut HeaderMap) {
        for (name, value) in self.0 {
            headers.insert(name, value);
        }
    }
}

/// Returns how someone stands who has taken one.
///
/// # Errors
/// `HTTP_RATE_LIMIT` where there was none.
pub(super) fn of(name: &str, quota: Quota, level: Level) -> Result<Standing, Problem> {
    let standing = Standing::new(name, quota, &level);
    let Some(wait) = level.wait else {
        return Ok(standing);
    };
    let detail = format!("too many requests: {} at once", quota.burst);
    let problem = Problem::new(ServerCode::RateLimit, detail).retry_after(seconds(wait));
    let add = |problem: Problem, (name, value)| problem.header(name, value);
    Err(standing.0.into_iter().fold(problem, add))
}
