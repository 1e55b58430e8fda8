//! Handles of pins: what links are made of.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use crate::value::{Path, Step, Text, Value};

use super::PinValue;

/// An output pin of a node, which gives values of type `T`.
pub struct Out<T>(End, PhantomData<fn() -> T>);

/// An input pin of a node, or a place inside one, which takes values of type `T`.
pub struct In<T>(End, PhantomData<fn(T)>);

/// Which pin of which node; nothing is checked before a link is made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    node: Text,
    pin: Cow<'static, str>,
    path: Path,
}

impl End {
    fn step(&self, step: Step) -> Self {
        let mut end = self.clone();
        end.path.push(step);
        end
    }

    pub(super) fn node(&self) -> &Text {
        &self.node
    }

    pub(super) fn pin(&self) -> &str {
        &self.pin
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}{}", self.node, self.pin, self.path)
    }
}

/// What a link can start at: an [`Out`], owned or borrowed.
#[diagnostic::on_unimplemented(
    message = "a link starts at an output pin, not at `{Self}`",
    note = "pins are found at a node: `node.output.name`"
)]
pub trait Source {
    /// The type of its values.
    type Value: PinValue;
    /// Returns which pin it is.
    fn end(&self) -> &End;
}

/// What a link can lead to and a literal can be set at: an [`In`], owned or borrowed.
#[diagnostic::on_unimplemented(
    message = "a link leads to an input pin, not to `{Self}`",
    note = "pins are found at a node: `node.input.name`"
)]
pub trait Target {
    /// The type of its values.
    type Value: PinValue;
    /// Returns which pin it is.
    fn end(&self) -> &End;
}

macro_rules! handle {
    ($name:ident, $end:ident) => {
        impl<T> $name<T> {
            /// Returns a handle of a pin by name; for [`pins!`](crate::pins) and dynamic nodes.
            #[doc(hidden)]
            #[must_use]
            pub fn new(node: &Text, pin: impl Into<Cow<'static, str>>) -> Self {
                let (node, pin, path) = (node.clone(), pin.into(), Path::default());
                Self(End { node, pin, path }, PhantomData)
            }

            /// Returns the name of the pin.
            #[must_use]
            pub fn name(&self) -> &str {
                self.0.pin()
            }

            /// Returns the place under a key inside the pin's value.
            #[must_use]
            pub fn at(&self, key: impl Into<Text>) -> $name<Value> {
                $name(self.0.step(Step::Key(key.into())), PhantomData)
            }

            /// Returns the place at an index inside the pin's value.
            #[must_use]
            pub fn index(&self, index: i64) -> $name<Value> {
                $name(self.0.step(Step::Index(index)), PhantomData)
            }

            /// Returns the same pin with nothing known of its type.
            #[must_use]
            pub fn any(&self) -> $name<Value> {
                $name(self.0.clone(), PhantomData)
            }
        }

        impl<T: PinValue> $end for $name<T> {
            type Value = T;
            fn end(&self) -> &End {
                &self.0
            }
        }

        impl<T: PinValue> $end for &$name<T> {
            type Value = T;
            fn end(&self) -> &End {
                &self.0
            }
        }

        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                Self(self.0.clone(), PhantomData)
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl<T> fmt::Display for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

handle!(Out, Source);
handle!(In, Target);

impl Out<Value> {
    /// Returns the same pin as one that gives values of type `T`. Whether they are is checked for each value while the
    /// graph runs, as for every link between pins whose types do not settle it; where they can never be, compiling the
    /// graph says so.
    #[must_use]
    pub fn typed<T>(&self) -> Out<T> {
        Out(self.0.clone(), PhantomData)
    }
}
