//! What an embedder supplies: each a small, object-safe trait with a version in memory.
//!
//! The engine opens no file or socket and reads no environment; whatever it needs of the world comes through here.

mod blobs;
mod capability;
mod clock;
mod credentials;
mod extensions;
mod grants;
mod http;
mod journal;
mod memory_store;
mod results;
mod store;

pub use blobs::{BlobError, Blobs, MemoryBlobs};
pub use capability::Capability;
pub use clock::{Clock, ManualClock, SystemClock};
pub use credentials::{CredentialError, Credentials, MemoryCredentials, Secret};
pub use extensions::Extensions;
pub use grants::Grants;
pub use http::{Http, HttpError, HttpRequest, HttpResponse};
pub use journal::{Append, Journal};
pub use memory_store::MemoryStore;
pub use results::{CacheError, CachedResult, MemoryResults, ResultCache};
pub use store::{
    Claim, Created, Lease, Message, NewRun, Notice, Release, RunEntry, RunQuery, Store, StoreError,
    WaitReason,
};

/// A boxed future that may move between threads.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
