//! What a node that asks a model reaches outside for, told from its literals.

use graphloom::Text;
use graphloom::block::{Cost, Literals, Needs};

use super::models::Models;
use crate::CredentialPin;

/// What one firing asks, as far as its literals tell it.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Expected {
    /// How many tokens a question has; `None` where what arrives decides.
    pub input: Option<u64>,
    /// How many tokens an answer may have, by the graph.
    pub max_output: Option<u64>,
    /// How many questions there are at least.
    pub calls: u64,
    /// How many there may be; `None` where nobody knows.
    pub max_calls: Option<u64>,
}

impl Expected {
    /// Returns what is known where a firing asks this often at least, and at most.
    #[must_use]
    pub fn calls(least: u64, most: Option<u64>) -> Self {
        Self {
            calls: least,
            max_calls: most,
            ..Self::default()
        }
    }
}

/// Returns what a node needs whose model stands in the pin `model`, its credential in `credential` and Ollama's machine,
/// where it has such a pin, in `ollama_host`. Known are the models that come along: a host may serve more, elsewhere.
///
/// Questions that are sent again because the service failed are not counted: they are not paid.
#[must_use]
pub fn needs(literals: &Literals<'_>, expected: &Expected) -> Needs {
    let models = Models::usual();
    let calls = Cost::between(
        "llm_calls",
        expected.calls as f64,
        expected.max_calls.map(|calls| calls as f64),
    );
    let needs = Needs::default().cost(calls);
    let Some(name) = literals.text("model") else {
        return needs.host("*").model("*");
    };
    let Ok(found) = models.find(name) else {
        return needs.host("*").model(name);
    };
    let mut needs = needs.model(found.id.clone());
    let elsewhere = literals
        .text("ollama_host")
        .filter(|host| found.provider == "ollama" && !host.is_empty());
    let host = elsewhere.map(Text::from).or(found.served.host.clone());
    needs = needs.host(host.unwrap_or_else(|| Text::from("*")));
    if let Some(credential) = &found.served.credential {
        let pin = CredentialPin::literal(literals, "credential");
        needs = needs.credential(pin.need(credential));
    }
    let Some(model) = found.model else {
        return needs;
    };
    let Some(price) = &model.price else {
        return needs;
    };
    let low = price.of(expected.input.unwrap_or_default(), 0, 0) * expected.calls as f64;
    let most_in = expected.input.or(model.context.map(u64::from));
    let limits = [model.max_output.map(u64::from), expected.max_output];
    let most_out = limits.into_iter().flatten().min();
    let high = match (most_in, most_out, expected.max_calls) {
        (Some(input), Some(output), Some(calls)) => Some(price.of(input, 0, output) * calls as f64),
        _ => None,
    };
    needs.cost(Cost::between("usd", low, high))
}

#[cfg(test)]
mod tests {
    use graphloom::value;

    use super::*;

    fn of(literals: &graphloom::Value) -> Needs {
        let expected = Expected {
            input: Some(1_000_000),
            max_output: Some(100_000),
            calls: 1,
            max_calls: Some(2),
        };
        let map = literals.as_map().cloned().unwrap_or_default();
        needs(&Literals::new(&map), &expected)
    }

    #[test]
    fn a_known_model_tells_machine_credential_and_cost() {
        let needs =
            of(&value!({"model": "gpt-4o", "credential": {"id": "x", "provider": "openai"}}));
        assert_eq!(needs.hosts, ["api.openai.com"]);
        assert_eq!(needs.models, ["gpt-4o"]);
        let named = needs
            .credentials
            .first()
            .map(|need| (&*need.provider, need.name.as_deref()));
        assert_eq!(named, Some(("openai", Some("x"))));
        let usd = needs.costs.iter().find(|cost| cost.unit == "usd").unwrap();
        // A million in at 2.5; at most twice that, and 16,384 out at 10.
        assert!((usd.low - 2.5).abs() < 1e-9, "{usd:?}");
        assert!(
            (usd.high.unwrap() - 2.0 * (2.5 + 0.16384)).abs() < 1e-9,
            "{usd:?}"
        );
    }

    #[test]
    fn what_is_not_known_is_open() {
        let needs = of(&value!({}));
        assert_eq!(
            (needs.hosts, needs.models),
            (vec!["*".into()], vec!["*".into()])
        );
        assert!(needs.credentials.is_empty());
        let needs = of(&value!({"model": "llama3", "ollama_host": "10.0.0.1:80"}));
        assert_eq!(needs.hosts, ["10.0.0.1:80"]);
        assert!(needs.credentials.is_empty() && needs.costs.len() == 1);
    }
}
