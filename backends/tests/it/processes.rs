//! Several processes on one folder.

use graphloom::host::StoreError;

use super::child::Helper;
use super::harness::{Draw, Folder, all, append, begin, claim, events, open, take};

#[tokio::test]
async fn a_killed_process_is_succeeded_at_once() {
    let folder = Folder::new();
    let store = open(folder.path());
    let mut helper = Helper::start(folder.path());
    assert_eq!(helper.ask("begin"), "has it");
    assert_eq!(helper.ask("append"), "has 1");
    let held = take(&store, "r", "b", 1).await;
    assert!(matches!(held, Err(StoreError::Leased { .. })));
    assert_eq!(claim(&store, 1).await, Vec::<String>::new());
    helper.kill();
    let lease = take(&store, "r", "b", 1).await.unwrap();
    assert_eq!(lease.epoch, 2);
    assert_eq!(append(&store, &lease, 1, 2).await, Ok(()));
    assert_eq!(all(&store, "r").await.unwrap(), *events(0, 3));
}

#[tokio::test]
async fn the_runs_of_a_killed_process_can_go_on_for_anyone() {
    let folder = Folder::new();
    let store = open(folder.path());
    let mut helper = Helper::start(folder.path());
    for run in ["r", "s"] {
        assert_eq!(helper.ask(&format!("begin {run}")), "has it");
    }
    begin(&store, "t").await;
    assert_eq!(claim(&store, 1).await, Vec::<String>::new());
    helper.kill();
    assert_eq!(claim(&store, 1).await, ["r", "s"]);
}

#[tokio::test]
async fn a_stopped_process_keeps_its_lease_until_its_time_and_is_fenced_after() {
    let folder = Folder::new();
    let store = open(folder.path());
    let mut helper = Helper::start(folder.path());
    assert_eq!(helper.ask("begin"), "has it");
    assert_eq!(helper.ask("append"), "has 1");
    helper.signal("STOP");
    let held = take(&store, "r", "b", 99).await;
    assert!(matches!(held, Err(StoreError::Leased { .. })));
    assert_eq!(claim(&store, 99).await, Vec::<String>::new());
    let lease = take(&store, "r", "b", 100).await.unwrap();
    assert_eq!(append(&store, &lease, 1, 1).await, Ok(()));
    helper.tell("append");
    helper.signal("CONT");
    let fenced = StoreError::Fenced {
        run: "r".to_owned(),
        epoch: 1,
        current: 2,
    };
    assert_eq!(helper.answer().unwrap(), format!("{fenced:?}"));
    assert_eq!(all(&store, "r").await.unwrap(), *events(0, 2));
}

#[tokio::test]
async fn a_lease_is_given_to_one_of_two_processes() {
    let folder = Folder::new();
    let mut helpers = [Helper::start(folder.path()), Helper::start(folder.path())];
    let store = open(folder.path());
    for nth in 0..10 {
        let run = format!("r{nth}");
        super::harness::create(&store, &run).await;
        helpers
            .iter_mut()
            .for_each(|helper| helper.tell(&format!("take {run}")));
        let answers: Vec<_> = helpers.iter_mut().filter_map(Helper::answer).collect();
        let had = answers.iter().filter(|answer| *answer == "has it 1");
        assert_eq!(had.count(), 1, "{answers:?}");
        let held = answers.iter().filter(|answer| answer.contains("Leased"));
        assert_eq!(held.count(), 1, "{answers:?}");
    }
}

#[tokio::test]
async fn what_was_acknowledged_outlives_the_process() {
    for seed in 0..super::harness::cases(6) {
        let folder = Folder::new();
        let mut helper = Helper::start(folder.path());
        helper.ask("begin");
        helper.tell("append_on");
        let wanted = Draw(seed).below(200);
        let mut last = String::new();
        for _ in 0..=wanted {
            last = helper.answer().unwrap();
        }
        helper.signal("KILL");
        // What it said before it was gone counts too.
        while let Some(answer) = helper.answer() {
            last = answer;
        }
        helper.kill();
        let store = open(folder.path());
        let acknowledged: u64 = last.strip_prefix("has ").unwrap().parse().unwrap();
        let kept = all(&store, "r").await.unwrap();
        let n = kept.len() as u64;
        assert!(n >= acknowledged, "{n} of {acknowledged}");
        assert_eq!(n % 3, 0, "all of an append or none");
        assert_eq!(kept, *events(0, n));
        assert_eq!(store.verify().await.unwrap(), []);
        let lease = take(&store, "r", "b", 1).await.unwrap();
        assert_eq!(append(&store, &lease, n, 1).await, Ok(()));
    }
}
