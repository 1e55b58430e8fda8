//! Drawn sequences of calls.

use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::event::Status;
use crate::host::{Append, Claim, Created, Lease, Message, NewRun, Release, RunQuery, WaitReason};
use crate::time::Timestamp;
use crate::value::{Text, Value};

use super::{Answer, Call, Model, sample};

/// A call as it is drawn: who and what are positions, which become names and numbers once it is known where the runs stand.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the fields are those of the call")]
#[non_exhaustive]
pub enum Step {
    /// Time passes.
    Pass { ms: u16 },
    /// Accepts a run, perhaps again.
    Create {
        run: u8,
        key: Option<u8>,
        tenant: u8,
        source: u8,
        labels: Option<u8>,
        claim: Option<(u8, u16)>,
        sync: bool,
    },
    /// Claims whatever can go on.
    ClaimAny { owner: u8, max: u8, ttl: u16 },
    /// Claims one run.
    ClaimOne { owner: u8, run: u8, ttl: u16 },
    /// Appends events under a lease, mostly where the journal is.
    Append {
        lease: u8,
        kinds: Vec<u8>,
        off: i8,
        skew: bool,
        end: Option<Status>,
        sync: bool,
        heard: Vec<u8>,
    },
    /// Gives a lease back.
    Release { lease: u8, how: Release },
    /// Renews leases.
    Heartbeat { leases: Vec<u8>, ttl: u16 },
    /// Tells a run something.
    Send { run: u8, answer: Option<u8> },
    /// Keeps a state.
    KeepSnapshot { run: u8, events: u8 },
    /// Forgets a run.
    Delete { run: u8 },
    /// Makes what was written of a run outlive a power cut.
    Sync { run: u8 },
}

const RUNS: u8 = 4;
const TENANTS: u8 = 3;
const SOURCES: u8 = 2;

/// Draws up to so many steps.
pub fn steps(max: usize) -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 1..=max)
}

fn step() -> impl Strategy<Value = Step> {
    // One more run than there are: unknown to the store for good.
    let run = || 0..=RUNS;
    // The latest lease is by far the most likely one to be alive.
    let lease = || prop_oneof![4 => Just(0_u8), 2 => 1..3_u8, 1 => 3..9_u8];
    let append = (
        lease(),
        vec(any::<u8>(), 0..4),
        prop_oneof![12 => Just(0_i8), 1 => Just(1), 1 => Just(-1)],
        prop_oneof![15 => Just(false), 1 => Just(true)],
        option::weighted(
            0.1,
            select(vec![Status::Completed, Status::Failed, Status::Cancelled]),
        ),
        any::<bool>(),
        prop_oneof![3 => Just(Vec::new()), 2 => vec(0..3_u8, 1..3)],
    );
    let append = append.prop_map(|(lease, kinds, off, skew, end, sync, heard)| Step::Append {
        lease,
        kinds,
        off,
        skew,
        end,
        sync,
        heard,
    });
    let create = (
        (0..RUNS, option::weighted(0.2, 0..3_u8)),
        (0..TENANTS, 0..SOURCES, option::weighted(0.2, 0..9_u8)),
        option::weighted(0.3, (0..3_u8, ms())),
        any::<bool>(),
    );
    let create =
        create.prop_map(
            |((run, key), (tenant, source, labels), claim, sync)| Step::Create {
                run,
                key,
                tenant,
                source,
                labels,
                claim,
                sync,
            },
        );
    prop_oneof![
        2 => ms().prop_map(|ms| Step::Pass { ms }),
        4 => create,
        3 => (0..3_u8, 0..4_u8, ms())
            .prop_map(|(owner, max, ttl)| Step::ClaimAny { owner, max, ttl }),
        3 => (0..3_u8, run(), ms())
            .prop_map(|(owner, run, ttl)| Step::ClaimOne { owner, run, ttl }),
        10 => append,
        3 => (lease(), release()).prop_map(|(lease, how)| Step::Release { lease, how }),
        2 => (vec(lease(), 0..4), ms()).prop_map(|(leases, ttl)| Step::Heartbeat { leases, ttl }),
        3 => (run(), option::of(0..3_u8)).prop_map(|(run, answer)| Step::Send { run, answer }),
        1 => (run(), 0..5_u8).prop_map(|(run, events)| Step::KeepSnapshot { run, events }),
        1 => run().prop_map(|run| Step::Delete { run }),
        1 => run().prop_map(|run| Step::Sync { run }),
    ]
}

