//! `autogpt.input_file`: a file from outside.

use graphloom::block::Role;
use graphloom::prelude::*;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::data_uri::File;
use crate::io::given::{Output, emit};

/// A file that whoever starts the run gives.
pub(super) struct InputFile;

#[derive(Deserialize, JsonSchema)]
#[expect(
    dead_code,
    reason = "what is for the host and the reader of the graph is not used at run time"
)]
pub(super) struct Input {
    /// What the input is called by whoever starts the run.
    name: String,
    /// The file when the run gives none, as a `data:` URI. Null or empty: nothing is emitted.
    value: Option<String>,
    /// A heading for people; the name when there is none.
    title: Option<String>,
    /// What the input is for.
    description: Option<String>,
    /// Whether a form hides the input until it is asked for.
    #[serde(default)]
    advanced: bool,
    /// Whether a form hides what is chosen.
    #[serde(default)]
    secret: bool,
    /// Asks for a `data:` URI; the result is one in any case.
    #[serde(default)]
    base_64: bool,
}

impl Block for InputFile {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.input_file",
        1,
        "A file that whoever starts the run gives, as a data: URI.",
    )
    .details("Unlike other inputs, emits nothing for an empty text. A media type that is not known becomes `application/octet-stream`.")
    .category(Category::Io)
    .role(Role::Input)
    .autogpt("95ead23f-8283-4654-aef3-10c053b74a31", "AgentFileInputBlock")
    .sticky(&["result"])
    .examples(&[Example::new(
        "text",
        r#"{"name": "letter", "value": "data:text/plain;base64,aGk="}"#,
        r#"[["result", "data:text/plain;base64,aGk="]]"#,
    )]);
    type Input = Input;
    type Output = Output<String>;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output<String>>,
    ) -> Result<(), BlockError> {
        let reference = input.value.filter(|value| !value.is_empty());
        let file = reference
            .map(|reference| File::read(&reference))
            .transpose()?;
        emit(file.map(|file| file.to_uri()), out).await
    }
}
