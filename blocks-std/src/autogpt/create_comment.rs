//! `autogpt.create_comment`: a comment for a review on GitHub.

use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Category, Example, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Puts a comment for a review on GitHub together.
pub(super) struct CreateComment;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The file that the comment is about.
    path: String,
    /// The comment.
    body: String,
    /// The line in the difference that it is about.
    position: Option<i64>,
    /// The line in the file; counts where there is no position.
    line: Option<i64>,
    /// The side of the difference, `LEFT` or `RIGHT`.
    #[serde(default = "right")]
    side: Option<String>,
    /// The first line, where it is about several.
    start_line: Option<i64>,
    /// The side of the first line.
    start_side: Option<String>,
}

fn right() -> Option<String> {
    Some("RIGHT".to_owned())
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The comment as GitHub takes it.
    CommentObject(Map),
}

impl Block for CreateComment {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.create_comment",
        1,
        "Puts a comment for a review on GitHub together.",
    )
    .category(Category::Data)
    .autogpt(
        "b7d5e4f2-8c3a-4e6b-9f1d-7a8b9c5e4d3f",
        "GithubCreateCommentObjectBlock",
    )
    .examples(&[Example::new(
        "on a line",
        r#"{"path": "a.py", "body": "Why?", "line": 7}"#,
        r#"[["comment_object", {"path": "a.py", "body": "Why?", "position": 7}]]"#,
    )]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let mut comment = Map::from_iter([("path", input.path), ("body", input.body)]);
        let parts = [
            ("position", input.position.or(input.line).map(Value::from)),
            (
                "side",
                input.side.filter(|side| side != "RIGHT").map(Value::from),
            ),
            ("start_line", input.start_line.map(Value::from)),
            ("start_side", input.start_side.map(Value::from)),
        ];
        comment.extend(
            parts
                .into_iter()
                .filter_map(|(key, value)| Some((key, value?))),
        );
        out.emit(Output::CommentObject(comment)).await?;
        Ok(())
    }
}
