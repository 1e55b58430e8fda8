//! How a model is asked: once for each step, again where that may help, and with what it cost told.

use std::time::Duration;

use graphloom::{BlockError, Context, Level, Retry, Text};

use super::chat::{ChatAnswer, ChatRequest};
use super::completions::OpenAiChat;
use super::endpoint::Endpoint;
use super::find::Found;
use super::fit;
use super::models::Models;
use super::provider::{ChatError, Provider};
use super::table::Price;
use crate::CredentialPin;

/// The first wait before another try; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// No wait is longer. A service that asks for more is not waited for.
const MAX_WAIT: Duration = Duration::from_mins(1);

/// What graphs of AutoGPT say where they say nothing.
const USUAL_OLLAMA: &str = "localhost:11434";

/// How a model is asked.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Asking {
    /// The name of the step under which the answer is kept: a firing that asks twice has two.
    pub step: Text,
    /// The output pin that observers are told of while the answer comes in. After a retry it begins anew.
    pub pin: Option<Text>,
    /// Which credential the graph names, if any; else it is that of the provider. A provider that needs none gets none.
    pub credential: CredentialPin,
    /// Shortens messages, in their middle, where they have more tokens than half of what the model can read.
    pub compress: bool,
    /// The machine that Ollama runs on, where the graph says one: `localhost:11434`. Asked without a credential.
    pub ollama_host: Option<Text>,
}

impl Asking {
    /// Returns the way to ask under this step name, with everything else at its default.
    #[must_use]
    pub fn step(name: impl Into<Text>) -> Self {
        Self {
            step: name.into(),
            ..Self::default()
        }
    }
}

impl Models {
    /// Asks a model: finds who serves it, and with which credential; makes the call a paid step; says what it cost. What
    /// may pass is tried again, after a wait.
    ///
    /// # Errors
    /// [`ChatError`]; [`ChatError::Invalid`] where nobody serves the model.
    ///
    /// # Cancellation
    /// Ends the wait and gives up the connection.
    pub async fn chat(
        &self,
        cx: &Context,
        request: &ChatRequest,
        asking: &Asking,
    ) -> Result<ChatAnswer, ChatError> {
        let found = self.find(&request.model)?;
        let mut failed = None;
        let asked = async {
            let answer = self.ask(cx, &found, request, asking).await;
            answer.map_err(|error| {
                failed = Some(error.clone());
                BlockError::from(error)
            })
        };
        let answer = cx.step(&asking.step, asked).await;
        answer.map_err(|error| failed.unwrap_or(ChatError::Outside(error)))
    }

    async fn ask(
        &self,
        cx: &Context,
        found: &Found<'_>,
        request: &ChatRequest,
        asking: &Asking,
    ) -> Result<ChatAnswer, ChatError> {
        let elsewhere = elsewhere(found, asking);
        let (provider, credential): (&dyn Provider, _) = match &elsewhere {
            Some(provider) => (provider, None),
            None => (&*found.served.provider, found.served.credential.as_ref()),
        };
        let credential = match credential {
            None => None,
            Some(own) => {
                let names = asking.credential.names(own);
                Some(cx.credential_among(&names).await?)
            }
        };
        let request = prepared(cx, found, request, asking);
        let heard = |text: &str| {
            if let Some(pin) = asking.pin.as_ref().filter(|_| !text.is_empty()) {
                cx.partial(pin.clone(), text);
            }
        };
        let mut tries = 0;
        loop {
            let answer = provider
                .chat(cx, credential.as_ref(), &request, &heard)
                .await;
            let error = match answer {
                Ok(answer) => {
                    tell(
                        cx,
                        &answer,
                        found.model.and_then(|model| model.price.as_ref()),
                    );
                    return Ok(answer);
                }
                Err(error) => error,
            };
            if was_sent(&error) {
                cx.cost("llm_calls", 1.0);
            }
            let Some(wait) = wait(&error, tries).filter(|_| tries < self.retries) else {
                return Err(match error {
                    ChatError::Unauthorized { message, .. } => ChatError::Unauthorized {
                        credential: credential.map(|own| own.name).unwrap_or_default(),
                        message,
                    },
                    other => other,
                });
            };
            tries += 1;
            let message = format!("asking again in {} ms: {error}", wait.as_millis());
            cx.log(Level::Warn, message);
            cx.sleep(wait).await?;
            cx.cost("llm_retries", 1.0);
        }
    }
}

