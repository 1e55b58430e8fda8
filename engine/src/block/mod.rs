//! What a block author sees: the two traits, the context, the emitter, the errors.
//!
//! [`Block`] is the typed form that almost everyone writes; [`DynBlock`] is the object-safe core under it, open to
//! blocks that are about any value or learn their pins while the program runs.

use std::any::Any;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use crate::host::{BoxFuture, Capability};
use crate::value::{Text, Value};

mod context;
mod emitter;
mod error;
mod gather;
mod guard;
mod info;
mod needs;
mod outside;
mod shape;
mod typed;
pub mod types;

pub(crate) use context::{Ask, CallHost, HostEnv, Reply, RunEnv, idempotency_key, mix, wait_key};
pub use context::{CallInfo, Context, Level, Said, Tool, ToolArgument};
pub use emitter::{DynEmitter, Emit, EmitError, Emitter};
pub(crate) use emitter::{Entered, Out};
pub(crate) use error::PANICKED;
pub use error::{BlockError, Retry};
pub(crate) use gather::GATHER_KEYWORD;
pub use gather::Gather;
pub(crate) use guard::{Guard, Spent, same_sealed};
pub use info::{Alias, BlockInfo, Category, Effect, Example, Resource, Role};
pub use needs::{Cost, CredentialNeed, Needs};
pub use outside::{BlobClient, HttpClient, MailClient};
pub use shape::{ERROR_PIN, Gathering, InputPin, Literals, OutputPin, Shape, ShapeEnv, ShapeError};
pub use typed::describe_typed;

/// One kind of work: takes an input, emits outputs.
///
/// A block value is shared by all its nodes and runs, so it holds configuration at most, never the state of a run.
///
/// A block may rely on: its input fits the schema of `Input`; `out.emit(..)` keeps the order; the context tells
/// cancellation; a panic ends its firing only.
///
/// A block owes: to stop soon after cancellation (every `await` on the context or the emitter gives a chance to; a
/// long computation asks [`Context::is_cancelled`]); to emit before it returns, in its own future; to reach outside
/// through the context only.
///
/// The two common mistakes: *computing for long* on the runtime starves everything else there: declare
/// [`Resource::Cpu`]. *Emitting from a task of one's own* is refused ([`EmitError::OutsideFiring`]): join the work
/// inside `run`, then emit.
///
/// ```
/// use graphloom::prelude::*;
/// use schemars::JsonSchema;
/// use serde::{Deserialize, Serialize};
///
/// struct Shout;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Input {
///     /// The text to shout.
///     text: String,
/// }
///
/// #[derive(Serialize, JsonSchema)]
/// #[serde(rename_all = "snake_case")]
/// enum Output {
///     /// The text in upper case.
///     Loud(String),
/// }
///
/// impl Block for Shout {
///     const INFO: BlockInfo = BlockInfo::new("text.shout", 1, "Makes a text upper-case.");
///     type Input = Input;
///     type Output = Output;
///
///     async fn run(&self, _: &Context, input: Input, out: Emitter<'_, Output>) -> Result<(), BlockError> {
///         out.emit(Output::Loud(input.text.to_uppercase())).await?;
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a block",
    note = "implement `graphloom::Block` (an Input struct, an Output enum with one variant a pin, `async fn run`); see docs/guides/write-a-block.md"
)]
pub trait Block: Send + Sync + 'static {
    /// Identity, documentation, effect class, capabilities.
    const INFO: BlockInfo;
    /// The input pins: a struct, one field a pin. Documentation of a field is documentation of the pin.
    type Input: DeserializeOwned + JsonSchema + Send + 'static;
    /// The output pins: an enum, one variant with exactly one value (or named fields) a pin.
    type Output: Serialize + JsonSchema + Send + 'static;

    /// Runs one firing.
    ///
    /// # Errors
    /// A [`BlockError`] that says whose turn it is; outputs emitted before it stand.
    ///
    /// # Cancellation
    /// After cancellation emissions and sleeps give errors; return then. What does not return within the grace time
    /// is dropped at its next `await`.
    fn run(
        &self,
        cx: &Context,
        input: Self::Input,
        out: Emitter<'_, Self::Output>,
    ) -> impl Future<Output = Result<(), BlockError>> + Send;

    /// Returns the pins of a node with these literals, where they differ from what `Input` and `Output` say; `base`
    /// is what they say.
    ///
    /// # Errors
    /// [`ShapeError`] where the literals will not do.
    fn shape(
        &self,
        base: &Arc<Shape>,
        literals: &Literals<'_>,
        env: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        let _ = (literals, env);
        Ok(Arc::clone(base))
    }

    /// Returns what a node with these literals reaches outside for, beyond its effect and capabilities: hosts,
    /// credentials, models, what a firing may cost. `graph plan` prints it; nothing is asked of the outside for it.
    fn needs(&self, literals: &Literals<'_>) -> Needs {
        let _ = literals;
        Needs::default()
    }
}

