//! How a family lists its blocks.

/// Declares the files of a family and registers their blocks: `family! { split::Split, join::Join }`. A block that needs
/// a feature of the crate has `#[cfg(feature = "..")]` before it.
/// Their pins are read when they are first used: a short-lived program uses few.
macro_rules! family {
    ($($(#[$cfg:meta])? $file:ident::$block:ident),* $(,)?) => {
        $($(#[$cfg])? mod $file;)*

        /// Adds the blocks of this family.
        pub(crate) fn register(registry: &mut graphloom::Registry) -> Result<(), graphloom::RegistryError> {
            $($(#[$cfg])? registry.add_lazily($file::$block)?;)*
            let _ = registry;
            Ok(())
        }
    };
}

pub(crate) use family;
