//! The pins of the blocks of the family `tavily`.

use graphloom::Value;

graphloom::pins! {
    /// `tavily.search`: Searches the web with Tavily, for language models to read.
    pub mod search: Search = "tavily.search" {
        in {
            /// What to search for.
            query: String,
            /// At most so many, 0 to 20.
            limit: Option<i64>,
            /// How thoroughly; `advanced` costs twice as much.
            depth: Option<String>,
            /// Where.
            topic: Option<String>,
            /// Has the service answer the question too.
            answered: Option<bool>,
            /// Only from these sites.
            only_domains: Option<Vec<String>>,
            /// The name of the credential to use; `tavily` if none is named.
            credential: Value,
        }
        out {
            /// The pages found: `title`, `url`, `text`.
            results: Vec<graphloom::value::Map>,
            /// Each of them.
            result: graphloom::value::Map,
            /// The answer, where it was asked for.
            answer: String,
        }
    }
}

pub use self::search::Search;
