//! Where this process may connect to: one policy for the web and for mail.
//!
//! A name is judged by the addresses that it has at the moment of connecting, and the address that was judged is the one
//! that is dialled. So a name that changes its addresses gains nothing, and neither does an address that is written oddly:
//! it is read by the one parser ([`url`]) that the client uses, and judged as read.

mod address;
mod policy;
mod resolver;
mod timer;

pub use policy::EgressPolicy;
pub use resolver::{Resolver, SystemResolver};

#[cfg(feature = "http")]
pub(crate) use policy::literal;
pub(crate) use policy::{Place, Reach, may_dial};
pub(crate) use timer::Timer;
