//! Callbacks: telling others what becomes of runs.
//!
//! ```text
//! a run is asked for with a callback
//!   armed    a record says whom to tell, under the run's id, before the run is accepted
//!   ended    the run left the process (`RunEnded`): the message is written, and the record is gone, in one write (`tell`)
//!   sent     the message is sent until it is taken, or given up (`send`)
//! ```
//!
//! Whatever is killed between two of these is found again by the records: one that is armed is looked after at start-up and
//! every hour, whether its run is over or never came to be. So a message is sent at least once, under one id.

mod backoff;
mod kept;
mod options;
mod secret;
mod send;
pub(crate) mod sign;
mod tell;

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::Uri;
use graphloom::host::{Http, SECRET_IN_PATH};
use graphloom::{RunOptions, RunOutcome, Status, Text, fresh_id};
use graphloom_backends::http::{EgressPolicy, GuardedHttp, HttpLimits, HttpOptions};

use crate::App;
use crate::alarm::Alarm;
use crate::ask::misfit_at;
use crate::locked::lock;
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::records::{Change, Expect, Kind};
use crate::runs::{RunEnded, Started};
use crate::sealing::{About, Sealer};
use crate::wire::{CallbackBody, Hidden};

pub(crate) use kept::Found;
pub use options::CallbackOptions;
pub(crate) use secret::{rotate, show};
pub(crate) use send::{again, run as send};
pub(crate) use tell::run as tell;

use self::kept::Armed;

/// How long an address may be.
const MAX_URL: usize = 2_048;

/// Callbacks of all tenants: what is known of them beside their records.
pub(crate) struct Callbacks {
    options: CallbackOptions,
    policy: EgressPolicy,
    http: Arc<dyn Http>,
    sealer: Sealer,
    /// Runs that have somebody to tell, as far as this process has armed it.
    watched: Mutex<HashSet<Text>>,
    /// Those of them that have left the process.
    ended: Mutex<Vec<Text>>,
    tell: Alarm,
    send: Alarm,
}

