//! The pins of the blocks of the family `brave`.

use graphloom::Value;

graphloom::pins! {
    /// `brave.search`: Searches the web with Brave.
    pub mod search: Search = "brave.search" {
        in {
            /// What to search for.
            query: String,
            /// At most so many, 1 to 20.
            limit: Option<i64>,
            /// From which country, as `US`.
            country: Option<String>,
            /// How new: `pd`, `pw`, `pm` or `py` for a day, week, month or year.
            freshness: Option<String>,
            /// The name of the credential to use; `brave` if none is named.
            credential: Value,
        }
        out {
            /// The pages found: `title`, `url`, `text`.
            results: Vec<graphloom::value::Map>,
            /// Each of them.
            result: graphloom::value::Map,
        }
    }
}

pub use self::search::Search;
