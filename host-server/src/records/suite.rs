//! What every implementation of [`Records`] does.

use graphloom::{Text, Timestamp};

use super::{
    Change, Draft, Expect, Kind, MemoryRecords, Query, RecordError, Records, SqliteRecords,
};
use crate::principal::Tenant;

fn tenant(name: &str) -> Tenant {
    Tenant::of_kept(name)
}

fn draft(owner: &str, kind: Kind, id: &str) -> Draft {
    Draft::new(&tenant(owner), kind, id, &id).expect("a text is JSON")
}

async fn put(
    records: &dyn Records,
    draft: Draft,
    expect: Expect,
    at: i64,
) -> Result<u64, RecordError> {
    let done = records
        .write(vec![Change::Put(draft, expect)], Timestamp(at))
        .await;
    done.map(|revisions| revisions[0])
}

async fn ids(records: &dyn Records, owner: &str, query: Query) -> Vec<String> {
    let found = records.list(&tenant(owner), query).await.expect("a list");
    found.iter().map(|entry| entry.id.to_string()).collect()
}

async fn revisions(records: &dyn Records) {
    let graph = || draft("a", Kind::Graph, "g");
    let changed = |revision| {
        let (kind, id) = (Kind::Graph, Text::from("g"));
        Err(RecordError::Changed { kind, id, revision })
    };
    assert_eq!(
        put(records, graph(), Expect::Revision(1), 1).await,
        changed(None)
    );
    assert_eq!(put(records, graph(), Expect::Absent, 1).await, Ok(1));
    assert_eq!(
        put(records, graph(), Expect::Absent, 2).await,
        changed(Some(1))
    );
    assert_eq!(put(records, graph(), Expect::Revision(1), 3).await, Ok(2));
    assert_eq!(
        put(records, graph(), Expect::Revision(1), 4).await,
        changed(Some(2))
    );
    assert_eq!(put(records, graph(), Expect::Any, 5).await, Ok(3));
    let found = records
        .get(&tenant("a"), Kind::Graph, "g")
        .await
        .expect("it can be read");
    let found = found.expect("it is there");
    assert_eq!(
        (found.created, found.updated, found.revision),
        (Timestamp(1), Timestamp(5), 3)
    );
    assert_eq!(found.read::<String>().ok().as_deref(), Some("g"));
}

async fn tenants(records: &dyn Records) {
    for owner in ["x", "y"] {
        for id in ["1", "2", "3"] {
            let words = draft(owner, Kind::Preset, id).words(&format!("Word{id}"));
            assert_eq!(put(records, words, Expect::Absent, 1).await, Ok(1));
        }
    }
    let all = || Query::of(Kind::Preset, 10);
    assert_eq!(ids(records, "x", all()).await, ["3", "2", "1"]);
    assert_eq!(ids(records, "x", all().word(Some("wORD2"))).await, ["2"]);
    let both = |other| all().word(Some("word")).word(Some(other));
    assert_eq!(ids(records, "x", both("3")).await, ["3"]);
    assert_eq!(ids(records, "x", both("\"'%")).await, [""; 0]);
    assert_eq!(
        ids(records, "x", all().after(Some("3".into()))).await,
        ["2", "1"]
    );
    assert_eq!(ids(records, "x", Query::of(Kind::Preset, 1)).await, ["3"]);
    assert_eq!(ids(records, "z", all()).await, [""; 0]);
    assert_eq!(records.get(&tenant("z"), Kind::Preset, "1").await, Ok(None));
    let tenants = async |after: Option<&str>, limit| {
        let found = records.tenants(after.map(Text::from), limit).await;
        let found = found.expect("a list");
        let names = found.iter().map(|tenant| tenant.as_text().to_string());
        names
            .filter(|name| ["x", "y"].contains(&name.as_str()))
            .collect::<Vec<_>>()
    };
    assert_eq!(tenants(None, 100).await, ["x", "y"]);
    assert_eq!(tenants(Some("x"), 1).await, ["y"]);
    assert_eq!(tenants(Some("y"), 100).await, [""; 0]);
    let counts = records.counts().await.expect("counts");
    let presets = counts.iter().find(|(kind, _)| *kind == Kind::Preset);
    assert_eq!(presets.map(|(_, count)| *count), Some(6));
    assert_eq!(records.erase(&tenant("x")).await, Ok(3));
    assert_eq!(ids(records, "x", all()).await, [""; 0]);
    assert_eq!(ids(records, "y", all()).await, ["3", "2", "1"]);
}

async fn all_or_nothing(records: &dyn Records) {
    let first = Change::Put(draft("b", Kind::File, "1"), Expect::Absent);
    let wrong = Change::remove(&tenant("b"), Kind::File, &"2".into(), Expect::Revision(7));
    let done = records
        .write(vec![first.clone(), wrong], Timestamp(1))
        .await;
    assert!(matches!(done, Err(RecordError::Changed { .. })));
    assert_eq!(ids(records, "b", Query::of(Kind::File, 9)).await, [""; 0]);
    let gone = Change::remove(&tenant("b"), Kind::File, &"2".into(), Expect::Any);
    assert_eq!(
        records.write(vec![first, gone], Timestamp(1)).await,
        Ok(vec![1, 0])
    );
}

