//! The pins of the blocks of the family `linear`.

use graphloom::Value;

graphloom::pins! {
    /// `linear.create_issue`: Opens an issue in Linear.
    pub mod create_issue: CreateIssue = "linear.create_issue" {
        in {
            /// The id of the team.
            team: String,
            /// The title.
            title: String,
            /// What it says, as Markdown.
            description: Option<String>,
            /// 0 none, 1 urgent, 2 high, 3 normal, 4 low.
            priority: Option<i64>,
            /// The name of the credential to use; `linear` if none is named.
            credential: Value,
        }
        out {
            /// The issue.
            id: String,
            /// What people call it, as `BEE-1`.
            identifier: String,
            /// Where it stands.
            url: String,
        }
    }
}

pub use self::create_issue::CreateIssue;
