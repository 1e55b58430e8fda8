//! Which models there are, who serves them, and how one is asked.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use graphloom::{BlockError, Context, Level, Retry, Text};

use super::chat::{ChatAnswer, ChatRequest};
use super::completions::OpenAiChat;
use super::endpoint::Endpoint;
use super::find::Found;
use super::fit;
use super::provider::{ChatError, Provider};
use super::table::{Model, ModelsError, Price, Protocol, ProviderEntry, Table};
use super::{Anthropic, OpenAiResponses};
use crate::CredentialPin;

/// The providers and models that come along.
const TABLE: &str = include_str!("models.json");

/// A failure that may pass is tried again so often.
const RETRIES: u32 = 2;

/// The first wait before another try; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// No wait is longer. A service that asks for more is not waited for.
const MAX_WAIT: Duration = Duration::from_mins(1);

/// The models that graphs may ask, by name. A host supplies its own as an extension of the engine; without one the blocks
/// use [`Models::default`].
///
/// What a call costs is told in these units ([`Context::cost`]): `llm_calls`, the questions sent; `llm_retries`, those of
/// them that were sent again; `input_tokens`, `cached_tokens` (a part of them) and `output_tokens`, as the provider counts
/// them; `usd`, where the price is known.
#[derive(Clone)]
pub struct Models {
    pub(super) providers: HashMap<Text, Served>,
    pub(super) models: Vec<Model>,
    /// By name and by what else a model is called.
    pub(super) names: HashMap<Text, usize>,
    retries: u32,
}

/// A provider and what is known of it.
#[derive(Clone)]
pub(super) struct Served {
    provider: Arc<dyn Provider>,
    /// What it was made of, if it came out of a table.
    entry: Option<ProviderEntry>,
    /// `None`: it needs no credential.
    pub(super) credential: Option<Text>,
    /// The machine that is asked.
    pub(super) host: Option<Text>,
    pub(super) prefixes: Vec<Text>,
    pub(super) aliases: Vec<Text>,
}

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

/// What graphs of AutoGPT say where they say nothing.
const USUAL_OLLAMA: &str = "localhost:11434";

impl Default for Models {
    fn default() -> Self {
        Self::usual().clone()
    }
}

