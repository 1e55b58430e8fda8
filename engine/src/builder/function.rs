//! A compiled graph as an async function from one Rust type to another.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::event::Status;
use crate::fault::Faults;
use crate::plan::Plan;
use crate::run::{Engine, RunOptions, RunOutcome};
use crate::value::{DecodeError, List, Map, Text, Value, from_slots, to_value};

use super::signature::{self, SignatureError, Take};

impl Engine {
    /// Makes a plan an async function.
    ///
    /// `I` is a struct whose fields are run inputs; a field that is null (a `None`) is not given, so that the graph's
    /// default holds. `O` is a struct whose fields are outputs: a field of type `T` takes exactly one value, an
    /// `Option<T>` (or one with `#[serde(default)]`) at most one, and a [`Gather<T>`](crate::Gather) every value in
    /// order. A `Vec<T>` is one value that is a list. Outputs without a field are left alone. For no inputs or no
    /// outputs, `()` will do.
    ///
    /// # Errors
    /// [`SignatureError`] where a field is not an input or output of the graph, has a type that never fits, or an
    /// input that must be given has no field. What the types leave open is checked by each call.
    ///
    /// # Examples
    /// ```
    /// # use graphloom::prelude::*;
    /// # use graphloom::{Role, Value};
    /// # use schemars::JsonSchema;
    /// # use serde::{Deserialize, Serialize};
    /// # struct Enter;
    /// # #[derive(Deserialize, JsonSchema)]
    /// # struct Entry { #[expect(dead_code)] name: String, value: Option<Value> }
    /// # #[derive(Serialize, JsonSchema)]
    /// # #[serde(rename_all = "snake_case")]
    /// # enum Entered { Result(Value) }
    /// # impl Block for Enter {
    /// #     const INFO: BlockInfo = BlockInfo::new("io.input", 1, "Brings a value in.").role(Role::Input);
    /// #     type Input = Entry;
    /// #     type Output = Entered;
    /// #     async fn run(&self, _: &Context, input: Entry, out: Emitter<'_, Entered>) -> Result<(), BlockError> {
    /// #         Ok(out.emit(Entered::Result(input.value.unwrap_or_default())).await?)
    /// #     }
    /// # }
    /// # struct Leave;
    /// # impl Block for Leave {
    /// #     const INFO: BlockInfo = BlockInfo::new("io.output", 1, "Brings a value out.").role(Role::Output);
    /// #     type Input = Entry;
    /// #     type Output = Entered;
    /// #     async fn run(&self, _: &Context, _: Entry, _: Emitter<'_, Entered>) -> Result<(), BlockError> { Ok(()) }
    /// # }
    /// # let mut registry = graphloom::Registry::new();
    /// # registry.add(Enter)?.add(Leave)?;
    /// # let engine = graphloom::Engine::new(registry);
    /// # let plan = engine.load(br#"{"format": 1, "nodes": {
    /// #     "in": {"block": "io.input", "inputs": {"name": "who"}},
    /// #     "out": {"block": "io.output", "inputs": {"name": "greeted"}}},
    /// #     "links": [{"from": "in.result", "to": "out.value"}]}"#)?;
    /// #[derive(Serialize, JsonSchema)]
    /// struct In {
    ///     who: String,
    /// }
    ///
    /// #[derive(Deserialize, JsonSchema)]
    /// struct Out {
    ///     greeted: String,
    /// }
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(async {
    /// let greet = engine.typed::<In, Out>(&plan)?;
    /// let out = greet.call(In { who: "Ada".to_owned() }).await?;
    /// assert_eq!(out.greeted, "Ada");
    /// # Ok::<(), Box<dyn std::error::Error>>(()) })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn typed<I, O>(&self, plan: &Arc<Plan>) -> Result<GraphFn<I, O>, SignatureError>
    where
        I: Serialize + JsonSchema,
        O: DeserializeOwned + JsonSchema,
    {
        let fields = signature::check::<I, O>(plan.interface())?;
        let (names, takes) = fields
            .into_iter()
            .map(|field| (field.name, field.take))
            .unzip();
        Ok(GraphFn {
            engine: self.clone(),
            plan: Arc::clone(plan),
            outputs: Arc::new(Outputs { names, takes }),
            types: PhantomData,
        })
    }
}

/// A compiled graph as an async function, made by [`Engine::typed`]. Cheap to clone; one can be called many times at
/// once.
pub struct GraphFn<I, O> {
    engine: Engine,
    plan: Arc<Plan>,
    outputs: Arc<Outputs>,
    types: PhantomData<fn(I) -> O>,
}

struct Outputs {
    names: Vec<Text>,
    takes: Vec<Take>,
}

impl<I: Serialize, O: DeserializeOwned> GraphFn<I, O> {
    /// Runs the graph once.
    ///
    /// # Errors
    /// [`CallError`]: inputs that will not do, a run that failed, outputs that did not come.
    ///
    /// # Cancellation
    /// Dropping the future stops the run, without grace.
    pub fn call(&self, input: I) -> impl Future<Output = Result<O, CallError>> + use<'_, I, O> {
        self.call_with(input, RunOptions::new())
    }

    /// Runs the graph once with more than inputs: a limit, an observer, a token that cancels. Inputs among the options
    /// are replaced.
    ///
    /// # Errors
    /// As [`GraphFn::call`].
    pub fn call_with(
        &self,
        input: I,
        options: RunOptions,
    ) -> impl Future<Output = Result<O, CallError>> + use<'_, I, O> {
        // Before the first poll, so that the future holds no `I` and is `Send` whatever `I` is.
        let given = given(&input);
        async move {
            let run = self.engine.run(&self.plan, options.inputs(given?));
            let outcome = run.await.map_err(|faults| CallError::Refused { faults })?;
            self.outputs.decode(outcome)
        }
    }

