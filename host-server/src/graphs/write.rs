//! Writing graphs: each change of the document makes a version.

use axum::body::Bytes;
use graphloom::json::to_json;
use graphloom::{Fault, Text};

use super::{Compiled, Graphs, Head, Kept, Version, version_id};
use crate::ask::Patch;
use crate::etag::Asked;
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::records::{Change, Draft, Expect, Kind, RecordError};
use crate::revise::{Become, Tries, revise};

/// What is kept of each version.
const OF_VERSIONS: [Kind; 2] = [Kind::GraphVersion, Kind::GraphDocument];

/// What a document is to become.
pub(crate) enum Edit<'a> {
    /// This.
    Whole(Bytes),
    /// What it is, changed.
    Patched(&'a Patch),
}

impl Graphs {
    /// Keeps a new graph under an id that nothing has, with further changes by the same write.
    ///
    /// # Errors
    /// `HTTP_TOO_MANY`.
    pub(crate) async fn create(
        &self,
        tenant: &Tenant,
        id: &Text,
        compiled: Compiled,
        more: Vec<Change>,
    ) -> Result<(), Problem> {
        Ok(self.write(tenant, id, compiled, None, more).await?)
    }

    /// Makes a new version of a graph, or the graph, as the precondition says. A document that is the same as the latest
    /// makes no version.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`; `HTTP_PRECONDITION`, with what has changed; the faults of the document; what the patch cannot do.
    pub(crate) async fn edit(
        &self,
        tenant: &Tenant,
        id: &Text,
        asked: &Asked,
        edit: &Edit<'_>,
    ) -> Result<Kept, Problem> {
        let mut tries = Tries::default();
        loop {
            let found = self.find(tenant, id).await?;
            if *asked != Asked::None && found.is_none() {
                return Err(Problem::not_found("graph", id));
            }
            self.check(tenant, asked, found.as_ref()).await?;
            let compiled = self.edited(tenant, found.as_ref(), edit).await?;
            let same = |kept: &Kept| kept.head.document_hash == compiled.hash;
            if found.as_ref().is_some_and(same) {
                break;
            }
            let written = self.write(tenant, id, compiled, found, Vec::new()).await;
            if tries.is_done(written)? {
                break;
            }
        }
        self.get(tenant, id).await
    }

    async fn check(
        &self,
        tenant: &Tenant,
        asked: &Asked,
        found: Option<&Kept>,
    ) -> Result<(), Problem> {
        let current = found.map(Kept::tag);
        match (asked.check(current.as_deref()), found) {
            (Err(problem), Some(kept)) => {
                Err(self.what_changed(problem, (tenant, kept), asked).await)
            }
            (checked, _) => checked,
        }
    }

    async fn edited(
        &self,
        tenant: &Tenant,
        found: Option<&Kept>,
        edit: &Edit<'_>,
    ) -> Result<Compiled, Problem> {
        let (patch, kept) = match (edit, found) {
            (Edit::Whole(bytes), _) => {
                let compiled = self.compile(bytes.clone()).await;
                return compiled.map_err(|faults| Problem::of_faults(&faults));
            }
            (Edit::Patched(patch), Some(kept)) => (patch, kept),
            (Edit::Patched(_), None) => {
                return Err(Problem::new(ServerCode::Precondition, "there is none"));
            }
        };
        let latest = kept.head.version;
        let mut document = self.document(tenant, &kept.id, latest).await?;
        patch.apply(&mut document)?;
        let compiled = self.compile(to_json(&document).into()).await;
        compiled.map_err(|mut faults| {
            // Nobody has the text that these would be lines of.
            let unplaced = |fault: &mut Fault| (fault.line, fault.column) = (None, None);
            faults.iter_mut().for_each(unplaced);
            Problem::of_faults(&faults)
        })
    }

