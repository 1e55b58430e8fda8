//! Records that do what others do, but for what a test wants otherwise.

use graphloom::host::BoxFuture;
use graphloom_server::records::RecordError;

/// What records answer with.
pub(crate) type Handed<'a, T> = BoxFuture<'a, Result<T, RecordError>>;

/// Writes the methods of `Records` that hand on what they are asked: `hand_on!(inner: due find rest)`, to the field
/// `inner`. `rest` is those that no test wants otherwise.
macro_rules! hand_on {
    ($inner:ident: $($method:ident)*) => {
        $($crate::records::hand_on!(@$method $inner);)*
    };
    (@get $inner:ident) => {
        fn get<'a>(
            &'a self,
            tenant: &'a graphloom_server::Tenant,
            kind: graphloom_server::records::Kind,
            id: &'a str,
        ) -> $crate::records::Handed<'a, Option<graphloom_server::records::Entry>> {
            self.$inner.get(tenant, kind, id)
        }
    };
    (@list $inner:ident) => {
        fn list<'a>(
            &'a self,
            tenant: &'a graphloom_server::Tenant,
            query: graphloom_server::records::Query,
        ) -> $crate::records::Handed<'a, Vec<graphloom_server::records::Entry>> {
            self.$inner.list(tenant, query)
        }
    };
    (@due $inner:ident) => {
        fn due(
            &self,
            kind: graphloom_server::records::Kind,
            now: graphloom::Timestamp,
            limit: usize,
        ) -> $crate::records::Handed<'_, Vec<graphloom_server::records::Entry>> {
            self.$inner.due(kind, now, limit)
        }
    };
    (@find $inner:ident) => {
        fn find<'a>(
            &'a self,
            kind: graphloom_server::records::Kind,
            unique: &'a str,
        ) -> $crate::records::Handed<'a, Option<graphloom_server::records::Entry>> {
            self.$inner.find(kind, unique)
        }
    };
    (@usage $inner:ident) => {
        fn usage<'a>(
            &'a self,
            tenant: &'a graphloom_server::Tenant,
            kind: graphloom_server::records::Kind,
        ) -> $crate::records::Handed<'a, graphloom_server::records::Usage> {
            self.$inner.usage(tenant, kind)
        }
    };
    (@rest $inner:ident) => {
        fn tenants(
            &self,
            after: Option<graphloom::Text>,
            limit: usize,
        ) -> $crate::records::Handed<'_, Vec<graphloom_server::Tenant>> {
            self.$inner.tenants(after, limit)
        }

        fn counts(
            &self,
        ) -> $crate::records::Handed<'_, Vec<(graphloom_server::records::Kind, u64)>> {
            self.$inner.counts()
        }

        fn erase<'a>(
            &'a self,
            tenant: &'a graphloom_server::Tenant,
        ) -> $crate::records::Handed<'a, u64> {
            self.$inner.erase(tenant)
        }
    };
}

pub(crate) use hand_on;
