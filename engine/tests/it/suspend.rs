//! Runs that leave memory since their process ends: another one goes on with them, and nothing is different for it.

use std::sync::Arc;

use graphloom::host::Store;
use graphloom::{Event, RunOptions, RunOutcome, SerialOptions, Status, Worker, WorkerOptions};

use super::blocks::Pace;
use super::generate::case;
use super::harness::{
    Draw, check_equal, check_records, engine, fold, in_time, one_thread, paced, seeds, serial,
};
use super::kept::{ACTING, Decide, Trial, World, acting, answer, in_world};
use super::order::promised;

/// How a process has its runs leave.
#[derive(Debug, Clone, Copy, PartialEq)]
enum How {
    Gently,
    AtOnce,
    /// First the one, then the other.
    Both,
}

/// Goes on with a run in a process of its own, which has it leave after so many turns of the runtime, or never.
fn process(trial: &Trial, turns: Option<usize>, how: How, options: RunOptions) -> RunOutcome {
    let store: Arc<dyn Store> = Arc::new(trial.store.clone());
    let runtime = one_thread();
    let outcome = runtime.block_on(async {
        // Every process is called the same: the one before has given the run back.
        let worker = Worker::new(&trial.engine, &store, WorkerOptions::new("w")).unwrap();
        let handle = worker.run(&trial.run, Some(&trial.plan), options);
        let handle = handle.await.unwrap();
        let Some(turns) = turns else {
            return in_time(handle.outcome()).await;
        };
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        if how != How::AtOnce {
            worker.suspend();
        }
        if how == How::Both {
            tokio::task::yield_now().await;
        }
        if how != How::Gently {
            worker.suspend_now();
        }
        in_time(handle.outcome()).await
    });
    runtime.shutdown_background();
    let entry = trial.entry();
    assert_eq!(
        (entry.status, entry.owner),
        (outcome.status, None),
        "{how:?}"
    );
    outcome
}

#[test]
fn a_generated_graph_comes_to_the_same_end_wherever_it_leaves() {
    let mut left = 0;
    for seed in seeds("suspend", 10) {
        let case = case(seed);
        let mut draw = Draw(seed ^ 11);
        println!("seed {seed}");
        let pace = |draw: &mut Draw| {
            paced(Pace {
                seed: draw.next(),
                waits: *draw.of(&[0, 3, 9]),
            })
        };
        let whole = Trial::new(engine(), &case.json, &RunOptions::new());
        let expected = process(&whole, None, How::Gently, pace(&mut draw));
        let expected = promised(&case, &expected);
        for _ in 0..4 {
            let trial = Trial::new(engine(), &case.json, &RunOptions::new());
            let mut n = 0;
            let outcome = loop {
                let turns = (n < 5).then(|| draw.below(60));
                let how = *draw.of(&[How::Gently, How::AtOnce, How::Both]);
                let outcome = process(&trial, turns, how, pace(&mut draw));
                if outcome.status != Status::Queued {
                    break outcome;
                }
                n += 1;
            };
            left += n;
            let got = promised(&case, &outcome);
            assert!(
                expected == got,
                "seed {seed}, {n} times\n{}\nexpected {expected:.3000}\ngot {got:.3000}",
                case.json
            );
            let records = trial.records();
            check_records(&records, outcome.status);
            let mut ended = outcome;
            ended.records = records;
            fold(&trial.plan, &ended);
            let order = SerialOptions::replay(ended.records.clone()).check_fold();
            let again = serial(&trial.plan, pace(&mut draw), order);
            check_equal("replay", &case.json, &ended.records, &again.records);
        }
    }
    println!("left {left} times");
    assert!(left > 0, "no run was long enough");
}