/// A machine that the graph names is another one than the host's, and gets none of the host's credentials.
fn elsewhere(found: &Found<'_>, asking: &Asking) -> Option<OpenAiChat> {
    let host = asking.ollama_host.as_deref()?.trim();
    let is_other = found.provider == "ollama" && !host.is_empty() && host != USUAL_OLLAMA;
    is_other.then(|| {
        let base = match host.contains("://") {
            true => host.to_owned(),
            false => format!("http://{host}"),
        };
        let base = base.trim_end_matches('/');
        let path = if base.ends_with("/v1") { "" } else { "/v1" };
        OpenAiChat::new(Endpoint::new(&format!("{base}{path}")))
    })
}

/// Returns the question as it is sent: shortened, if it is to be, and with a limit on the answer that fits.
fn prepared(
    cx: &Context,
    found: &Found<'_>,
    request: &ChatRequest,
    asking: &Asking,
) -> ChatRequest {
    let mut request = request.clone();
    request.model = found.id.clone();
    let context = found.model.and_then(|model| model.context);
    let max_output = found.model.and_then(|model| model.max_output);
    if asking.compress
        && let Some(context) = context
        && fit::compact(&mut request.messages, u64::from(context) / 2)
    {
        let message = format!(
            "the conversation was shortened to half of the {context} tokens that \"{}\" can read",
            found.id
        );
        cx.log(Level::Info, message);
    }
    let room = context.map(|context| {
        let left = u64::from(context).saturating_sub(fit::estimate(&request));
        u32::try_from(left).unwrap_or(context)
    });
    let limits = [room, max_output, request.max_tokens];
    request.max_tokens = limits.into_iter().flatten().min().map(|max| max.max(1));
    request
}

fn tell(cx: &Context, answer: &ChatAnswer, price: Option<&Price>) {
    let usage = &answer.usage;
    cx.cost("llm_calls", 1.0);
    for (unit, tokens) in [
        ("input_tokens", usage.input),
        ("cached_tokens", usage.cached),
        ("output_tokens", usage.output),
    ] {
        if tokens > 0 {
            cx.cost(unit, tokens as f64);
        }
    }
    if let Some(price) = price {
        cx.cost("usd", price.of(usage.input, usage.cached, usage.output));
    }
}

/// Says whether a failure came from the service: what the host refused never got there.
fn was_sent(error: &ChatError) -> bool {
    match error {
        ChatError::Outside(error) => matches!(
            error,
            BlockError::Failed {
                retry: Retry::Maybe | Retry::Never,
                ..
            }
        ),
        _ => true,
    }
}

/// Returns how long to wait before another try; `None` where it would not help.
fn wait(error: &ChatError, tries: u32) -> Option<Duration> {
    let usual = FIRST_WAIT
        .saturating_mul(2_u32.saturating_pow(tries))
        .min(MAX_WAIT);
    match error {
        ChatError::TooMany { after, .. } => {
            let wait = after.unwrap_or(usual);
            (wait <= MAX_WAIT).then_some(wait)
        }
        ChatError::Failed { .. } => Some(usual),
        ChatError::Outside(error) => match error.retry() {
            Retry::Never => None,
            Retry::After(wait) | Retry::NotActedAfter(wait) => (wait <= MAX_WAIT).then_some(wait),
            _ => Some(usual),
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let failed = ChatError::Failed {
            message: String::new(),
        };
        let waits: Vec<u64> = (0..8)
            .filter_map(|tries| Some(wait(&failed, tries)?.as_secs()))
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        let many = |seconds| ChatError::TooMany {
            message: String::new(),
            after: Some(Duration::from_secs(seconds)),
        };
        assert_eq!(wait(&many(7), 0), Some(Duration::from_secs(7)));
        assert_eq!(wait(&many(61), 0), None);
        let cancelled = ChatError::Outside(BlockError::Cancelled);
        assert_eq!(wait(&cancelled, 0), None);
    }
}
