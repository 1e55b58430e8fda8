//! What runs are told: to stop, what someone answers, to go on at once.

use std::sync::Arc;

use graphloom::host::{Message, RunEntry};
use graphloom::{Question, Text, Value, value};

use super::{Runs, Tenant};
use crate::problem::{Problem, ServerCode};

/// An answer to what a run asks.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The node that asks, as the graph calls it, perhaps with `:firing` behind it.
    pub(crate) node: Text,
    /// What it waits for; `None`: whatever it is.
    pub(crate) signal: Option<Text>,
    /// The answer.
    pub(crate) value: Value,
}

impl Runs {
    /// Asks a run to stop. Asking again changes nothing.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`; `STORE_RUN_OVER` for one that has ended.
    pub(crate) async fn cancel(&self, tenant: &Tenant, run: &Text) -> Result<(), Problem> {
        let entry = self.entry(tenant, run).await?;
        let told = self.store.messages(&entry.run).await?;
        if !told.iter().any(|(_, message)| *message == Message::Cancel) {
            self.driving.send(&entry.run, Message::Cancel).await?;
        }
        Ok(())
    }

    /// Answers what a run asks.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`; `STORE_RUN_OVER` for a run that has ended; `HTTP_CONFLICT` where nobody asks that, where it was
    /// answered before, and where the run was asked to stop.
    pub(crate) async fn answer(
        &self,
        tenant: &Tenant,
        run: &Text,
        reply: Reply,
    ) -> Result<(), Problem> {
        // Of two at once, one is the second.
        let _turn = self.answering.lock(run).await;
        let entry = self.entry(tenant, run).await?;
        if !entry.status.is_terminal() {
            let (told, questions, cancelled) = self.stand(&entry).await?;
            let stops = told.iter().any(|(_, message)| *message == Message::Cancel);
            if cancelled || stops {
                let detail = "the run was asked to stop, and takes no answers";
                return Err(Problem::new(ServerCode::Conflict, detail));
            }
            let told = told.into_iter().filter_map(|(_, message)| match message {
                Message::Answer { node, signal, .. } => Some((node, signal)),
                _ => None,
            });
            is_asked(&questions, told, &reply)?;
        }
        let message = Message::Answer {
            node: reply.node,
            signal: reply.signal,
            value: reply.value,
        };
        self.driving.send(&entry.run, message).await?;
        Ok(())
    }

    /// Returns what a run was told and has not heard, what it asks, and whether it was asked to stop: of one moment. What it
    /// hears between two looks is neither on its way any more nor answered, and would be answered twice.
    async fn stand(
        &self,
        entry: &RunEntry,
    ) -> Result<(Vec<(u64, Message)>, Vec<Question>, bool), Problem> {
        let mut told = self.store.messages(&entry.run).await?;
        for _ in 0..LOOKS {
            let state = self.aside(entry, |kept| async move {
                let picture = kept.state(None).await?.picture();
                Ok((picture.questions, picture.cancelled))
            });
            let (questions, cancelled) = state.await?;
            let later = self.store.messages(&entry.run).await?;
            if later == told {
                return Ok((told, questions, cancelled));
            }
            told = later;
        }
        let detail = "the run is told something all the time: try again";
        Err(Problem::new(ServerCode::Conflict, detail))
    }

    /// Goes on with a run at once, whatever it waits for. One that is in motion stays so.
    ///
    /// # Errors
    /// `HTTP_NOT_FOUND`; `STORE_RUN_OVER` for one that has ended; `RUN_CHANGED` where its blocks have changed;
    /// `HTTP_DRAINING`.
    pub(crate) async fn resume(&self, tenant: &Tenant, run: &Text) -> Result<(), Problem> {
        let entry = self.entry(tenant, run).await?;
        let options = self.lent.again(&entry);
        let (driving, run) = (Arc::clone(&self.driving), entry.run);
        let resumed = async move { driving.resume(&run, options).await };
        self.driving.to_the_end(resumed).await
    }
}

/// Refuses an answer to what nobody asks, or what has its answer on the way.
fn is_asked(
    questions: &[Question],
    told: impl Iterator<Item = (Text, Option<Text>)>,
    reply: &Reply,
) -> Result<(), Problem> {
    let mut open: Vec<&Question> = questions.iter().collect();
    for (node, signal) in told {
        let means = |question: &&Question| is_meant(question, &node, signal.as_ref());
        if let Some(taken) = open.iter().position(means) {
            open.remove(taken);
        }
    }
    let signal = reply.signal.as_ref();
    if open.iter().any(|q| is_meant(q, &reply.node, signal)) {
        return Ok(());
    }
    let asked = questions.iter().any(|q| is_meant(q, &reply.node, signal));
    let node: String = reply.node.chars().take(80).collect();
    let detail = match asked {
        true => format!("what node {node:?} asks was answered before"),
        false => format!("nobody asks this: no node {node:?} waits for such an answer"),
    };
    let code = ServerCode::Conflict;
    let open = open.iter().map(|q| {
        let node = format!("{}:{}", q.node, q.firing);
        value!({
            "code": (code.as_str()),
            "message": "this waits for an answer",
            "node": node,
            "signal": (q.signal.clone()),
        })
    });
    let open: Vec<Value> = open.take(MAX_TOLD).collect();
    Err(Problem::new(code, detail).errors(open))
}

/// How often a run is looked at that hears something meanwhile.
const LOOKS: usize = 16;

/// How many questions a refusal names.
const MAX_TOLD: usize = 20;

/// Says whether a question is meant, as the engine does: by the node's own name, or with the calls before it; by one firing
/// of it, or any.
fn is_meant(question: &Question, node: &str, signal: Option<&Text>) -> bool {
    let (id, firing) = match node.rsplit_once(':') {
        Some((id, firing)) => (id, firing.parse::<u32>().ok()),
        None => (node, None),
    };
    let full = question.node.as_str();
    let own = full.rsplit('/').next().unwrap_or(full);
    (id == full || id == own)
        && firing.is_none_or(|firing| firing == question.firing)
        && signal.is_none_or(|signal| *signal == question.signal)
}
