//! How long an answer waits for a run.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::{Problem, ServerCode};

/// How long an answer may wait for a run: a minute.
const MAX_WAIT_MS: u64 = 60_000;

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// How long to wait for a run.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WaitParams {
    /// Answer with the result if the run is over within so many milliseconds, at most 60000
    #[param(maximum = 60_000)]
    wait_ms: Option<u64>,
}

impl WaitParams {
    /// Returns the parameter, or else `Prefer: wait=SECONDS` (RFC 7240), which is a wish: too long a one is cut.
    ///
    /// # Errors
    /// `HTTP_PARAMETER` for more than a minute.
    pub(crate) fn time(&self, headers: &HeaderMap) -> Result<Duration, Problem> {
        if let Some(ms) = self.wait_ms {
            if ms > MAX_WAIT_MS {
                let detail = format!("wait_ms: {ms} is more than {MAX_WAIT_MS}");
                return Err(Problem::new(ServerCode::Parameter, detail));
            }
            return Ok(Duration::from_millis(ms));
        }
        let lines = headers.get_all(PREFER).iter();
        let mut wishes = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split([',', ';']))
            .map(str::trim);
        let seconds = wishes.find_map(|wish| wish.strip_prefix("wait=")?.parse::<u64>().ok());
        let ms = seconds.unwrap_or(0).saturating_mul(1_000).min(MAX_WAIT_MS);
        Ok(Duration::from_millis(ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_cut_and_a_demand_is_refused() {
        let cases = [
            (None, None, Ok(0)),
            (Some(5), None, Ok(5)),
            (Some(60_000), Some("wait=1"), Ok(60_000)),
            (Some(60_001), None, Err("HTTP_PARAMETER")),
            (None, Some("wait=2"), Ok(2_000)),
            (None, Some("respond-async, wait=100"), Ok(60_000)),
            (None, Some("wait=18446744073709551615"), Ok(60_000)),
            (None, Some("wait=soon"), Ok(0)),
        ];
        for (wait_ms, prefer, expected) in cases {
            let mut headers = HeaderMap::new();
            if let Some(line) = prefer {
                headers.insert(PREFER, line.parse().expect("a header"));
            }
            let found = WaitParams { wait_ms }.time(&headers);
            let found = found.map(|time| time.as_millis()).map_err(|p| p.code());
            assert_eq!(found, expected, "{wait_ms:?} {prefer:?}");
        }
    }
}