    async fn write(
        &self,
        tenant: &Tenant,
        id: &Text,
        compiled: Compiled,
        former: Option<Kept>,
        more: Vec<Change>,
    ) -> Result<(), RecordError> {
        let (version, tags, expect) = match former {
            Some(former) => {
                let seen = Expect::Revision(former.revision);
                (former.head.version + 1, former.head.tags, seen)
            }
            None => (1, Vec::new(), Expect::Absent),
        };
        let head = Head {
            name: Text::from(compiled.plan.name()),
            version,
            hash: Text::from(compiled.plan.hash().to_string()),
            document_hash: compiled.hash.clone(),
            tags,
        };
        let kept = Version {
            version,
            name: head.name.clone(),
            hash: head.hash.clone(),
            document_hash: compiled.hash.clone(),
        };
        let mut changes = more;
        changes.push(Change::Put(draft(tenant, id, &head)?, expect));
        changes.push(Change::at_most(tenant, Kind::Graph, self.quotas.max_graphs));
        let name = version_id(id, version);
        let of_graph = |draft: Draft| draft.parent(id.clone());
        let apart = Draft::new(
            tenant,
            Kind::GraphDocument,
            name.as_str(),
            &compiled.document,
        );
        let apart = apart.map(of_graph).map_err(|p| failed(&p))?;
        let kept = Draft::new(tenant, Kind::GraphVersion, name, &kept);
        // A version is found by its hash too.
        let kept = kept
            .map(|draft| of_graph(draft).words(&compiled.hash))
            .map_err(|p| failed(&p))?;
        changes.push(Change::Put(kept, Expect::Absent));
        changes.push(Change::Put(apart, Expect::Absent));
        if let Some(old) = version.checked_sub(self.quotas.max_versions.max(1)) {
            let old = Text::from(version_id(id, old));
            for kind in OF_VERSIONS {
                changes.push(Change::remove(tenant, kind, &old, Expect::Any));
            }
        }
        self.records.write(changes, self.clock.now()).await?;
        self.forget(tenant, id);
        Ok(())
    }

    /// Sets the tags of a graph.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`.
    pub(crate) async fn tag(
        &self,
        tenant: &Tenant,
        id: &Text,
        tags: &[Text],
    ) -> Result<Kept, Problem> {
        let at = (tenant, Kind::Graph, id);
        revise(&*self.records, self.clock.now(), at, |entry| {
            let head = Head {
                tags: tags.to_vec(),
                ..Kept::of(entry)?.head
            };
            Ok((Become::Put(draft(tenant, id, &head)?), ()))
        })
        .await?;
        self.get(tenant, id).await
    }

    /// Forgets a graph and its versions. Its runs stay.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`; `HTTP_PRECONDITION`, with what has changed.
    pub(crate) async fn delete(
        &self,
        tenant: &Tenant,
        id: &Text,
        asked: &Asked,
    ) -> Result<(), Problem> {
        let mut tries = Tries::default();
        loop {
            let former = self.get(tenant, id).await?;
            self.check(tenant, asked, Some(&former)).await?;
            let seen = Expect::Revision(former.revision);
            let mut changes = vec![Change::remove(tenant, Kind::Graph, id, seen)];
            changes.extend(OF_VERSIONS.map(|kind| Change::RemoveUnder {
                tenant: tenant.clone(),
                kind,
                parent: id.clone(),
            }));
            if tries.is_done(self.records.write(changes, self.clock.now()).await)? {
                self.forget_all(tenant, id);
                return Ok(());
            }
        }
    }
}

fn failed(problem: &Problem) -> RecordError {
    RecordError::Failed {
        message: problem.detail().to_owned(),
    }
}

/// What a tag is found by among the words of a graph: between these, so that a name, or another tag, is not.
pub(crate) fn tag_word(tag: &str) -> String {
    format!("\n#{tag}\n")
}

fn draft(tenant: &Tenant, id: &Text, head: &Head) -> Result<Draft, RecordError> {
    let mut words = head.name.replace('\n', " ");
    for tag in &head.tags {
        words.push_str(&tag_word(tag));
    }
    let draft = Draft::new(tenant, Kind::Graph, id.clone(), head).map_err(|p| failed(&p))?;
    Ok(draft.words(&words))
}
