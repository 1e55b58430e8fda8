//! What the fuzz targets share: how bytes are read as choices, and what is chosen from.

mod bytes;
mod draw;
mod plans;

pub use bytes::Bytes;
pub use draw::value;
pub use plans::{Fixed, fixed, registry};
