//! Values of any kind: storing, converting.

use crate::family::family;

family! {
    convert::Convert,
    store::Store,
}
