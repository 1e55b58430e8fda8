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
const ROOM: u32 = 64;

/// What the firing that is being polled on this thread has emitted.
///
/// A driver sets `ticket` and `room` before it polls a block and takes the emissions after. One thread-local scope
/// in place of a shared buffer a firing: no allocation, no lock and no reference count for a block that emits once.
pub(crate) struct Outbox {
    /// Which attempt is being polled; an emission from any other is refused.
    ticket: Cell<u64>,
    room: Cell<u32>,
    cancelled: Cell<bool>,
    pin: Cell<u16>,
    /// The first emission of this poll, if room was taken: most blocks make one. Not an `Option`: what is taken out of one
    /// is taken apart and put together again, and then moved as a whole, for which the processor waits.
    one: Cell<Value>,
    /// The later ones.
    more: RefCell<Vec<(u16, Value)>>,
}

/// No attempt has this ticket.
const NOBODY: u64 = u64::MAX;

thread_local! {
    // ManuallyDrop: no destructor to register, so an access is a plain load. It is empty between polls.
    static OUTBOX: ManuallyDrop<Outbox> = const {
        ManuallyDrop::new(Outbox {
            ticket: Cell::new(NOBODY),
            room: Cell::new(0),
            cancelled: Cell::new(false),
            pin: Cell::new(0),
            one: Cell::new(Value::Null),
            more: RefCell::new(Vec::new()),
        })
    };
}

/// What a poll emitted.
#[derive(Debug)]
pub(crate) enum Out {
    None,
    One(u16, Value),
    Many(Vec<(u16, Value)>),
}

/// This thread's outbox, for as long as a driver polls with it. They nest: a block may drive another run in place, and
/// what it had emitted until then is put back when that is done.
///
/// Entered once for a burst of polls, not for each: what an outer poll has is seldom there, and looking for it costs.
#[must_use]
pub(crate) struct Entered(Option<Box<Outer>>);

/// What an outer poll has emitted so far.
struct Outer {
    ticket: u64,
    room: u32,
    cancelled: bool,
    pin: u16,
    one: Value,
    more: Vec<(u16, Value)>,
}

impl Entered {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        OUTBOX.with(|outbox| {
            if outbox.ticket.get() == NOBODY {
                Self(None)
            } else {
                Self(Some(outbox.save()))
            }
        })
    }

    /// The attempt with this ticket is about to be polled.
    #[inline(always)]
    pub(crate) fn begin(&self, ticket: u64, cancelled: bool) {
        OUTBOX.with(|outbox| {
            outbox.ticket.set(ticket);
            outbox.room.set(ROOM);
            outbox.cancelled.set(cancelled);
        });
    }

    /// It made exactly one emission: which, and takes it.
    #[inline(always)]
    pub(crate) fn only(&self) -> Option<(u16, Value)> {
        OUTBOX.with(|outbox| {
            if outbox.room.get() != ROOM - 1 {
                return None;
            }
            Some((outbox.pin.get(), outbox.one.take()))
        })
    }

    /// Takes what it emitted. Says whether it used all its room.
    pub(crate) fn take(&self) -> (Out, bool) {
        OUTBOX.with(|outbox| {
            let left = outbox.room.get();
            let out = match ROOM - left {
                0 => Out::None,
                1 => Out::One(outbox.pin.get(), outbox.one.take()),
                n => {
                    let mut all = Vec::with_capacity(n as usize);
                    all.push((outbox.pin.get(), outbox.one.take()));
                    all.append(&mut outbox.more.borrow_mut());
                    Out::Many(all)
                }
            };
            (out, left == 0)
        })
    }
}

impl Drop for Entered {
    #[inline(always)]
    fn drop(&mut self) {
        OUTBOX.with(|outbox| match self.0.take() {
            None => outbox.ticket.set(NOBODY),
            Some(outer) => outbox.restore(*outer),
        });
    }
}

impl Outbox {
    #[cold]
    fn save(&self) -> Box<Outer> {
        Box::new(Outer {
            ticket: self.ticket.get(),
            room: self.room.get(),
            cancelled: self.cancelled.get(),
            pin: self.pin.get(),
            one: self.one.take(),
            more: self.more.take(),
        })
    }

    #[cold]
    fn restore(&self, outer: Outer) {
        self.ticket.set(outer.ticket);
        self.room.set(outer.room);
        self.cancelled.set(outer.cancelled);
        self.pin.set(outer.pin);
        self.one.set(outer.one);
        self.more.replace(outer.more);
    }
}

/// Emits the outputs of one firing, in order.
///
/// `emit(..).await` gives `Ok` when the value was accepted: it will be delivered in this order, but it is neither
/// delivered nor durable yet. The await is the backpressure: it waits while the consumers are full. An emission that
/// is dropped before it is ready was not made.
pub struct Emitter<'a, O> {
    cx: &'a Context,
    output: PhantomData<fn(O)>,
}

