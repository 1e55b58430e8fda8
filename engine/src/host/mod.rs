//! What an embedder supplies: each a small, object-safe trait with a version in memory.
//!
//! The engine opens no file or socket and reads no environment; whatever it needs of the world comes through here.

mod blobs;
mod capability;
mod clock;
mod credentials;
mod egress;
mod extensions;
mod grants;
mod hosts;
mod http;
mod journal;
mod mail;
mod memory_store;
mod redact;
mod results;
mod secret;
mod store;

pub use blobs::{BlobError, Blobs, MemoryBlobs};
pub use capability::Capability;
pub use clock::{Clock, ManualClock, SystemClock};
pub use credentials::{
    Credential, CredentialError, CredentialKind, Credentials, MemoryCredentials,
};
pub use egress::EgressError;
pub use extensions::Extensions;
pub use grants::Grants;
pub use hosts::{HostPattern, HostPatternError, HostSet};
pub use http::{Body, Http, HttpBody, HttpRequest, HttpResponse, Part, Pieces, SECRET_IN_PATH};
pub use journal::{Append, Journal};
pub use mail::{Mail, Mailer};
pub use memory_store::MemoryStore;
pub use redact::Redactor;
pub use results::{CacheError, CachedResult, MemoryResults, ResultCache};
pub use secret::Secret;
pub use store::{
    Claim, Created, Lease, Message, NewRun, Notice, Release, RunEntry, RunQuery, Store, StoreError,
    WaitReason,
};

/// A boxed future that may move between threads.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
