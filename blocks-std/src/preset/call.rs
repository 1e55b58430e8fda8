//! One firing of a preset: its requests in order, then what they gave.

use std::collections::VecDeque;
use std::time::Duration;

use graphloom::block::types::PinType;
use graphloom::block::{Inputs, Retry};
use graphloom::host::{Credential, HttpRequest, HttpResponse, SECRET_IN_PATH};
use graphloom::json::{Limits, read_value};
use graphloom::prelude::*;
use graphloom::value::from_value;
use graphloom::{DynEmitter, Effect, Text, Value};

use crate::credential::CredentialPin;
use crate::plain::refuse_secrets;

use super::Preset;
use super::body::pairs;
use super::load::CREDENTIAL;
use super::step::{ANSWER, EACH, Read, Step};
use super::tree::{Scope, plain};

/// For how many items of a list a step sends its request, at most.
const MAX_EACH: usize = 100;
/// How much of an answer that says no is read.
const MAX_COMPLAINT: usize = 64 << 10;
/// How much of it is shown.
const MAX_SHOWN: usize = 500;

impl Preset {
    pub(super) async fn call(
        &self,
        cx: &Context,
        inputs: Inputs<'_>,
        out: DynEmitter<'_>,
    ) -> Result<(), BlockError> {
        let mut scope = self.given(inputs)?;
        let credential = self.credential(cx, inputs).await?;
        let mut acted = false;
        for step in &self.steps {
            if !step.when.hold(&scope) {
                continue;
            }
            let found = self.step(cx, step, &scope, credential.as_ref()).await;
            let found = found.map_err(|error| self.repeatable(error, acted, step))?;
            acted |= !step.only_reads();
            if let Some(value) = found {
                scope.insert(step.name.clone(), value);
            }
        }
        if let Some((unit, amount)) = &self.cost {
            cx.cost(unit.clone(), *amount);
        }
        self.emit(&scope, out).await
    }

    /// Returns the inputs that are there. An empty text where nothing would do is nothing: that is how a form says so.
    fn given(&self, inputs: Inputs<'_>) -> Result<Scope, BlockError> {
        let mut scope = Scope::new();
        for pin in self
            .inputs
            .iter()
            .filter(|pin| pin.name.as_str() != CREDENTIAL)
        {
            let Some(value) = inputs.get(&pin.name) else {
                continue;
            };
            refuse_secrets(value)?;
            if pin.required || value.as_str() != Some("") {
                scope.insert(pin.name.clone(), value.clone());
            }
        }
        Ok(scope)
    }

