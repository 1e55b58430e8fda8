//! `autogpt.input_drive_file`: a file in Google Drive, chosen outside.

use graphloom::block::Role;
use graphloom::prelude::*;
use graphloom::{Category, Example};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::io::given::{Output, emit};

/// A file in Google Drive that whoever starts the run chooses.
pub(super) struct InputDriveFile;

#[derive(Deserialize, JsonSchema)]
#[expect(
    dead_code,
    reason = "what is for the host and the reader of the graph is not used at run time"
)]
pub(super) struct Input {
    /// What the input is called by whoever starts the run.
    name: String,
    /// The file when the run gives none. Null: nothing is emitted.
    value: Option<DriveFile>,
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
    /// The kinds of files that a form offers.
    #[serde(default = "usual_views")]
    allowed_views: Vec<View>,
    /// Whether a form offers folders.
    #[serde(default)]
    allow_folder_selection: bool,
}

fn usual_views() -> Vec<View> {
    vec![View::Docs, View::Spreadsheets, View::Presentations]
}

#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline)]
enum View {
    Docs,
    Documents,
    Spreadsheets,
    Presentations,
    DocsImages,
    Folders,
}

/// A file in Google Drive.
#[derive(Deserialize, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct DriveFile {
    /// Its id there.
    id: String,
    /// Its name.
    name: Option<String>,
    /// Its media type.
    #[serde(rename = "mimeType")]
    mime_type: Option<String>,
    /// Where it is shown.
    url: Option<String>,
    /// Where its icon is.
    #[serde(rename = "iconUrl")]
    icon_url: Option<String>,
    /// Whether it is a folder.
    #[serde(rename = "isFolder")]
    is_folder: Option<bool>,
    /// The credential with which it was chosen.
    #[serde(rename = "_credentials_id")]
    credentials_id: Option<String>,
}

impl Block for InputDriveFile {
    const INFO: BlockInfo = BlockInfo::new(
        "autogpt.input_drive_file",
        1,
        "A file in Google Drive that whoever starts the run chooses; its description only.",
    )
    .category(Category::Io)
    .role(Role::Input)
    .autogpt("d3b32f15-6fd7-40e3-be52-e083f51b19a2", "AgentGoogleDriveFileInputBlock")
    .sticky(&["result"])
    .examples(&[Example::new(
        "document",
        r#"{"name": "doc", "value": {"id": "1", "name": "n"}}"#,
        r#"[["result", {"id": "1", "name": "n", "mimeType": null, "url": null, "iconUrl": null, "isFolder": null, "_credentials_id": null}]]"#,
    )]);
    type Input = Input;
    type Output = Output<DriveFile>;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output<DriveFile>>,
    ) -> Result<(), BlockError> {
        emit(input.value, out).await
    }
}
