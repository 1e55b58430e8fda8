//! Typed pins of a block, declared once beside it.

use crate::value::Text;

/// A block as the builder sees it: its id, and a handle for each of its pins. Made by [`pins!`](crate::pins).
#[diagnostic::on_unimplemented(
    message = "the pins of `{Self}` are not declared",
    note = "declare them beside the block with `graphloom::pins!`, or add the node by name with `GraphBuilder::node`"
)]
pub trait Pins {
    /// The block as a graph writes it.
    const BLOCK: &'static str;
    /// One [`In`](super::In) a pin.
    type Inputs;
    /// One [`Out`](super::Out) a pin.
    type Outputs;
    /// Returns the input pins of a node.
    fn inputs(node: &Text) -> Self::Inputs;
    /// Returns the output pins of a node.
    fn outputs(node: &Text) -> Self::Outputs;
}

/// Declares the pins of a block for [`GraphBuilder`](crate::GraphBuilder).
///
/// Beside a [`Block`](crate::Block), the declaration names the fields of its input and the variants of its output; the
/// compiler proves that they have these types. A pin is called as the field, or as stands in parentheses where serde
/// renames it; `as` gives the type that a graph sees, where it is not the field's.
///
/// ```
/// # use graphloom::prelude::*;
/// # use schemars::JsonSchema;
/// # use serde::{Deserialize, Serialize};
/// #[derive(Deserialize, JsonSchema)]
/// struct Input {
///     text: String,
///     #[serde(rename = "type")]
///     kind: Kind,
/// }
///
/// #[derive(Deserialize, JsonSchema)]
/// enum Kind { Loud, Soft }
///
/// #[derive(Serialize, JsonSchema)]
/// #[serde(rename_all = "snake_case")]
/// enum Output {
///     Said(String),
/// }
///
/// struct Say;
/// # impl Block for Say {
/// #     const INFO: BlockInfo = BlockInfo::new("text.say", 1, "Says a text.");
/// #     type Input = Input;
/// #     type Output = Output;
/// #     async fn run(&self, _: &Context, _: Input, _: Emitter<'_, Output>) -> Result<(), BlockError> { Ok(()) }
/// # }
///
/// graphloom::pins! {
///     Say {
///         in { text: String, kind("type"): Kind as String }
///         out { said: Said(String) }
///     }
/// }
///
/// let mut g = graphloom::GraphBuilder::new();
/// let say = g.add::<Say>("say");
/// g.set(&say.input.kind, "Loud");
/// assert_eq!(say.output.said.to_string(), "say.said");
/// ```
///
/// A field or variant that does not exist, or has another type, does not compile:
///
/// ```compile_fail,E0609
/// # use graphloom::prelude::*;
/// # #[derive(serde::Deserialize, schemars::JsonSchema)]
/// # struct Input { text: String }
/// # #[derive(serde::Serialize, schemars::JsonSchema)]
/// # enum Output { Said(String) }
/// # struct Say;
/// # impl Block for Say {
/// #     const INFO: BlockInfo = BlockInfo::new("text.say", 1, "Says a text.");
/// #     type Input = Input;
/// #     type Output = Output;
/// #     async fn run(&self, _: &Context, _: Input, _: Emitter<'_, Output>) -> Result<(), BlockError> { Ok(()) }
/// # }
/// graphloom::pins! { Say { in { words: String } out { Said: Said(String) } } }
/// ```
///
/// A block whose Rust type is not at hand (a plugin, one of another crate) is declared by its id, as a module with a
/// type that stands for it; nothing is proven here, compiling the graph does:
///
/// ```
/// graphloom::pins! {
///     /// Splits a text at a delimiter.
///     pub mod split: Split = "text.split" {
///         in { text: String, delimiter: String }
///         out { texts: Vec<String> }
///     }
/// }
///
/// let mut g = graphloom::GraphBuilder::new();
/// let split = g.add::<split::Split>("split");
/// g.set(&split.input.delimiter, ",");
/// ```
#[macro_export]
macro_rules! pins {
    ($($block:ident {
        in { $($(#[$in_meta:meta])* $field:ident $(($in_name:literal))? : $in_ty:ty $(as $in_as:ty)?),* $(,)? }
        out { $($(#[$out_meta:meta])* $pin:ident $(($out_name:literal))? : $variant:ident $(($out_ty:ty))? $(as $out_as:ty)?),* $(,)? }
    })+) => {$(
        const _: () = {
            #[allow(missing_docs, unreachable_pub, dead_code, reason = "documented where the block is")]
            #[derive(Debug, Clone)]
            pub struct BlockInputs { $($(#[$in_meta])* pub $field: $crate::builder::In<$crate::pins!(@ty $($in_as,)? $in_ty,)>,)* }

            #[allow(missing_docs, unreachable_pub, dead_code, non_snake_case, reason = "documented where the block is")]
            #[derive(Debug, Clone)]
            pub struct BlockOutputs { $($(#[$out_meta])* pub $pin: $crate::builder::Out<$crate::pins!(@ty $($out_as,)? $($out_ty,)? $crate::Value,)>,)* }

            // The compiler proves that the pins are the block's.
            #[allow(dead_code, unused_variables, clippy::all, reason = "never called")]
            fn prove(input: &<$block as $crate::Block>::Input) {
                type BlockOutput = <$block as $crate::Block>::Output;
                $(let _: &$in_ty = &input.$field;)*
                $(let _ = |output: &BlockOutput| matches!(output, BlockOutput::$variant { .. });)*
                $($(let _ = |value: $out_ty| -> BlockOutput { BlockOutput::$variant(value) };)?)*
            }

            $crate::pins!(@impl $block, <$block as $crate::Block>::INFO.id, BlockInputs, BlockOutputs,
                [$([$field $($in_name)?])*] [$([$pin $($out_name)?])*]);
        };
    )+};
    ($($(#[$meta:meta])* $vis:vis mod $module:ident : $block:ident = $id:literal {
        in { $($(#[$in_meta:meta])* $field:ident $(($in_name:literal))? : $in_ty:ty),* $(,)? }
        out { $($(#[$out_meta:meta])* $pin:ident $(($out_name:literal))? : $out_ty:ty),* $(,)? }
    })+) => {$(
        $(#[$meta])*
        #[allow(missing_docs, unreachable_pub, dead_code, unused_imports, reason = "documented where the block is")]
        $vis mod $module {
            use super::*;

            $(#[$meta])*
            #[derive(Debug, Clone, Copy)]
            pub struct $block;

            /// The input pins.
            #[derive(Debug, Clone)]
            pub struct Inputs { $($(#[$in_meta])* pub $field: $crate::builder::In<$in_ty>,)* }

            /// The output pins.
            #[derive(Debug, Clone)]
            pub struct Outputs { $($(#[$out_meta])* pub $pin: $crate::builder::Out<$out_ty>,)* }

            $crate::pins!(@impl $block, $id, Inputs, Outputs, [$([$field $($in_name)?])*] [$([$pin $($out_name)?])*]);
        }
    )+};
    (@impl $block:ident, $id:expr, $inputs:ident, $outputs:ident, [$([$($field:tt)+])*] [$([$($pin:tt)+])*]) => {
        impl $crate::builder::Pins for $block {
            const BLOCK: &'static str = $id;
            type Inputs = $inputs;
            type Outputs = $outputs;

            fn inputs(node: &$crate::Text) -> $inputs {
                let _ = node;
                $crate::pins!(@make $inputs, In, node, $([$($field)+])*)
            }

            fn outputs(node: &$crate::Text) -> $outputs {
                let _ = node;
                $crate::pins!(@make $outputs, Out, node, $([$($pin)+])*)
            }
        }
    };
    (@make $pins:ident, $handle:ident, $node:ident, $([$pin:ident $($name:literal)?])*) => {
        $pins { $($pin: $crate::builder::$handle::new($node, $crate::pins!(@name $pin $($name)?)),)* }
    };
    // The first of what is there.
    (@ty $ty:ty, $($rest:ty,)*) => { $ty };
    (@name $pin:ident $name:literal) => { $name };
    (@name $pin:ident) => { stringify!($pin) };
}