impl Models {
    pub(super) fn usual() -> &'static Self {
        static USUAL: LazyLock<Models> = LazyLock::new(|| {
            // A table that cannot be read would leave no models; a test reads it.
            Models::empty()
                .with_json(TABLE.as_bytes())
                .unwrap_or_else(|_| Models::empty())
        });
        &USUAL
    }

    fn empty() -> Self {
        Self {
            providers: HashMap::new(),
            models: Vec::new(),
            names: HashMap::new(),
            retries: RETRIES,
        }
    }

    /// Returns the models of the host that runs this block, or the usual ones.
    #[must_use]
    pub fn of(cx: &Context) -> &Self {
        cx.ext::<Self>().unwrap_or_else(|_| Self::usual())
    }

    /// Returns the usual models, and the providers and models of a file, which is described in
    /// `docs/guides/language-models.md`.
    ///
    /// # Errors
    /// [`ModelsError`]: what is wrong with the file and where.
    pub fn from_json(file: &[u8]) -> Result<Self, ModelsError> {
        Self::default().with_json(file)
    }

    /// Adds the providers and models of a file. Of a provider that is known, what the file leaves out stays as it is; a
    /// model of the same name is replaced.
    ///
    /// # Errors
    /// As [`Models::from_json`].
    pub fn with_json(mut self, file: &[u8]) -> Result<Self, ModelsError> {
        let table = Table::read(file)?;
        for (name, entry) in table.providers {
            let known = self.providers.get(&name);
            let entry = match known.and_then(|served| served.entry.clone()) {
                Some(known) => merged(known, entry),
                None => entry,
            };
            self.providers.insert(name.clone(), served(&name, entry)?);
        }
        for model in table.models {
            if !self.providers.contains_key(&model.provider) {
                return Err(ModelsError::new(format!(
                    "model \"{}\" is served by \"{}\", and there is no such provider",
                    model.name, model.provider
                )));
            }
            self.add(model);
        }
        Ok(self)
    }

    fn add(&mut self, model: Model) {
        let known = self.models.iter().position(|own| own.name == model.name);
        let index = known.unwrap_or(self.models.len());
        for name in model.aliases.iter().chain([&model.name]) {
            self.names.insert(name.clone(), index);
        }
        match self.models.get_mut(index) {
            Some(own) => *own = model,
            None => self.models.push(model),
        }
    }

    /// Adds a provider under a name; one of the same name is replaced. It is asked without a credential unless
    /// [`Models::with_credential`] names one.
    #[must_use]
    pub fn with(mut self, name: impl Into<Text>, provider: Arc<dyn Provider>) -> Self {
        let name = name.into();
        let known = self.providers.remove(&name);
        let (prefixes, aliases) = known
            .map(|known| (known.prefixes, known.aliases))
            .unwrap_or_default();
        let served = Served {
            provider,
            entry: None,
            credential: None,
            host: None,
            prefixes,
            aliases,
        };
        self.providers.insert(name, served);
        self
    }

    /// Says which credential a provider is asked with.
    #[must_use]
    pub fn with_credential(mut self, provider: &str, credential: impl Into<Text>) -> Self {
        if let Some(served) = self.providers.get_mut(provider) {
            served.credential = Some(credential.into());
        }
        self
    }

    /// Says how often a failure that may pass is tried again; 2 unless told otherwise.
    #[must_use]
    pub const fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Returns the credential that a model is asked with where the graph names none; `None` where it needs none or nobody
    /// serves it.
    #[must_use]
    pub fn credential_of(&self, model: &str) -> Option<&str> {
        let served = self.find(model).ok()?.served;
        served.credential.as_deref()
    }

    /// Returns the provider that serves a model; `None` where nobody does.
    #[must_use]
    pub fn provider_of(&self, model: &str) -> Option<&str> {
        self.find(model).ok().map(|found| found.provider.as_str())
    }

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
            Retry::After(wait) | Retry::NotActedAfter(wait) => {
                (wait <= MAX_WAIT).then_some(wait)
            }
            _ => Some(usual),
        },
        _ => None,
    }
}

fn merged(known: ProviderEntry, new: ProviderEntry) -> ProviderEntry {
    ProviderEntry {
        protocol: new.protocol.or(known.protocol),
        base_url: new.base_url.or(known.base_url),
        credential: new.credential.or(known.credential),
        needs_credential: new.needs_credential.or(known.needs_credential),
        streaming: new.streaming.or(known.streaming),
        limit_name: new.limit_name.or(known.limit_name),
        timeout_seconds: new.timeout_seconds.or(known.timeout_seconds),
        headers: new.headers.or(known.headers),
        prefixes: new.prefixes.or(known.prefixes),
        aliases: new.aliases.or(known.aliases),
    }
}

fn served(name: &Text, entry: ProviderEntry) -> Result<Served, ModelsError> {
    let wrong = |what: &str| ModelsError::new(format!("provider \"{name}\": {what}"));
    let base = entry.base_url.as_deref();
    let base = base.ok_or_else(|| wrong("\"base_url\" is missing"))?;
    let mut endpoint = Endpoint::new(base).streaming(entry.streaming.unwrap_or(true));
    let Some(host) = endpoint.host() else {
        return Err(wrong(
            "\"base_url\" is no address: expected one as https://api.example.com/v1",
        ));
    };
    if let Some(seconds) = entry.timeout_seconds {
        endpoint = endpoint.timeout(Duration::from_secs(seconds));
    }
    for (header, value) in entry.headers.iter().flatten() {
        endpoint = endpoint.header(header.clone(), value.clone());
    }
    let provider: Arc<dyn Provider> = match entry.protocol {
        Some(Protocol::OpenaiResponses) => Arc::new(OpenAiResponses::new(endpoint)),
        Some(Protocol::Anthropic) => Arc::new(Anthropic::new(endpoint)),
        Some(Protocol::OpenaiChat) => {
            let chat = OpenAiChat::new(endpoint);
            match entry.limit_name.clone() {
                Some(name) => Arc::new(chat.limit_name(name)),
                None => Arc::new(chat),
            }
        }
        None => {
            return Err(wrong(
                "\"protocol\" is missing: openai_responses, openai_chat or anthropic",
            ));
        }
    };
    let needs = entry.needs_credential.unwrap_or(true);
    let credential = entry.credential.clone().unwrap_or_else(|| name.clone());
    Ok(Served {
        provider,
        credential: needs.then_some(credential),
        host: Some(host),
        prefixes: entry.prefixes.clone().unwrap_or_default(),
        aliases: entry.aliases.clone().unwrap_or_default(),
        entry: Some(entry),
    })
}

