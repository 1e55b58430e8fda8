//! One block by itself.

use std::sync::Arc;

use crate::block::{
    BlockError, BlockInfo, BoxFuture, Context, DynBlock, DynEmitter, Inputs, Literals, Needs, Role,
    Shape, ShapeEnv, ShapeError,
};

use super::{Entry, Registry};

impl Registry {
    /// Returns a registry with this block only, which there takes inputs and gives outputs whatever part it plays in a
    /// graph: an input node is not fed by the run, and a remark speaks.
    pub(crate) fn alone(entry: &Entry) -> Self {
        let mut entry = entry.clone();
        let info = *entry.info();
        if matches!(info.role, Role::Input | Role::Output | Role::Note) {
            entry.block = Arc::new(Alone {
                real: entry.block,
                info: info.role(Role::Standard),
            });
        }
        let mut registry = Self::new();
        registry.blocks.insert(info.id, entry);
        registry
    }
}

/// A block without its part in a graph.
struct Alone {
    real: Arc<dyn DynBlock>,
    info: BlockInfo,
}

impl DynBlock for Alone {
    fn info(&self) -> &BlockInfo {
        &self.info
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        self.real.describe()
    }

    fn shape(
        &self,
        base: &Arc<Shape>,
        literals: &Literals<'_>,
        env: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        self.real.shape(base, literals, env)
    }

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        self.real.needs(literals)
    }

    fn run<'a>(
        &'a self,
        cx: &'a Context,
        inputs: Inputs<'a>,
        out: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        self.real.run(cx, inputs, out)
    }
}