async fn found_by(records: &dyn Records) {
    let key = |owner, id| draft(owner, Kind::ApiKey, id).unique("hash");
    assert_eq!(put(records, key("c", "1"), Expect::Absent, 1).await, Ok(1));
    let taken = Err(RecordError::Taken { kind: Kind::ApiKey });
    assert_eq!(put(records, key("d", "1"), Expect::Absent, 1).await, taken);
    assert_eq!(put(records, key("c", "1"), Expect::Any, 1).await, Ok(2));
    let found = records
        .find(Kind::ApiKey, "hash")
        .await
        .expect("it can be read");
    assert_eq!(found.map(|entry| entry.tenant), Some(tenant("c")));
    assert_eq!(records.find(Kind::Graph, "hash").await, Ok(None));
    assert_eq!(records.find(Kind::ApiKey, "other").await, Ok(None));

    for (id, at) in [("1", 30), ("2", 10), ("3", 20)] {
        let due = draft("c", Kind::Schedule, id).due(Some(Timestamp(at)));
        assert_eq!(put(records, due, Expect::Absent, 1).await, Ok(1));
    }
    let due = records
        .due(Kind::Schedule, Timestamp(20), 9)
        .await
        .expect("a list");
    assert_eq!(
        due.iter().map(|e| e.id.as_str()).collect::<Vec<_>>(),
        ["2", "3"]
    );

    for id in ["1", "2"] {
        let version = draft("c", Kind::GraphVersion, id).parent("g");
        assert_eq!(put(records, version, Expect::Absent, 1).await, Ok(1));
    }
    let under = || Query::of(Kind::GraphVersion, 9).under("g");
    assert_eq!(ids(records, "c", under()).await, ["2", "1"]);
    let (tenant, kind, parent) = (tenant("c"), Kind::GraphVersion, "g".into());
    let gone = Change::RemoveUnder {
        tenant,
        kind,
        parent,
    };
    assert_eq!(records.write(vec![gone], Timestamp(2)).await, Ok(vec![0]));
    assert_eq!(ids(records, "c", under()).await, [""; 0]);
}

async fn at_most(records: &dyn Records) {
    let add = async |id: &str, parent: &str, change: Change| {
        let put = draft("e", Kind::Delivery, id).parent(parent);
        let changes = vec![Change::Put(put, Expect::Any), change];
        records.write(changes, Timestamp(1)).await
    };
    let most = |max| Change::at_most(&tenant("e"), Kind::Delivery, max);
    let (kind, max) = (Kind::Delivery, 2);
    assert_eq!(add("1", "p", most(2)).await, Ok(vec![1, 0]));
    assert_eq!(add("2", "p", most(2)).await, Ok(vec![1, 0]));
    let full = Err(RecordError::TooMany { kind, max });
    assert_eq!(add("3", "p", most(2)).await, full);
    assert_eq!(
        ids(records, "e", Query::of(kind, 9)).await,
        ["2", "1"],
        "nothing was written"
    );
    assert_eq!(add("2", "p", most(2)).await, Ok(vec![2, 0]));
    let under = |parent: &str| Change::AtMost {
        tenant: tenant("e"),
        kind,
        parent: Some(parent.into()),
        max,
    };
    assert_eq!(add("3", "p", under("p")).await, full);
    assert_eq!(add("3", "q", under("q")).await, Ok(vec![1, 0]));
}

async fn counted(records: &dyn Records) {
    let usage = async |kind| {
        let usage = records
            .usage(&tenant("e"), kind)
            .await
            .expect("it can be counted");
        (usage.records, usage.bytes)
    };
    assert_eq!(usage(Kind::KeyValue).await, (0, 0));
    // An id of two bytes, and as a body the same in quotes.
    for id in ["é", "z1", "z2"] {
        let value = draft("e", Kind::KeyValue, id);
        assert_eq!(put(records, value, Expect::Absent, 1).await, Ok(1));
    }
    let other = draft("e", Kind::Replay, "long");
    assert_eq!(put(records, other, Expect::Absent, 1).await, Ok(1));
    assert_eq!(usage(Kind::KeyValue).await, (3, 18));
    assert_eq!(usage(Kind::Replay).await, (1, 10));
}

async fn all(records: &dyn Records) {
    at_most(records).await;
    revisions(records).await;
    tenants(records).await;
    all_or_nothing(records).await;
    found_by(records).await;
    counted(records).await;
}

#[tokio::test]
async fn in_memory() {
    all(&MemoryRecords::default()).await;
}

#[tokio::test]
async fn in_sqlite() {
    let folder = std::env::temp_dir().join(format!("graphloom-records-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("server.db");
    all(&SqliteRecords::open(&file).expect("it opens")).await;
    let again = SqliteRecords::open(&file).expect("it opens again");
    assert_eq!(
        ids(&again, "y", Query::of(Kind::Preset, 9)).await,
        ["3", "2", "1"]
    );
    drop(again);
    let sql = rusqlite::Connection::open(&file).expect("it opens");
    sql.pragma_update(None, "user_version", 99)
        .expect("it is written");
    let later = SqliteRecords::open(&file).map(drop);
    assert_eq!(
        later,
        Err(RecordError::Format {
            found: 99,
            known: 1
        })
    );
    std::fs::remove_dir_all(&folder).expect("it is removed");
}
