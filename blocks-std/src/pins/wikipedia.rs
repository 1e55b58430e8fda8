//! The pins of the blocks of the family `wikipedia`.

graphloom::pins! {
    /// `wikipedia.get_summary`: Returns the beginning of an article of the English Wikipedia.
    pub mod get_summary: GetSummary = "wikipedia.get_summary" {
        in {
            /// The title of the article.
            topic: String,
        }
        out {
            /// The first paragraphs, as a plain text.
            summary: String,
        }
    }
}

pub use self::get_summary::GetSummary;
