//! The doors to the outside: web, mail, credentials, blobs, what the host lends. Each is checked, can be cancelled, and
//! knows the run's grants.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::host::{
    BlobError, BoxFuture, Capability, Credential, CredentialError, EgressError, HttpBody,
    HttpRequest, HttpResponse, Mail, Pieces, Secret,
};
use crate::value::{BlobRef, Sealed, Text};

use super::context::{CallHost, Context, Level};
use super::error::BlockError;
use super::guard;

impl Context {
    /// Returns the credential of this name. Other firings may have it at the same time. From here on, whatever leaves this
    /// attempt is searched for what is secret about it, raw and encoded.
    ///
    /// # Errors
    /// [`BlockError::Credential`] where there is none or the run has no grant for it; [`BlockError::Refused`] without
    /// [`Capability::Credential`]; [`BlockError::Cancelled`].
    pub async fn credential(&self, name: &str) -> Result<Credential, BlockError> {
        self.credential_among(&[name]).await
    }

    /// Returns the first credential that there is of these names, as [`Context::credential`] does.
    ///
    /// # Errors
    /// As [`Context::credential`]; where there is none of them, the error names the last.
    pub async fn credential_among(&self, names: &[&str]) -> Result<Credential, BlockError> {
        self.allow(Capability::Credential)?;
        let env = self.host.env();
        let mut refusal = BlockError::input("no credential was named");
        for name in names {
            let refused = |message: String| BlockError::Credential {
                name: (*name).to_owned(),
                message,
            };
            if !env.host.grants.allows_credential(name) {
                refusal = refused("this run has no grant for it".to_owned());
                continue;
            }
            let found = self.or_cancelled(env.host.credentials.get(name)).await?;
            match found {
                Ok(credential) => {
                    for secret in credential.secrets() {
                        env.redactor().learn(secret);
                    }
                    self.guard.turn_on();
                    return Ok(credential);
                }
                Err(CredentialError::Unknown) => {
                    refusal = refused(CredentialError::Unknown.to_string());
                }
                Err(error) => return Err(refused(error.to_string())),
            }
        }
        Err(refusal)
    }

    /// Returns a secret as a text. Whatever this attempt emits from here on is sealed, and only what
    /// [`Context::unseal`]s it can use it.
    ///
    /// # Errors
    /// [`BlockError::Refused`] without [`Capability::Credential`].
    pub fn expose<'s>(&self, secret: &'s Secret) -> Result<&'s str, BlockError> {
        self.allow(Capability::Credential)?;
        let env = self.host.env();
        env.redactor().learn(secret);
        env.exposed.store(true, Ordering::Release);
        self.guard.taint(secret);
        Ok(secret.expose())
    }

    /// Returns what is sealed as a secret, which may go where the secrets that it was made of may.
    ///
    /// # Errors
    /// [`BlockError::Credential`] without the key that it was sealed with; [`BlockError::Refused`] without
    /// [`Capability::Credential`].
    pub fn unseal(&self, sealed: &Sealed) -> Result<Secret, BlockError> {
        self.allow(Capability::Credential)?;
        let refused = |message: String| BlockError::Credential {
            name: sealed.key_id().to_string(),
            message,
        };
        let env = self.host.env();
        let plain = env.host.credentials.unseal(sealed);
        let plain = plain.map_err(|error| refused(error.to_string()))?;
        let secret = guard::opened(&plain)
            .ok_or_else(|| refused("what was sealed is not a value of a run".to_owned()))?;
        env.redactor().learn(&secret);
        self.guard.turn_on();
        Ok(secret)
    }

    /// Returns the way into the web.
    ///
    /// # Errors
    /// [`BlockError::Refused`] without [`Capability::Http`], or where the host has no web client.
    pub fn http(&self) -> Result<HttpClient<'_>, BlockError> {
        self.allow(Capability::Http)?;
        if self.host.env().host.http.is_none() {
            return Err(BlockError::Refused {
                capability: Capability::Http.as_str(),
                message: "the host offers no web client".to_owned(),
            });
        }
        Ok(HttpClient(self))
    }

    /// Returns the way to send mail.
    ///
    /// # Errors
    /// [`BlockError::Refused`] without [`Capability::Mail`], or where the host has no mail client.
    pub fn mail(&self) -> Result<MailClient<'_>, BlockError> {
        self.allow(Capability::Mail)?;
        if self.host.env().host.mailer.is_none() {
            return Err(BlockError::Refused {
                capability: Capability::Mail.as_str(),
                message: "the host offers no mail client".to_owned(),
            });
        }
        Ok(MailClient(self))
    }

    /// Returns the host's blobs.
    ///
    /// # Errors
    /// [`BlockError::Refused`] without [`Capability::Blobs`].
    pub fn blobs(&self) -> Result<BlobClient<'_>, BlockError> {
        self.allow(Capability::Blobs)?;
        Ok(BlobClient(self))
    }

    /// Returns what the host supplied under this type, e.g. its own state.
    ///
    /// # Errors
    /// [`BlockError::Refused`] without [`Capability::Ext`], or where the host supplied none.
    pub fn ext<T: Send + Sync + 'static>(&self) -> Result<&T, BlockError> {
        self.allow(Capability::Ext)?;
        self.host
            .env()
            .host
            .extensions
            .get::<T>()
            .ok_or_else(|| BlockError::Refused {
                capability: Capability::Ext.as_str(),
                message: format!("the host supplies no {}", std::any::type_name::<T>()),
            })
    }

    async fn or_cancelled<T>(&self, work: BoxFuture<'_, T>) -> Result<T, BlockError> {
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = self.host.env().cancel.cancelled() => Err(BlockError::Cancelled),
        }
    }
}

