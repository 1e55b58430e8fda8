//! What goes on beside requests: schedules that come, callbacks that are sent.

use std::sync::{Arc, Mutex, Weak};

use graphloom::host::Clock;
use graphloom_backends::credentials::{Key, Keys};
use tokio::task::JoinSet;

use crate::app::Inner;
use crate::callbacks::{self, CallbackOptions, Callbacks};
use crate::locked::lock;
use crate::problem::Problem;
use crate::retention::{self, Retention};
use crate::runs::RunEnded;
use crate::schedules::{self, ScheduleOptions, Schedules};
use crate::sealing::Sealer;
use crate::webhooks::{WebhookOptions, Webhooks};
use crate::{App, AppBuilder};

/// What is set of it.
#[derive(Default)]
pub(crate) struct BesideOptions {
    keys: Option<Keys>,
    callbacks: CallbackOptions,
    schedules: ScheduleOptions,
    webhooks: WebhookOptions,
    retention: Retention,
}

/// What there is of it, and the loops that do it. They end with the application.
pub(crate) struct Beside {
    sealer: Sealer,
    callbacks: Arc<Callbacks>,
    schedules: Arc<Schedules>,
    webhooks: Webhooks,
    retention: Retention,
    loops: Mutex<JoinSet<()>>,
}

impl Beside {
    pub(crate) fn new(options: BesideOptions) -> Result<Self, Problem> {
        let keys = match options.keys {
            Some(keys) => keys,
            None => Keys::new(Key::generate().map_err(Problem::internal)?, []),
        };
        let sealer = Sealer::new(keys);
        Ok(Self {
            callbacks: Arc::new(Callbacks::new(options.callbacks, sealer.clone())),
            schedules: Arc::new(Schedules::new(options.schedules)),
            webhooks: Webhooks::new(options.webhooks),
            sealer,
            retention: options.retention,
            loops: Mutex::default(),
        })
    }

    /// Returns who is to be told of runs that leave the process.
    pub(crate) fn hear(&self) -> Vec<Arc<dyn RunEnded>> {
        vec![self.callbacks.clone(), self.schedules.clone()]
    }

    /// Begins, on the current tokio runtime.
    pub(crate) fn begin(&self, app: &WeakApp) {
        let mut loops = lock(&self.loops);
        loops.spawn(callbacks::tell(app.clone()));
        loops.spawn(callbacks::send(app.clone()));
        loops.spawn(schedules::run(app.clone()));
        loops.spawn(retention::run(app.clone()));
    }
}

/// An application that may be gone.
#[derive(Clone)]
pub(crate) struct WeakApp(pub(crate) Weak<Inner>);

impl WeakApp {
    pub(crate) fn upgrade(&self) -> Option<App> {
        self.0.upgrade().map(App)
    }
}

impl AppBuilder {
    /// Sets what secrets are sealed with that the server keeps: of webhooks, of callbacks. Without it they end with the process.
    pub fn keys(mut self, keys: Keys) -> Self {
        self.beside.keys = Some(keys);
        self
    }

    /// Sets what callbacks may do.
    pub fn callbacks(mut self, options: CallbackOptions) -> Self {
        self.beside.callbacks = options;
        self
    }

    /// Sets how long what is over is kept. Default: for ever.
    pub fn retention(mut self, retention: Retention) -> Self {
        self.beside.retention = retention;
        self
    }

    /// Sets what schedules may do.
    pub fn schedules(mut self, options: ScheduleOptions) -> Self {
        self.beside.schedules = options;
        self
    }

    /// Sets what webhooks may do.
    pub fn webhooks(mut self, options: WebhookOptions) -> Self {
        self.beside.webhooks = options;
        self
    }
}

impl App {
    pub(crate) fn sealer(&self) -> &Sealer {
        &self.0.beside.sealer
    }

    pub(crate) fn callbacks(&self) -> &Callbacks {
        &self.0.beside.callbacks
    }

    pub(crate) fn schedules(&self) -> &Schedules {
        &self.0.beside.schedules
    }

    pub(crate) fn webhooks(&self) -> &Webhooks {
        &self.0.beside.webhooks
    }

    pub(crate) fn retention(&self) -> &Retention {
        &self.0.beside.retention
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }
}