impl<'a, O: Serialize> Emitter<'a, O> {
    pub(crate) fn new(cx: &'a Context) -> Self {
        Self {
            cx,
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
        match encode_variant(&output) {
            Ok(pin) if !self.cx.guard.is_on() => {
                Emit::new(self.cx.ticket, pin.index as u16, pin.value)
            }
            Ok(pin) => Emit::guarded(self.cx, pin.index as u16, &pin.value),
            Err(error) => Emit::refused(
                self.cx.ticket,
                EmitError::Encode {
                    message: error.to_string(),
                },
            ),
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
                Emit::refused(self.cx.ticket, error)
            }
        }
    }

    /// Emits a value on the output pin with this index in the node's shape; saves the look-up by name.
    ///
    /// # Errors
    /// As [`DynEmitter::emit`].
    #[inline]
    pub fn emit_at(&self, index: usize, value: impl Into<Value>) -> Emit<'a> {
        if index < usize::from(self.cx.ports) {
            if self.cx.guard.is_on() {
                return Emit::guarded(self.cx, index as u16, &value.into());
            }
            return Emit::new(self.cx.ticket, index as u16, value.into());
        }
        let error = EmitError::UnknownPin {
            pin: index.to_string(),
            known: Vec::new(),
        };
        Emit::refused(self.cx.ticket, error)
    }
}

impl DynEmitter<'_> {
    /// Shows what the attempt has emitted in the poll that it is in, in order, however it was emitted.
    pub(crate) fn each_of_this_poll(&self, mut see: impl FnMut(u16, &Value)) {
        OUTBOX.with(|outbox| {
            if outbox.ticket.get() != self.cx.ticket {
                return;
            }
            if outbox.room.get() < ROOM {
                let one = outbox.one.take();
                see(outbox.pin.get(), &one);
                outbox.one.set(one);
            }
            for (pin, value) in outbox.more.borrow().iter() {
                see(*pin, value);
            }
        });
    }
}

/// The future of one emission.
// The value stands by itself: inside an enum with the errors it was moved three times before it arrived, and each move
// of something written in parts a moment before waits for the store buffer (a fifth of a trivial node's time).
#[must_use = "an emission is made when it is awaited"]
#[derive(Debug)]
pub struct Emit<'a> {
    ticket: u64,
    value: Value,
    pin: u16,
    /// It was made, or refused, already.
    over: bool,
    error: Option<Box<EmitError>>,
    emitter: PhantomData<&'a ()>,
}

impl Emit<'_> {
    #[inline(always)]
    fn new(ticket: u64, pin: u16, value: Value) -> Self {
        Self {
            ticket,
            value,
            pin,
            over: false,
            error: None,
            emitter: PhantomData,
        }
    }

    /// An emission of an attempt that has got hold of a secret.
    #[cold]
    fn guarded(cx: &Context, pin: u16, value: &Value) -> Self {
        match cx.emitted(value) {
            Ok(value) => Self::new(cx.ticket, pin, value),
            Err(error) => Self::refused(cx.ticket, error),
        }
    }

    #[cold]
    fn refused(ticket: u64, error: EmitError) -> Self {
        Self {
            error: Some(Box::new(error)),
            ..Self::new(ticket, 0, Value::Null)
        }
    }

    /// Everything but an emission that is accepted: it has to wait, was made before, or is refused.
    #[cold]
    fn other(&mut self, outbox: &Outbox, cx: &TaskContext<'_>) -> Poll<Result<(), EmitError>> {
        if outbox.ticket.get() != self.ticket {
            return Poll::Ready(Err(EmitError::OutsideFiring));
        }
        if outbox.cancelled.get() {
            return Poll::Ready(Err(EmitError::Cancelled));
        }
        if outbox.room.get() == 0 {
            // The driver takes what there is and polls again when there is room: see run/.
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(error) = self.error.take() {
            self.over = true;
            return Poll::Ready(Err(*error));
        }
        if !self.over {
            self.over = true;
            outbox.room.set(outbox.room.get() - 1);
            let value = std::mem::take(&mut self.value);
            outbox.more.borrow_mut().push((self.pin, value));
        }
        Poll::Ready(Ok(()))
    }
}

impl Future for Emit<'_> {
    type Output = Result<(), EmitError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        OUTBOX.with(|outbox| {
            let this = &mut *self;
            let first = outbox.ticket.get() == this.ticket
                && outbox.room.get() == ROOM
                && !outbox.cancelled.get()
                && this.error.is_none()
                && !this.over;
            if !first {
                return this.other(outbox, cx);
            }
            this.over = true;
            outbox.room.set(ROOM - 1);
            outbox.pin.set(this.pin);
            // Of the most common kind its parts: it was made in parts a moment before.
            match this.value {
                Value::Int(n) => outbox.one.set(Value::Int(n)),
                _ => outbox.one.set(std::mem::take(&mut this.value)),
            }
            Poll::Ready(Ok(()))
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
    /// The attempt looked at a secret, so that what it emits must be sealed, and that cannot be done.
    #[error("it looked at a secret, and what it emits cannot be sealed: {message}")]
    Unsealed {
        /// Why.
        message: String,
    },
    /// The emission was polled on another thread or task than the block's own future.
    #[error(
        "emitted outside of the firing: await emissions in the block's own future, not in a task or thread of its own"
    )]
    OutsideFiring,
}
