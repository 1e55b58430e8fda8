//! A body in pieces, within its limits.

use graphloom::host::{BoxFuture, EgressError, Pieces, Redactor};
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

use super::client;
use super::hop::Hop;
use super::options::HttpLimits;
use super::send::judge;
use super::sites::Lease;
use super::unpack::Unpack;
use crate::egress::Timer;

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
    limits: HttpLimits,
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
            limits: limits.clone(),
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
            let Some((response, lease)) = &mut self.coming else {
                return Ok(None);
            };
            let chunk = self
                .timer
                .within("the body", self.limits.idle, response.chunk());
            let piece = match chunk.await {
                Ok(Ok(piece)) => piece,
                Ok(Err(error)) => {
                    let error = self.told(&error);
                    return self.broken(error);
                }
                Err(timeout) => return self.broken(timeout),
            };
            let Some(piece) = piece else {
                lease.worked();
                self.coming = None;
                return self.unpack.as_mut().map_or(Ok(None), Unpack::end);
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

    /// The host has not kept up its answer.
    fn broken(&mut self, error: EgressError) -> Result<Option<Vec<u8>>, EgressError> {
        if let Some((_, lease)) = &mut self.coming {
            judge(lease, &error, &self.limits);
        }
        Err(error)
    }

    fn told(&self, error: &reqwest::Error) -> EgressError {
        match client::told(error, &self.host, self.limits.connect) {
            EgressError::Connect { message } | EgressError::Transport { message } => {
                EgressError::Transport {
                    message: self.redactor.clean(&message).into_owned(),
                }
            }
            other => other,
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        // Whoever wants no more of an answer says nothing against the host.
        if let Some((_, lease)) = &mut self.coming {
            lease.worked();
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
