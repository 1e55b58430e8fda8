//! Blocks that only tests need: each shows one thing that a block can do to a run.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use graphloom::block::{Literals, Shape, ShapeEnv, ShapeError};
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{
    Capability, Effect, Gather, Registry, RegistryError, Resource, Retry, Value, value,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) fn register(registry: &mut Registry) -> Result<(), RegistryError> {
    registry
        .add(Emit)?
        .add(Join)?
        .add(Pair)?
        .add(Typed)?
        .add(Countdown)?
        .add(Sleep::<false>)?
        .add(Sleep::<true>)?
        .add(Fail::<false>)?
        .add(Fail::<true>)?
        .add(Deaf::<false>)?
        .add(Deaf::<true>)?
        .add(Tidy)?
        .add(Blocking)?
        .add(Pairs)?
        .add(Ask)?
        .add(UseTool)?
        .add(UseGraph)?;
    Ok(())
}

/// One pin that takes anything.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Out {
    /// The value.
    Out(Value),
}

/// Emits what it is told: its values, then numbers from 0, then its other values.
struct Emit;

#[derive(Deserialize, JsonSchema)]
struct EmitInput {
    /// Only there to be linked.
    #[expect(dead_code, reason = "a trigger")]
    go: Option<Value>,
    /// Sleeps so many milliseconds first.
    #[serde(default)]
    ms: u64,
    /// Go out at `out`.
    #[serde(default)]
    values: Vec<Value>,
    /// How many numbers go out at `out` after them.
    #[serde(default)]
    count: u32,
    /// Go out at `other`, after those.
    #[serde(default)]
    other: Vec<Value>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum EmitOutput {
    /// The values.
    Out(Value),
    /// The other values.
    Other(Value),
}

impl Block for Emit {
    const INFO: BlockInfo =
        BlockInfo::new("test.emit", 1, "Emits what it is told.").capabilities(&[Capability::Clock]);
    type Input = EmitInput;
    type Output = EmitOutput;

    async fn run(
        &self,
        cx: &Context,
        input: EmitInput,
        out: Emitter<'_, EmitOutput>,
    ) -> Result<(), BlockError> {
        if input.ms > 0 {
            cx.sleep(Duration::from_millis(input.ms)).await?;
        }
        for value in input.values {
            out.emit(EmitOutput::Out(value)).await?;
        }
        for n in 0..input.count {
            out.emit(EmitOutput::Out(Value::from(n))).await?;
        }
        for value in input.other {
            out.emit(EmitOutput::Other(value)).await?;
        }
        Ok(())
    }
}

/// Puts what arrived together into a map.
struct Join;

#[derive(Deserialize, JsonSchema)]
struct JoinInput {
    /// Any value, null too.
    #[serde(default = "absent")]
    a: Value,
    /// Any value, null too.
    #[serde(default = "absent")]
    b: Value,
    /// A map, to be built in parts.
    #[serde(default = "absent")]
    parts: Value,
    /// Is not waited for.
    #[serde(default = "absent")]
    late: Value,
}

fn absent() -> Value {
    Value::from("absent")
}

impl Block for Join {
    const INFO: BlockInfo =
        BlockInfo::new("test.join", 1, "Shows what arrived together.").unwaited(&["late"]);
    type Input = JoinInput;
    type Output = Out;

    async fn run(
        &self,
        _: &Context,
        input: JoinInput,
        out: Emitter<'_, Out>,
    ) -> Result<(), BlockError> {
        let JoinInput { a, b, parts, late } = input;
        let all = [("a", a), ("b", b), ("parts", parts), ("late", late)];
        let there = all.into_iter().filter(|(_, value)| *value != absent());
        out.emit(Out::Out(there.collect())).await?;
        Ok(())
    }
}

/// Puts what arrived into a map; a firing takes a value of `x` and of `y`, or of neither.
struct Pair;

#[derive(Deserialize, JsonSchema)]
struct PairInput {
    /// Any value.
    a: Value,
    /// Taken with `y`.
    #[serde(default = "absent")]
    x: Value,
    /// Taken with `x`.
    #[serde(default = "absent")]
    y: Value,
}

impl Block for Pair {
    const INFO: BlockInfo =
        BlockInfo::new("test.pair", 1, "Shows what was taken together.").together(&["x", "y"]);
    type Input = PairInput;
    type Output = Out;

