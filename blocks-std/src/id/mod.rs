//! Names for new things.

use crate::family::family;

family! {
    new::New,
}
