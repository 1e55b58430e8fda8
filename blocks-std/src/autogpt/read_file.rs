//! `autogpt.read_file`: the text in a file.

use graphloom::prelude::*;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::data_uri::File;

/// Emits the text in a file, as a whole or in pieces.
pub(super) struct ReadFile;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The file, as a `data:` URI.
    file_input: String,
    /// What stands between two rows; empty: the text is one row.
    #[serde(default)]
    delimiter: String,
    /// How many characters a piece has at most; 0 or less: the text is one piece.
    #[serde(default)]
    size_limit: i64,
    /// How many rows to take; 0 or less: all.
    #[serde(default)]
    row_limit: i64,
    /// How many characters to pass over first.
    #[serde(default)]
    skip_size: i64,
    /// How many rows to pass over after that.
    #[serde(default)]
    skip_rows: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The text, or the next piece of it.
    Content(String),
}

impl Block for ReadFile {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.read_file",
        1,
        "Emits the text in a file, as a whole or in pieces.",
    )
    .details("The file is UTF-8, or else Latin-1. Line ends become LF.")
    .category(Category::Data)
    .autogpt("3735a31f-7e18-4aca-9e90-08a7120674bc", "FileReadBlock")
    .examples(&[
        Example::new(
            "whole",
            r#"{"file_input": "data:text/plain;base64,aGk="}"#,
            r#"[["content", "hi"]]"#,
        ),
        Example::new(
            "in pieces",
            r#"{"file_input": "data:text/plain;base64,aGk=", "size_limit": 1}"#,
            r#"[["content", "h"], ["content", "i"]]"#,
        ),
    ]);
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let text = text(File::read(&input.file_input)?);
        for piece in pieces(&text, &input) {
            out.emit(Output::Content(piece)).await?;
        }
        Ok(())
    }
}

/// Returns the text of a file with one kind of line ends.
fn text(file: File) -> String {
    let text = match String::from_utf8(file.bytes) {
        Ok(text) => text,
        Err(error) => error.into_bytes().into_iter().map(char::from).collect(),
    };
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn pieces(text: &str, input: &Input) -> Vec<String> {
    // Less than none is none.
    let count = |n: i64| usize::try_from(n).ok().filter(|n| *n > 0);
    let text = match count(input.skip_size) {
        Some(n) => text
            .char_indices()
            .nth(n)
            .and_then(|(at, _)| text.get(at..))
            .unwrap_or(""),
        None => text,
    };
    let rows: Vec<&str> = if input.delimiter.is_empty() {
        vec![text]
    } else {
        text.split(input.delimiter.as_str()).collect()
    };
    let rows: Vec<&str> = rows
        .into_iter()
        .skip(count(input.skip_rows).unwrap_or(0))
        .take(count(input.row_limit).unwrap_or(usize::MAX))
        .collect();
    if rows.is_empty() {
        return vec![String::new()];
    }
    let between = if input.delimiter.is_empty() {
        "\n"
    } else {
        &input.delimiter
    };
    let text = rows.join(between);
    if text.is_empty() {
        return Vec::new();
    }
    let Some(size) = count(input.size_limit) else {
        return vec![text];
    };
    let chars: Vec<char> = text.chars().collect();
    chars
        .chunks(size)
        .map(|piece| piece.iter().collect())
        .collect()
}
