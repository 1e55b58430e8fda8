//! When calls are carried out.

use graphloom::conformance::store::{Call, Model, World, check, steps};
use graphloom::host::{Append, Created, Journal, MemoryStore, NewRun, Store, StoreError};
use graphloom::{Status, Text};
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use super::harness::{
    Folder, TTL, all, append, at, at_once, begin, begin_labelled, cases, ending, events, labelled,
    open,
};

#[tokio::test]
async fn calls_are_carried_out_in_the_order_in_which_they_are_made() {
    let folder = Folder::new();
    let store = open(folder.path());
    let lease = begin(&store, "r").await;
    let appends: Vec<_> = (0..500)
        .map(|seq| store.append(Append::new(&lease, seq, events(seq, 1)).sync(seq % 50 == 0)))
        .collect();
    // The last one first: nobody waits for anybody.
    for append in appends.into_iter().rev() {
        assert_eq!(append.await, Ok(()));
    }
    assert_eq!(all(&store, "r").await.unwrap(), *events(0, 500));
}

#[tokio::test]
async fn what_nobody_awaits_is_carried_out_too() {
    let folder = Folder::new();
    let store = open(folder.path());
    let lease = begin(&store, "r").await;
    for seq in 0..200 {
        drop(store.append(Append::new(&lease, seq, events(seq, 1))));
    }
    drop(store);
    let store = open(folder.path());
    assert_eq!(all(&store, "r").await.unwrap(), *events(0, 200));
}

#[tokio::test]
async fn what_is_refused_among_others_does_not_undo_them() {
    let folder = Folder::new();
    let store = open(folder.path());
    let lease = begin(&store, "r").await;
    let first = append(&store, &lease, 0, 2);
    let gap = append(&store, &lease, 9, 1);
    let second = append(&store, &lease, 2, 2);
    let (first, gap, second) = tokio::join!(first, gap, second);
    assert_eq!((first, second), (Ok(()), Ok(())));
    assert!(matches!(gap, Err(StoreError::Sequence { found: 2, .. })));
    assert_eq!(all(&store, "r").await.unwrap(), *events(0, 4));
}

#[tokio::test]
async fn more_than_can_wait_is_refused_and_nothing_else_is() {
    let folder = Folder::new();
    let store = open(folder.path());
    let lease = begin(&store, "r").await;
    let appends: Vec<_> = (0..200_000)
        .map(|_| store.append(Append::new(&lease, 0, events(0, 0))))
        .collect();
    let mut refused = 0;
    for append in appends {
        match append.await {
            Ok(()) => {}
            Err(StoreError::Busy { .. }) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(refused > 0, "each had its place");
    assert_eq!(append(&store, &lease, 0, 1).await, Ok(()));
}

/// Many of them are one transaction then, in which what is known of a run is not yet what stands in the database.
#[test]
fn calls_made_at_once_are_answered_as_one_by_one() {
    let config = Config {
        cases: u32::try_from(cases(48)).unwrap(),
        failure_persistence: None,
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.build().unwrap();
    let outcome = TestRunner::new(config).run(&steps(60), |steps| {
        let told = runtime.block_on(async {
            let (mut world, mut model) = (World::default(), Model::default());
            let memory = MemoryStore::default();
            let (mut calls, mut answers) = (Vec::new(), Vec::new());
            for step in &steps {
                let Some(call) = world.call(step, &model) else {
                    continue;
                };
                let answer = check(&memory, &mut model, &call).await?;
                world.note(&answer);
                calls.push(call);
                answers.push(answer);
            }
            let folder = Folder::new();
            let store = open(folder.path());
            let given = at_once(calls.iter().map(|call| call.on(&store))).await;
            for ((call, given), answer) in calls.iter().zip(given).zip(answers) {
                // The numbers of messages are the store's own.
                if given != answer && !matches!(call, Call::Send(..)) {
                    return Err(format!("{call:?}: {given:?} in place of {answer:?}"));
                }
            }
            for look in world.last_looks() {
                if !matches!(look, Call::Messages(_)) {
                    check(&store, &mut model, &look).await?;
                }
            }
            match store.verify().await {
                Ok(findings) if findings.is_empty() => Ok(()),
                other => Err(format!("{other:?}")),
            }
        });
        told.map_err(TestCaseError::fail)
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[tokio::test]
async fn a_run_that_is_over_in_the_transaction_that_accepts_it_is_kept_whole() {
    let folder = Folder::new();
    let store = open(folder.path());
    let busy = begin(&store, "busy").await;
    // The others gather behind it.
    let slow = store.append(Append::new(&busy, 0, events(0, 3_000)));
    let lease = labelled("r").claimed_by("a", TTL).lease().unwrap();
    let accepted = store.create(labelled("r").claimed_by("a", TTL).sync(false));
    let first = store.append(Append::new(&lease, 0, events(0, 2)));
    let end = store.append(Append::new(&lease, 2, ending(2)).sync(true));
    let late = store.append(Append::new(&lease, 3, events(3, 1)));
    let again = store.create(labelled("r"));
    let named = store.create(NewRun::new("s", "head", at(0)).key("k"));
    let same = store.create(NewRun::new("t", "head", at(0)).key("k"));
    let (slow, accepted, first, end) = tokio::join!(slow, accepted, first, end);
    assert_eq!((slow, first, end), (Ok(()), Ok(()), Ok(())));
    assert_eq!(accepted, Ok(Created::Held(lease.clone())));
    assert!(matches!(late.await, Err(StoreError::Over { .. })));
    assert!(matches!(again.await, Err(StoreError::Exists { .. })));
    assert_eq!(named.await, Ok(Created::Fresh));
    assert_eq!(same.await, Ok(Created::Known(Text::from("s"))));
    drop(store);
    let store = open(folder.path());
    let entry = store.entry(&Text::from("r")).await.unwrap();
    assert_eq!((entry.status, entry.events), (Status::Completed, 3));
    assert_eq!((entry.tenant.as_str(), &entry.owner), ("ada", &None));
    assert_eq!(entry.labels, labelled("r").labels);
    assert_eq!(store.verify().await.unwrap(), []);
    // A later one has a number of its own.
    begin_labelled(&store, "u").await;
    assert_eq!(all(&store, "r").await.unwrap().len(), 3);
}
