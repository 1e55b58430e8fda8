//! Where the secrets of well-known services may go: data, each line with the vendor's page that says so.

use graphloom::host::HostSet;

/// A service whose hosts are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownProvider {
    /// What credentials of it are called.
    pub name: &'static str,
    /// Where they may go, as [`HostPattern`](graphloom::host::HostPattern) reads it.
    pub hosts: &'static [&'static str],
    /// The vendor's page.
    pub page: &'static str,
}

macro_rules! known {
    ($($name:literal: [$($host:literal),+] $page:literal;)+) => {
        /// Every service whose hosts are known, by name.
        pub const PROVIDERS: &[KnownProvider] = &[$(KnownProvider {
            name: $name,
            hosts: &[$($host),+],
            page: $page,
        },)+];
    };
}

known! {
    "aiml_api": ["api.aimlapi.com"] "https://docs.aimlapi.com/";
    "airtable": ["api.airtable.com"] "https://airtable.com/developers/web/api/introduction";
    "anthropic": ["api.anthropic.com"] "https://docs.anthropic.com/en/api/overview";
    "discord": ["discord.com"] "https://discord.com/developers/docs/reference";
    "elevenlabs": ["api.elevenlabs.io"] "https://elevenlabs.io/docs/api-reference/authentication";
    "exa": ["api.exa.ai"] "https://docs.exa.ai/reference/getting-started";
    "firecrawl": ["api.firecrawl.dev"] "https://docs.firecrawl.dev/api-reference/introduction";
    "github": ["api.github.com", "uploads.github.com"] "https://docs.github.com/en/rest/using-the-rest-api/getting-started-with-the-rest-api";
    "google": ["*.googleapis.com"] "https://developers.google.com/identity/protocols/oauth2";
    "groq": ["api.groq.com"] "https://console.groq.com/docs/api-reference";
    "hubspot": ["api.hubapi.com"] "https://developers.hubspot.com/docs/api/overview";
    "jina": ["api.jina.ai", "r.jina.ai", "s.jina.ai", "g.jina.ai"] "https://jina.ai/reader/";
    "linear": ["api.linear.app"] "https://linear.app/developers/graphql";
    "llama_api": ["api.llama.com"] "https://llama.developer.meta.com/docs/overview/";
    "microsoft": ["graph.microsoft.com"] "https://learn.microsoft.com/en-us/graph/use-the-api";
    "notion": ["api.notion.com"] "https://developers.notion.com/reference/intro";
    "open_router": ["openrouter.ai"] "https://openrouter.ai/docs/api-reference/overview";
    "openai": ["api.openai.com"] "https://platform.openai.com/docs/api-reference/introduction";
    "openweathermap": ["api.openweathermap.org"] "https://openweathermap.org/current";
    "replicate": ["api.replicate.com"] "https://replicate.com/docs/reference/http";
    "slack": ["slack.com"] "https://docs.slack.dev/apis/web-api/";
    "telegram": ["api.telegram.org"] "https://core.telegram.org/bots/api";
    "todoist": ["api.todoist.com"] "https://developer.todoist.com/api/v1/";
    "unreal_speech": ["api.v8.unrealspeech.com"] "https://docs.unrealspeech.com/reference/getting-started";
    "v0": ["api.v0.dev"] "https://v0.dev/docs/api";
}

/// Returns where the secrets of a provider may go; nowhere where that is not known.
#[must_use]
pub fn hosts(provider: &str) -> HostSet {
    let known = PROVIDERS.iter().find(|known| known.name == provider);
    let hosts = known.map_or(&[][..], |known| known.hosts);
    HostSet::parse(hosts).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_can_be_used() {
        for (at, known) in PROVIDERS.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| PROVIDERS[at].name);
            assert!(before < Some(known.name), "{} is out of order", known.name);
            assert_eq!(hosts(known.name).iter().count(), known.hosts.len());
            assert!(known.page.starts_with("https://"));
        }
        assert!(hosts("api.openai.com").is_empty());
        assert!(hosts("openai").matches("api.openai.com", 443));
    }
}
