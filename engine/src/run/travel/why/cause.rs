//! One cause in the tree of an answer.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::value::Text;
use crate::words::words;

words! {
    /// What kind of cause one is: those of values first, then those that keep values away.
    CauseKind {
        /// A value: where it is, and which firing gave it.
        Value = "value",
        /// A firing: how it ended and what it gave.
        Firing = "firing",
        /// An input of the run.
        RunInput = "run_input",
        /// An input of a sub-graph, which the firing that called it gave.
        CallInput = "call_input",
        /// Values that stand in the graph, or defaults.
        Literal = "literal",
        /// A value that the run was started with in place of what the pin has or receives.
        Set = "set",
        /// An answer from outside.
        Answer = "answer",
        /// A sub-step that was paid for.
        Paid = "paid",
        /// A block fired a node as its tool: the arguments of that node, or outputs for the block.
        Tool = "tool",
        /// A block ran a sub-graph from inside.
        Graph = "graph",
        /// A node has not fired, or does not fire again.
        NotFired = "not_fired",
        /// A pin has no value.
        PinEmpty = "pin_empty",
        /// A link brought nothing, or nothing more.
        NothingCame = "nothing_came",
        /// A block is at work.
        AtWork = "at_work",
        /// A firing waits for an answer from outside.
        WaitsForAnswer = "waits_for_answer",
        /// A firing waits for someone to say what became of an effect.
        InDoubt = "in_doubt",
        /// An attempt failed, and the next one has not begun.
        BacksOff = "backs_off",
        /// A firing waits for a sub-graph.
        RunsGraph = "runs_graph",
        /// A firing waits for its tool.
        UsesTool = "uses_tool",
        /// A firing failed.
        Failed = "failed",
        /// A node did not fail, so that nothing came from its error pin.
        DidNotFail = "did_not_fail",
        /// Firings ended, and gave nothing on this pin.
        GaveOthers = "gave_others",
        /// Values came in which the path of the link finds nothing, or null.
        PathFindsNothing = "path_finds_nothing",
        /// Values came, and firings have used them up.
        UsedUp = "used_up",
        /// The merged input of firings did not fit.
        Starved = "starved",
        /// A firing was stopped.
        Stopped = "stopped",
        /// What a firing gave waits for older firings of its node.
        HeldBack = "held_back",
        /// As many firings of the node are under way as may be.
        WindowFull = "window_full",
        /// A pin that the node feeds is full.
        PinFull = "pin_full",
        /// It can fire, and had not when the events end.
        CanFire = "can_fire",
        /// It fires once, at the start.
        FiresOnce = "fires_once",
        /// An input node that was given nothing.
        GivenNothing = "given_nothing",
        /// It is a remark.
        Note = "note",
        /// Other nodes fire it as their tool.
        IsTool = "is_tool",
        /// No node that starts leads to it.
        NotReached = "not_reached",
        /// A collecting pin waits for what may still come.
        Collects = "collects",
        /// A collecting pin has fired with what it had collected.
        Collected = "collected",
        /// The graph was not called.
        NotCalled = "not_called",
        /// The sub-graph failed, or was given up.
        CallOver = "call_over",
        /// The run failed before.
        RunFailed = "run_failed",
        /// The run was cancelled before.
        RunCancelled = "run_cancelled",
    }
}

/// A cause, and what led to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cause {
    /// What kind of cause it is.
    pub kind: CauseKind,
    /// It in words. References in it (`node`, `node.pin`, `node:firing`, with calls before them) can be asked about.
    pub text: Text,
    /// The event that tells of it, where one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<u64>,
    /// What led to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Cause>,
    /// How many more there are, which the limits of an answer leave out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more: usize,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(n: &usize) -> bool {
    *n == 0
}

impl Cause {
    pub(super) fn new(kind: CauseKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: Text::from(text.into()),
            event: None,
            because: Vec::new(),
            more: 0,
        }
    }

    /// Names the event that tells of it, in its text too.
    pub(super) fn at(mut self, seq: u64) -> Self {
        self.text = Text::from(format!("{} (event {seq})", self.text));
        self.event = Some(seq);
        self
    }

    pub(super) fn says_more(&mut self, more: &str) {
        self.text = Text::from(format!("{}{more}", self.text));
    }

    /// What led to it stands further up already.
    pub(super) fn shown_above(&mut self) {
        self.says_more(" (see above)");
    }

    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        writeln!(f, "{:indent$}{}", "", self.text, indent = 2 * depth)?;
        for cause in &self.because {
            cause.write(f, depth + 1)?;
        }
        if self.more > 0 {
            let indent = 2 * (depth + 1);
            writeln!(f, "{:indent$}… and {} more", "", self.more)?;
        }
        Ok(())
    }
}