/// Goes on with the run until it is over. Returns how often it left, and how many effects were in doubt.
fn to_end(trial: &Trial, world: &Arc<World>, turns: usize, how: How) -> (RunOutcome, usize, usize) {
    let (mut left, mut doubts) = (0, 0);
    for n in 0..200 {
        // The first processes are short, so that there is a last one.
        let turns = (n < 20).then_some(turns);
        let outcome = process(trial, turns, how, in_world(world).park());
        match outcome.status {
            Status::Queued => left += 1,
            Status::Waiting => {
                let in_doubt = |q: &&graphloom::Question| q.signal.as_str() == "in_doubt";
                doubts += outcome.questions.iter().filter(in_doubt).count();
                answer(trial, &outcome, world, Decide::Truth);
            }
            _ => return (outcome, left, doubts),
        }
    }
    panic!("no end");
}

#[test]
fn what_is_at_work_ends_before_a_run_leaves() {
    let mut all = 0;
    for turns in 0..40 {
        let world = Arc::new(World::default());
        let trial = Trial::new(acting(), ACTING, &RunOptions::new());
        let (outcome, left, doubts) = to_end(&trial, &world, turns, How::Gently);
        assert!(outcome.is_ok(), "{turns} turns: {outcome:?}");
        assert_eq!(doubts, 0, "{turns} turns");
        // Three effects and three times five steps: nothing was done twice.
        assert_eq!(
            world.all().len(),
            3 + 3 * 5,
            "{turns} turns: {:?}",
            world.all()
        );
        let twice = |r: &graphloom::Record| matches!(r.event, Event::Resumed { .. });
        assert!(trial.records().iter().filter(|r| twice(r)).count() >= left);
        all += left;
    }
    assert!(all > 5, "runs left {all} times");
}

#[test]
fn what_is_cut_off_is_in_doubt_and_nothing_acts_twice() {
    let (mut all, mut doubted) = (0, 0);
    for turns in 0..40 {
        let world = Arc::new(World::default());
        let trial = Trial::new(acting(), ACTING, &RunOptions::new());
        let (outcome, left, doubts) = to_end(&trial, &world, turns, How::AtOnce);
        assert!(outcome.is_ok(), "{turns} turns: {outcome:?}");
        for i in 0..3 {
            assert_eq!(world.count(&format!("once {i}")), 1, "{turns} turns");
        }
        all += left;
        doubted += doubts;
    }
    assert!(
        all > 40 && doubted > 0,
        "runs left {all} times, {doubted} effects in doubt"
    );
}

#[test]
fn a_run_that_begins_while_its_worker_leaves_does_too() {
    one_thread().block_on(async {
        let trial_engine = acting();
        let store: Arc<dyn Store> = Arc::new(graphloom::host::MemoryStore::new());
        let graph = graphloom::graph::Graph::parse(ACTING.as_bytes()).unwrap();
        let plan = trial_engine.compile(&graph).unwrap();
        let world = Arc::new(World::default());
        let worker = Worker::new(&trial_engine, &store, WorkerOptions::new("w")).unwrap();
        worker.suspend();
        let options = in_world(&world).park();
        let begun = worker.submit(&graph, &plan, options, None).await.unwrap();
        let graphloom::Submitted::Begun(handle) = begun else {
            panic!("{begun:?}");
        };
        let run = handle.id().clone();
        assert_eq!(in_time(handle.outcome()).await.status, Status::Queued);
        assert_eq!(store.entry(&run).await.unwrap().status, Status::Queued);
        // What waits for a person and does not park leaves as well, and a run that is told to stop has its end.
        let other = Worker::new(&trial_engine, &store, WorkerOptions::new("v")).unwrap();
        let handle = other.run(&run, None, in_world(&world)).await.unwrap();
        while handle
            .snapshot()
            .await
            .is_some_and(|shot| shot.questions.is_empty())
        {
            tokio::task::yield_now().await;
        }
        other.suspend();
        assert_eq!(in_time(handle.outcome()).await.status, Status::Queued);
        let last = Worker::new(&trial_engine, &store, WorkerOptions::new("u")).unwrap();
        let handle = last.run(&run, None, in_world(&world)).await.unwrap();
        handle.cancel();
        last.suspend();
        assert_eq!(in_time(handle.outcome()).await.status, Status::Cancelled);
    });
}
