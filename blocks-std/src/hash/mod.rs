//! Digests.

use crate::family::family;

family! {
    digest::Digest,
}
