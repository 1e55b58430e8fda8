//! Which models there are, and who serves them.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use graphloom::{Context, Text};

use super::completions::OpenAiChat;
use super::endpoint::Endpoint;
use super::provider::Provider;
use super::table::{Model, ModelsError, Protocol, ProviderEntry, Table};
use super::{Anthropic, OpenAiResponses};

/// The providers and models that come along.
const TABLE: &str = include_str!("models.json");

/// A failure that may pass is tried again so often.
const RETRIES: u32 = 2;

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
    pub(super) retries: u32,
}

/// A provider and what is known of it.
#[derive(Clone)]
pub(super) struct Served {
    pub(super) provider: Arc<dyn Provider>,
    /// What it was made of, if it came out of a table.
    entry: Option<ProviderEntry>,
    /// `None`: it needs no credential.
    pub(super) credential: Option<Text>,
    /// The machine that is asked.
    pub(super) host: Option<Text>,
    pub(super) prefixes: Vec<Text>,
    pub(super) aliases: Vec<Text>,
}

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
}
