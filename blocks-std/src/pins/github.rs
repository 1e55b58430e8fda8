//! The pins of the blocks of the family `github`.

use graphloom::Value;

graphloom::pins! {
    /// `github.create_comment`: Comments on an issue or a pull request of a GitHub repository.
    pub mod create_comment: CreateComment = "github.create_comment" {
        in {
            /// Whose repository.
            owner: String,
            /// The repository.
            repo: String,
            /// The issue or pull request.
            number: i64,
            /// The comment, as Markdown.
            body: String,
            /// The name of the credential to use; `github` if none is named.
            credential: Value,
        }
        out {
            /// The comment.
            id: i64,
            /// Where it stands.
            url: String,
        }
    }

    /// `github.create_issue`: Opens an issue in a GitHub repository.
    pub mod create_issue: CreateIssue = "github.create_issue" {
        in {
            /// Whose repository.
            owner: String,
            /// The repository.
            repo: String,
            /// The title.
            title: String,
            /// What it says, as Markdown.
            body: Option<String>,
            /// Its labels.
            labels: Option<Vec<String>>,
            /// Who shall see to it.
            assignees: Option<Vec<String>>,
            /// The name of the credential to use; `github` if none is named.
            credential: Value,
        }
        out {
            /// The number of the issue.
            number: i64,
            /// Where it stands.
            url: String,
        }
    }

    /// `github.get_file`: Returns a file of a GitHub repository as a text.
    pub mod get_file: GetFile = "github.get_file" {
        in {
            /// Whose repository.
            owner: String,
            /// The repository.
            repo: String,
            /// The file, as `docs/bees.md`.
            path: String,
            /// A branch, a tag or a commit; the repository's own branch, if it is not said.
            r#ref("ref"): Option<String>,
            /// The name of the credential to use; `github` if none is named. It works without one too.
            credential: Value,
        }
        out {
            /// What is in the file.
            text: String,
        }
    }

    /// `github.list_issues`: Lists issues and pull requests of a GitHub repository.
    pub mod list_issues: ListIssues = "github.list_issues" {
        in {
            /// Whose repository.
            owner: String,
            /// The repository.
            repo: String,
            /// Which.
            state: Option<String>,
            /// Only those with these labels, with commas between.
            labels: Option<String>,
            /// At most so many, 1 to 100.
            limit: Option<i64>,
            /// Which page of so many, from 1.
            page: Option<i64>,
            /// The name of the credential to use; `github` if none is named. It works without one too.
            credential: Value,
        }
        out {
            /// The issues: `number`, `title`, `url`, `state`.
            issues: Vec<graphloom::value::Map>,
            /// Each of them.
            issue: graphloom::value::Map,
        }
    }
}

pub use self::create_comment::CreateComment;
pub use self::create_issue::CreateIssue;
pub use self::get_file::GetFile;
pub use self::list_issues::ListIssues;