impl fmt::Debug for Callbacks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callbacks")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl Callbacks {
    pub(crate) fn new(options: CallbackOptions, sealer: Sealer) -> Self {
        let policy = options.policy();
        // An answer is read as far as its head.
        let limits = HttpLimits::default()
            .connect(options.timeout)
            .headers(options.timeout)
            .total(options.timeout)
            .max_answer_bytes(u64::MAX)
            .max_redirects(0)
            // A receiver asks for peace for one message, and not for those of others that share its host.
            .max_rest(Duration::ZERO)
            .max_connections_per_host(options.at_once_per_host);
        let client = HttpOptions::new()
            .policy(policy.clone())
            .limits(limits)
            .user_agent(concat!("graphloom-server/", env!("CARGO_PKG_VERSION")));
        let client = options
            .roots
            .iter()
            .fold(client, |client, root| client.trust(root.clone()));
        Self {
            http: Arc::new(GuardedHttp::new(client)),
            policy,
            options,
            sealer,
            watched: Mutex::default(),
            ended: Mutex::default(),
            tell: Alarm::default(),
            send: Alarm::default(),
        }
    }

    /// Checks whom to tell, as a request has it, and seals its secret. `place` is where it stands in the request.
    ///
    /// # Errors
    /// `HTTP_BODY`.
    pub(crate) fn check(
        &self,
        tenant: &Tenant,
        callback: &mut CallbackBody,
        place: &str,
    ) -> Result<(), Problem> {
        let at = |member: &str| format!("{place}/{member}");
        let url = callback.url.as_str();
        self.address(url)
            .map_err(|why| misfit_at(&at("url"), &why))?;
        if callback.events.is_empty() || callback.events.len() > 4 {
            return Err(misfit_at(
                &at("events"),
                "name at least one, and none twice",
            ));
        }
        let wrong = |why: &str| misfit_at(&at("secret"), why);
        let about = about(tenant, url);
        match &callback.secret {
            None => {}
            Some(Hidden::Plain(secret)) => {
                sign::key(secret).map_err(wrong)?;
                let sealed = self.sealer.seal(about, secret)?;
                callback.secret = Some(Hidden::Sealed(sealed));
            }
            Some(Hidden::Sealed(sealed)) => {
                let opens = self.sealer.open(about, sealed).is_ok();
                let moved = "the secret is that of another address: give it again";
                opens.then_some(()).ok_or_else(|| wrong(moved))?;
            }
        }
        Ok(())
    }

    /// Judges an address as far as its name tells. That of the machine behind it is judged when it is dialled.
    fn address(&self, url: &str) -> Result<(), String> {
        if url.len() > MAX_URL {
            return Err(format!("an address has at most {MAX_URL} bytes"));
        }
        if url.contains(SECRET_IN_PATH) {
            return Err("an address has no place for a secret here".to_owned());
        }
        let read: Uri = url.parse().map_err(|_| "this is no address".to_owned())?;
        let host = read.host().unwrap_or_default();
        let port = read.port_u16().unwrap_or(80);
        let plain = || self.options.allow_hosts.matches(host, port);
        match read.scheme_str() {
            Some("https") => {}
            Some("http") if plain() => {}
            Some("http") => {
                return Err("use https: what is told of a run is not for others".to_owned());
            }
            _ => return Err("an address begins with https://".to_owned()),
        }
        let judged = self.policy.check(url);
        judged.map_err(|_| "this server does not send anything there".to_owned())
    }

    /// Notes whom to tell of a run that is about to be accepted: it outlives a power cut when this returns.
    async fn arm(
        &self,
        app: &App,
        tenant: &Tenant,
        run: &Text,
        callback: CallbackBody,
    ) -> Result<(), Problem> {
        let now = app.now();
        let draft = Armed::new(callback, now).draft(tenant, run)?;
        let put = Change::Put(draft, Expect::Absent);
        // Before the record: the run cannot end unheard.
        lock(&self.watched).insert(run.clone());
        let written = app.records().write(vec![put], now).await;
        if written.is_err() {
            lock(&self.watched).remove(run);
        }
        written?;
        Ok(())
    }

    /// Starts a run with somebody to tell: has it armed first, and forgotten where no run came to be.
    ///
    /// # Errors
    /// What `start` refuses; what the records failed with.
    pub(crate) async fn armed(
        &self,
        app: &App,
        (tenant, callback): (&Tenant, Option<CallbackBody>),
        options: RunOptions,
        start: impl AsyncFnOnce(RunOptions) -> Result<Started, Problem>,
    ) -> Result<Started, Problem> {
        let Some(callback) = callback else {
            return start(options).await;
        };
        let run = fresh_id(app.now());
        self.arm(app, tenant, &run, callback).await?;
        let started = start(options.run_id(run.clone())).await;
        let unmade = match &started {
            Ok(started) => started.run != run,
            // Where the server failed, the run may be there all the same: it is looked after.
            Err(problem) => !problem.status().is_server_error(),
        };
        if unmade {
            self.disarm(app, tenant, &run).await;
        }
        started
    }

    /// Forgets whom to tell of a run that was not accepted.
    async fn disarm(&self, app: &App, tenant: &Tenant, run: &Text) {
        lock(&self.watched).remove(run);
        let gone = Change::remove(tenant, Kind::Callback, run, Expect::Any);
        if let Err(error) = app.records().write(vec![gone], app.now()).await {
            // It is found again where it is looked after: its run never comes to be.
            tracing::warn!(%run, %error, "a callback without a run stays for a while");
        }
    }
}

/// What a secret of a callback is sealed for: it signs nothing that goes elsewhere.
fn about<'a>(tenant: &'a Tenant, url: &'a str) -> About<'a> {
    let (of, id) = ("callback", url);
    About { tenant, of, id }
}

impl RunEnded for Callbacks {
    fn ended(&self, run: &Text, outcome: &RunOutcome, taken_up: bool) {
        let mut watched = lock(&self.watched);
        let is_watched = match outcome.status {
            Status::Waiting => watched.contains(run),
            over if over.is_terminal() => watched.remove(run),
            // It goes on elsewhere: there is nothing to tell.
            _ => return,
        };
        drop(watched);
        // Who has armed it for one that was taken up, another process or this one before, is not known.
        if is_watched || taken_up {
            lock(&self.ended).push(run.clone());
            self.tell.ring();
        }
    }
}
