//! Lists: which page of them, and by which filters.

use axum::extract::{FromRequestParts, Query};
use axum::http::Uri;
use axum::http::request::Parts;
use graphloom::Text;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::page::PageParams;
use super::params;
use crate::App;
use crate::principal::Tenant;
use crate::problem::{Problem, ServerCode};
use crate::records::{self, Kind};

/// What part of a list is asked for: a page, and the filters `F`. `F` refuses the parameters that it does not know; those
/// of the page are not shown to it.
///
/// A cursor goes on in the list that it was made for: the same path, and the same filters in whatever order.
#[derive(Debug)]
pub(crate) struct Listed<F> {
    /// The filters.
    pub(crate) filters: F,
    page: PageParams,
    path: String,
    /// The filters as they were sent.
    sent: String,
    /// The path and the filters, in an order of their own.
    name: String,
}

/// Filters of a list that has none.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoFilters {}

/// Asks only for what belongs to the resource whose id the filter of this name has, if it is given.
///
/// # Errors
/// `HTTP_PARAMETER` for what cannot be an id.
pub(crate) fn under(
    query: records::Query,
    name: &str,
    id: Option<&String>,
) -> Result<records::Query, Problem> {
    match id {
        Some(id) => Ok(query.under(params::id(id, name)?)),
        None => Ok(query),
    }
}

fn read<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let refuse = |what: String| Problem::new(ServerCode::Parameter, format!("the query: {what}"));
    let uri = format!("/?{query}").parse::<Uri>();
    let uri = uri.map_err(|error| refuse(error.to_string()))?;
    let read = Query::<T>::try_from_uri(&uri).map_err(|error| refuse(error.body_text()));
    read.map(|Query(params)| params)
}

impl<S: Sync, F: DeserializeOwned + Send> FromRequestParts<S> for Listed<F> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let of_page = |part: &&str| {
            let name = part.split('=').next().unwrap_or_default();
            matches!(name, "limit" | "cursor")
        };
        let sent = query.split('&').filter(|part| !part.is_empty());
        let (page, sent): (Vec<&str>, Vec<&str>) = sent.partition(of_page);
        let (page, sent) = (page.join("&"), sent.join("&"));
        let path = parts.uri.path().to_owned();
        let mut pairs: Vec<(String, String)> = read(&sent)?;
        pairs.sort();
        let mut name = path.clone();
        for (key, value) in pairs {
            // Neither can hold a line end: nothing else has this name.
            name += &format!("\n{}={}", key.escape_default(), value.escape_default());
        }
        Ok(Self {
            filters: read(&sent)?,
            page: read(&page)?,
            path,
            sent,
            name,
        })
    }
}

impl<F> Listed<F> {
    /// Returns how many items the page has at most.
    ///
    /// # Errors
    /// `HTTP_PARAMETER` for none.
    pub(crate) fn limit(&self) -> Result<usize, Problem> {
        self.page.limit()
    }

    /// Returns behind what the page begins.
    ///
    /// # Errors
    /// `HTTP_CURSOR`.
    pub(crate) fn after(&self, app: &App, tenant: &Tenant) -> Result<Option<Text>, Problem> {
        let cursor = self.page.cursor.as_deref();
        let read = |cursor| app.cursors().read(tenant, &self.name, cursor, app.now());
        cursor.map(read).transpose()
    }

    /// Asks for the records of a kind that the page has, and for one more.
    ///
    /// # Errors
    /// As [`Listed::limit`] and [`Listed::after`].
    pub(crate) fn query(
        &self,
        app: &App,
        tenant: &Tenant,
        kind: Kind,
    ) -> Result<records::Query, Problem> {
        let query = records::Query::of(kind, self.limit()? + 1);
        Ok(query.after(self.after(app, tenant)?))
    }

    /// Returns the cursor that goes on behind an item, and the address of the page that it gives.
    ///
    /// # Errors
    /// As [`Listed::limit`].
    pub(crate) fn next(
        &self,
        app: &App,
        tenant: &Tenant,
        last: &str,
    ) -> Result<(String, String), Problem> {
        let cursor = app.cursors().make(tenant, &self.name, last, app.now());
        let (path, sent, limit) = (&self.path, &self.sent, self.limit()?);
        let and = if sent.is_empty() { "" } else { "&" };
        let address = format!("{path}?{sent}{and}limit={limit}&cursor={cursor}");
        Ok((cursor, address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Filters {
        q: Option<String>,
        status: Option<String>,
    }

    async fn ask(query: &str) -> Result<Listed<Filters>, &'static str> {
        let request = Request::get(format!("/v1/things?{query}")).body(());
        let (mut parts, ()) = request.expect("a request").into_parts();
        let listed = Listed::<Filters>::from_request_parts(&mut parts, &()).await;
        listed.map_err(|problem| problem.code())
    }

    #[tokio::test]
    async fn filters_and_page_are_told_apart() {
        let asked = ask("status=failed&limit=5&q=a%20b&cursor=c").await;
        let asked = asked.expect("a list");
        assert_eq!(asked.filters.q.as_deref(), Some("a b"));
        assert_eq!(asked.limit().ok(), Some(5));
        assert_eq!(asked.sent, "status=failed&q=a%20b");
        let other = ask("q=a+b&status=failed").await.expect("a list");
        assert_eq!(other.name, asked.name);
        let other = ask("q=a%0Astatus=failed").await.expect("a list");
        assert_ne!(other.name, asked.name);
    }

    #[tokio::test]
    async fn what_is_no_parameter_is_refused() {
        for query in [
            "x=1",
            "limit=-1",
            "limit=1e9",
            "limit=1&limit=2",
            "q=1&q=2",
            "%6cimit=1",
        ] {
            assert_eq!(ask(query).await.err(), Some("HTTP_PARAMETER"), "{query}");
        }
        for query in ["limit=0", "limit=00"] {
            let asked = ask(query).await.expect("it can be read");
            assert_eq!(
                asked.limit().err().map(|p| p.code()),
                Some("HTTP_PARAMETER")
            );
        }
        let most = ask("limit=1000000000").await.expect("it can be read");
        assert_eq!(most.limit().ok(), Some(200));
    }
}
