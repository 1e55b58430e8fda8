//! Starting runs, whoever wants one: somebody who asks, a schedule, a webhook.
//!
//! ```text
//! let key = Key::of(&tenant, "schedule", &format!("{id}:{at}"));
//! let how = How::from(Origin::Schedule(id)).key(Some(key));
//! let begun = starting::start(&app, &tenant, What::Preset(preset), RunStart { inputs, ..RunStart::default() }, how).await?;
//! ```
//!
//! With a key, the run is started once, however often that is asked for within a day: [`Begun::is_new`] says whether it was
//! now. What is wrong is a [`Problem`] with a code: `HTTP_NOT_FOUND` for a graph or preset that is not there (any more),
//! `HTTP_DRAINING` while nothing new begins, faults of the inputs. The tenant's own: another's graph is not there.

mod block;
mod options;
mod preset;

use std::sync::Arc;
use std::time::Duration;

use graphloom::{Code, Fault, Given, RunOptions, RunOutcome, Text, Value};

use crate::App;
use crate::files::given;
use crate::graphs::Ready;
use crate::once::Key;
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::runs::{Origin, Started, Work, labels};
use crate::trace;
use crate::wire::RunStart;

pub(crate) use block::run_block;

/// What is to be run.
pub(crate) enum What {
    /// A stored graph: this version of it, or else the one that the request names, or else the latest.
    Graph {
        /// Its id.
        id: Text,
        /// Its version.
        version: Option<u64>,
    },
    /// What a preset says; what the request says goes before.
    Preset(Text),
    /// A graph that is not stored.
    Inline(Arc<Ready>),
}

/// How a run comes to be started.
#[derive(Debug, Clone)]
pub(crate) struct How {
    origin: Origin,
    key: Option<Key>,
    waits: bool,
    literal: Vec<Text>,
}

impl From<Origin> for How {
    fn from(origin: Origin) -> Self {
        Self {
            origin,
            key: None,
            waits: false,
            literal: Vec::new(),
        }
    }
}

impl How {
    /// Starts it once for this key.
    pub(crate) fn key(mut self, key: Option<Key>) -> Self {
        self.key = key;
        self
    }

    /// Takes these inputs, and pins as `node.pin`, as they stand there, whatever they look like: no file is meant.
    pub(crate) fn literal(mut self, names: Vec<Text>) -> Self {
        self.literal = names;
        self
    }

    /// Says that the run's end will be waited for: that it was accepted need not outlive a power cut before. Whoever stops
    /// waiting calls [`Begun::sync`] before saying that it was.
    pub(crate) fn waits(mut self, waits: bool) -> Self {
        self.waits = waits;
        self
    }
}

/// A run that was started, now or the first time that it was asked for.
pub(crate) struct Begun {
    /// Its id.
    pub(crate) run: Text,
    /// The stored graph that it is a run of.
    pub(crate) graph: Option<Text>,
    /// It was started now.
    pub(crate) is_new: bool,
    started: Started,
}

impl Begun {
    /// Waits until the run leaves this process, at most so long. `None`: it goes on, or is not here.
    pub(crate) async fn outcome(&mut self, at_most: Duration) -> Option<Arc<RunOutcome>> {
        self.started.outcome(at_most).await
    }

    /// Makes it outlive a power cut that the run was accepted.
    ///
    /// # Errors
    /// What the store failed with.
    pub(crate) async fn sync(&self, app: &App) -> Result<(), Problem> {
        app.runs().sync(&self.run).await
    }
}

/// Refuses what no run could be started with, whatever its graph.
///
/// # Errors
/// `HTTP_BODY` with the place of what does not fit.
pub(crate) fn check(asked: &RunStart) -> Result<(), Problem> {
    let _ = options::of(asked)?;
    options::reuse(asked).map(drop)
}

/// Starts a run.
///
/// # Errors
/// As the module says.
pub(crate) async fn start(
    app: &App,
    tenant: &Tenant,
    what: What,
    asked: RunStart,
    how: How,
) -> Result<Begun, Problem> {
    let mut found = resolve(app, tenant, what, asked).await?;
    let asked = &mut found.asked;
    given::resolve(app, tenant, (&mut asked.inputs, "inputs"), &how.literal).await?;
    given::resolve(app, tenant, (&mut asked.set, "set"), &how.literal).await?;
    let work = (found.graph, &found.ready);
    begin(app, tenant, work, &found.asked, &how, found.preset).await
}

/// What would be run.
pub(crate) struct Resolved {
    /// The graph, compiled.
    pub(crate) ready: Arc<Ready>,
    /// What it is started with: the request's before the preset's.
    pub(crate) asked: RunStart,
    graph: Option<Text>,
    preset: Option<Text>,
}

