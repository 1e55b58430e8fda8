//! Forgetting a tenant: its records, runs and credentials, and what files have left of them.
//!
//! Records go first: with them keys are revoked, and nothing starts by itself any more. Runs are asked to stop, and are
//! deleted when they have; then the bytes of files and blobs go, and the records once more, with what the last runs have
//! written. In between no bytes are kept for the tenant, so that none are left without their record. The tenant's name stays
//! in the audit log, which is the operator's.

use std::time::Duration;

use graphloom::Text;
use graphloom::host::RunQuery;
use tokio::time::Instant;

use crate::App;
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::records::RecordError;

/// How many runs are looked at together.
const PAGE: usize = 200;
/// How long runs may take to stop.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often they are looked at.
const LOOK: Duration = Duration::from_millis(50);

/// What was forgotten.
#[derive(Debug, Default)]
pub(crate) struct Erased {
    pub(crate) records: u64,
    pub(crate) runs: u64,
    pub(crate) credentials: u64,
}

/// Forgets a tenant. Doing it again is no error, and forgets what has come since.
///
/// # Errors
/// `HTTP_UNAVAILABLE` where runs do not stop, or something reads in the log of the records for so long that it cannot be
/// emptied, `STORE_BUSY` where that is the log of the runs: what could be forgotten is. What a store failed with.
pub(crate) async fn erase(app: &App, tenant: &Tenant) -> Result<Erased, Problem> {
    let mut erased = Erased {
        records: match app.records().erase(tenant).await {
            // The last step does it again, and tells.
            Err(RecordError::StillLogged { removed }) => removed,
            done => done?,
        },
        ..Erased::default()
    };
    forget(app, tenant)?;
    let stopped = runs(app, tenant, &mut erased).await;
    if let Ok(vault) = app.vault() {
        erased.credentials = vault.erase(tenant).await?;
    }
    let closed = app.files().erase(tenant).await?;
    let records = app.records().erase(tenant).await;
    // From here on it may begin anew.
    drop(closed);
    forget(app, tenant)?;
    app.runs().scrub().await?;
    stopped?;
    erased.records += records?;
    Ok(erased)
}

/// Forgets what memory has of it.
fn forget(app: &App, tenant: &Tenant) -> Result<(), Problem> {
    app.auth().keys()?.forget_all();
    app.graphs().forget_tenant(tenant);
    app.runs().forget_tenant(tenant);
    Ok(())
}

/// Stops and deletes runs until there are none.
async fn runs(app: &App, tenant: &Tenant, erased: &mut Erased) -> Result<(), Problem> {
    let until = Instant::now() + PATIENCE;
    loop {
        let mut left = 0;
        let mut after: Option<Text> = None;
        loop {
            let query = RunQuery::latest(PAGE);
            let query = match &after {
                Some(last) => query.after(last.clone()),
                None => query,
            };
            let page = match app.runs().list(tenant, query).await {
                // Somebody else has deleted it: the list is begun anew.
                Err(problem) if problem.code() == ServerCode::Cursor.as_str() => break,
                page => page?,
            };
            // The last one that stays: behind one that is gone no list goes on.
            after = None;
            for entry in &page {
                let gone = if entry.status.is_terminal() {
                    app.runs().delete(tenant, &entry.run).await
                } else {
                    // It may have ended by now.
                    let _ = app.runs().cancel(tenant, &entry.run).await;
                    Err(Problem::new(ServerCode::Conflict, "it goes on"))
                };
                match gone {
                    Ok(()) => erased.runs += 1,
                    Err(_) => {
                        left += 1;
                        after = Some(entry.run.clone());
                    }
                }
            }
            if page.len() < PAGE || after.is_none() && page.is_empty() {
                break;
            }
        }
        if left == 0
            && app
                .runs()
                .list(tenant, RunQuery::latest(1))
                .await?
                .is_empty()
        {
            return Ok(());
        }
        if Instant::now() > until {
            let detail =
                format!("{left} runs have not stopped yet: the rest is forgotten, ask again");
            return Err(Problem::new(ServerCode::Unavailable, detail).retry_after(5));
        }
        tokio::time::sleep(LOOK).await;
    }
}