    async fn run(
        &self,
        _: &Context,
        input: PairInput,
        out: Emitter<'_, Out>,
    ) -> Result<(), BlockError> {
        let all = [("a", input.a), ("x", input.x), ("y", input.y)];
        let there = all.into_iter().filter(|(_, value)| *value != absent());
        out.emit(Out::Out(there.collect())).await?;
        Ok(())
    }
}

/// Passes on values of declared types.
struct Typed;

#[derive(Deserialize, JsonSchema)]
struct TypedInput {
    #[serde(default)]
    text: String,
    #[serde(default)]
    integer: i64,
    #[serde(default)]
    number: f64,
    /// Decides nothing, but must be a literal.
    #[serde(default)]
    #[expect(dead_code, reason = "only its pin matters")]
    fixed: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum TypedOutput {
    Text(String),
    Integer(i64),
    Number(f64),
}

impl Block for Typed {
    const INFO: BlockInfo =
        BlockInfo::new("test.typed", 1, "Passes on values of declared types.").config(&["fixed"]);
    type Input = TypedInput;
    type Output = TypedOutput;

    async fn run(
        &self,
        _: &Context,
        input: TypedInput,
        out: Emitter<'_, TypedOutput>,
    ) -> Result<(), BlockError> {
        out.emit(TypedOutput::Text(input.text)).await?;
        out.emit(TypedOutput::Integer(input.integer)).await?;
        out.emit(TypedOutput::Number(input.number)).await?;
        Ok(())
    }
}

/// Tells its number, and one less for whoever feeds it back.
struct Countdown;

#[derive(Deserialize, JsonSchema)]
struct CountdownInput {
    n: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum CountdownOutput {
    /// The number.
    Now(i64),
    /// One less; nothing after 0.
    Next(i64),
}

impl Block for Countdown {
    const INFO: BlockInfo = BlockInfo::new("test.countdown", 1, "Counts down.");
    type Input = CountdownInput;
    type Output = CountdownOutput;

    async fn run(
        &self,
        _: &Context,
        input: CountdownInput,
        out: Emitter<'_, CountdownOutput>,
    ) -> Result<(), BlockError> {
        out.emit(CountdownOutput::Now(input.n)).await?;
        if input.n > 0 {
            out.emit(CountdownOutput::Next(input.n - 1)).await?;
        }
        Ok(())
    }
}

/// Sleeps; `ALONE`: one at a time.
struct Sleep<const ALONE: bool>;

#[derive(Deserialize, JsonSchema)]
struct SleepInput {
    /// Milliseconds.
    ms: u64,
}

impl<const ALONE: bool> Block for Sleep<ALONE> {
    const INFO: BlockInfo = match ALONE {
        true => BlockInfo::new("test.sleep_alone", 1, "Sleeps, one firing at a time.").serial(),
        false => BlockInfo::new("test.sleep", 1, "Sleeps."),
    }
    .capabilities(&[Capability::Clock]);
    type Input = SleepInput;
    type Output = Out;

