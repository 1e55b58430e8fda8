//! How a family lists its blocks.

/// Declares the files of a family and registers their blocks: `family! { split::Split, join::Join }`.
/// Their pins are read when they are first used: a short-lived program uses few.
macro_rules! family {
    ($($file:ident::$block:ident),* $(,)?) => {
        $(mod $file;)*

        /// Adds the blocks of this family.
        pub(crate) fn register(registry: &mut graphloom::Registry) -> Result<(), graphloom::RegistryError> {
            $(registry.add_lazily($file::$block)?;)*
            let _ = registry;
            Ok(())
        }
    };
}

pub(crate) use family;
