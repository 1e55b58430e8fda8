//! Whatever is called and whenever the power fails: what is left is the store as it was after one of the calls, and not
//! before the last one that was promised to outlive it.

use std::future::poll_fn;
use std::task::Poll;

use graphloom::conformance::store::{Answer, Call, Model, Step, World, steps};
use graphloom::host::{RunQuery, Store, StoreError};
use graphloom_backends::sqlite::{Durability, SqliteOptions, SqliteStore};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::Bench;
use crate::harness::cases;

/// What is done to a store.
#[derive(Debug, Clone)]
enum Act {
    /// Calls that are made at once, one after the other, and awaited together.
    Call(Vec<Step>),
    Compact,
    Reopen,
}

#[derive(Debug, Clone)]
struct Life {
    acts: Vec<Act>,
    cuts: Vec<Cut>,
    durability: Durability,
    checkpoint_pages: u32,
}

/// The power fails.
#[derive(Debug, Clone)]
struct Cut {
    /// Before this change of the disk, counted from when it was last switched on.
    after: u64,
    /// And once more so many changes after the store is opened again.
    again: Option<u64>,
    /// What becomes of what was not synced.
    seed: u64,
    /// The store is closed and opened before anything else is done.
    reopen: bool,
}

fn life() -> impl Strategy<Value = Life> {
    let act = prop_oneof![
        20 => steps(4).prop_map(Act::Call),
        1 => Just(Act::Compact),
        1 => Just(Act::Reopen),
    ];
    let after = prop_oneof![0..40_u64, 0..400_u64];
    let again = option::weighted(0.3, 0..30_u64);
    let cut = (after, again, any::<u64>(), any::<bool>());
    let cut = cut.prop_map(|(after, again, seed, reopen)| Cut {
        after,
        again,
        seed,
        reopen,
    });
    let durability = select(vec![
        Durability::Barrier,
        Durability::Barrier,
        Durability::Every,
        Durability::Relaxed,
    ]);
    let pages = select(vec![2_u32, 20, 4096]);
    (vec(act, 1..30), vec(cut, 1..4), durability, pages).prop_map(
        |(acts, cuts, durability, checkpoint_pages)| Life {
            acts,
            cuts,
            durability,
            checkpoint_pages,
        },
    )
}