    async fn run(
        &self,
        cx: &Context,
        input: SleepInput,
        out: Emitter<'_, Out>,
    ) -> Result<(), BlockError> {
        cx.sleep(Duration::from_millis(input.ms)).await?;
        out.emit(Out::Out(Value::from(input.ms))).await?;
        Ok(())
    }
}

/// Fails as it is told; `ONCE`: its attempts may act and are not to be repeated.
struct Fail<const ONCE: bool>;

#[derive(Deserialize, JsonSchema)]
struct FailInput {
    /// Goes out last, when it does not fail.
    #[serde(default)]
    value: Value,
    /// Go out before it fails.
    #[serde(default)]
    first: Vec<Value>,
    /// Sends the number of the attempt before it fails.
    #[serde(default)]
    tell_attempt: bool,
    /// Waits so many milliseconds then.
    #[serde(default)]
    linger_ms: u64,
    /// How many attempts fail; all, if it is not said.
    attempts: Option<u32>,
    /// Fails by chance: once in so many times it does not.
    one_in: Option<u64>,
    /// How.
    #[serde(default)]
    how: Kind,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum Kind {
    #[default]
    Lasting,
    Passing,
    NotActed,
    Panic,
}

impl<const ONCE: bool> Block for Fail<ONCE> {
    const INFO: BlockInfo = match ONCE {
        true => BlockInfo::new("test.fail_once", 1, "Acts, and fails as it is told.")
            .effect(Effect::AtMostOnce),
        false => BlockInfo::new("test.fail", 1, "Fails as it is told."),
    }
    .capabilities(&[Capability::Clock, Capability::Random]);
    type Input = FailInput;
    type Output = Out;

    async fn run(
        &self,
        cx: &Context,
        input: FailInput,
        out: Emitter<'_, Out>,
    ) -> Result<(), BlockError> {
        let attempt = cx.info().attempt;
        for value in input.first {
            out.emit(Out::Out(value)).await?;
        }
        if input.tell_attempt {
            out.emit(Out::Out(Value::from(attempt))).await?;
        }
        if input.linger_ms > 0 {
            cx.sleep(Duration::from_millis(input.linger_ms)).await?;
        }
        let lucky = match input.one_in {
            Some(times) => cx.random()? % times == 0,
            None => false,
        };
        if lucky || input.attempts.is_some_and(|attempts| attempt > attempts) {
            out.emit(Out::Out(input.value)).await?;
            return Ok(());
        }
        let message = format!("attempt {attempt} failed");
        let retry = match input.how {
            Kind::Lasting => Retry::Never,
            Kind::Passing => Retry::Maybe,
            Kind::NotActed => Retry::NotActed,
            Kind::Panic => panic!("{message}"),
        };
        Err(BlockError::Failed { message, retry })
    }
}

/// Waits for ever and does not listen; `ONCE`: it may have acted.
struct Deaf<const ONCE: bool>;

#[derive(Deserialize, JsonSchema)]
struct Go {
    /// Only there to be linked.
    #[expect(dead_code, reason = "a trigger")]
    go: Option<Value>,
}

impl<const ONCE: bool> Block for Deaf<ONCE> {
    const INFO: BlockInfo = match ONCE {
        true => BlockInfo::new("test.deaf_once", 1, "Acts for ever.").effect(Effect::AtMostOnce),
        false => BlockInfo::new("test.deaf", 1, "Waits for ever."),
    };
    type Input = Go;
    type Output = Out;

    async fn run(&self, _: &Context, _: Go, _: Emitter<'_, Out>) -> Result<(), BlockError> {
        std::future::pending().await
    }
}

/// Waits until it is told to stop, then takes a while to tidy up.
struct Tidy;

#[derive(Deserialize, JsonSchema)]
struct TidyInput {
    /// How many turns of the runtime it takes.
    turns: u32,
    /// Whether it cannot.
    #[serde(default)]
    fails: bool,
}

impl Block for Tidy {
    const INFO: BlockInfo = BlockInfo::new("test.tidy", 1, "Tidies up when it is told to stop.");
    type Input = TidyInput;
    type Output = Out;

    async fn run(
        &self,
        cx: &Context,
        input: TidyInput,
        _: Emitter<'_, Out>,
    ) -> Result<(), BlockError> {
        cx.cancelled().await;
        for _ in 0..input.turns {
            tokio::task::yield_now().await;
        }
        if input.fails {
            return Err(BlockError::failed("cannot tidy up"));
        }
        Err(BlockError::Cancelled)
    }
}

/// What a blocking call waits for.
#[derive(Clone, Default)]
pub(crate) struct Gate(pub(crate) Arc<AtomicBool>);

/// Blocks its thread until the test opens the gate, and emits then.
struct Blocking;

impl Block for Blocking {
    const INFO: BlockInfo = BlockInfo::new("test.blocking", 1, "Blocks a thread.")
        .resource(Resource::Cpu)
        .capabilities(&[Capability::Ext]);
    type Input = Go;
    type Output = Out;

