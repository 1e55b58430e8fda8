//! Blocks that standard ones cannot stand in for: they misbehave, or want something of the host.

use std::sync::Arc;
use std::time::Duration;

use graphloom::block::types::PinType;
use graphloom::block::{
    BoxFuture, Context, DynBlock, DynEmitter, InputPin, Inputs, Literals, OutputPin, Shape,
    ShapeEnv, ShapeError,
};
use graphloom::{BlockError, BlockInfo, Capability, Effect, Registry};

type Run = dyn for<'a> Fn(&'a Context, Inputs<'a>, DynEmitter<'a>) -> BoxFuture<'a, Result<(), BlockError>>
    + Send
    + Sync;

/// A block made of a closure, with an optional input `in` and an output `out` of any type.
pub(crate) struct Probe {
    info: BlockInfo,
    shape: Shape,
    run: Box<Run>,
}

impl Probe {
    pub(crate) fn new(
        id: &'static str,
        run: impl for<'a> Fn(
            &'a Context,
            Inputs<'a>,
            DynEmitter<'a>,
        ) -> BoxFuture<'a, Result<(), BlockError>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        let inputs = vec![InputPin::new("in", PinType::Any)];
        let outputs = vec![OutputPin::new("out", PinType::Any)];
        Self {
            info: BlockInfo::new(id, 1, "A block of the tests."),
            shape: Shape::new(inputs, outputs),
            run: Box::new(run),
        }
    }

    pub(crate) fn info(mut self, change: impl FnOnce(BlockInfo) -> BlockInfo) -> Self {
        self.info = change(self.info);
        self
    }

    pub(crate) fn pins(mut self, inputs: Vec<InputPin>, outputs: Vec<OutputPin>) -> Self {
        self.shape = Shape::new(inputs, outputs);
        self
    }
}

impl DynBlock for Probe {
    fn info(&self) -> &BlockInfo {
        &self.info
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        Ok(self.shape.clone())
    }

    fn run<'a>(
        &'a self,
        cx: &'a Context,
        inputs: Inputs<'a>,
        out: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        (self.run)(cx, inputs, out)
    }
}

/// Passes on what it gets.
pub(crate) fn pass(id: &'static str) -> Probe {
    Probe::new(id, |_, inputs, out| {
        Box::pin(async move {
            let value = inputs.get("in").cloned().unwrap_or_default();
            Ok(out.emit("out", value).await?)
        })
    })
}

/// Fails in the way that the error says.
pub(crate) fn fails(id: &'static str, error: BlockError) -> Probe {
    Probe::new(id, move |_, _, _| {
        let error = error.clone();
        Box::pin(async move { Err(error) })
    })
}

/// Emits the numbers from 0 up to its input.
pub(crate) fn count(id: &'static str) -> Probe {
    Probe::new(id, |_, inputs, out| {
        Box::pin(async move {
            let n = inputs.get("in").and_then(|n| n.as_i64()).unwrap_or(0);
            for i in 0..n {
                out.emit_at(0, i).await?;
            }
            Ok(())
        })
    })
}

/// Does not end at all.
pub(crate) fn stuck(id: &'static str) -> Probe {
    Probe::new(id, |_, _, _| Box::pin(std::future::pending()))
}

/// Sleeps by the host's clock for as many milliseconds as it is told.
pub(crate) fn nap(id: &'static str) -> Probe {
    Probe::new(id, |cx, inputs, out| {
        Box::pin(async move {
            let ms = inputs.get("in").and_then(|ms| ms.as_u64()).unwrap_or(0);
            cx.sleep(Duration::from_millis(ms)).await?;
            Ok(out.emit("out", ms).await?)
        })
    })
    .info(|info| info.capabilities(&[Capability::Clock]))
}

/// Panics.
pub(crate) fn crash(id: &'static str) -> Probe {
    Probe::new(id, |_, _, _| {
        Box::pin(async { panic!("index 3 of a list of 2") })
    })
}

/// Asks for what its info does not list.
pub(crate) fn tell_time(id: &'static str) -> Probe {
    Probe::new(id, |cx, _, out| {
        Box::pin(async move {
            let now = cx.now()?;
            Ok(out.emit("out", now.as_millis()).await?)
        })
    })
}