/// Few lengths of time, so that some end at the same moment.
fn ms() -> impl Strategy<Value = u16> {
    select(vec![0, 1, 20, 50, 100])
}

fn release() -> impl Strategy<Value = Release> {
    let until = option::of(ms().prop_map(|ms| Timestamp(i64::from(ms))));
    prop_oneof![
        Just(Release::Queue),
        (select(WaitReason::ALL), until)
            .prop_map(|(reason, until)| Release::Park { reason, until }),
    ]
}

/// Where a sequence stands: what time it is, and the leases that were had.
#[derive(Debug, Clone, Default)]
pub struct World {
    now: i64,
    leases: Vec<Lease>,
}

impl World {
    /// Returns the call that a step is now; `None` for one that is none.
    pub fn call(&mut self, step: &Step, model: &Model) -> Option<Call> {
        let now = Timestamp(self.now);
        let ttl = |ms: u16| Duration::from_millis(u64::from(ms));
        Some(match step {
            Step::Pass { ms } => {
                self.now += i64::from(*ms);
                return None;
            }
            Step::Create { .. } => Call::Create(self.new_run(step)),
            Step::Sync { run } => Call::Sync(Text::from(name(*run))),
            Step::ClaimAny {
                owner,
                max,
                ttl: ms,
            } => {
                let max = usize::from(*max);
                Call::Claim(Claim::any(who(*owner), max, ttl(*ms), now))
            }
            Step::ClaimOne {
                owner,
                run,
                ttl: ms,
            } => Call::Claim(Claim::one(who(*owner), name(*run), ttl(*ms), now)),
            Step::Append { lease, .. } => {
                let lease = self.lease(*lease);
                Call::Append(self.append(step, &lease, model))
            }
            Step::Release { lease, how } => {
                let how = match *how {
                    // Times are drawn as so long from now.
                    Release::Park { reason, until } => Release::Park {
                        reason,
                        until: until.map(|Timestamp(ms)| Timestamp(self.now + ms)),
                    },
                    Release::Queue => Release::Queue,
                };
                Call::Release(self.lease(*lease), how, now)
            }
            Step::Heartbeat { leases, ttl: ms } => {
                let leases = leases.iter().map(|back| self.lease(*back));
                Call::Heartbeat(leases.collect(), ttl(*ms), now)
            }
            Step::Send { run, answer } => Call::Send(Text::from(name(*run)), message(*answer)),
            Step::KeepSnapshot { run, events } => {
                let state = Text::from(format!("state at {} after {events}", self.now));
                Call::KeepSnapshot(Text::from(name(*run)), u64::from(*events), state)
            }
            Step::Delete { run } => Call::Delete(Text::from(name(*run)), now),
        })
    }

    /// Takes note of what came of a call.
    pub fn note(&mut self, answer: &Answer) {
        match answer {
            Answer::Leases(leases) => self.leases.extend(leases.iter().cloned()),
            Answer::Created(Created::Held(lease)) => self.leases.push(lease.clone()),
            _ => {}
        }
    }

    /// Returns calls that show all that is kept of the run that a call is about, and of every run beside it.
    pub fn looks(&self, call: &Call) -> Vec<Call> {
        let mut looks = vec![Call::Entries(RunQuery::latest(usize::MAX))];
        let run = match call {
            Call::Create(new) => new.run.clone(),
            Call::Append(append) => append.lease.run.clone(),
            Call::Release(lease, ..) => lease.run.clone(),
            Call::Sync(run)
            | Call::Send(run, _)
            | Call::KeepSnapshot(run, ..)
            | Call::Delete(run, _) => run.clone(),
            _ => return looks,
        };
        looks.extend([
            Call::Entry(run.clone()),
            Call::Messages(run.clone()),
            Call::Read(run.clone(), 0, usize::MAX),
            Call::Snapshot(run, u64::MAX),
        ]);
        looks
    }

    /// Returns calls that show all that is kept.
    pub fn last_looks(&self) -> Vec<Call> {
        let mut looks: Vec<Call> = Status::ALL
            .iter()
            .map(|status| Call::Entries(RunQuery::latest(2).status(*status)))
            .collect();
        looks.extend(self.lists());
        for run in (0..=RUNS).map(|run| Text::from(name(run))) {
            looks.extend([
                Call::Entries(RunQuery::latest(2).after(run.clone())),
                Call::Head(run.clone()),
                Call::Messages(run.clone()),
                Call::Read(run.clone(), 0, usize::MAX),
                Call::Read(run.clone(), 2, 3),
                Call::Snapshot(run.clone(), 2),
            ]);
        }
        looks
    }

