//! Blocks that appear by being linked: the opt-in form of registration (feature `inventory`).

use std::sync::Arc;

use crate::block::DynBlock;
use crate::registry::{Registry, RegistryError};

/// A block that [`register_block!`](crate::register_block) has put into the program.
#[derive(Debug, Clone, Copy)]
pub struct LinkedBlock {
    make: fn() -> Arc<dyn DynBlock>,
}

impl LinkedBlock {
    /// Returns an entry that makes its block when the registry is filled.
    #[must_use]
    pub const fn new(make: fn() -> Arc<dyn DynBlock>) -> Self {
        Self { make }
    }
}

inventory::collect!(LinkedBlock);

impl Registry {
    /// Returns a registry with every block that the program has linked with
    /// [`register_block!`](crate::register_block). A crate whose symbols are never named is not linked, and neither are
    /// its blocks: name one item of each block crate.
    ///
    /// # Errors
    /// [`RegistryError`], as [`Registry::add`].
    pub fn linked() -> Result<Self, RegistryError> {
        let mut registry = Self::new();
        for entry in inventory::iter::<LinkedBlock> {
            registry.add_dyn((entry.make)())?;
        }
        Ok(registry)
    }
}

/// Makes a block appear in [`Registry::linked`] of every program that links this crate: `register_block!(Shout)`.
#[macro_export]
macro_rules! register_block {
    ($block:expr) => {
        $crate::inventory::submit! {
            $crate::LinkedBlock::new(|| ::std::sync::Arc::new($block))
        }
    };
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde::{Deserialize, Serialize};

    use crate::prelude::*;

    struct Shout;

    #[derive(Deserialize, JsonSchema)]
    struct Input {}

    #[derive(Serialize, JsonSchema)]
    #[serde(rename_all = "snake_case")]
    #[expect(dead_code, reason = "the block is never run")]
    enum Output {
        Loud(String),
    }

    impl Block for Shout {
        const INFO: BlockInfo = BlockInfo::new("test.shout", 1, "Shouts.");
        type Input = Input;
        type Output = Output;

        async fn run(
            &self,
            _: &Context,
            _: Input,
            _: Emitter<'_, Output>,
        ) -> Result<(), BlockError> {
            Ok(())
        }
    }

    crate::register_block!(Shout);

    #[test]
    fn linked_blocks_appear() {
        let registry = crate::Registry::linked().unwrap();
        assert!(registry.get("test.shout").is_some());
    }
}