impl Resolved {
    /// Refuses what no run could be started with, as things are now: for whoever keeps it for later.
    ///
    /// # Errors
    /// Everything that is wrong with the inputs.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        self.check_faults(|_| true)
    }

    /// As [`Resolved::check`], but for these inputs, which come later. What nodes lack that begin is not told: it may come
    /// with them.
    ///
    /// # Errors
    /// As [`Resolved::check`].
    pub(crate) fn check_but(&self, later: &[Text]) -> Result<(), Problem> {
        self.check_faults(|fault| match fault.code {
            Code::InputStart => false,
            Code::InputMissing => {
                let name = fault.pointer.segments().next().unwrap_or_default();
                !later.iter().any(|later| *later == *name)
            }
            _ => true,
        })
    }

    fn check_faults(&self, counts: impl Fn(&Fault) -> bool) -> Result<(), Problem> {
        check(&self.asked)?;
        let plan = &self.ready.plan;
        let mut given = Given::default();
        given.inputs = self.asked.inputs.clone();
        for (pin, value) in self.asked.set.iter() {
            // A node that is not there is told when the run is started.
            if let Some((node, pin)) = pin.split_once('.')
                && let Some(node) = plan.node(node)
            {
                given.overrides.push((node, Text::from(pin), value.clone()));
            }
        }
        let mut faults = plan.check_given(&given);
        faults.retain(counts);
        match faults {
            faults if faults.is_empty() => Ok(()),
            faults => Err(options::placed(Problem::of_faults(&faults), &self.asked)),
        }
    }
}

/// Finds what is to be run.
///
/// # Errors
/// `HTTP_NOT_FOUND` for a graph or preset that is not there.
pub(crate) async fn resolve(
    app: &App,
    tenant: &Tenant,
    what: What,
    asked: RunStart,
) -> Result<Resolved, Problem> {
    let (graph, version, asked, preset) = match what {
        What::Graph { id, version } => (id, version, asked, None),
        What::Preset(id) => {
            let (graph, asked) = preset::merged(app, tenant, &id, asked).await?;
            (graph, None, asked, Some(id))
        }
        What::Inline(ready) => {
            let (graph, preset) = (None, None);
            return Ok(Resolved {
                ready,
                asked,
                graph,
                preset,
            });
        }
    };
    let version = version.or(asked.version);
    let ready = app.graphs().ready(tenant, &graph, version).await;
    let ready = match (ready, &preset) {
        (Err(problem), Some(from)) => return Err(preset::without_graph(problem, from)),
        (ready, _) => ready?,
    };
    Ok(Resolved {
        ready,
        asked,
        graph: Some(graph),
        preset,
    })
}

async fn begin(
    app: &App,
    tenant: &Tenant,
    (graph, ready): (Option<Text>, &Arc<Ready>),
    asked: &RunStart,
    how: &How,
    preset: Option<Text>,
) -> Result<Begun, Problem> {
    let mut options = how.origin.note(options::of(asked)?);
    if let Some(graph) = &graph {
        options = options.source(graph.clone());
        options = options.label(labels::VERSION, ready.version.to_string());
    }
    if let Some(preset) = preset {
        options = options.label(labels::PRESET, preset);
    }
    if let Some(key) = &how.key {
        options = options.label(labels::REQUEST, key.request().clone());
    }
    if let Some(context) = trace::label_of() {
        options = options.label(labels::TRACE, context);
    }
    if how.waits {
        options = options.accept_unsynced();
    }
    let reuse = options::reuse(asked)?;
    let mut callback = asked.callback.clone();
    if let Some(callback) = &mut callback {
        app.callbacks().check(tenant, callback, "/callback")?;
    }
    let start = async |options: RunOptions, key: Option<Text>| {
        let work = Work {
            ready: Arc::clone(ready),
            reuse: reuse.clone(),
        };
        let (own, tenant, callback) = (app.clone(), tenant.clone(), callback.clone());
        let started = async move {
            let start = async |options| own.runs().start(&tenant, work, options, key).await;
            let whom = (&tenant, callback);
            own.callbacks().armed(&own, whom, options, start).await
        };
        // Whoever asked may go away: a run that is accepted is driven, and whom to tell of it is known or forgotten.
        let started = app.runs().to_the_end(started).await;
        started.map_err(|p| options::placed(p, asked))
    };
    let begun = |started: Started| Begun {
        run: started.run.clone(),
        graph: graph.clone(),
        is_new: started.is_new,
        started,
    };
    let Some(key) = &how.key else {
        return start(options, None).await.map(begun);
    };
    let mut name = key.name().clone();
    loop {
        let known = Some(name.clone());
        let started = start(options.clone(), known).await?;
        if started.is_new {
            return Ok(begun(started));
        }
        let entry = app.runs().entry(tenant, &started.run).await?;
        if key.holds(entry.created, app.now()) {
            let request = entry.labels.get(labels::REQUEST);
            key.is_for(request.and_then(Value::as_str))?;
            return Ok(begun(started));
        }
        // Its day is over. A store knows a run by its key for as long as it has the run, so the next one has another.
        name = key.after(&started.run);
    }
}
