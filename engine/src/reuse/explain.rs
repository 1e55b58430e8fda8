//! What became of each firing that could have taken its result from earlier.

use std::collections::BTreeMap;
use std::fmt;

use crate::value::Text;

use super::reason::MissReason;

/// Where the result of a firing came from, and why not from earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// The node, as the graph calls it. Inside sub-graph calls the nodes that called stand before it, each with `/` behind
    /// it, and with `:` and its number where it was not the first firing: `each:2/fetch`.
    pub node: Text,
    /// Which firing of it, from 0.
    pub firing: u32,
    /// The block.
    pub block: Text,
    /// Its version.
    pub version: u32,
    /// Where the result came from.
    pub verdict: Verdict,
}

/// Where the result of a firing came from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// From an earlier run.
    Run {
        /// Its id.
        run: Text,
    },
    /// From the cache.
    Cache,
    /// The block was called.
    Miss(MissReason),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run { run } => write!(f, "taken from run {run}"),
            Self::Cache => f.write_str("taken from the cache"),
            Self::Miss(reason) => write!(f, "run anew: {reason}"),
        }
    }
}

/// Writes one line: `fetch, firing 2 (web.get@1): run anew: input "url" changed`.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            node,
            firing,
            block,
            version,
            verdict,
        } = self;
        write!(f, "{node}, firing {firing} ({block}@{version}): {verdict}")
    }
}

/// What became of the firings of a run, in order of node and firing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanations {
    /// Each firing of a block that takes inputs and gives outputs, up to a limit.
    pub list: Vec<Explanation>,
    /// How many are not in the list, since the limit was reached before.
    pub more: u64,
    /// How many results came from an earlier run.
    pub from_run: u64,
    /// How many came from the cache.
    pub from_cache: u64,
    /// How many times a block was called.
    pub missed: u64,
    /// How many results were put into the cache.
    pub kept: u64,
    /// How many could have been, but were too large, held a secret, or were not taken by the cache.
    pub not_kept: u64,
    /// Why the first of those was not.
    pub why_not_kept: Option<Text>,
}

/// Explanations as they come, from any thread.
#[derive(Debug, Default)]
pub(super) struct Told {
    by_place: BTreeMap<(Text, u32, u32), Explanation>,
    rest: Explanations,
}

impl Told {
    /// Notes what became of a firing in a scope; of `most` at most it is known which.
    pub(super) fn note(&mut self, scope: u32, explanation: Explanation, most: usize) {
        let count = match explanation.verdict {
            Verdict::Run { .. } => &mut self.rest.from_run,
            Verdict::Cache => &mut self.rest.from_cache,
            Verdict::Miss(_) => &mut self.rest.missed,
        };
        *count += 1;
        if self.by_place.len() >= most {
            self.rest.more += 1;
            return;
        }
        let place = (explanation.node.clone(), explanation.firing, scope);
        self.by_place.insert(place, explanation);
    }

    /// Notes that a result was put into the cache, or why it was not.
    pub(super) fn note_kept(&mut self, why_not: Option<String>) {
        match why_not {
            None => self.rest.kept += 1,
            Some(why) => {
                self.rest.not_kept += 1;
                self.rest.why_not_kept.get_or_insert_with(|| why.into());
            }
        }
    }

    pub(super) fn all(&self) -> Explanations {
        Explanations {
            list: self.by_place.values().cloned().collect(),
            ..self.rest.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explanation(node: &str, firing: u32, verdict: Verdict) -> Explanation {
        Explanation {
            node: Text::from(node),
            firing,
            block: Text::from("t.a"),
            version: 2,
            verdict,
        }
    }

    #[test]
    fn they_are_in_order_and_the_rest_is_counted() {
        let mut told = Told::default();
        let miss = || Verdict::Miss(MissReason::NewNode);
        let run = || Verdict::Run {
            run: Text::from("r"),
        };
        told.note(0, explanation("b", 1, run()), 3);
        told.note(0, explanation("b", 0, Verdict::Cache), 3);
        told.note(1, explanation("a/b", 7, miss()), 3);
        told.note(0, explanation("a", 0, miss()), 3);
        told.note_kept(None);
        told.note_kept(Some("first".to_owned()));
        told.note_kept(Some("second".to_owned()));
        let all = told.all();
        let lines: Vec<String> = all.list.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "a/b, firing 7 (t.a@2): run anew: new node",
                "b, firing 0 (t.a@2): taken from the cache",
                "b, firing 1 (t.a@2): taken from run r",
            ]
        );
        assert_eq!((all.more, all.missed), (1, 2));
        assert_eq!((all.from_run, all.from_cache), (1, 1));
        assert_eq!((all.kept, all.not_kept), (1, 2));
        assert_eq!(all.why_not_kept.as_deref(), Some("first"));
    }
}
