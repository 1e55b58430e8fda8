//! The pins of the blocks of the family `firecrawl`.

use graphloom::Value;

graphloom::pins! {
    /// `firecrawl.scrape_page`: Reads a web page, run as in a browser, and returns it as Markdown.
    pub mod scrape_page: ScrapePage = "firecrawl.scrape_page" {
        in {
            /// The address of the page.
            url: String,
            /// Leaves heads, feet and menus out.
            main_only: Option<bool>,
            /// The name of the credential to use; `firecrawl` if none is named.
            credential: Value,
        }
        out {
            /// The page as Markdown.
            text: String,
            /// Its title.
            title: String,
        }
    }
}

pub use self::scrape_page::ScrapePage;
