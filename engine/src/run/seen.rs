//! What attempts see of the graph that they are in, and through it of their run.

use std::sync::Arc;

use crate::block::{Ask, CallHost, DynBlock, RunEnv, Said, Shape, Tool, ToolArgument};
use crate::dense::NodeIx;
use crate::plan::Plan;
use crate::value::{Path, Text, Value};

use super::observe::Note;
use super::scope::{Letter, RunShared};

/// Through what the attempts of a scope see it. It does not name the scope: it is the same for all calls of a graph, so
/// that the next one can have it.
pub(super) enum Seen {
    /// The run's own graph: most runs have no other, and it stands in what they share anyway.
    Run(Arc<RunShared>),
    Call(Arc<Called>),
}

/// A graph that is called.
pub(super) struct Called {
    run: Arc<RunShared>,
    plan: Arc<Plan>,
}

impl Seen {
    pub(super) fn new(run: &Arc<RunShared>, plan: &Arc<Plan>) -> Self {
        if Arc::ptr_eq(&run.plan, plan) {
            return Self::Run(Arc::clone(run));
        }
        Self::Call(Arc::new(Called {
            run: Arc::clone(run),
            plan: Arc::clone(plan),
        }))
    }

    #[inline(always)]
    pub(super) fn plan(&self) -> &Arc<Plan> {
        match self {
            Self::Run(run) => &run.plan,
            Self::Call(called) => &called.plan,
        }
    }

    pub(super) fn env(&self) -> &RunEnv {
        match self {
            Self::Run(run) => &run.env,
            Self::Call(called) => &called.run.env,
        }
    }

    pub(super) fn host(&self) -> Arc<dyn CallHost> {
        match self {
            Self::Run(run) => Arc::clone(run) as Arc<dyn CallHost>,
            Self::Call(called) => Arc::clone(called) as Arc<dyn CallHost>,
        }
    }
}

/// A graph of a run.
trait OfGraph: Send + Sync {
    fn run(&self) -> &RunShared;
    fn plan(&self) -> &Arc<Plan>;
}

impl OfGraph for RunShared {
    fn run(&self) -> &RunShared {
        self
    }

    fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }
}

impl OfGraph for Called {
    fn run(&self) -> &RunShared {
        &self.run
    }

    fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }
}

impl<T: OfGraph> CallHost for T {
    fn env(&self) -> &RunEnv {
        &self.run().env
    }

    fn block(&self, node: u32) -> &dyn DynBlock {
        &*self.plan().cold.at(NodeIx(node)).block
    }

    fn node_id(&self, node: u32) -> &str {
        self.plan().node_id(NodeIx(node))
    }

    fn shape(&self, node: u32) -> &Arc<Shape> {
        &self.plan().cold.at(NodeIx(node)).shape
    }

    fn tools(&self, node: u32) -> Vec<Tool> {
        let Some(options) = self.plan().options(NodeIx(node)) else {
            return Vec::new();
        };
        let tool = |(index, tool): (usize, &crate::plan::ToolPlan)| {
            let cold = self.plan().cold.at(tool.node);
            let own = self.plan().options(tool.node);
            let info = cold.block.info();
            let argument = |(slot, path): &(u16, Path)| {
                let pin = cold.shape.inputs.get(usize::from(*slot))?;
                Some(ToolArgument {
                    pin: pin.name.clone(),
                    path: path.clone(),
                })
            };
            let called = own.and_then(|own| own.call.as_ref());
            let name = called.map(|graph| graph.name());
            let doc = own.and_then(|own| own.doc.clone());
            let doc = doc.or_else(|| called?.doc.clone());
            let literals = cold.shape.inputs.iter().zip(cold.template.iter());
            let literals =
                literals.filter_map(|(pin, value)| Some((pin.name.clone(), value.clone()?)));
            Tool {
                index: index as u32,
                node: cold.id.clone(),
                title: own.and_then(|own| own.title.clone()),
                graph: name.filter(|name| !name.is_empty()).map(Text::from),
                doc: doc.unwrap_or_else(|| Text::from(info.summary)),
                block: Text::from(info.id),
                alias: info.alias.map(|alias| alias.name),
                shape: Arc::clone(&cold.shape),
                arguments: tool.arguments.iter().filter_map(argument).collect(),
                literals: literals.collect(),
            }
        };
        options.tools.iter().enumerate().map(tool).collect()
    }

    fn tell(&self, scope: u32, node: u32, firing: u32, said: Said) {
        self.run().mail.post(Letter::Told(Note {
            run: self.run().env.id.clone(),
            scope,
            node: NodeIx(node),
            node_id: self.plan().cold.at(NodeIx(node)).id.clone(),
            firing,
            said,
        }));
    }

    fn ask(&self, scope: u32, node: u32, firing: u32, what: Ask) {
        self.run().mail.post(Letter::Ask {
            scope,
            node: NodeIx(node),
            firing,
            what,
        });
    }

    fn paid(&self, scope: u32, node: u32, firing: u32, key: &str) -> Option<Value> {
        self.run().mail.paid(scope, NodeIx(node), firing, key)
    }

    fn callers(&self, scope: u32) -> Text {
        let addresses = self.run().addresses.as_ref();
        addresses.map_or_else(Text::default, |addresses| addresses.of(scope))
    }
}