/// Pays one dollar and a half, and passes on what it gets.
pub(crate) fn pay(id: &'static str) -> Probe {
    Probe::new(id, |cx, inputs, out| {
        Box::pin(async move {
            let paid = async {
                cx.cost("usd", 1.5);
                Ok(true)
            };
            cx.step("pay", paid).await?;
            let value = inputs.get("in").cloned().unwrap_or_default();
            Ok(out.emit("out", value).await?)
        })
    })
    .info(BlockInfo::serial)
}

/// Emits the number of its attempt, and fails so that it is tried again.
pub(crate) fn fickle(id: &'static str) -> Probe {
    Probe::new(id, |cx, _, out| {
        Box::pin(async move {
            out.emit("out", i64::from(cx.info().attempt)).await?;
            Err(BlockError::transient("the line is busy"))
        })
    })
}

/// Waits for both of its inputs.
pub(crate) fn join(id: &'static str) -> Probe {
    pass(id).pins(
        vec![
            InputPin::new("a", PinType::Any),
            InputPin::new("b", PinType::Any),
        ],
        vec![OutputPin::new("out", PinType::Any)],
    )
}

/// Takes its inputs together.
pub(crate) fn pair(id: &'static str) -> Probe {
    let together = |name: &'static str| {
        let mut pin = InputPin::new(name, PinType::Any);
        pin.together = true;
        pin
    };
    let a = InputPin::new("a", PinType::Any);
    pass(id).pins(
        vec![a, together("asked"), together("answered")],
        vec![OutputPin::new("out", PinType::Any)],
    )
}

/// Has tools, and fires the first one.
pub(crate) fn agent(id: &'static str) -> Probe {
    let tools = OutputPin::new("tools", PinType::Any).tools();
    Probe::new(id, |cx, _, out| {
        Box::pin(async move {
            let given = cx.call_tool(0, graphloom::value::Map::new()).await?;
            Ok(out.emit("out", given.len()).await?)
        })
    })
    .info(|info| {
        info.capabilities(&[Capability::Tools])
            .effect(Effect::Idempotent)
    })
    .pins(
        vec![InputPin::new("in", PinType::Any)],
        vec![OutputPin::new("out", PinType::Any), tools],
    )
}

/// Refuses any `shape` but `round`.
pub(crate) struct Table;

impl DynBlock for Table {
    fn info(&self) -> &BlockInfo {
        const INFO: BlockInfo =
            BlockInfo::new("app.table", 1, "A table, which must be round.").config(&["shape"]);
        &INFO
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        let shape = InputPin::new("shape", PinType::Text).required().config();
        Ok(Shape::new(vec![shape], Vec::new()))
    }

    fn shape(
        &self,
        base: &Arc<Shape>,
        literals: &Literals<'_>,
        _: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        match literals.text("shape") {
            Some("round") | None => Ok(Arc::clone(base)),
            Some(other) => Err(ShapeError::new(
                "shape",
                format!("\"{other}\" is not round"),
            )),
        }
    }

    fn run<'a>(
        &'a self,
        _: &'a Context,
        _: Inputs<'a>,
        _: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        Box::pin(async { Ok(()) })
    }
}

/// The standard blocks and those of an app that does much wrong.
pub(crate) fn registry() -> Registry {
    let mut registry = Registry::new();
    graphloom_blocks::register(&mut registry).unwrap();
    registry.add(Table).unwrap();
    let key = BlockError::Credential {
        name: "mail".to_owned(),
        message: "there is none of this name".to_owned(),
    };
    for probe in [
        pass("app.pass"),
        count("app.count"),
        stuck("app.stuck"),
        nap("app.nap"),
        agent("app.agent"),
        fails("app.fetch", BlockError::failed("the service answered 503")),
        fails("app.send_mail", key),
        fails("app.give_up", BlockError::Cancelled),
        crash("app.crash"),
        tell_time("app.tell_time"),
        pay("app.pay"),
        fickle("app.fickle"),
        join("app.join"),
        pair("app.pair"),
    ] {
        registry.add(probe).unwrap();
    }
    registry
}