    /// Returns lists of every kind, and counts.
    fn lists(&self) -> Vec<Call> {
        let mut looks = vec![Call::Going(None), Call::Tenants(None, 9)];
        let half = Timestamp(self.now / 2);
        // One more than there are of each.
        for nth in 0..=TENANTS {
            looks.push(Call::Going(Some(tenant(nth))));
            looks.push(Call::Tenants(Some(tenant(nth)), 1));
            let theirs = |limit| RunQuery::latest(limit).tenant(tenant(nth));
            let mut queries = vec![
                theirs(9),
                theirs(1),
                theirs(9).since(half),
                theirs(9).until(half),
            ];
            queries.extend((0..=RUNS).map(|run| theirs(2).after(name(run))));
            queries.extend(Status::ALL.iter().map(|status| theirs(2).status(*status)));
            for of in 0..=SOURCES {
                queries.push(theirs(9).source(source(of)));
                queries.push(theirs(1).source(source(of)).status(Status::Running));
            }
            looks.extend(queries.into_iter().map(Call::Entries));
        }
        let of_any = RunQuery::latest(9).source(source(1));
        looks.push(Call::Entries(of_any.clone()));
        looks.push(Call::Entries(of_any.since(half).until(Timestamp(self.now))));
        looks
    }

    fn new_run(&self, step: &Step) -> NewRun {
        let Step::Create {
            run,
            key,
            tenant: by,
            source: of,
            labels,
            claim,
            sync,
        } = step
        else {
            unreachable!("only what is accepted comes here");
        };
        let mut new = sample::new_run(&name(*run), self.now)
            .tenant(tenant(*by))
            .source(source(*of))
            .sync(*sync);
        if let Some(nth) = labels {
            new = new.labels(sample::labels(*nth));
        }
        if let Some((owner, ms)) = claim {
            new = new.claimed_by(who(*owner), Duration::from_millis(u64::from(*ms)));
        }
        match key {
            Some(key) => new.key(format!("key {key}")),
            None => new,
        }
    }

    fn lease(&self, back: u8) -> Lease {
        let lease = self.leases.iter().rev().nth(usize::from(back));
        let never = || Lease::new(name(0), who(0), 1);
        lease.or(self.leases.last()).cloned().unwrap_or_else(never)
    }

    fn append(&self, step: &Step, lease: &Lease, model: &Model) -> Append {
        let Step::Append {
            kinds,
            off,
            skew,
            end,
            sync,
            heard,
            ..
        } = step
        else {
            unreachable!("only appends come here");
        };
        let held = model.records(&lease.run).len() as u64;
        let expected = held.saturating_add_signed(i64::from(*off));
        // Numbered from elsewhere than the append says.
        let first = expected + u64::from(*skew);
        let at = Timestamp(self.now);
        let records = kinds.iter().zip(first..);
        let mut records: Vec<_> = records
            .map(|(kind, seq)| sample::record(seq, at, *kind))
            .collect();
        if let Some(status) = end {
            records.push(sample::ended(first + records.len() as u64, at, *status));
        }
        let messages = model.messages(&lease.run);
        // One that is not there may be named too.
        let number = |nth: &u8| {
            messages
                .get(usize::from(*nth))
                .map_or(99_999, |(number, _)| *number)
        };
        let heard = heard.iter().map(number).collect();
        Append::new(lease, expected, Arc::new(records))
            .sync(*sync)
            .heard(heard)
    }
}

fn name(run: u8) -> String {
    format!("run {run}")
}

fn who(owner: u8) -> String {
    format!("owner {owner}")
}

/// The first one is nobody in particular.
fn tenant(nth: u8) -> Text {
    numbered("tenant", nth)
}

/// The first one is none.
fn source(nth: u8) -> Text {
    numbered("source", nth)
}

fn numbered(word: &str, nth: u8) -> Text {
    Text::from(match nth {
        0 => String::new(),
        nth => format!("{word} {nth}"),
    })
}

fn message(answer: Option<u8>) -> Message {
    match answer {
        None => Message::Cancel,
        Some(nth) => Message::Answer {
            node: Text::from("call/ask"),
            signal: (nth > 0).then(|| Text::from("approve")),
            value: Value::from(nth),
        },
    }
}