    async fn run(&self, cx: &Context, _: Go, out: Emitter<'_, Out>) -> Result<(), BlockError> {
        let gate = cx.ext::<Gate>()?;
        while !gate.0.load(Ordering::Acquire) {
            std::thread::sleep(Duration::from_millis(1));
        }
        out.emit(Out::Out(Value::from("late"))).await?;
        Ok(())
    }
}

/// Collects in twos.
struct Pairs;

#[derive(Deserialize, JsonSchema)]
struct PairsInput {
    items: Gather<Value, 2>,
}

impl Block for Pairs {
    const INFO: BlockInfo = BlockInfo::new("test.pairs", 1, "Collects in twos.");
    type Input = PairsInput;
    type Output = Out;

    async fn run(
        &self,
        _: &Context,
        input: PairsInput,
        out: Emitter<'_, Out>,
    ) -> Result<(), BlockError> {
        out.emit(Out::Out(Value::from(input.items.0))).await?;
        Ok(())
    }
}

/// Asks outside and emits the answer.
struct Ask;

impl Block for Ask {
    const INFO: BlockInfo =
        BlockInfo::new("test.ask", 1, "Asks outside.").capabilities(&[Capability::Wait]);
    type Input = Go;
    type Output = Out;

    async fn run(&self, cx: &Context, _: Go, out: Emitter<'_, Out>) -> Result<(), BlockError> {
        let answer = cx.wait("go_on", value!({ "question": "go on?" })).await?;
        out.emit(Out::Out(answer)).await?;
        Ok(())
    }
}

/// Fires its first tool and emits what that gave.
struct UseTool;

#[derive(Deserialize, JsonSchema)]
struct UseToolInput {
    #[serde(default)]
    arguments: Map,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum UseToolOutput {
    /// What the tool emitted: pairs of pin and value.
    Out(Value),
    /// Names the tools.
    #[expect(dead_code, reason = "links out of it are names, nothing is emitted")]
    Tools(Value),
}

impl Block for UseTool {
    const INFO: BlockInfo =
        BlockInfo::new("test.use_tool", 1, "Fires a tool.").capabilities(&[Capability::Tools]);
    type Input = UseToolInput;
    type Output = UseToolOutput;

    async fn run(
        &self,
        cx: &Context,
        input: UseToolInput,
        out: Emitter<'_, UseToolOutput>,
    ) -> Result<(), BlockError> {
        let gave = cx.call_tool(0, input.arguments).await?;
        out.emit(UseToolOutput::Out(pairs(gave))).await?;
        Ok(())
    }

    fn shape(
        &self,
        base: &Arc<Shape>,
        _: &Literals<'_>,
        _: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        let mut shape = (**base).clone();
        for pin in &mut shape.outputs {
            pin.tools = pin.name.as_str() == "tools";
        }
        Ok(Arc::new(shape))
    }
}

/// Runs a sub-graph from inside and emits what it gave.
struct UseGraph;

#[derive(Deserialize, JsonSchema)]
struct UseGraphInput {
    /// Which.
    graph: String,
    #[serde(default)]
    inputs: Map,
}

impl Block for UseGraph {
    const INFO: BlockInfo = BlockInfo::new("test.use_graph", 1, "Runs a sub-graph.")
        .capabilities(&[Capability::Graphs])
        .config(&["graph"]);
    type Input = UseGraphInput;
    type Output = Out;

    async fn run(
        &self,
        cx: &Context,
        input: UseGraphInput,
        out: Emitter<'_, Out>,
    ) -> Result<(), BlockError> {
        let gave = cx.call_graph(input.graph, input.inputs).await?;
        out.emit(Out::Out(pairs(gave))).await?;
        Ok(())
    }
}

fn pairs(gave: Vec<(graphloom::Text, Value)>) -> Value {
    gave.into_iter()
        .map(|(name, value)| value!([name, value]))
        .collect()
}