#[test]
fn a_power_cut_leaves_what_was_promised() {
    let config = Config {
        cases: u32::try_from(cases(300)).unwrap(),
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&life(), |life| {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.build().unwrap();
        let lived = runtime.block_on(live(&life));
        lived.map_err(TestCaseError::fail)
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

async fn live(life: &Life) -> Result<(), String> {
    let bench = Bench::new();
    let mut known = Known::new(life);
    let mut acts = life.acts.iter();
    let mut store = None;
    for cut in &life.cuts {
        bench.disk.fail_after(cut.after);
        if cut.reopen {
            store = None;
        }
        let opened = match store.take() {
            Some(store) => Ok(store),
            None => bench.open(life.options()),
        };
        if let Ok(store) = opened {
            known.live(&bench, life, store, &mut acts).await?;
        }
        // Also where everything was done before.
        bench.disk.fail_after(0);
        bench.disk.cut(cut.seed);
        if let Some(again) = cut.again {
            bench.disk.fail_after(again);
            let _ = bench.open(life.options());
            bench.disk.fail_after(0);
            bench.disk.cut(cut.seed + 1);
        }
        let opened = bench.open(life.options());
        let opened = opened.map_err(|error| format!("cannot be opened: {error}"))?;
        known.find(&opened).await?;
        store = Some(opened);
    }
    Ok(())
}

impl Life {
    fn options(&self) -> SqliteOptions {
        SqliteOptions::new()
            .durability(self.durability)
            .checkpoint_pages(self.checkpoint_pages)
    }
}

/// A state in which the store may be found when the power is back.
#[derive(Debug, Clone, Default)]
struct State {
    model: Model,
    /// The number of the message that was sent last.
    last_message: u64,
}

/// What is known of the store by those who call it.
struct Known {
    world: World,
    durability: Durability,
    /// After each call since the last one that was promised to outlive a power cut, that one first.
    states: Vec<State>,
}

impl Known {
    fn new(life: &Life) -> Self {
        Self {
            world: World::default(),
            durability: life.durability,
            states: vec![State::default()],
        }
    }

    /// Does what is to be done, until the power fails.
    async fn live(
        &mut self,
        bench: &Bench,
        life: &Life,
        mut store: SqliteStore,
        acts: &mut impl Iterator<Item = &Act>,
    ) -> Result<(), String> {
        for act in acts {
            match act {
                Act::Call(steps) => {
                    if !self.call(&store, steps).await? {
                        break;
                    }
                }
                Act::Compact => {
                    if store.compact().await.is_err() {
                        break;
                    }
                }
                Act::Reopen => {
                    drop(store);
                    match bench.open(life.options()) {
                        Ok(opened) => store = opened,
                        Err(_) => break,
                    }
                    self.outwait_leases();
                }
            }
        }
        Ok(())
    }

    /// Makes calls, and says whether the power is still there.
    async fn call(&mut self, store: &SqliteStore, steps: &[Step]) -> Result<bool, String> {
        let now = self.now();
        let calls = steps
            .iter()
            .filter_map(|step| self.world.call(step, &now.model));
        let calls: Vec<Call> = calls.collect();
        let answers = together(calls.iter().map(|call| call.on(store))).await;
        let mut is_on = true;
        for (call, answer) in calls.iter().zip(&answers) {
            is_on &= !is_fault(answer);
            let mut state = self.now();
            if is_on {
                let expected = state.model.answer(call, answer);
                if *answer != expected {
                    return Err(format!(
                        "{call:?} was answered {answer:?}, not {expected:?}"
                    ));
                }
                self.world.note(answer);
                if let Answer::Sent(number) = answer {
                    state.last_message = *number;
                }
                self.states.push(state);
                if self.is_promised(call, answer) {
                    self.states.drain(..self.states.len() - 1);
                }
            } else {
                // It was kept or not, it and those before it.
                state.last_message += 1;
                let number = Answer::Sent(state.last_message);
                if state.model.answer(call, &number) != number {
                    state.last_message -= 1;
                }
                self.states.push(state);
            }
        }
        Ok(is_on)
    }

    fn now(&self) -> State {
        self.states.last().cloned().unwrap_or_default()
    }

    /// Says whether an answer promises that it and all before it outlive a power cut.
    fn is_promised(&self, call: &Call, answer: &Answer) -> bool {
        match self.durability {
            Durability::Relaxed => false,
            Durability::Every => !matches!(answer, Answer::Refused(_)),
            _ => match (call, answer) {
                (Call::Append(append), Answer::Done) => append.sync,
                // Also what was known: who repeats a request is promised no less.
                (Call::Create(new), Answer::Created(_)) => new.sync,
                (Call::Sync(_), Answer::Done) => true,
                (Call::Send(..), Answer::Sent(_)) => true,
                _ => false,
            },
        }
    }

    /// Fails unless a store that was opened after a power cut is in one of the known states. That is the one from then on.
    async fn find(&mut self, store: &SqliteStore) -> Result<(), String> {
        let findings = store.verify().await.map_err(|error| error.to_string())?;
        if !findings.is_empty() {
            return Err(format!("it is damaged: {findings:?}"));
        }
        let mut seen = Vec::new();
        for look in looks(store).await? {
            seen.push((look.clone(), look.on(store).await));
        }
        let is_it = |state: &State| {
            let mut model = state.model.clone();
            seen.iter()
                .all(|(look, answer)| model.answer(look, answer) == *answer)
        };
        // The latest one, where several look the same.
        let Some(found) = self.states.iter().rposition(is_it) else {
            return Err(format!(
                "it is in none of {} states that it may be in: {seen:#?}",
                self.states.len()
            ));
        };
        self.states = self.states.drain(found..=found).collect();
        self.outwait_leases();
        Ok(())
    }

    /// The leases of a store that is gone are free at once, which the model does not know. After their time they are.
    fn outwait_leases(&mut self) {
        let now = self.now();
        self.world.call(&Step::Pass { ms: 1000 }, &now.model);
    }
}

/// Asks for everything that a store keeps.
async fn looks(store: &SqliteStore) -> Result<Vec<Call>, String> {
    let mut looks = vec![Call::Entries(RunQuery::latest(usize::MAX))];
    let entries = store.entries(RunQuery::latest(usize::MAX)).await;
    for entry in entries.map_err(|error| error.to_string())? {
        let run = entry.run;
        looks.extend([
            Call::Head(run.clone()),
            Call::Messages(run.clone()),
            Call::Read(run.clone(), 0, usize::MAX),
            Call::Snapshot(run, u64::MAX),
        ]);
    }
    Ok(looks)
}

/// Says whether an answer is none: the disk has failed.
fn is_fault(answer: &Answer) -> bool {
    matches!(
        answer,
        Answer::Refused(
            StoreError::Failed { .. }
                | StoreError::Full { .. }
                | StoreError::ReadOnly { .. }
                | StoreError::Busy { .. }
                | StoreError::Broken { .. }
        )
    )
}

/// Awaits all of them, begun in their order.
async fn together<F: Future<Output = Answer>>(calls: impl Iterator<Item = F>) -> Vec<Answer> {
    let mut calls: Vec<_> = calls.map(|call| (Box::pin(call), None)).collect();
    poll_fn(|cx| {
        for (call, answer) in &mut calls {
            if answer.is_none()
                && let Poll::Ready(ready) = call.as_mut().poll(cx)
            {
                *answer = Some(ready);
            }
        }
        if calls.iter().any(|(_, answer)| answer.is_none()) {
            return Poll::Pending;
        }
        let answers = calls.iter_mut().filter_map(|(_, answer)| answer.take());
        Poll::Ready(answers.collect())
    })
    .await
}
