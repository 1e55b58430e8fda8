//! The pins of the blocks of the family `jina`.

use graphloom::Value;

graphloom::pins! {
    /// `jina.read_page`: Reads a web page and returns its text.
    pub mod read_page: ReadPage = "jina.read_page" {
        in {
            /// The address of the page.
            url: String,
            /// Fetches the page itself, and gives it as it stands.
            raw_content: Option<bool>,
            /// The name of the credential to use; `jina` if none is named.
            credential: Value,
        }
        out {
            /// The text of the page.
            content: String,
        }
    }

    /// `jina.search`: Searches the web and returns what the best pages say, as one text.
    pub mod search: Search = "jina.search" {
        in {
            /// What to search for.
            query: String,
            /// The name of the credential to use; `jina` if none is named.
            credential: Value,
        }
        out {
            /// Titles, addresses and contents of the pages found, as Markdown.
            results: String,
        }
    }
}

pub use self::read_page::ReadPage;
pub use self::search::Search;
