//! Files of tenants, and the blobs of their runs: bytes by content, in a space for each tenant.
//!
//! A hash names bytes in the space of one tenant and nowhere else: whoever has a hash of another's bytes has nothing, and
//! runs put and get within the space of their tenant only. What keeps bytes there is a record: of a file that was uploaded
//! ([`keep`]), or of a run that has put, got or been given them ([`held`]). With the last of these the bytes go.
//!
//! | file | what it is for |
//! |---|---|
//! | `space` | the bytes of one tenant, and how much there may be |
//! | `place` | where they lie: in a folder or in memory |
//! | `draft` | bytes on their way into a space |
//! | `tasks` | what is done to its end, whoever stops waiting for it |
//! | `sweep` | what a killed process has left |
//! | `erase` | the bytes of a tenant that is forgotten |
//! | `content` | bytes on their way out |
//! | `held` | which runs have which blobs |
//! | `lend` | the space as a run sees it |
//! | `keep` | files: records of bytes that were uploaded |
//! | `receive` | a body on its way into a space |
//! | `name`, `disposition`, `media` | what files are called, and of what type they are |
//! | `range` | parts of a file that are asked for |
//! | `artifacts` | the blobs that a run names |
//! | `given` | files that a run is given |

pub(crate) mod artifacts;
mod content;
pub(crate) mod disposition;
mod draft;
mod erase;
pub(crate) mod given;
mod held;
pub(crate) mod keep;
mod lend;
pub(crate) mod media;
pub(crate) mod name;
mod place;
pub(crate) mod range;
pub(crate) mod receive;
mod space;
mod sweep;
mod tasks;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use graphloom::Text;
use graphloom::host::{Blobs, Clock, Store};
use graphloom::value::CanonicalHasher;

use crate::locked::lock;
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::records::Records;

pub(crate) use content::{Content, Piece};
pub(crate) use draft::Draft;
pub(crate) use lend::Owner;
pub(crate) use space::Space;

use self::tasks::Tasks;

/// How many tenants are known at a time that keep nothing in memory; what is forgotten is opened again.
const KNOWN: usize = 4_096;

/// What files and blobs of a tenant may take.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FileLimits {
    /// How large one may be, in bytes. Default 100 MiB.
    pub max_file_bytes: u64,
    /// How large all of a tenant may be together, blobs of runs too, in bytes. The same bytes count once. Default 10 GiB.
    pub max_bytes: u64,
    /// How many files a tenant may have. Default 10,000.
    pub max_files: u64,
}

impl Default for FileLimits {
    fn default() -> Self {
        Self {
            max_file_bytes: 100 << 20,
            max_bytes: 10 << 30,
            max_files: 10_000,
        }
    }
}

/// What an [`AppBuilder`](crate::AppBuilder) says of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct FileOptions {
    /// Where they are kept; `None`: in memory.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) limits: FileLimits,
}

/// The spaces of all tenants.
pub(crate) struct Files {
    options: FileOptions,
    records: Arc<dyn Records>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    tasks: Arc<Tasks>,
    known: Mutex<HashMap<Tenant, Arc<Space>>>,
    /// Held while everything of a tenant is forgotten.
    erasing: Arc<tokio::sync::Mutex<()>>,
}

impl Files {
    pub(crate) fn new(
        options: FileOptions,
        records: &Arc<dyn Records>,
        store: &Arc<dyn Store>,
        clock: &Arc<dyn Clock>,
    ) -> Arc<Self> {
        Arc::new(Self {
            options,
            records: Arc::clone(records),
            store: Arc::clone(store),
            clock: Arc::clone(clock),
            tasks: Arc::default(),
            known: Mutex::default(),
            erasing: Arc::default(),
        })
    }

    pub(crate) fn limits(&self) -> &FileLimits {
        &self.options.limits
    }

    /// Returns the space of a tenant.
    pub(crate) fn of(&self, tenant: &Tenant) -> Arc<Space> {
        let mut known = lock(&self.known);
        if let Some(space) = known.get(tenant) {
            return Arc::clone(space);
        }
        let folder = self.options.folder.as_ref();
        let folder = folder.map(|folder| folder.join(folder_of(tenant)));
        // A space in memory is all that there is of it, and one that is in use has the turns of its tenant.
        if folder.is_some() && known.len() >= KNOWN {
            known.retain(|_, space| Arc::strong_count(space) > 1);
        }
        let space = Arc::new(Space::new(tenant.clone(), folder, self));
        known.insert(tenant.clone(), Arc::clone(&space));
        space
    }

    /// Returns the space of a tenant as a run sees it.
    pub(crate) fn lend(self: &Arc<Self>, tenant: &Tenant, owner: Owner) -> Arc<dyn Blobs> {
        Arc::new(lend::Lent::new(self.of(tenant), owner))
    }

    /// Forgets what a run of a tenant had; bytes that nobody else has are gone.
    ///
    /// # Errors
    /// What the records or the disk failed with.
    pub(crate) async fn release(&self, tenant: &Tenant, run: &Text) -> Result<(), Problem> {
        self.of(tenant).release(run).await
    }

    /// Does this to its end, whoever stops waiting for it: what forgets bytes behind something else.
    ///
    /// # Errors
    /// What the work fails with.
    pub(crate) async fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Problem>> + Send + 'static,
    ) -> Result<T, Problem> {
        self.tasks.to_the_end(work).await
    }
}

/// Returns what the folder of a tenant is called: a hash, since a tenant may be called anything.
fn folder_of(tenant: &Tenant) -> String {
    let name = CanonicalHasher::new("graphloom.server.files")
        .text(tenant.as_text())
        .finish();
    // A hash begins with how it was made, which is no part of a file's name.
    let name = name.to_string();
    name.rsplit(':').next().unwrap_or_default().to_owned()
}