/// The way into the web, for one attempt.
#[derive(Debug, Clone, Copy)]
pub struct HttpClient<'a>(&'a Context);

impl HttpClient<'_> {
    /// Sends one request under the run's grants and returns when the head of the answer is there. A cancelled run gives up
    /// the connection here, and while the body is read.
    ///
    /// # Errors
    /// What the client says, as a [`BlockError`]; [`BlockError::Budget`] where the run has spent what it may;
    /// [`BlockError::Cancelled`].
    pub async fn send(&self, request: HttpRequest) -> Result<HttpResponse, BlockError> {
        let cx = self.0;
        cx.afford()?;
        let env = cx.host.env();
        let Some(http) = &env.host.http else {
            return Err(EgressError::Cancelled.into());
        };
        // Without what is behind the path: that is where secrets would stand.
        let shown = request.url.split(['?', '#']).next().unwrap_or_default();
        let what = format!("{} {shown}", request.method);
        let request = request.granted(cx.sending_grants());
        let sent = cx.or_cancelled(http.send(request)).await?;
        match &sent {
            Ok(answer) => cx.log(Level::Debug, format!("{what}: {}", answer.status)),
            Err(error) => cx.log(Level::Debug, format!("{what}: {error}")),
        }
        let mut answer = sent?;
        let body = std::mem::replace(&mut answer.body, HttpBody::of([]));
        answer.body = HttpBody::new(Stoppable {
            body,
            host: Arc::clone(&cx.host),
        });
        Ok(answer)
    }
}

/// A body that ends with the run.
struct Stoppable {
    body: HttpBody,
    host: Arc<dyn CallHost>,
}

impl Pieces for Stoppable {
    fn next(&mut self) -> BoxFuture<'_, Result<Option<Vec<u8>>, EgressError>> {
        Box::pin(async {
            tokio::select! {
                biased;
                () = self.host.env().cancel.cancelled() => Err(EgressError::Cancelled),
                piece = self.body.next() => piece,
            }
        })
    }
}

/// The way to send mail, for one attempt.
#[derive(Debug, Clone, Copy)]
pub struct MailClient<'a>(&'a Context);

impl MailClient<'_> {
    /// Hands a message to its server under the run's grants, and returns what the server said.
    ///
    /// # Errors
    /// As [`HttpClient::send`].
    pub async fn send(&self, mail: Mail) -> Result<Text, BlockError> {
        let cx = self.0;
        cx.afford()?;
        let env = cx.host.env();
        let Some(mailer) = &env.host.mailer else {
            return Err(EgressError::Cancelled.into());
        };
        let mail = mail.granted(cx.sending_grants());
        let sent = cx.or_cancelled(mailer.send(mail)).await?;
        sent.map_err(|error| match error {
            EgressError::Refused { message } => BlockError::Refused {
                capability: Capability::Mail.as_str(),
                message,
            },
            other => other.into(),
        })
    }
}

/// The host's blobs, for one attempt.
#[derive(Debug, Clone, Copy)]
pub struct BlobClient<'a>(&'a Context);

impl BlobClient<'_> {
    /// Keeps these bytes and returns the reference to them. An attempt that has got hold of a secret keeps them without it,
    /// and one that has looked at a secret keeps none.
    ///
    /// # Errors
    /// [`BlobError`] where they cannot be kept.
    pub async fn put(
        &self,
        bytes: Vec<u8>,
        media_type: Option<Text>,
    ) -> Result<BlobRef, BlobError> {
        let cx = self.0;
        let bytes = cx.clean_bytes(bytes)?;
        let media_type = media_type.map(|text| cx.clean_text(text));
        cx.host.env().host.blobs.put(bytes, media_type).await
    }

    /// Returns the bytes that a reference names.
    ///
    /// # Errors
    /// [`BlobError`] where there are none.
    pub async fn get(&self, blob: &BlobRef) -> Result<Arc<[u8]>, BlobError> {
        self.0.host.env().host.blobs.get(blob).await
    }
}
