//! Names to addresses.

use std::io;
use std::net::IpAddr;

use graphloom::host::BoxFuture;

/// Tells the addresses of a name. What they may be is judged behind it, so a resolver need not be trusted.
pub trait Resolver: Send + Sync {
    /// Returns the addresses of a name, the best first.
    ///
    /// # Errors
    /// Where there are none, or nobody tells them.
    ///
    /// # Cancellation
    /// Dropping the future is all.
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

/// Asks the system, which keeps its own cache: nothing is kept here.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, name: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}
