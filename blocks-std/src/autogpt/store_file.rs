//! `autogpt.store_file`: a file that stays.

use graphloom::prelude::*;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::data_uri::File;

/// Emits a file that stays for all later firings of what it feeds.
pub(super) struct StoreFile;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The file, as a `data:` URI.
    file_in: String,
    /// Asks for a `data:` URI; the result is one in any case.
    #[serde(default, rename = "base_64")]
    _base_64: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The file, as a `data:` URI.
    FileOut(String),
}

impl Block for StoreFile {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.store_file",
        1,
        "Emits a file that stays for all later firings of what it feeds.",
    )
    .details("A media type that is not known becomes `application/octet-stream`.")
    .category(Category::Data)
    .autogpt("cbb50872-625b-42f0-8203-a2ae78242d8a", "FileStoreBlock")
    .sticky(&["file_out"])
    .examples(&[
        Example::new(
            "text",
            r#"{"file_in": "data:text/plain;base64,aGVsbG8="}"#,
            r#"[["file_out", "data:text/plain;base64,aGVsbG8="]]"#,
        ),
        Example::new(
            "no file",
            r#"{"file_in": "none.txt"}"#,
            r#"[["error", "cannot be got"]]"#,
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
        let file = File::read(&input.file_in)?;
        out.emit(Output::FileOut(file.to_uri())).await?;
        Ok(())
    }
}
