//! The application: what handlers have in hand, and the router over it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use graphloom::host::{Clock, Credentials, MemoryStore, Store, SystemClock};
use graphloom::{Engine, Text, Timestamp};
use graphloom_blocks::llm::Models;

use crate::aside::Aside;
use crate::ask::{Cursors, MAX_BODY_BYTES};
use crate::audit::{Audit, RiskRule};
use crate::auth::Auth;
use crate::beside::{Beside, BesideOptions, WeakApp};
use crate::config::{Access, Rate};
use crate::drain::Drain;
use crate::files::{FileLimits, FileOptions, Files};
use crate::graphs::Graphs;
use crate::handling::REQUEST_TIME;
use crate::ids::random;
use crate::lent::{Lent, LentOptions, ValueLimits};
use crate::live::{Live, LiveOptions};
use crate::logins::{Logins, OAuthServices};
use crate::metrics::Metrics;
use crate::probe::Probe;
use crate::problem::{Problem, ServerCode};
use crate::quotas::Quotas;
use crate::rate::RateLimits;
use crate::records::{MemoryRecords, Records};
use crate::routes;
use crate::runs::Runs;
use crate::trace::{RunSpans, SpanSink};
use crate::vault::Vault;

/// What the handlers need. Cheap to clone; clones are the same application.
#[derive(Clone)]
pub struct App(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    engine: Engine,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) beside: Beside,
    records: Arc<dyn Records>,
    graphs: Graphs,
    runs: Runs,
    aside: Aside,
    quotas: Quotas,
    live: Live,
    auth: Auth,
    access: Access,
    audit: Option<Audit>,
    risk_rules: Vec<Arc<dyn RiskRule>>,
    rate: RateLimits,
    cursors: Cursors,
    max_body_bytes: usize,
    request_time: Duration,
    drain: Drain,
    probe: Probe,
    vault: Option<Vault>,
    logins: Logins,
    public_url: Option<Text>,
    files: Arc<Files>,
    metrics: Metrics,
    spans: Option<Arc<dyn SpanSink>>,
    run_spans: Option<Arc<RunSpans>>,
}

/// Returns a router over this engine, with everything in memory. Whoever nests it into a router of their own says who asks:
/// a layer of theirs puts a [`Principal`](crate::Principal) into each request, and without one nothing is done.
///
/// # Errors
/// Outside of a tokio runtime, which runs need.
pub fn app(engine: Engine) -> Result<Router, Problem> {
    Ok(App::builder(engine).build()?.router())
}

/// Builds an [`App`]. What is not set is in memory.
#[must_use]
pub struct AppBuilder {
    engine: Engine,
    pub(crate) beside: BesideOptions,
    clock: Arc<dyn Clock>,
    store: Arc<dyn Store>,
    records: Arc<dyn Records>,
    auth: Auth,
    live: LiveOptions,
    access: Access,
    audit: Option<Audit>,
    risk_rules: Vec<Arc<dyn RiskRule>>,
    rate: Option<Rate>,
    secret: Option<[u8; 32]>,
    max_body_bytes: usize,
    request_time: Duration,
    quotas: Quotas,
    cache_bytes: usize,
    lent: LentOptions,
    oauth: OAuthServices,
    public_url: Option<Text>,
    files: FileOptions,
    spans: Option<Arc<dyn SpanSink>>,
}

impl AppBuilder {
    /// Sets where runs are kept.
    pub fn store(mut self, store: Arc<dyn Store>) -> Self {
        self.store = store;
        self
    }

    /// Sets where everything else is kept.
    pub fn records(mut self, records: Arc<dyn Records>) -> Self {
        self.records = records;
        self
    }

    /// Sets which tokens are taken. Without it a request has its principal already, or is refused.
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// Sets from where requests are taken. Default: from everywhere, with no proxy trusted and no page of another origin.
    pub fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// Sets where requests are noted. Default: nowhere; the program notes them in its folder.
    pub fn audit(mut self, audit: Audit) -> Self {
        self.audit = Some(audit);
        self
    }

    /// Adds a rule that may refuse requests, or note something of them. Rules are asked in the order in which they came.
    pub fn risk_rule(mut self, rule: Arc<dyn RiskRule>) -> Self {
        self.risk_rules.push(rule);
        self
    }

    /// Sets how often one may ask. Default: as often as one likes; the program has the defaults of [`Rate`].
    pub fn rate(mut self, rate: Rate) -> Self {
        self.rate = Some(rate);
        self
    }

    /// Sets the clock: the engine's should be the same.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets what live events may take.
    pub fn live(mut self, options: LiveOptions) -> Self {
        self.live = options;
        self
    }

    /// Sets what cursors are signed with, so that they outlive the process.
    pub fn secret(mut self, secret: [u8; 32]) -> Self {
        self.secret = Some(secret);
        self
    }

    /// Sets how large a body may be, files apart. Default 10 MiB.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// Sets how long an answer may take to begin once its request is there. Default 2 min; an answer may wait for a run for
    /// up to one.
    pub fn request_time(mut self, time: Duration) -> Self {
        self.request_time = time;
        self
    }