    async fn credential(
        &self,
        cx: &Context,
        inputs: Inputs<'_>,
    ) -> Result<Option<Credential>, BlockError> {
        let Some(login) = &self.login else {
            return Ok(None);
        };
        let named = inputs.get(CREDENTIAL).filter(|value| !value.is_null());
        let pin = match named {
            Some(value) => from_value::<CredentialPin>(value)?,
            None => CredentialPin::default(),
        };
        match pin.get(cx, &login.provider).await {
            Ok(credential) => Ok(Some(credential)),
            Err(BlockError::Credential { .. }) if login.optional && named.is_none() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A block that must act once may be tried again as long as nothing but reading was done.
    fn repeatable(&self, error: BlockError, acted: bool, step: &Step) -> BlockError {
        match error {
            BlockError::Failed {
                message,
                retry: Retry::Maybe | Retry::After(_),
            } if self.info.effect == Effect::AtMostOnce && !acted && step.only_reads() => {
                BlockError::Failed {
                    message,
                    retry: Retry::NotActed,
                }
            }
            // The request that was not sent, or was turned away, is not the first that acts.
            BlockError::Failed {
                message,
                retry: Retry::NotActed,
            } if acted => BlockError::failed(message),
            other => other,
        }
    }

    async fn step(
        &self,
        cx: &Context,
        step: &Step,
        scope: &Scope,
        credential: Option<&Credential>,
    ) -> Result<Option<Value>, BlockError> {
        let Some(each) = &step.each else {
            return self.once(cx, step, scope, credential, 0).await;
        };
        let list = each.find(scope).unwrap_or_default();
        let items: VecDeque<Value> = list
            .as_list()
            .into_iter()
            .flat_map(|list| list.iter().cloned())
            .collect();
        if items.len() > MAX_EACH {
            let message = format!(
                "\"{}\" would be asked {} times: at most {MAX_EACH} are",
                step.name,
                items.len()
            );
            return Err(BlockError::failed(message));
        }
        let mut inside = scope.clone();
        for (number, item) in items.into_iter().enumerate() {
            inside.insert(Text::from(EACH), item);
            let found = self.once(cx, step, &inside, credential, number).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Sends one request and returns what is taken of its answer.
    async fn once(
        &self,
        cx: &Context,
        step: &Step,
        scope: &Scope,
        credential: Option<&Credential>,
        number: usize,
    ) -> Result<Option<Value>, BlockError> {
        let request = self.request(cx, step, scope, credential).await?;
        let send = self.send(cx, step, request, credential);
        let answer = if step.only_reads() {
            send.await?
        } else {
            // What was done once is not done again by a run that goes on elsewhere.
            cx.step(&format!("{}:{number}", step.name), send).await?
        };
        let mut inside = scope.clone();
        inside.insert(Text::from(ANSWER), answer.clone());
        Ok(match &step.take {
            Some(take) => take.fill(&inside),
            None => Some(answer),
        })
    }

    async fn request(
        &self,
        cx: &Context,
        step: &Step,
        scope: &Scope,
        credential: Option<&Credential>,
    ) -> Result<HttpRequest, BlockError> {
        let url = step.url.fill(scope, &self.hosts, SECRET_IN_PATH)?;
        let mut request = HttpRequest::new(step.method.clone(), url);
        request.max_bytes = Some(self.max_bytes);
        request.timeout = Some(self.timeout);
        request.redirects = Some(step.redirects);
        for (name, value) in pairs(&step.query, scope) {
            request = request.query(name, plain(&value));
        }
        for (name, tree) in &step.headers {
            let Some(value) = tree.fill(scope) else {
                continue;
            };
            let value = plain(&value);
            if value.chars().any(char::is_control) {
                let message = format!("the header line \"{name}\" cannot hold control characters");
                return Err(BlockError::input(message));
            }
            request = request.header(name.clone(), value);
        }
        if let Some(made) = step.body.make(cx, scope).await? {
            request = request
                .header("content-type", made.content_type)
                .bytes(made.bytes);
        }
        match (&self.login, credential) {
            (Some(login), Some(credential)) if step.credential => login.attach(request, credential),
            _ => Ok(request),
        }
    }

    async fn send(
        &self,
        cx: &Context,
        step: &Step,
        request: HttpRequest,
        credential: Option<&Credential>,
    ) -> Result<Value, BlockError> {
        let mut response = cx.http()?.send(request).await?;
        if !response.is_success() && !step.accept.contains(&response.status) {
            return Err(self.refusal(response, credential).await);
        }
        let media_type = response.header("content-type").map(Text::from);
        Ok(match step.read {
            Read::Nothing => Value::Null,
            Read::Text => Value::from(response.body.text().await?),
            Read::Blob => {
                let bytes = response.body.bytes().await?;
                let blob = cx.blobs()?.put(bytes, media_type).await;
                blob.map_err(|error| BlockError::failed(error.to_string()))?
                    .into()
            }
            Read::Json => {
                let bytes =
                    std::mem::replace(&mut response.body, graphloom::host::HttpBody::of([]))
                        .bytes()
                        .await?;
                let answer = if bytes.is_empty() {
                    Value::Null
                } else {
                    self.json(&bytes)?
                };
                let scope = Scope::from([(Text::from(ANSWER), answer.clone())]);
                if !self.failing.when.is_empty() && self.failing.when.hold(&scope) {
                    let said = self.said(&scope).unwrap_or_default();
                    return Err(BlockError::failed(format!(
                        "{} says no: {said}",
                        self.service()
                    )));
                }
                answer
            }
        })
    }

    fn json(&self, bytes: &[u8]) -> Result<Value, BlockError> {
        let limits = Limits::default()
            .with_max_bytes(usize::try_from(self.max_bytes).unwrap_or(usize::MAX))
            .with_max_text_bytes(usize::try_from(self.max_bytes).unwrap_or(usize::MAX));
        read_value(bytes, &limits).map_err(|faults| {
            let first = faults
                .0
                .first()
                .map(|fault| fault.message.clone())
                .unwrap_or_default();
            BlockError::failed(format!("{} gave no JSON: {first}", self.service()))
        })
    }

    /// Returns why an answer's status is an error.
    async fn refusal(&self, response: HttpResponse, credential: Option<&Credential>) -> BlockError {
        let status = response.status;
        let after = response
            .header("retry-after")
            .and_then(|text| text.trim().parse().ok());
        let after = after.map(Duration::from_secs);
        let mut body = response.body;
        let mut bytes = Vec::new();
        while bytes.len() < MAX_COMPLAINT {
            match body.next().await {
                Ok(Some(piece)) => bytes.extend_from_slice(&piece),
                // A complaint that breaks off is a complaint.
                Ok(None) | Err(_) => break,
            }
        }
        bytes.truncate(MAX_COMPLAINT);
        let answer = read_value(&bytes, &Limits::default()).ok();
        let scope = answer.map(|answer| Scope::from([(Text::from(ANSWER), answer)]));
        let said = scope.and_then(|scope| self.said(&scope));
        let said = said.unwrap_or_else(|| shown(&String::from_utf8_lossy(&bytes)));
        let colon = if said.is_empty() { "" } else { ": " };
        let message = format!("{} answered {status}{colon}{said}", self.service());
        match (status, credential) {
            (401 | 403, Some(credential)) => BlockError::Credential {
                name: credential.name.to_string(),
                message,
            },
            // Turned away at the door: nothing was done.
            (429, _) if self.info.effect == Effect::AtMostOnce => BlockError::Failed {
                message,
                retry: Retry::NotActed,
            },
            (408 | 429 | 500..=599, _) => BlockError::Failed {
                message,
                retry: after.map_or(Retry::Maybe, Retry::After),
            },
            _ => BlockError::failed(message),
        }
    }

    /// Returns what an answer says of the error in it.
    fn said(&self, scope: &Scope) -> Option<String> {
        let found = self.failing.message.as_ref()?.find(scope)?;
        Some(shown(&plain(&found)))
    }

    /// Whom an error is about: the family of the block.
    fn service(&self) -> &'static str {
        self.info.id.split('.').next().unwrap_or_default()
    }

    async fn emit(&self, scope: &Scope, out: DynEmitter<'_>) -> Result<(), BlockError> {
        // All of them before the first is emitted: a firing gives all that it promises, or an error.
        let mut values = Vec::new();
        for (index, emission) in self.emissions.iter().enumerate() {
            let wrong = |what: &str| {
                BlockError::failed(format!(
                    "{} gave {what} for \"{}\"",
                    self.service(),
                    emission.pin
                ))
            };
            match emission.value.fill(scope) {
                None if emission.optional => {}
                None => return Err(wrong("nothing")),
                Some(value) if emission.each => {
                    let list = value.as_list().ok_or_else(|| wrong("no list"))?;
                    for item in list.iter() {
                        let item = fitting(item.clone(), &emission.ty)
                            .ok_or_else(|| wrong("something else"))?;
                        values.push((index, item));
                    }
                }
                Some(value) => {
                    let value =
                        fitting(value, &emission.ty).ok_or_else(|| wrong("something else"))?;
                    values.push((index, value));
                }
            }
        }
        for (index, value) in values {
            out.emit_at(index, value).await?;
        }
        Ok(())
    }
}

/// Returns a value as its pin gives it: a number or a truth value at a text pin becomes a text.
fn fitting(value: Value, ty: &PinType) -> Option<Value> {
    if ty.fits(&value) {
        return Some(value);
    }
    let scalar = !matches!(
        value,
        Value::List(_) | Value::Map(_) | Value::Null | Value::Blob(_) | Value::Sealed(_)
    );
    (scalar && *ty == PinType::Text).then(|| Value::from(plain(&value)))
}

/// Returns the beginning of a text, in one line.
fn shown(text: &str) -> String {
    let mut line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(MAX_SHOWN) {
        line.truncate(end);
        line.push('…');
    }
    line.chars().filter(|c| !c.is_control()).collect()
}