/// The object-safe core: every [`Block`] is one. Implement it directly for a block that works on plain [`Value`]s or
/// whose pins are known only at run time.
pub trait DynBlock: Any + Send + Sync {
    /// Returns identity, documentation, effect class, capabilities.
    fn info(&self) -> &BlockInfo;

    /// Returns the pins of a node without literals. Called once, at registration.
    ///
    /// # Errors
    /// [`ShapeError`] where the block's own declaration is faulty.
    fn describe(&self) -> Result<Shape, ShapeError>;

    /// Returns the pins of a node with these literals; `base` is what [`DynBlock::describe`] gave.
    ///
    /// # Errors
    /// [`ShapeError`] where the literals will not do.
    fn shape(
        &self,
        base: &Arc<Shape>,
        literals: &Literals<'_>,
        env: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        let _ = (literals, env);
        Ok(Arc::clone(base))
    }

    /// Returns what a node with these literals reaches outside for; the contract is that of [`Block::needs`].
    fn needs(&self, literals: &Literals<'_>) -> Needs {
        let _ = literals;
        Needs::default()
    }

    /// Runs one firing; the contract is that of [`Block::run`].
    ///
    /// # Errors
    /// As [`Block::run`].
    fn run<'a>(
        &'a self,
        cx: &'a Context,
        inputs: Inputs<'a>,
        out: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>>;

    /// Runs one firing on a context that the future owns meanwhile. The engine calls this; the default serves.
    #[doc(hidden)]
    fn start(&self, call: Box<Context>) -> BoxFuture<'static, Box<Context>> {
        Box::pin(async move {
            let mut call = call;
            let cx: &Context = &call;
            let block = cx.host.block(cx.node);
            let mut run = block.run(cx, Inputs::new(cx), DynEmitter::new(cx));
            let error = poll_fn(|cx| polled(run.as_mut().poll(cx))).await;
            drop(run);
            // None stands there already: only an error is stored.
            if let Some(error) = error {
                call.error = Some(error);
            }
            call
        })
    }
}

/// Takes what a poll of a block came to: where it ended, its error, in a box, and none where it ended well.
///
/// An end that is awaited is moved as a whole, the room for an error with it, which was written in parts a moment before.
/// The processor waited for that (5 ns a firing).
#[inline(always)]
fn polled(end: Poll<Result<(), BlockError>>) -> Poll<Option<Box<BlockError>>> {
    match end {
        Poll::Pending => Poll::Pending,
        Poll::Ready(Ok(())) => Poll::Ready(None),
        Poll::Ready(Err(error)) => Poll::Ready(Some(Box::new(error))),
    }
}

/// The inputs of one firing, for blocks that work on plain values.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    // The shape is asked for where it is needed: reaching it is three loads in a row.
    cx: &'a Context,
}

impl<'a> Inputs<'a> {
    pub(crate) fn new(cx: &'a Context) -> Self {
        Self { cx }
    }

    /// Returns the value of an input pin: what arrived, else the literal, else the declared default.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.at(self.cx.shape().input(name)?)
    }

    /// Returns the value of the input pin with this index in the node's shape; saves the look-up by name.
    #[must_use]
    #[inline]
    pub fn at(&self, index: usize) -> Option<&'a Value> {
        match self.cx.slots.get(index)? {
            Some(value) => Some(value),
            None => self.cx.shape().inputs.get(index)?.default.as_ref(),
        }
    }

    /// Returns the pins that have a value, in the order of the shape.
    pub fn iter(&self) -> impl Iterator<Item = (&'a Text, &'a Value)> + use<'a> {
        let cx = self.cx;
        let shape = cx.shape();
        shape
            .inputs
            .iter()
            .zip(&cx.slots)
            .filter_map(|(pin, slot)| Some((&pin.name, slot.as_ref()?)))
    }
}