    /// Sets about how much memory is used for what would have to be computed again: compiled graphs, results of runs that are
    /// over. Default 256 MiB.
    pub fn cache_bytes(mut self, bytes: usize) -> Self {
        self.cache_bytes = bytes;
        self
    }

    /// Sets how much each tenant may keep.
    pub fn quotas(mut self, quotas: Quotas) -> Self {
        self.quotas = quotas;
        self
    }

    /// Sets where the credentials of tenants are kept: a run uses those of its tenant, in place of the engine's. Without it
    /// nobody can keep any, and all runs use the engine's.
    pub fn vault(mut self, vault: Vault) -> Self {
        self.lent.vault = Some(vault);
        self
    }

    /// Lends credentials to the runs of every tenant, under their names; where a tenant has one of the same name, it is that
    /// one.
    pub fn lend(mut self, credentials: Arc<dyn Credentials>) -> Self {
        self.lent.shared = Some(credentials);
        self
    }

    /// Sets which models runs may ask, in place of those that come along.
    pub fn models(mut self, models: Models) -> Self {
        self.lent.models = Some(models);
        self
    }

    /// Sets which services people can log in to, and as whom this program asks them.
    pub fn oauth(mut self, services: OAuthServices) -> Self {
        self.oauth = services;
        self
    }

    /// Sets where people and services reach this server, as `https://graphs.example.com`: people come back there from a login,
    /// services call webhooks there.
    pub fn public_url(mut self, url: impl Into<Text>) -> Self {
        self.public_url = Some(url.into());
        self
    }

    /// Sets who gets the spans of requests and runs. Default: nobody; what requests say of their trace is given on all the same.
    pub fn spans(mut self, sink: Arc<dyn SpanSink>) -> Self {
        self.spans = Some(sink);
        self
    }

    /// Sets what values may take that blocks keep beyond a run.
    pub fn value_limits(mut self, limits: ValueLimits) -> Self {
        self.lent.limits = limits;
        self
    }

    /// Sets the folder in which files of tenants and blobs of their runs are kept, which is made with the first of them.
    /// Without it they are in memory, each tenant's apart.
    pub fn files(mut self, folder: impl Into<PathBuf>) -> Self {
        self.files.folder = Some(folder.into());
        self
    }

    /// Sets what files and blobs of a tenant may take.
    pub fn file_limits(mut self, limits: FileLimits) -> Self {
        self.files.limits = limits;
        self
    }

    /// Returns the application. It renews leases and goes on with runs on the current tokio runtime, from now on.
    ///
    /// # Errors
    /// Outside of a tokio runtime; where the system gives no random numbers.
    pub fn build(mut self) -> Result<App, Problem> {
        let secret = match self.secret {
            Some(secret) => secret,
            None => random()?,
        };
        let auth = self.auth.within(&self.records, &self.clock);
        let drain = Drain::new();
        let live = Live::new(self.live, &self.store, drain.closing());
        let rate = RateLimits::new(self.rate.as_ref(), &self.clock);
        let aside = Aside::new();
        let kept = (&self.records, &self.clock);
        let half = self.cache_bytes / 2;
        let graphs = Graphs::new(&self.engine, kept, &aside, &self.quotas, half);
        let vault = self.lent.vault.clone();
        let (http, url) = (self.engine.http().cloned(), self.public_url.as_deref());
        let logins = Logins::new(self.oauth, url, http, Arc::clone(&self.clock));
        let metrics = Metrics::new();
        self.lent.observers = vec![metrics.observer(), live.notes()];
        let files = Files::new(self.files, &self.records, &self.store, &self.clock);
        let kept = (&self.records, &self.clock, &files);
        let lent = Lent::new(&self.engine, kept, self.lent);
        let beside = Beside::new(self.beside)?;
        let store = live.store();
        let kept = (&store, &aside, half);
        let mut hear = beside.hear();
        hear.push(Arc::clone(&metrics.runs) as _);
        let run_spans = self.spans.clone();
        let run_spans =
            run_spans.map(|sink| Arc::new(RunSpans::begin(sink, Arc::clone(&self.store))));
        hear.extend(run_spans.clone().map(|spans| spans as _));
        let hear = (Arc::new(lent), hear);
        let runs = Runs::new(&self.engine, kept, hear, (&drain, &self.quotas))?;
        let probe = Probe::new(&self.store, &self.records);
        let app = App(Arc::new(Inner {
            beside,
            engine: self.engine,
            clock: self.clock,
            records: self.records,
            graphs,
            runs,
            live,
            auth,
            access: self.access,
            audit: self.audit,
            risk_rules: self.risk_rules,
            rate,
            aside,
            quotas: self.quotas,
            cursors: Cursors::new(secret),
            max_body_bytes: self.max_body_bytes,
            request_time: self.request_time,
            drain,
            probe,
            vault,
            logins,
            public_url: self.public_url,
            files,
            metrics,
            spans: self.spans,
            run_spans,
        }));
        app.0.metrics.begin();
        app.0.beside.begin(&WeakApp(Arc::downgrade(&app.0)));
        Ok(app)
    }
}

