//! Looking for the result of a firing: what is asked in which order.

use crate::block::{BlockInfo, Context, Inputs};
use crate::host::Blobs;
use crate::value::{ContentHash, Text, Value};

use super::digest::{Digest, blobs_of};
use super::explain::{Explanation, Verdict};
use super::past::{At, RunResults};
use super::{MissReason, Reuse, rule};

/// What there was for a firing.
pub(crate) enum Found {
    /// The outputs, in order: the port, by position among the node's outputs, and the value.
    Outputs(Vec<(usize, Value)>),
    /// Nothing: the block is to be called. What it gives is kept under this key, if there is one.
    Nothing(Option<ContentHash>),
}

/// Where a firing stands to the node that the run begins at.
enum Part<'r> {
    /// The run does not begin at one.
    Any,
    /// It runs anew: from this node on all does.
    Cone(&'r Text),
    Outside,
}

impl Reuse {
    /// Looks for the result of a firing, and notes what became of it.
    pub(crate) async fn look(&self, cx: &Context, info: &BlockInfo, inputs: Inputs<'_>) -> Found {
        let at = At::of(cx);
        let (verdict, found) = self.ask(cx, &at, info, inputs).await;
        // An attempt after the first has been explained with it, except where that was in another process.
        if cx.attempt == 1 || cx.resumed {
            let explanation = Explanation {
                node: at.address,
                firing: cx.firing,
                block: Text::from(info.id),
                version: info.version,
                verdict,
            };
            let most = self.max_explanations;
            self.told().note(cx.scope, explanation, most);
        }
        found
    }

    async fn ask(
        &self,
        cx: &Context,
        at: &At,
        info: &BlockInfo,
        inputs: Inputs<'_>,
    ) -> (Verdict, Found) {
        let miss = |reason, keep| (Verdict::Miss(reason), Found::Nothing(keep));
        let by_content = rule::by_content(info);
        let part = self.part(at);
        let digest = || Digest::of(info.id, info.version, inputs.iter());
        if let Part::Cone(from) = part {
            let keeps = self.cache.is_some() && by_content.is_ok();
            let keep = keeps.then(digest).flatten().map(|digest| digest.key);
            return miss(MissReason::InCone(from.clone()), keep);
        }
        let by_place = matches!(part, Part::Outside);
        if let (Err(reason), false) = (&by_content, by_place) {
            return miss(reason.clone(), None);
        }
        let Some(digest) = digest() else {
            return miss(MissReason::Secret, None);
        };
        let mut why = None;
        if let Some(results) = &self.results {
            match self.of_run(results, cx, at, info, &digest).await {
                Ok(outputs) => {
                    let run = results.run().clone();
                    return (Verdict::Run { run }, Found::Outputs(outputs));
                }
                Err(reason) => why = Some(reason),
            }
        }
        let Some(cache) = self.cache.as_ref().filter(|_| by_content.is_ok()) else {
            return miss(why.unwrap_or(MissReason::NotCached), None);
        };
        let keep = Some(digest.key);
        match cache.get(digest.key).await {
            Ok(Some(result)) => match fit(cx, &result.outputs).await {
                Ok(outputs) => (Verdict::Cache, Found::Outputs(outputs)),
                Err(reason) => miss(reason, keep),
            },
            Ok(None) => miss(why.unwrap_or(MissReason::NotCached), keep),
            Err(error) => miss(MissReason::Cache(Text::from(error.to_string())), keep),
        }
    }

    /// Looks in the earlier run.
    async fn of_run(
        &self,
        results: &RunResults,
        cx: &Context,
        at: &At,
        info: &BlockInfo,
        digest: &Digest,
    ) -> Result<Vec<(usize, Value)>, MissReason> {
        let found = if rule::by_content(info).is_ok() {
            results.by_content(at, cx.firing, digest.key)
        } else {
            results.by_place(at, cx.firing, digest.key, &mut self.claims())
        };
        match found {
            Some(past) => fit(cx, past.outputs()).await,
            None => Err(results.why_not(at, cx.firing, info, digest)),
        }
    }

    fn part(&self, at: &At) -> Part<'_> {
        match &self.begins {
            None => Part::Any,
            // What is inside a call is a part of the node that calls.
            Some(begins) if begins.cone.contains(at.top()) => Part::Cone(&begins.node),
            Some(_) => Part::Outside,
        }
    }
}

/// Finds the ports of outputs, and sees to it that what they name is there.
async fn fit(cx: &Context, outputs: &[(Text, Value)]) -> Result<Vec<(usize, Value)>, MissReason> {
    let shape = cx.shape();
    let mut fitted = Vec::with_capacity(outputs.len());
    let mut blobs = Vec::new();
    for (pin, value) in outputs {
        let port = shape.outputs.iter().position(|output| output.name == *pin);
        let port = port.ok_or_else(|| MissReason::NoPin(pin.clone()))?;
        blobs_of(value, &mut blobs);
        fitted.push((port, value.clone()));
    }
    let held: &dyn Blobs = &*cx.host.env().host.blobs;
    for blob in blobs {
        if held.get(blob).await.is_err() {
            return Err(MissReason::BlobGone(blob.hash.clone()));
        }
    }
    Ok(fitted)
}

impl At {
    fn of(cx: &Context) -> Self {
        let callers = cx.host.callers(cx.scope);
        let node = cx.host.node_id(cx.node);
        Self::inside(callers.as_str(), node)
    }

    /// Returns where a node is in a graph with this address, which is empty or ends with `/`.
    pub(crate) fn inside(callers: &str, node: &str) -> Self {
        let address = Text::from(format!("{callers}{node}"));
        if !callers.contains(':') {
            let path = address.clone();
            return Self { address, path };
        }
        let mut path = String::new();
        for caller in callers.split_terminator('/') {
            path += caller.split(':').next().unwrap_or(caller);
            path.push('/');
        }
        path += node;
        let path = Text::from(path);
        Self { address, path }
    }

    /// Returns the address of the graph that a firing of this node calls.
    pub(crate) fn callee(&self, firing: u32) -> Text {
        Text::from(match firing {
            0 => format!("{}/", self.address),
            n => format!("{}:{n}/", self.address),
        })
    }

    /// Returns the node of the run's own graph that it is or that called it.
    fn top(&self) -> &str {
        let path = self.path.as_str();
        path.split_once('/').map_or(path, |(top, _)| top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_the_calls_on_the_way() {
        let call = At::inside("", "each");
        assert_eq!(
            (call.address.as_str(), call.path.as_str()),
            ("each", "each")
        );
        assert_eq!((call.top(), call.callee(0).as_str()), ("each", "each/"));
        let inner = At::inside(&call.callee(2), "ask");
        assert_eq!(inner.address.as_str(), "each:2/ask");
        assert_eq!((inner.path.as_str(), inner.top()), ("each/ask", "each"));
        let deep = At::inside(&inner.callee(0), "x");
        assert_eq!(deep.address.as_str(), "each:2/ask/x");
        assert_eq!((deep.path.as_str(), deep.top()), ("each/ask/x", "each"));
        assert_eq!(inner.callee(3).as_str(), "each:2/ask:3/");
    }
}
