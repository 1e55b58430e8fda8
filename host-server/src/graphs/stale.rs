//! What a writer is told who takes a graph to be as it was.

use graphloom::Value;
use graphloom::json::{diff, to_json};
use graphloom::value::to_value;

use super::{Graphs, Kept, Version};
use crate::etag::{Asked, hash};
use crate::principal::Tenant;
use crate::problem::Problem;
use crate::records::{Kind, Query};

/// How large a difference may be that is told.
const MAX_DIFF_BYTES: usize = 256 << 10;

impl Graphs {
    /// Adds to a refusal what has changed since the version that the writer named: `diff`, a JSON Patch from that version to
    /// what is there, and `diff_from`, its number. Where there is no such version, or the difference is large, the refusal stays as it is.
    pub(super) async fn what_changed(
        &self,
        problem: Problem,
        (tenant, kept): (&Tenant, &Kept),
        asked: &Asked,
    ) -> Problem {
        let Asked::OneOf(tags) = asked else {
            return problem;
        };
        for tag in tags {
            // A version that cannot be read is no reason for another refusal than this.
            let told = self.since(tenant, kept, hash(tag)).await;
            if let Ok(Some((from, patch))) = told {
                return problem.with("diff_from", from).with("diff", patch);
            }
        }
        problem
    }

    async fn since(
        &self,
        tenant: &Tenant,
        kept: &Kept,
        hash: &str,
    ) -> Result<Option<(u64, Value)>, Problem> {
        if hash.is_empty() {
            return Ok(None);
        }
        let of_hash = Query::of(Kind::GraphVersion, 1)
            .under(kept.id.clone())
            .word(Some(hash));
        let found = self.records.list(tenant, of_hash).await?;
        let Some(entry) = found.first() else {
            return Ok(None);
        };
        let then: Version = entry.read()?;
        // Words are found by a part of them.
        if then.document_hash != hash {
            return Ok(None);
        }
        let before = self.document(tenant, &kept.id, then.version).await?;
        let now = self.document(tenant, &kept.id, kept.head.version).await?;
        let compare = self.aside.run(async move {
            let patch = to_value(&diff(&before, &now)).map_err(Problem::internal)?;
            let fits = to_json(&patch).len() <= MAX_DIFF_BYTES;
            Ok(fits.then_some((then.version, patch)))
        });
        compare.await?
    }
}