impl fmt::Debug for AppBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppBuilder").finish_non_exhaustive()
    }
}

impl App {
    /// Begins an application over this engine.
    pub fn builder(engine: Engine) -> AppBuilder {
        AppBuilder {
            engine,
            beside: BesideOptions::default(),
            clock: Arc::new(SystemClock::default()),
            store: Arc::new(MemoryStore::default()),
            records: Arc::new(MemoryRecords::default()),
            auth: Auth::default(),
            live: LiveOptions::default(),
            access: Access::default(),
            audit: None,
            risk_rules: Vec::new(),
            rate: None,
            secret: None,
            max_body_bytes: MAX_BODY_BYTES,
            request_time: REQUEST_TIME,
            quotas: Quotas::default(),
            cache_bytes: 256 << 20,
            lent: LentOptions::default(),
            oauth: OAuthServices::new(),
            public_url: None,
            files: FileOptions::default(),
            spans: None,
        }
    }

    /// Returns the router: every resource, with auth, request ids and problem documents.
    pub fn router(&self) -> Router {
        let (router, _) = routes::all(self);
        router
    }

    /// Returns the engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// Returns where everything but runs is kept.
    #[must_use]
    pub fn records(&self) -> &Arc<dyn Records> {
        &self.0.records
    }

    pub(crate) fn graphs(&self) -> &Graphs {
        &self.0.graphs
    }

    pub(crate) fn runs(&self) -> &Runs {
        &self.0.runs
    }

    /// Returns where credentials are kept.
    ///
    /// # Errors
    /// `HTTP_UNAVAILABLE` where they are not.
    pub(crate) fn vault(&self) -> Result<&Vault, Problem> {
        let detail = "this server keeps no credentials: ask the operator";
        let vault = self.0.vault.as_ref();
        vault.ok_or_else(|| Problem::new(ServerCode::Unavailable, detail))
    }

    /// Returns where others reach this server, if that is known.
    pub(crate) fn public_url(&self) -> Option<&str> {
        self.0.public_url.as_deref()
    }

    pub(crate) fn files(&self) -> &Arc<Files> {
        &self.0.files
    }

    pub(crate) fn logins(&self) -> &Logins {
        &self.0.logins
    }

    pub(crate) fn aside(&self) -> &Aside {
        &self.0.aside
    }

    pub(crate) fn quotas(&self) -> &Quotas {
        &self.0.quotas
    }

    /// Ends every stream of events, so that an embedder's listener can stop: those who watch come back and go on behind the
    /// last event that they have. [`serve`](crate::serve::serve) does this for its own connections.
    pub fn stop_streams(&self) {
        self.0.drain.close();
    }

    /// Returns how many bytes of events are kept in memory for those who watch runs.
    #[must_use]
    pub fn live_cache_bytes(&self) -> usize {
        self.0.live.cached_bytes()
    }

    pub(crate) fn live(&self) -> &Live {
        &self.0.live
    }

    /// Has nothing new begin from now on, or lets it again: starts are refused with `503`, runs that wait in the store are
    /// left to others, `/ready` says so. Says whether nothing new begins now; once [`App::end`] was called nothing does.
    pub fn drain(&self, drains: bool) -> bool {
        self.0.drain.set(drains)
    }

    /// Brings everything to its end: nothing new begins, runs may go on for two thirds of the time; then no attempt begins
    /// any more, and runs in which nothing is at work are given back to the store; at the end of the time the rest is, too,
    /// with what is at work cut off. What goes on for ever, streams and WebSockets, ends when this returns. Returns how many
    /// runs are still here, which is 0 unless the store does not answer.
    pub async fn end(&self, time: Duration) -> usize {
        self.0.drain.end();
        let left = self.0.runs.end(time).await;
        if let Some(spans) = &self.0.run_spans {
            spans.flush().await;
        }
        self.0.drain.close();
        left
    }

    pub(crate) fn spans(&self) -> Option<&Arc<dyn SpanSink>> {
        self.0.spans.as_ref()
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(crate) fn draining(&self) -> &Drain {
        &self.0.drain
    }

    pub(crate) fn probe(&self) -> &Probe {
        &self.0.probe
    }

    /// Returns which tokens are taken.
    #[must_use]
    pub fn auth(&self) -> &Auth {
        &self.0.auth
    }

    pub(crate) fn access(&self) -> &Access {
        &self.0.access
    }

    pub(crate) fn audit(&self) -> Option<&Audit> {
        self.0.audit.as_ref()
    }

    pub(crate) fn risk_rules(&self) -> &[Arc<dyn RiskRule>] {
        &self.0.risk_rules
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.clock.elapsed()
    }

    pub(crate) fn rate(&self) -> &RateLimits {
        &self.0.rate
    }

    pub(crate) fn cursors(&self) -> &Cursors {
        &self.0.cursors
    }

    pub(crate) fn max_body_bytes(&self) -> usize {
        self.0.max_body_bytes
    }

    pub(crate) fn request_time(&self) -> Duration {
        self.0.request_time
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}
