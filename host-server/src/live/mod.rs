//! Live events of runs.
//!
//! ```text
//! append -> store (`Telling`) -> hub -> feed of the run: so much is kept
//!                                          |  page by page, from the journal, once
//!                                          v
//!                      watchers: a number each, over SSE (`sse`), JSON Lines (`lines`) or WebSocket (`ws`)
//! ```
//!
//! What blocks tell while they work comes beside that, for who asks for it (`notes`).
//!
//! > **Invariant:** no event is told to anyone that the journal does not have.
//! >
//! > **Invariant:** what a watcher holds does not grow with how far it is behind.

mod cache;
mod feed;
mod follow;
mod hub;
pub(crate) mod lines;
mod marks;
mod notes;
mod options;
mod page;
mod places;
pub(crate) mod sse;
mod standing;
mod statuses;
mod stop;
mod store;
mod watcher;
pub(crate) mod ws;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::Extensions;
use bytes::Bytes;
use graphloom::host::{RunEntry, Store};
use graphloom::{CancelToken, Observer, Text, observe_notes};
use tokio::sync::broadcast;
use tokio::task::JoinSet;

use crate::App;
use crate::locked::lock;
use crate::principal::{Principal, Tenant};
use crate::problem::Problem;
use crate::serve::Listening;

use self::hub::{Hub, head_of};
use self::places::{Place, Places};
use self::standing::Standing;
use self::stop::Stop;
use self::store::Telling;

pub(crate) use follow::Follow;
pub use options::LiveOptions;
pub(crate) use watcher::{Step, Wanted, Watcher};

/// Live events of the runs of an application.
pub(crate) struct Live {
    hub: Arc<Hub>,
    places: Arc<Places>,
    notes: Observer,
    stop: CancelToken,
    tasks: Mutex<JoinSet<()>>,
}

impl Live {
    /// Inside of a tokio runtime: runs of other processes are looked at from now on. `stop` ends every stream, and those that
    /// begin after it.
    pub(crate) fn new(options: LiveOptions, store: &Arc<dyn Store>, stop: &CancelToken) -> Self {
        let places = Arc::new(Places::new(options.max_streams));
        let every = options.look_every.max(Duration::from_millis(1));
        let hub = Arc::new(Hub::new(options, Arc::clone(store)));
        let mut tasks = JoinSet::new();
        tasks.spawn(look(Arc::clone(&hub), every));
        tasks.spawn(look_at_changed(Arc::clone(&hub)));
        let (observer, told) = observe_notes(notes::WAITING);
        tasks.spawn(notes::hand_on(Arc::clone(&hub), told));
        Self {
            hub,
            places,
            notes: observer,
            stop: stop.clone(),
            tasks: Mutex::new(tasks),
        }
    }

    /// Returns the store through which runs are to be driven: it tells what was kept.
    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::new(Telling {
            store: Arc::clone(self.hub.store()),
            hub: Arc::clone(&self.hub),
        })
    }

    /// Returns where runs are to tell what their blocks tell.
    pub(crate) fn notes(&self) -> Observer {
        self.notes.clone()
    }

    pub(crate) fn options(&self) -> &LiveOptions {
        self.hub.options()
    }

    /// Returns how many bytes of events are kept in memory for whoever asks next.
    pub(crate) fn cached_bytes(&self) -> usize {
        self.hub.cache().bytes()
    }

    /// Says how many streams and WebSocket connections are open.
    pub(crate) fn streams(&self) -> usize {
        self.places.count()
    }

    /// Does this for as long as the application is there.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    /// Takes a place for one more stream of a principal.
    ///
    /// # Errors
    /// `HTTP_TOO_MANY`.
    fn place(&self, who: &Principal) -> Result<Place, Problem> {
        self.places.take(who)
    }

    /// Returns what tells a stream over this connection to end.
    fn ends(&self, connection: &Extensions) -> Stop {
        Stop::new(&self.stop, connection.get::<Listening>().cloned())
    }

    /// Watches a run of a tenant.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`, also for another tenant's; `RUN_CHANGED` where its blocks have changed.
    pub(crate) async fn watch(
        &self,
        app: &App,
        tenant: &Tenant,
        run: &Text,
        wanted: Wanted,
    ) -> Result<(Watcher, RunEntry), Problem> {
        let entry = app.runs().entry(tenant, run).await?;
        let (feed, is_new) = self.hub.feed(run);
        let entry = if is_new {
            // What was kept since was told to nobody.
            app.runs().entry(tenant, run).await?
        } else {
            entry
        };
        feed.told(head_of(&entry));
        feed.learn(|| app.runs().names(entry.clone())).await?;
        Ok((Watcher::new(feed, wanted), entry))
    }

    /// Follows a run over a connection of its own.
    ///
    /// # Errors
    /// `HTTP_TOO_MANY`.
    pub(crate) fn follow(
        &self,
        app: &App,
        who: &Principal,
        watcher: Watcher,
        connection: &Extensions,
    ) -> Result<Follow, Problem> {
        let place = self.place(who)?;
        let stop = self.ends(connection);
        let standing = Standing::new(app, who);
        let heartbeat = self.options().heartbeat;
        Ok(Follow::new(watcher, standing, heartbeat, stop, place))
    }

    /// Watches where the runs of a tenant's graph stand.
    ///
    /// # Errors
    /// What the store failed with.
    async fn watch_graph(
        &self,
        tenant: &Tenant,
        graph: &Text,
    ) -> Result<broadcast::Receiver<Bytes>, Problem> {
        let of = (tenant.clone(), graph.clone());
        Ok(self.hub.statuses.watch(self.hub.store(), of).await?)
    }
}

/// Looks at what other processes drive.
async fn look(hub: Arc<Hub>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        hub.look().await;
        hub.statuses.look_at_all(hub.store()).await;
    }
}

/// Looks at what this process has changed.
async fn look_at_changed(hub: Arc<Hub>) {
    loop {
        hub.statuses.arrived().await;
        hub.statuses.look_at_changed(hub.store()).await;
    }
}
