//! From the name that a graph writes to who serves the model.

use graphloom::Text;
use graphloom::fault::nearest;

use super::models::{Models, Served};
use super::provider::ChatError;
use super::table::Model;

/// Who serves a model.
pub(super) struct Found<'m> {
    /// What the provider is called.
    pub(super) provider: &'m Text,
    pub(super) served: &'m Served,
    /// What it calls the model.
    pub(super) id: Text,
    /// What is known of the model.
    pub(super) model: Option<&'m Model>,
}

/// Providers that serve what others do not: those of any maker, and those of this machine.
const OF_MANY: &str = "open_router";
const OF_HERE: &str = "ollama";

impl Models {
    /// Finds who serves a model, in this order: a model of the table, by name or by what else it is called; a name behind a
    /// provider's, as `openai/gpt-4o`; one of any other maker, as `mistralai/mistral-large`, which OpenRouter serves; a
    /// dated name of a model of the table, as `gpt-4o-2024-08-06`; a name that begins as a provider's do; a name with a
    /// tag, as `qwen3:8b`, which Ollama serves.
    pub(super) fn find(&self, name: &str) -> Result<Found<'_>, ChatError> {
        // Old exports write the member of a list of names in place of the name.
        let name = name.trim();
        let name = name.strip_prefix("LlmModel.").unwrap_or(name);
        if let Some(model) = self.model(name) {
            let id = model.id.clone().unwrap_or_else(|| model.name.clone());
            return self.served(&model.provider, id, Some(model));
        }
        if let Some((maker, rest)) = name.split_once('/') {
            if let Some(provider) = self.provider_name(maker) {
                let model = self.model(rest).or_else(|| self.model(undated(rest)?));
                let model = model.filter(|model| model.provider == provider);
                let id = model
                    .filter(|model| model.name == rest || model.aliases.iter().any(|a| a == rest));
                let id = id.map(|model| model.id.clone().unwrap_or_else(|| model.name.clone()));
                return self.served(&provider, id.unwrap_or_else(|| Text::from(rest)), model);
            }
            if self.providers.contains_key(OF_MANY) {
                return self.served(OF_MANY, Text::from(name), None);
            }
        }
        if let Some(model) = undated(name).and_then(|name| self.model(name)) {
            return self.served(&model.provider, Text::from(name), Some(model));
        }
        if let Some(provider) = self.by_prefix(name) {
            return self.served(&provider, Text::from(name), None);
        }
        if name.contains(':') && self.providers.contains_key(OF_HERE) {
            return self.served(OF_HERE, Text::from(name), None);
        }
        Err(self.unknown(name))
    }

    fn served<'m>(
        &'m self,
        provider: &str,
        id: Text,
        model: Option<&'m Model>,
    ) -> Result<Found<'m>, ChatError> {
        let found = self.providers.get_key_value(provider);
        let (provider, served) = found.ok_or_else(|| ChatError::Invalid {
            message: format!(
                "model \"{id}\" is served by \"{provider}\", and there is no such provider; there are: {}",
                self.provider_names().join(", ")
            ),
        })?;
        Ok(Found {
            provider,
            served,
            id,
            model,
        })
    }

    /// Returns what is known of a model, by its name or what else it is called.
    #[must_use]
    pub fn model(&self, name: &str) -> Option<&Model> {
        self.models.get(*self.names.get(name)?)
    }

    fn provider_name(&self, maker: &str) -> Option<Text> {
        if let Some((name, _)) = self.providers.get_key_value(maker) {
            return Some(name.clone());
        }
        let mut providers = self.providers.iter();
        let found = providers.find(|(_, served)| served.aliases.iter().any(|own| own == maker));
        found.map(|(name, _)| name.clone())
    }

    /// Returns the provider with the longest prefix that a name begins with.
    fn by_prefix(&self, name: &str) -> Option<Text> {
        let all = self.providers.iter().flat_map(|(provider, served)| {
            let prefixes = served.prefixes.iter();
            prefixes.map(move |prefix| (prefix, provider))
        });
        let found = all.filter(|(prefix, _)| name.starts_with(prefix.as_str()));
        found
            .max_by_key(|(prefix, provider)| (prefix.len(), std::cmp::Reverse((*provider).clone())))
            .map(|(_, provider)| provider.clone())
    }

    fn provider_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.providers.keys().map(Text::as_str).collect();
        names.sort_unstable();
        names
    }

    fn unknown(&self, name: &str) -> ChatError {
        let near = nearest(name, self.models.iter().map(|model| model.name.as_str()));
        let near = match near.is_empty() {
            true => String::new(),
            false => format!("; near to it: {}", near.join(", ")),
        };
        ChatError::Invalid {
            message: format!(
                "nobody is known to serve the model \"{name}\"{near}. A provider before it says who does, as in \
                 \"open_router/{name}\"; the providers are {}",
                self.provider_names().join(", ")
            ),
        }
    }
}

