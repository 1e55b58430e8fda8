//! How a graph wants to be run: what an error does, how inputs are converted, whether circles are allowed.

use std::fmt;

macro_rules! words {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident {
            $(#[doc = $first_doc:literal])+ $first:ident = $first_word:literal,
            $($(#[doc = $item:literal])+ $variant:ident = $word:literal,)+
        }
    )+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub enum $name {
            $(#[doc = $first_doc])+
            #[default]
            $first,
            $($(#[doc = $item])+ $variant,)+
        }

        impl $name {
            /// Every choice, the default first.
            pub const ALL: &'static [Self] = &[Self::$first, $(Self::$variant,)+];

            /// Returns the word that stands for the choice in a graph.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    Self::$first => $first_word,
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}

words! {
    /// What an error does that no link takes from the `error` pin.
    OnError {
        /// The run fails and what is in flight is cancelled.
        Fail = "fail",
        /// The error is counted and the other nodes go on.
        Continue = "continue",
    }
    /// How an input is made to fit its pin.
    Coercion {
        /// Only without loss: an integer becomes a number.
        Strict = "strict",
        /// By AutoGPT's table: texts are parsed, containers counted, scalars wrapped.
        Lenient = "lenient",
    }
    /// Whether nodes may feed each other in a circle.
    Cycles {
        /// A circle is a fault of the graph.
        Deny = "deny",
        /// A circle runs, its firings counted against `max_firings`.
        Allow = "allow",
    }
    /// What a null in a node's merged input means.
    Nulls {
        /// A value like any other.
        Keep = "keep",
        /// Nothing: the key is dropped before the input is checked, and an input that then fails its check starves.
        Drop = "drop",
    }
}

/// The settings of a graph as a whole. A limit that is absent is the engine's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Policy {
    /// What an error does that no link takes, unless the node says otherwise. Default `fail`.
    pub on_error: OnError,
    /// How inputs are converted. Default `strict`.
    pub coercion: Coercion,
    /// Whether circles are allowed. Default `deny`.
    pub cycles: Cycles,
    /// What a null input means. Default `keep`.
    pub nulls: Nulls,
    /// How long the run may take, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// How many firings may be at work at once, 1 to 100,000.
    pub max_parallel: Option<u32>,
    /// How often one node in a circle may fire, 1 to 1,000,000,000.
    pub max_firings: Option<u64>,
}

impl Policy {
    /// Returns the policy of graphs that come from AutoGPT: under it they behave as they did there.
    #[must_use]
    pub fn import() -> Self {
        Self {
            on_error: OnError::Continue,
            coercion: Coercion::Lenient,
            cycles: Cycles::Allow,
            nulls: Nulls::Drop,
            timeout_ms: None,
            max_parallel: None,
            max_firings: Some(1_000_000),
        }
    }
    /// Says whether the graph runs as it would in AutoGPT, whatever its limits.
    #[must_use]
    pub fn is_import(&self) -> bool {
        let import = Self::import();
        (self.on_error, self.coercion, self.cycles, self.nulls)
            == (
                import.on_error,
                import.coercion,
                import.cycles,
                import.nulls,
            )
    }
}
