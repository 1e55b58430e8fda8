//! What blocks were told or given while they were at work: answers, paid steps, tools, graphs that they ran.

use crate::event::Event;
use crate::run::travel::brief::brief;
use crate::value::Text;

use super::asker::{Asker, By, Told};
use super::cause::{Cause, CauseKind};
use super::value::shown;

impl Asker<'_> {
    /// What a block was told or given while it was at work.
    pub(super) fn helped(&mut self, to: &mut Cause, depth: usize, seq: u64) {
        let Some(record) = self.look.at(seq) else {
            return;
        };
        let cause = match &record.event {
            Event::Answered { signal, value, .. } => {
                let text = format!("\"{signal}\" was answered with {}", brief(value));
                Cause::new(CauseKind::Answer, text).at(seq)
            }
            Event::Paid { key, value, .. } => {
                let text = format!("step \"{key}\" was paid for, and gave {}", brief(value));
                Cause::new(CauseKind::Paid, text).at(seq)
            }
            Event::ToolStarted { node, firing, .. } => {
                let tool = (record.scope, *node, *firing);
                return self.add(to, depth, |asker, depth| {
                    asker.used(depth, tool, CauseKind::Tool, seq)
                });
            }
            Event::Opened {
                parent: Some(caller),
                graph,
                ..
            } if !caller.direct => {
                let (scope, graph) = (record.scope, graph.clone());
                return self.add(to, depth, |asker, depth| {
                    asker.called(depth, scope, &graph, seq)
                });
            }
            _ => return,
        };
        self.add(to, depth, |_, _| cause);
    }

    /// A tool that a block fired, and what it gave.
    fn used(&mut self, depth: usize, tool: By, kind: CauseKind, seq: u64) -> Cause {
        let (name, gave) = (self.name(tool), self.gifts(tool));
        let text = format!("it used its tool {name}, which gave {gave}");
        let mut cause = Cause::new(kind, text).at(seq);
        if self.tells(Told::Firing(tool)) {
            let told = self.firing(tool).map(|firing| firing.told.clone());
            for seq in told.unwrap_or_default() {
                self.helped(&mut cause, depth, seq);
            }
        } else {
            cause.shown_above();
        }
        cause
    }

    /// A graph that a block ran from inside, and what it gave.
    fn called(&mut self, depth: usize, scope: u32, graph: &Text, seq: u64) -> Cause {
        let given = self.was_given(seq).map(|given| shown(&given.inputs));
        let with = given.unwrap_or_default();
        let text = format!("it ran graph \"{graph}\" with {with}");
        let mut cause = Cause::new(CauseKind::Graph, text).at(seq);
        let outputs = self.track(scope).map(|track| track.outputs.clone());
        for (_, seq) in outputs.unwrap_or_default() {
            self.add(&mut cause, depth, |asker, depth| {
                let mut output = Cause::new(CauseKind::Value, asker.gave_text(seq)).at(seq);
                asker.chain(&mut output, depth, seq);
                output
            });
        }
        cause
    }
}
