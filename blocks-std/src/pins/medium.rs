//! The pins of the blocks of the family `medium`.

use graphloom::Value;

graphloom::pins! {
    /// `medium.publish_post`: Publishes a post on Medium.
    pub mod publish_post: PublishPost = "medium.publish_post" {
        in {
            /// Whose post it is; whoever the key belongs to, if it is not said.
            author_id: Option<String>,
            /// The title, of at most 100 characters; it does not appear in the post.
            title: String,
            /// The post.
            content: String,
            /// `html` or `markdown`.
            content_format: String,
            /// At most three count.
            tags: Vec<String>,
            /// Where the post stood first.
            canonical_url: Option<String>,
            /// Who sees it.
            publish_status: String,
            /// The licence.
            license: Option<String>,
            /// Tells followers of it.
            notify_followers: Option<bool>,
            /// The name of the credential to use; `medium` if none is named.
            credential: Value,
        }
        out {
            /// What Medium calls the post.
            post_id: String,
            /// Where it stands.
            post_url: String,
            /// When, in milliseconds since 1970; nothing for a draft.
            published_at: i64,
        }
    }
}

pub use self::publish_post::PublishPost;