    /// Returns the plan.
    #[must_use]
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }
}

fn given<I: Serialize>(input: &I) -> Result<Map, CallError> {
    let refused = |message: String| CallError::Input { message };
    match to_value(input).map_err(|error| refused(error.to_string()))? {
        Value::Null => Ok(Map::new()),
        Value::Map(fields) => Ok(fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .collect()),
        other => Err(refused(format!(
            "it is a {} and not a map",
            other.type_name()
        ))),
    }
}

impl Outputs {
    fn decode<O: DeserializeOwned>(&self, outcome: RunOutcome) -> Result<O, CallError> {
        match outcome.status {
            Status::Completed => {}
            Status::Cancelled => {
                return Err(CallError::Cancelled {
                    outcome: Box::new(outcome),
                });
            }
            _ => {
                return Err(CallError::Failed {
                    outcome: Box::new(outcome),
                });
            }
        }
        let mut slots = Vec::with_capacity(self.names.len());
        for (name, take) in self.names.iter().zip(&self.takes) {
            let values = outcome.output(name);
            slots.push(match (take, values) {
                (Take::All, values) => Some(Value::from(values.iter().cloned().collect::<List>())),
                (Take::One { .. }, [only]) => Some(only.clone()),
                (Take::One { optional: true }, []) => None,
                _ => {
                    return Err(CallError::Count {
                        name: name.clone(),
                        found: values.len(),
                        outcome: Box::new(outcome),
                    });
                }
            });
        }
        from_slots(&self.names, &slots).map_err(|source| CallError::Output {
            source,
            outcome: Box::new(outcome),
        })
    }
}

impl<I, O> Clone for GraphFn<I, O> {
    fn clone(&self) -> Self {
        Self {
            engine: self.engine.clone(),
            plan: Arc::clone(&self.plan),
            outputs: Arc::clone(&self.outputs),
            types: PhantomData,
        }
    }
}

impl<I, O> fmt::Debug for GraphFn<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphFn")
            .field("plan", &self.plan)
            .field("outputs", &self.outputs.names)
            .finish_non_exhaustive()
    }
}

/// Why a call of a graph gave nothing. Where there was a run, its outcome is at hand.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError {
    /// The argument cannot be written as run inputs.
    #[error("the argument cannot be a graph's inputs: {message}")]
    Input {
        /// Why.
        message: String,
    },
    /// The inputs will not do; nothing was started.
    #[error("the inputs will not do: {faults}")]
    Refused {
        /// What is wrong with them.
        faults: Faults,
    },
    /// The run failed.
    #[error("the run failed{}", why(outcome))]
    Failed {
        /// How it ended.
        outcome: Box<RunOutcome>,
    },
    /// The run was cancelled.
    #[error("the run was cancelled")]
    Cancelled {
        /// How it ended.
        outcome: Box<RunOutcome>,
    },
    /// An output that is meant to get one value got none, or several.
    #[error("output \"{name}\" got {found} values and not one{}", why(outcome))]
    Count {
        /// The output.
        name: Text,
        /// How many values it got.
        found: usize,
        /// How the run ended: what failed or stalled on the way is in it.
        outcome: Box<RunOutcome>,
    },
    /// An output has another type than its field.
    #[error("an output does not fit its field: {source}")]
    Output {
        /// Which, and where inside it.
        source: DecodeError,
        /// How the run ended.
        outcome: Box<RunOutcome>,
    },
}

impl CallError {
    /// Returns how the run ended, if there was one.
    #[must_use]
    pub fn outcome(&self) -> Option<&RunOutcome> {
        match self {
            Self::Input { .. } | Self::Refused { .. } => None,
            Self::Failed { outcome }
            | Self::Cancelled { outcome }
            | Self::Count { outcome, .. }
            | Self::Output { outcome, .. } => Some(outcome),
        }
    }
}

fn why(outcome: &RunOutcome) -> String {
    match outcome.failure.as_ref().or_else(|| outcome.errors.first()) {
        Some(failure) => format!(": {failure}"),
        None => String::new(),
    }
}
