//! The pins of the blocks of the family `web`.

use graphloom::Value;
use graphloom::value::BlobRef;

graphloom::pins! {
    /// `web.download`: Downloads a file as a blob.
    pub mod download: Download = "web.download" {
        in {
            /// The address, `http` or `https`.
            url: String,
            /// Header lines by name; a value may be a secret.
            headers: graphloom::value::Map,
            /// The credential to show: its name.
            credential: Value,
            /// How the credential is shown.
            auth: String,
            /// The name of the header, or in the query, that the credential stands under.
            auth_name: Option<String>,
            /// How many bytes the file may have; the host's limit holds too.
            max_bytes: i64,
            /// How long it may take, in milliseconds; the host's limit holds too.
            timeout_ms: Option<i64>,
        }
        out {
            /// The file, as a blob.
            file: BlobRef,
            /// What it is called: as the server says, else as the address ends. A name and never a path.
            name: String,
            /// What kind of bytes it has, as the server says: `application/pdf`; empty where it says nothing.
            media_type: String,
        }
    }

    /// `web.page_to_markdown`: Reads a web page as Markdown.
    pub mod page_to_markdown: PageToMarkdown = "web.page_to_markdown" {
        in {
            /// The address of the page, by which its links become whole.
            url: String,
            /// The page itself, if it is there already; else it is got.
            html: Option<String>,
            /// How many bytes the page may have, and the Markdown of it.
            max_bytes: i64,
            /// How long it may take, in milliseconds; the host's limit holds too.
            timeout_ms: Option<i64>,
        }
        out {
            /// What the page says: headings, paragraphs, lists, tables, code, links and images with whole addresses.
            markdown: String,
            /// Its title; empty where it has none.
            title: String,
        }
    }

    /// `web.read_feed`: Reads a news feed: RSS, Atom or JSON Feed.
    pub mod read_feed: ReadFeed = "web.read_feed" {
        in {
            /// The address of the feed.
            url: String,
            /// Only what came out after this time (`2024-03-01T09:30:00Z`); what has no date is left out then.
            after: Option<String>,
            /// How many items there may be; those that stand first stay.
            max_items: i64,
            /// How long it may take, in milliseconds; the host's limit holds too.
            timeout_ms: Option<i64>,
        }
        out {
            /// What the feed is about.
            feed: graphloom::value::Map,
            /// Its items, in its order.
            items: Vec<graphloom::value::Map>,
        }
    }
}

pub use self::download::Download;
pub use self::page_to_markdown::PageToMarkdown;
pub use self::read_feed::ReadFeed;
