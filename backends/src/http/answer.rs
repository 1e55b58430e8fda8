//! A body in pieces, within its limits.

use std::time::Duration;

use graphloom::host::{BoxFuture, EgressError, Pieces, Redactor};
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

use super::client;
use super::hop::Hop;
use super::options::HttpLimits;
use super::sites::Lease;
use super::timer::Timer;
use super::unpack::Unpack;

/// Says whether a body comes packed in the way that was asked for.
pub(super) fn is_packed(headers: &HeaderMap) -> bool {
    let mut all = headers.get_all(CONTENT_ENCODING).iter();
    let (Some(one), None) = (all.next(), all.next()) else {
        return false;
    };
    one.to_str().is_ok_and(|text| {
        let text = text.trim();
        text.eq_ignore_ascii_case("gzip") || text.eq_ignore_ascii_case("x-gzip")
    })
}

/// What is still to come of an answer. The connection is given up where something goes wrong, and when this is dropped.
pub(super) struct Answer {
    coming: Option<(Response, Lease)>,
    unpack: Option<Unpack>,
    timer: Timer,
    idle: Duration,
    connect: Duration,
    most: u64,
    come: u64,
    host: String,
    redactor: Redactor,
}

impl Answer {
    pub(super) fn new(
        response: Response,
        lease: Lease,
        timer: Timer,
        limits: &HttpLimits,
        most: u64,
        is_packed: bool,
        hop: &Hop,
    ) -> Self {
        Self {
            coming: Some((response, lease)),
            unpack: is_packed.then(|| Unpack::new(most, limits.max_unpack_ratio)),
            timer,
            idle: limits.idle,
            connect: limits.connect,
            most,
            come: 0,
            host: hop.shown_host().to_owned(),
            redactor: hop.redactor.clone(),
        }
    }

    async fn step(&mut self) -> Result<Option<Vec<u8>>, EgressError> {
        loop {
            if let Some(piece) = self.unpack.as_mut().map_or(Ok(None), Unpack::next)? {
                return Ok(Some(piece));
            }
            let Some((response, _)) = &mut self.coming else {
                return Ok(None);
            };
            let piece = self
                .timer
                .within("the body", self.idle, response.chunk())
                .await?
                .map_err(|error| self.told(&error))?;
            let Some(piece) = piece else {
                self.coming = None;
                if let Some(unpack) = &mut self.unpack {
                    unpack.end()?;
                }
                continue;
            };
            self.come += piece.len() as u64;
            if self.come > self.most {
                return Err(EgressError::TooLarge {
                    limit: self.most,
                    how: "",
                });
            }
            match &mut self.unpack {
                None => return Ok(Some(piece.to_vec())),
                Some(unpack) => unpack.take(piece),
            }
        }
    }

    fn told(&self, error: &reqwest::Error) -> EgressError {
        match client::told(error, &self.host, self.connect) {
            EgressError::Connect { message } | EgressError::Transport { message } => {
                EgressError::Transport {
                    message: self.redactor.clean(&message).into_owned(),
                }
            }
            other => other,
        }
    }
}

impl Pieces for Answer {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Vec<u8>>, EgressError>> {
        Box::pin(async {
            let next = self.step().await;
            if next.is_err() {
                self.coming = None;
                self.unpack = None;
            }
            next
        })
    }
}
