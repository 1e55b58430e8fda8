//! Hands a value through serde by pointer.
//!
//! serde gives a [`Value`] no way to say "take this one as it is": each value would be taken to pieces and built anew. So
//! our types present themselves as newtype structs with names that only our own serialiser and deserialiser know. When
//! those meet such a name, the value goes by way of a thread-local slot, and what serde sees is a unit. Any other
//! format knows nothing of the name, passes the newtype through and sees plain texts, lists and maps.
//!
//! INVARIANT: the slot is filled only while the one call that empties it is running; whoever fills it clears it when that
//! call returns or unwinds. So nothing is left over for an unrelated value, however serialisers are nested.

use std::cell::Cell;

use super::Value;

pub(super) const VALUE: &str = "$graphloom::Value";
pub(super) const TEXT: &str = "$graphloom::Text";
pub(super) const LIST: &str = "$graphloom::List";
pub(super) const MAP: &str = "$graphloom::Map";

/// Returns true if a newtype struct of this name is one of ours.
#[inline]
pub(super) fn is_ours(name: &str) -> bool {
    matches!(name, VALUE | TEXT | LIST | MAP)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    /// Our serialiser waits for a value.
    Wanted,
    /// A value lies in the slot.
    Full,
}

thread_local! {
    // Apart from the slot because it needs no destructor and so is cheap to look at, which foreign serialisers pay for.
    static STATE: Cell<State> = const { Cell::new(State::Idle) };
    static SLOT: Cell<Value> = const { Cell::new(Value::Null) };
}

/// Clears what is left, also when a panic passes.
struct Clear;

impl Drop for Clear {
    #[inline]
    fn drop(&mut self) {
        if STATE.replace(State::Idle) == State::Full {
            SLOT.set(Value::Null);
        }
    }
}

/// Runs a serialisation that may hand over a value; see [`offer`].
#[inline]
pub(super) fn wanting<R>(serialize: impl FnOnce() -> R) -> R {
    let _clear = Clear;
    STATE.set(State::Wanted);
    serialize()
}

/// Hands over a value if our serialiser waits for one; the caller then serialises a unit in its place.
#[inline]
pub(super) fn offer(value: impl FnOnce() -> Value) -> bool {
    let is_wanted = STATE.get() == State::Wanted;
    if is_wanted {
        SLOT.set(value());
        STATE.set(State::Full);
    }
    is_wanted
}

/// Runs a visit of a unit that stands for a value; see [`take`].
#[inline]
pub(super) fn holding<R>(value: Value, visit: impl FnOnce() -> R) -> R {
    let _clear = Clear;
    SLOT.set(value);
    STATE.set(State::Full);
    visit()
}

/// Takes what was handed over, if anything was.
#[inline]
pub(super) fn take() -> Option<Value> {
    if STATE.get() != State::Full {
        return None;
    }
    STATE.set(State::Idle);
    Some(SLOT.take())
}
