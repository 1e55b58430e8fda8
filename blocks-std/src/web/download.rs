//! `web.download`: a file at an address.

use std::time::Duration;

use graphloom::block::{Literals, Needs};
use graphloom::host::HttpRequest;
use graphloom::prelude::*;
use graphloom::value::Map;
use graphloom::{Capability, Category, Effect, Text, Value};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::attach::{Auth, attach};
use super::media::Media;
use super::{address, answer, call, file_name, headers};
use crate::credential::CredentialPin;

/// How many bytes a file may have where nothing else is said.
const MAX_BYTES: u64 = 64 << 20;

/// Downloads a file.
pub(super) struct Download;

#[derive(Deserialize, JsonSchema)]
pub(super) struct Input {
    /// The address, `http` or `https`.
    url: Text,
    /// Header lines by name; a value may be a secret.
    #[serde(default)]
    headers: Map,
    /// The credential to show: its name.
    credential: Option<CredentialPin>,
    /// How the credential is shown.
    #[serde(default)]
    auth: Auth,
    /// The name of the header, or in the query, that the credential stands under.
    auth_name: Option<Text>,
    /// How many bytes the file may have; the host's limit holds too.
    #[serde(default = "usual_bytes")]
    max_bytes: u64,
    /// How long it may take, in milliseconds; the host's limit holds too.
    timeout_ms: Option<u64>,
}

const fn usual_bytes() -> u64 {
    MAX_BYTES
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// The file, as a blob.
    File(#[schemars(schema_with = "blob")] Value),
    /// What it is called: as the server says, else as the address ends. A name and never a path.
    Name(Text),
    /// What kind of bytes it has, as the server says: `application/pdf`; empty where it says nothing.
    MediaType(Text),
}

fn blob(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "x-graphloom": "blob" })
}

impl Block for Download {
    const INFO: BlockInfo = BlockInfo::new("web.download", 1, "Downloads a file as a blob.")
        .details("A status that is not of success (200 to 299) is an error. A file of the same content is kept once.")
        .category(Category::Web)
        .effect(Effect::Idempotent)
        .capabilities(&[Capability::Http, Capability::Credential, Capability::Blobs]);
    type Input = Input;
    type Output = Output;

    fn needs(&self, literals: &Literals<'_>) -> Needs {
        call::needs(literals)
    }

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        let mut request = headers::add(
            cx,
            HttpRequest::new("GET", input.url.clone()),
            &input.headers,
        )?;
        if let Some(pin) = &input.credential {
            let credential = pin.get(cx, call::PROVIDER).await?;
            request = attach(request, &credential, input.auth, input.auth_name.as_ref())?;
        }
        request.max_bytes = Some(input.max_bytes);
        request.timeout = input.timeout_ms.map(|ms| Duration::from_millis(ms.max(1)));
        let answer = cx.http()?.send(request).await?;
        if !answer.is_success() {
            return Err(answer::refusal("GET", &input.url, answer).await);
        }
        let media = Media::read(answer.header("content-type"));
        let name = file_name::of(answer.header("content-disposition"), &answer.url);
        let bytes = answer::bytes(answer.body, input.max_bytes).await;
        let bytes = bytes.map_err(|error| match error {
            BlockError::Failed { message, retry } => BlockError::Failed {
                message: format!("{}: {message}", address::shown(&input.url)),
                retry,
            },
            other => other,
        })?;
        let file = answer::blob(cx, bytes, &media).await?;
        out.emit(Output::File(file)).await?;
        out.emit(Output::Name(Text::from(name))).await?;
        out.emit(Output::MediaType(Text::from(media.essence)))
            .await?;
        Ok(())
    }
}
