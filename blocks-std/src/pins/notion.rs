//! The pins of the blocks of the family `notion`.

use graphloom::Value;

graphloom::pins! {
    /// `notion.create_page`: Adds a page to Notion, under a page or in a database.
    pub mod create_page: CreatePage = "notion.create_page" {
        in {
            /// The page that it belongs to.
            parent_page: Option<String>,
            /// The database that it belongs to.
            parent_database: Option<String>,
            /// The title.
            title: String,
            /// What it says, a paragraph each; at most 100.
            paragraphs: Option<Vec<String>>,
            /// The name of the credential to use; `notion` if none is named.
            credential: Value,
        }
        out {
            /// What Notion calls the page.
            page_id: String,
            /// Where it stands.
            url: String,
        }
    }
}

pub use self::create_page::CreatePage;