impl std::fmt::Debug for Models {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Models")
            .field("providers", &self.providers.keys())
            .field("models", &self.models.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_that_comes_along_is_whole() {
        let models = Models::empty().with_json(TABLE.as_bytes()).unwrap();
        assert!(models.models.len() >= 40 && models.providers.len() == 8);
        for model in &models.models {
            assert!(models.find(&model.name).is_ok(), "{model:?}");
            if let Some(price) = &model.price {
                // A price without its source is no fact.
                assert!(price.as_of.is_some() && price.page.is_some(), "{model:?}");
                assert!(
                    price.cached.is_none_or(|cached| cached <= price.input),
                    "{model:?}"
                );
            }
        }
    }

    #[test]
    fn a_file_adds_to_what_is_known() {
        let file = br#"{"format": 1,
            "providers": {
                "openai": {"base_url": "http://127.0.0.1:9/v1"},
                "house": {"protocol": "openai_chat", "base_url": "https://llm.example.com", "needs_credential": false}
            },
            "models": [{"name": "gpt-4o", "provider": "house", "id": "big", "context": 100}]}"#;
        let models = Models::from_json(file).unwrap();
        let found = models.find("gpt-4o").unwrap();
        assert_eq!(
            (found.provider.as_str(), found.id.as_str()),
            ("house", "big")
        );
        assert_eq!(models.credential_of("gpt-4o"), None);
        let found = models.find("o3").unwrap();
        assert_eq!(found.served.host.as_deref(), Some("127.0.0.1:9"));
        assert_eq!(models.credential_of("o3"), Some("openai"));
        assert!(models.find("claude-opus-4-5").is_ok());
    }

    #[test]
    fn a_faulty_file_says_what_is_wrong() {
        for (file, expected) in [
            ("{", "JSON_SYNTAX"),
            (r#"{"format": 2}"#, "this version reads 1"),
            (r#"{"format": 1, "providers": {"x": {}}}"#, "base_url"),
            (
                r#"{"format": 1, "providers": {"x": {"base_url": "https://x"}}}"#,
                "protocol",
            ),
            (
                r#"{"format": 1, "providers": {"x": {"base_url": "x", "protocol": "anthropic"}}}"#,
                "no address",
            ),
            (
                r#"{"format": 1, "models": [{"name": "m", "provider": "nobody"}]}"#,
                "no such provider",
            ),
            (
                r#"{"format": 1, "models": [{"name": "m", "provider": "openai", "contxt": 1}]}"#,
                "contxt",
            ),
            (
                r#"{"format": 1, "models": [{"name": "m", "provider": "openai", "price": {"input": -1, "output": 1}}]}"#,
                "price",
            ),
        ] {
            let error = Models::from_json(file.as_bytes()).unwrap_err();
            assert!(error.to_string().contains(expected), "{file}: {error}");
        }
    }

    #[test]
    fn prices_count_what_is_cached_once() {
        let model = Models::default();
        let price = model.model("gpt-4o").and_then(|model| model.price.clone());
        let price = price.unwrap();
        assert!((price.of(1_000_000, 0, 0) - 2.5).abs() < 1e-9);
        assert!((price.of(1_000_000, 1_000_000, 0) - 1.25).abs() < 1e-9);
        assert!((price.of(0, 5, 1_000_000) - 10.0).abs() < 1e-9);
    }

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
