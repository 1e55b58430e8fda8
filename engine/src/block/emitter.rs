//! Output of a firing: ordered, bounded, and free of locks on the common path.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};

use serde::Serialize;

use crate::value::{Value, encode_variant};

use super::context::Context;

/// How many emissions a block may make before the scheduler gets its turn.
pub(crate) const ROOM: u32 = 64;

/// What the firing that is being polled on this thread has emitted.
///
/// A driver sets `ticket` and `room` before it polls a block and takes the emissions after. One thread-local scope
/// in place of a shared buffer a firing: no allocation, no lock and no reference count for a block that emits once.
pub(crate) struct Outbox {
    /// Which attempt is being polled; an emission from any other is refused.
    pub(crate) ticket: Cell<u64>,
    pub(crate) room: Cell<u32>,
    pub(crate) cancelled: Cell<bool>,
    pub(crate) pin: Cell<u16>,
    /// The first emission of this poll: most blocks make one.
    pub(crate) one: Cell<Option<Value>>,
    /// The later ones.
    pub(crate) more: RefCell<Vec<(u16, Value)>>,
}

thread_local! {
    // ManuallyDrop: no destructor to register, so an access is a plain load. It is empty between polls.
    pub(crate) static OUTBOX: ManuallyDrop<Outbox> = const {
        ManuallyDrop::new(Outbox {
            ticket: Cell::new(u64::MAX),
            room: Cell::new(0),
            cancelled: Cell::new(false),
            pin: Cell::new(0),
            one: Cell::new(None),
            more: RefCell::new(Vec::new()),
        })
    };
}

/// Emits the outputs of one firing, in order.
///
/// `emit(..).await` gives `Ok` when the value was accepted: it will be delivered in this order, but it is neither
/// delivered nor durable yet. The await is the backpressure: it waits while the consumers are full. An emission that
/// is dropped before it is ready was not made.
pub struct Emitter<'a, O> {
    ticket: u64,
    context: PhantomData<&'a Context>,
    output: PhantomData<fn(O)>,
}

impl<'a, O: Serialize> Emitter<'a, O> {
    pub(crate) fn new(cx: &'a Context) -> Self {
        Self {
            ticket: cx.ticket,
            context: PhantomData,
            output: PhantomData,
        }
    }

    /// Emits one output: the variant is the pin, its content the value.
    ///
    /// # Errors
    /// [`EmitError::Cancelled`] once the run is cancelled; [`EmitError::Encode`] where the output cannot be a value;
    /// [`EmitError::OutsideFiring`] when polled anywhere but inside the block's own future.
    #[inline]
    pub fn emit(&self, output: O) -> Emit<'_> {
        let state = match encode_variant(&output) {
            Ok(pin) => EmitState::Value(pin.index as u16, pin.value),
            Err(error) => EmitState::Error(EmitError::Encode {
                message: error.to_string(),
            }),
        };
        Emit {
            ticket: self.ticket,
            state,
            emitter: PhantomData,
        }
    }
}

impl<O> Clone for Emitter<'_, O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O> Copy for Emitter<'_, O> {}

impl<O> fmt::Debug for Emitter<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emitter").finish_non_exhaustive()
    }
}

/// Emits the outputs of a firing of a block that works on plain values.
#[derive(Debug, Clone, Copy)]
pub struct DynEmitter<'a> {
    cx: &'a Context,
}

impl<'a> DynEmitter<'a> {
    pub(crate) fn new(cx: &'a Context) -> Self {
        Self { cx }
    }

    /// Emits a value on the output pin of this name.
    ///
    /// # Errors
    /// As [`Emitter::emit`], and [`EmitError::UnknownPin`] for a name that the node's shape does not have.
    pub fn emit(&self, pin: &str, value: impl Into<Value>) -> Emit<'a> {
        match self
            .cx
            .shape()
            .outputs
            .iter()
            .position(|p| p.name.as_str() == pin)
        {
            Some(index) => self.emit_at(index, value),
            None => {
                let known = self
                    .cx
                    .shape()
                    .outputs
                    .iter()
                    .map(|p| p.name.to_string())
                    .collect();
                let error = EmitError::UnknownPin {
                    pin: pin.to_owned(),
                    known,
                };
                Emit {
                    ticket: self.cx.ticket,
                    state: EmitState::Error(error),
                    emitter: PhantomData,
                }
            }
        }
    }

    /// Emits a value on the output pin with this index in the node's shape; saves the look-up by name.
    ///
    /// # Errors
    /// As [`DynEmitter::emit`].
    #[inline]
    pub fn emit_at(&self, index: usize, value: impl Into<Value>) -> Emit<'a> {
        let state = if index < self.cx.ports() {
            EmitState::Value(index as u16, value.into())
        } else {
            EmitState::Error(EmitError::UnknownPin {
                pin: index.to_string(),
                known: Vec::new(),
            })
        };
        Emit {
            ticket: self.cx.ticket,
            state,
            emitter: PhantomData,
        }
    }
}

/// The future of one emission.
#[must_use = "an emission is made when it is awaited"]
#[derive(Debug)]
pub struct Emit<'a> {
    ticket: u64,
    state: EmitState,
    emitter: PhantomData<&'a ()>,
}

#[derive(Debug)]
enum EmitState {
    Value(u16, Value),
    Error(EmitError),
    Done,
}

impl Future for Emit<'_> {
    type Output = Result<(), EmitError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        OUTBOX.with(|outbox| {
            if outbox.ticket.get() != self.ticket {
                return Poll::Ready(Err(EmitError::OutsideFiring));
            }
            if outbox.cancelled.get() {
                return Poll::Ready(Err(EmitError::Cancelled));
            }
            let room = outbox.room.get();
            if room == 0 {
                // The driver takes what there is and polls again when there is room: see run/.
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            match std::mem::replace(&mut self.state, EmitState::Done) {
                EmitState::Value(pin, value) => {
                    outbox.room.set(room - 1);
                    if room == ROOM {
                        outbox.pin.set(pin);
                        outbox.one.set(Some(value));
                    } else {
                        outbox.more.borrow_mut().push((pin, value));
                    }
                    Poll::Ready(Ok(()))
                }
                EmitState::Error(error) => Poll::Ready(Err(error)),
                EmitState::Done => Poll::Ready(Ok(())),
            }
        })
    }
}

/// Why an emission was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
    /// The run was cancelled: return soon.
    #[error("the run was cancelled")]
    Cancelled,
    /// The node has no such output pin.
    #[error("there is no output pin \"{pin}\"; there are: {}", known.join(", "))]
    UnknownPin {
        /// The pin asked for.
        pin: String,
        /// The pins that there are.
        known: Vec<String>,
    },
    /// The output cannot be a value.
    #[error("the output cannot be encoded: {message}")]
    Encode {
        /// Why.
        message: String,
    },
    /// The emission was polled on another thread or task than the block's own future.
    #[error(
        "emitted outside of the firing: await emissions in the block's own future, not in a task or thread of its own"
    )]
    OutsideFiring,
}
