//! How a preset's credential is attached to its requests.

use graphloom::host::{Credential, CredentialKind, HttpRequest, Secret};
use graphloom::json::Pointer;
use graphloom::prelude::*;
use graphloom::{Text, Value};

use super::reader::Reader;

/// What a preset says of its credential.
#[derive(Debug, Clone)]
pub(super) struct Login {
    pub(super) provider: Text,
    /// It works without too.
    pub(super) optional: bool,
    pub(super) attach: Attach,
}

#[derive(Debug, Clone)]
pub(super) enum Attach {
    Header {
        name: Text,
        prefix: Text,
    },
    Query(Text),
    /// HTTP's basic authentication: the user is that of the credential.
    Basic,
    /// At `{credential}` in the address.
    Path,
}

impl Login {
    pub(super) fn read(value: &Value, at: &Pointer, reader: &mut Reader) -> Option<Self> {
        let keys = [
            "provider", "optional", "header", "prefix", "query", "basic", "path",
        ];
        let table = reader.table(value, at, &keys)?;
        let provider = table.need_text(reader, "provider")?;
        let ways = ["header", "query", "basic", "path"];
        if ways.iter().filter(|way| table.get(way).is_some()).count() > 1 {
            reader.invalid(
                at,
                "one way to attach it is enough: header, query, basic or path",
            );
        }
        let header = table.text(reader, "header");
        let prefix = match table.get("prefix") {
            None if header.is_none() => Text::from("Bearer "),
            None => Text::from(""),
            Some((Value::Text(prefix), _)) => prefix.clone(),
            Some((other, at)) => {
                reader.wrong_type(&at, "a text", other);
                return None;
            }
        };
        let plain = |text: &Text| !text.chars().any(|c| c.is_control() || !c.is_ascii());
        if !plain(&prefix)
            || header
                .as_ref()
                .is_some_and(|name| !plain(name) || name.contains(' '))
        {
            reader.invalid(at, "a header line has plain letters");
        }
        let attach = if let Some(name) = table.text(reader, "query") {
            Attach::Query(name)
        } else if table.flag(reader, "basic", false) {
            Attach::Basic
        } else if table.flag(reader, "path", false) {
            Attach::Path
        } else {
            let name = header.unwrap_or_else(|| Text::from("authorization"));
            Attach::Header { name, prefix }
        };
        Some(Self {
            provider,
            optional: table.flag(reader, "optional", false),
            attach,
        })
    }

    /// Puts a credential into a request, wherever it stands there.
    pub(super) fn attach(
        &self,
        request: HttpRequest,
        credential: &Credential,
    ) -> Result<HttpRequest, BlockError> {
        if let CredentialKind::HostScoped(headers) = &credential.kind {
            let headers = headers.iter().cloned();
            return Ok(headers.fold(request, |request, (name, value)| {
                request.header(name, value)
            }));
        }
        let token: &Secret = credential.token().map_err(|error| BlockError::Credential {
            name: credential.name.to_string(),
            message: error.to_string(),
        })?;
        Ok(match &self.attach {
            Attach::Header { name, prefix } => request.header(name.clone(), token.prefixed(prefix)),
            Attach::Query(name) => request.query(name.clone(), token.clone()),
            Attach::Basic => match &credential.kind {
                CredentialKind::UserPassword { user, .. } => {
                    request.header("authorization", token.basic(user))
                }
                _ => {
                    return Err(BlockError::Credential {
                        name: credential.name.to_string(),
                        message: format!(
                            "it is a {}: a user_password is needed",
                            credential.kind_name()
                        ),
                    });
                }
            },
            Attach::Path => request.secret_in_path(token.clone()),
        })
    }
}