/// Returns a name without the date, or `latest`, at its end.
fn undated(name: &str) -> Option<&str> {
    if let Some(name) = name.strip_suffix("-latest") {
        return Some(name);
    }
    let digits = |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
    let (rest, last) = name.rsplit_once('-')?;
    if digits(last, 8) {
        return Some(rest);
    }
    let (rest, month) = rest.rsplit_once('-')?;
    let (rest, year) = rest.rsplit_once('-')?;
    (digits(last, 2) && digits(month, 2) && digits(year, 4)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_find_who_serves_them() {
        let models = Models::default();
        let check = |name: &str, provider: &str, id: &str, is_known: bool| {
            let found = models.find(name).unwrap();
            assert_eq!(
                (
                    found.provider.as_str(),
                    found.id.as_str(),
                    found.model.is_some()
                ),
                (provider, id, is_known),
                "{name}"
            );
        };
        check("gpt-4o", "openai", "gpt-4o", true);
        check("gpt-5.2-2025-12-11", "openai", "gpt-5.2-2025-12-11", true);
        check(
            "gpt-5-mini-2025-08-07",
            "openai",
            "gpt-5-mini-2025-08-07",
            true,
        );
        check("openai/gpt-4o", "openai", "gpt-4o", true);
        check(
            "openai/gpt-4o-2024-08-06",
            "openai",
            "gpt-4o-2024-08-06",
            true,
        );
        check("LlmModel.GPT4O_MINI", "openai", "gpt-4o-mini", true);
        check("o3-mini", "openai", "o3-mini", true);
    }

    #[test]
    fn families_and_makers_tell_who_serves() {
        let models = Models::default();
        let check = |name: &str, provider: &str, id: &str| {
            let found = models.find(name).unwrap();
            assert_eq!(
                (found.provider.as_str(), found.id.as_str()),
                (provider, id),
                "{name}"
            );
        };
        check("gpt-7-unheard", "openai", "gpt-7-unheard");
        check(
            "claude-sonnet-4-5-20250929",
            "anthropic",
            "claude-sonnet-4-5-20250929",
        );
        check("CLAUDE_4_SONNET", "anthropic", "claude-sonnet-4-20250514");
        check(
            "anthropic/claude-sonnet-4",
            "anthropic",
            "claude-sonnet-4-20250514",
        );
        check("claude-9-latest", "anthropic", "claude-9-latest");
        check(
            "perplexity/sonar-deep-research",
            "open_router",
            "perplexity/sonar-deep-research",
        );
        check("google/gemini-9", "open_router", "google/gemini-9");
        check("openai/gpt-oss-120b", "open_router", "openai/gpt-oss-120b");
        check("openrouter/x/y", "open_router", "x/y");
        check("llama-3.9-guess", "groq", "llama-3.9-guess");
        check(
            "Llama-4-Scout-17B-16E-Instruct-FP8",
            "llama_api",
            "Llama-4-Scout-17B-16E-Instruct-FP8",
        );
        check("llama3.3", "ollama", "llama3.3");
        check("qwen3:8b", "ollama", "qwen3:8b");
        check("ollama/qwen3", "ollama", "qwen3");
        check("v0-1.5-md", "v0", "v0-1.5-md");
        check(
            "Qwen/Qwen2.5-72B-Instruct-Turbo",
            "aiml_api",
            "Qwen/Qwen2.5-72B-Instruct-Turbo",
        );
    }

    #[test]
    fn an_unknown_name_is_told_near_ones() {
        let Err(ChatError::Invalid { message }) = Models::default().find("gbt-4o") else {
            panic!("nobody serves it");
        };
        assert!(message.contains("near to it: gpt-4o"), "{message}");
        assert!(message.contains("open_router"), "{message}");
    }
}
