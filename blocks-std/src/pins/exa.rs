//! The pins of the blocks of the family `exa`.

use graphloom::Value;

graphloom::pins! {
    /// `exa.search`: Searches the web with Exa and returns what the pages say.
    pub mod search: Search = "exa.search" {
        in {
            /// What to search for.
            query: String,
            /// At most so many.
            limit: Option<i64>,
            /// How to search.
            kind: Option<String>,
            /// How much of each page.
            max_characters: Option<i64>,
            /// Only from these sites.
            only_domains: Option<Vec<String>>,
            /// The name of the credential to use; `exa` if none is named.
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
