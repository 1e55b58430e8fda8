//! An agent whose process is killed goes on in another one: no question is paid twice, and no tool that had ended is fired
//! again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use graphloom::graph::Graph;
use graphloom::host::{Claim, Journal, MemoryStore, Store};
use graphloom::{
    Engine, Event, Plan, Registry, RunOptions, RunOutcome, Status, Text, Timestamp, Value, value,
};
use tokio::sync::Notify;

use super::stub::{Scripted, Stub};
use crate::faults::blocks::Probe;

/// A run that is kept, and the processes that go on with it.
struct Kept {
    store: MemoryStore,
    run: Text,
    epoch: i64,
    /// How often the tool was fired, over all processes.
    fired: Arc<AtomicUsize>,
    /// Which firings of the tool do not end, over all processes, from 1.
    stuck: usize,
    reached: Arc<Notify>,
}

fn graph() -> String {
    value!({
        "format": 1,
        "nodes": {
            "agent": {"block": "llm.agent", "inputs": {"prompt": "Go", "model": "stub/any"}},
            "tool": {"block": "app.tool"},
            "out": {"block": "io.output", "inputs": {"name": "answer"}},
            "turn": {"block": "io.output", "inputs": {"name": "turn"}},
        },
        "links": [
            {"from": "agent.tools", "to": "tool.in"},
            {"from": "agent.answer", "to": "out.value"},
            {"from": "agent.turn", "to": "turn.value"},
        ],
    })
    .to_string()
}

fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().build().unwrap()
}

impl Kept {
    fn new(stuck: usize) -> Self {
        Self {
            store: MemoryStore::new(),
            run: Text::from(""),
            epoch: 0,
            fired: Arc::default(),
            stuck,
            reached: Arc::new(Notify::new()),
        }
    }

    fn engine(&self, stub: &Arc<Stub>) -> (Engine, Graph, Arc<Plan>) {
        let (fired, stuck, reached) = (
            Arc::clone(&self.fired),
            self.stuck,
            Arc::clone(&self.reached),
        );
        let tool = Probe::new("app.tool", move |_, inputs, out| {
            let n = fired.fetch_add(1, Ordering::SeqCst) + 1;
            let reached = Arc::clone(&reached);
            Box::pin(async move {
                if n == stuck {
                    reached.notify_one();
                    std::future::pending::<()>().await;
                }
                Ok(out
                    .emit("out", inputs.get("in").cloned().unwrap_or_default())
                    .await?)
            })
        });
        let mut registry = Registry::new();
        graphloom_blocks::register(&mut registry).unwrap();
        registry.add(tool).unwrap();
        let engine = stub.builder_of(registry).build();
        let found = engine.diagnose(graph().as_bytes());
        let (graph, plan) = (found.graph.unwrap(), found.plan.expect("it compiles"));
        (engine, graph, plan)
    }

    /// Goes on with the run in a process of its own; `None`: it was killed at one of the places that it waits at.
    fn process(
        &mut self,
        answers: impl IntoIterator<Item = Scripted>,
    ) -> (Option<RunOutcome>, Arc<Stub>) {
        let stub = Stub::new(answers);
        let (engine, graph, plan) = self.engine(&stub);
        self.epoch += 1;
        let runtime = runtime();
        let (reached, hung) = (Arc::clone(&self.reached), Arc::clone(&stub.hung));
        let outcome = runtime.block_on(async {
            if self.epoch == 1 {
                let options = RunOptions::new();
                let submitted = engine.submit(&self.store, &graph, &plan, &options, None);
                self.run = submitted.await.unwrap().run;
            }
            let store: Arc<dyn Store> = Arc::new(self.store.clone());
            let ttl = std::time::Duration::ZERO;
            let claim = Claim::one("worker", self.run.clone(), ttl, Timestamp(self.epoch));
            let lease = store.claim(claim).await.unwrap().remove(0);
            let handle = engine.resume(&store, lease, Some(&plan), RunOptions::new());
            let handle = handle.await.unwrap();
            tokio::select! {
                () = reached.notified() => None,
                () = hung.notified() => None,
                outcome = handle.outcome() => Some(outcome),
            }
        });
        // All that it had at work goes with it.
        runtime.shutdown_background();
        (outcome, stub)
    }

    /// The steps that were paid, and how often the tool was fired, as the events tell it.
    fn facts(&self) -> (Vec<String>, usize) {
        let records = runtime()
            .block_on(self.store.read(&self.run, 0, usize::MAX))
            .unwrap();
        let mut paid = Vec::new();
        let mut fired = 0;
        for record in records {
            match record.event {
                Event::Paid { key, .. } => paid.push(key.to_string()),
                Event::ToolStarted { .. } => fired += 1,
                _ => {}
            }
        }
        (paid, fired)
    }
}

fn call(id: &str) -> Scripted {
    Scripted::default().call(id, "tool", value!({ "in": id }))
}

fn turns(outcome: &RunOutcome) -> Vec<Value> {
    let turns = outcome.output("turn").iter();
    turns
        .map(|turn| turn.get("calls").cloned().unwrap())
        .collect()
}

#[test]
fn a_kill_between_two_turns_repeats_no_paid_question() {
    let mut kept = Kept::new(0);
    let (ended, first) = kept.process([call("a"), call("b"), Scripted::hangs()]);
    assert!(ended.is_none());
    assert_eq!(
        (first.asked().len(), kept.facts()),
        (3, (vec!["ask:0".into(), "ask:1".into()], 2))
    );
    let (ended, second) = kept.process([Scripted::text("done")]);
    let outcome = ended.unwrap();
    assert_eq!(outcome.status, Status::Completed, "{:?}", outcome.failure);
    assert_eq!(outcome.output("answer"), [value!("done")]);
    assert_eq!(turns(&outcome).len(), 2, "each turn is told once");
    assert_eq!(second.asked().len(), 1, "what was paid is not asked again");
    assert_eq!(
        second.asked()[0].messages,
        first.asked()[2].messages,
        "it goes on where it was"
    );
    let paid: Vec<String> = (0..3).map(|n| format!("ask:{n}")).collect();
    assert_eq!(kept.facts(), (paid, 2));
    assert_eq!(
        kept.fired.load(Ordering::SeqCst),
        2,
        "no tool is fired again"
    );
}

#[test]
fn a_kill_while_a_tool_is_at_work_repeats_that_tool_and_no_question() {
    let mut kept = Kept::new(2);
    let both = Scripted::default()
        .call("a", "tool", value!({"in": "a"}))
        .call("b", "tool", value!({"in": "b"}));
    let (ended, first) = kept.process([both]);
    assert!(ended.is_none());
    assert_eq!(first.asked().len(), 1);
    let (ended, second) = kept.process([Scripted::text("done")]);
    let outcome = ended.unwrap();
    assert_eq!(outcome.output("answer"), [value!("done")]);
    assert_eq!(second.asked().len(), 1);
    let (paid, fired) = kept.facts();
    assert_eq!(
        (paid, fired),
        (vec!["ask:0".to_owned(), "ask:1".to_owned()], 2)
    );
    let calls = turns(&outcome).remove(0);
    let results: Vec<String> = calls
        .as_list()
        .unwrap()
        .iter()
        .map(|call| call.get("result").unwrap().to_string())
        .collect();
    assert_eq!(
        results,
        [r#""{\"out\":[\"a\"]}""#, r#""{\"out\":[\"b\"]}""#]
    );
}
