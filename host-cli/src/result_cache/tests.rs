use std::sync::atomic::{AtomicU32, Ordering};

use graphloom::value;
use graphloom::value::BlobRef;

use super::*;

/// A folder of its own, gone when dropped.
struct Own(PathBuf);

impl Own {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("graphloom-results-{}-{next}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn open(&self) -> FolderResults {
        FolderResults::open(&self.0).unwrap()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn key(n: u8) -> ContentHash {
    ContentHash::from_bytes([n; 32])
}

fn result(value: Value) -> CachedResult {
    let outputs = vec![(Text::from("out"), value), (Text::from("n"), value!(1))];
    CachedResult::new("t.block", 3, outputs)
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(future)
}

/// Every file of a folder, by its path inside.
fn files(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    for part in fs::read_dir(folder).unwrap() {
        let part = part.unwrap().path();
        for file in fs::read_dir(&part).unwrap() {
            let path = file.unwrap().path();
            files.push(path.strip_prefix(folder).unwrap().display().to_string());
        }
    }
    files.sort();
    files
}

#[test]
fn what_is_put_is_there_for_everyone() {
    let own = Own::new();
    let values = [
        Value::Null,
        value!(-0.0),
        value!(f64::NAN),
        value!(u64::MAX),
        value!("a\n\u{0}\u{1f600}"),
        value!({"z": 1, "a": [{"$blob": 1}, [], {}]}),
        Value::Blob(std::sync::Arc::new(BlobRef::new("sha256:00", 7))),
    ];
    wait(async {
        assert_eq!(own.open().get(key(1)).await, Ok(None));
        for (n, value) in values.iter().enumerate() {
            let put = own.open().put(key(n as u8), result(value.clone())).await;
            assert_eq!(put, Ok(()));
        }
        for (n, value) in values.iter().enumerate() {
            let got = own.open().get(key(n as u8)).await.unwrap().unwrap();
            // By their text: no NaN equals itself, and a map's keys keep their order.
            let text = |result: &CachedResult| format!("{result:?}");
            assert_eq!(text(&got), text(&result(value.clone())));
        }
    });
    let names = files(&own.0);
    assert_eq!(names.len(), values.len());
    assert_eq!(names[1], format!("01/{}.json", "01".repeat(31)));
}

#[test]
fn the_form_of_a_file_stays() {
    let key = key(0xab);
    let text = print(key, &result(value!({"a": [1.5]})));
    let first = format!(
        r#"{{"format":1,"key":"sha256:{}","block":"t.block","version":3,"outputs":[["out",{{"a":[1.5]}}],["n",1]]}}"#,
        "ab".repeat(32)
    );
    let second = r#"{"sha256":"8e16736b19ec3e0661866a9d8b52b72725987751a44961825c1f50263a714e2a"}"#;
    assert_eq!(text, format!("{first}\n{second}\n"));
}

#[test]
fn damage_is_told_and_mended_by_the_next_result() {
    let own = Own::new();
    let folder = own.open();
    let whole = result(value!("content"));
    folder.write(key(1), &whole).unwrap();
    let path = folder.file(key(1));
    let good = fs::read(&path).unwrap();
    let check = |bytes: &[u8], expected: &str| {
        fs::write(&path, bytes).unwrap();
        match folder.read(key(1)) {
            Err(CacheError::Damaged { message }) => {
                assert!(message.ends_with(expected), "{message}");
                assert!(message.contains(".json"), "{message}");
            }
            other => panic!("{expected}: {other:?}"),
        }
        // It is left for whoever wants to look at it, until there is a result again.
        assert_eq!(fs::read(&path).unwrap(), bytes);
        folder.write(key(1), &whole).unwrap();
        assert_eq!(folder.read(key(1)), Ok(Some(whole.clone())));
    };
    check(b"", "it has no second line");
    check(&good[..good.len() / 2], "it has no second line");
    check(&good[..good.len() - 1], "its hash is another");
    check(&[good.as_slice(), b"x"].concat(), "its hash is another");
    check(&[0xff, b'\n'], "it is no text");
    for at in 0..good.len() {
        let mut bent = good.clone();
        bent[at] ^= 1;
        fs::write(&path, &bent).unwrap();
        let read = folder.read(key(1));
        assert!(matches!(read, Err(CacheError::Damaged { .. })), "{at}");
    }
    let signed = |first: &str| format!("{first}\n{}", second_line(first)).into_bytes();
    check(&signed("{}"), "its format is none, and not 1");
    check(&signed(r#"{"format":2}"#), "its format is 2, and not 1");
    check(&signed(r#"{"format":1,"key":"k"}"#), "it has another key");
    let keyed = format!(r#"{{"format":1,"key":"{}","block":"b"}}"#, key(1));
    check(&signed(&keyed), "it is no result");
    // The result of something else, whole.
    fs::copy(&path, {
        let other = folder.file(key(2));
        fs::create_dir_all(other.parent().unwrap()).unwrap();
        other
    })
    .unwrap();
    assert!(folder.read(key(2)).is_err());
}

#[test]
fn what_is_too_large_or_too_deep_is_not_kept() {
    let own = Own::new();
    let folder = FolderResults {
        max_bytes: 1_000,
        ..own.open()
    };
    let large = folder.write(key(1), &result(value!("x".repeat(1_000))));
    assert_eq!(large, Err(CacheError::TooLarge { max_bytes: 1_000 }));
    // One that was put by someone who takes more is not read either.
    own.open()
        .write(key(1), &result(value!("x".repeat(1_000))))
        .unwrap();
    assert!(matches!(
        folder.read(key(1)),
        Err(CacheError::Damaged { .. })
    ));
    let nested = |depth| (0..depth).fold(Value::Null, |inner, _| Value::from(vec![inner]));
    let deep = own.open().write(key(2), &result(nested(501)));
    assert!(matches!(deep, Err(CacheError::Failed { .. })), "{deep:?}");
    own.open().write(key(2), &result(nested(500))).unwrap();
    assert!(own.open().read(key(2)).unwrap().is_some());
}

#[test]
fn a_folder_that_cannot_be_written_to_is_told() {
    let own = Own::new();
    let folder = own.open();
    fs::write(own.0.join("01"), "a file where a folder should be").unwrap();
    let refused = folder.write(key(1), &result(Value::Null));
    assert!(matches!(refused, Err(CacheError::Failed { .. })));
    assert!(FolderResults::open(&own.0.join("01")).is_err());
}

#[test]
fn many_write_and_read_the_same_at_once() {
    let own = Own::new();
    let folder = own.open();
    let whole = result(value!("x".repeat(100_000)));
    std::thread::scope(|threads| {
        for n in 0..4 {
            let (folder, whole) = (&folder, &whole);
            threads.spawn(move || {
                for i in 0..50 {
                    let key = key((i % 3) as u8);
                    if n % 2 == 0 {
                        folder.write(key, whole).unwrap();
                    } else if let Some(read) = folder.read(key).unwrap() {
                        assert_eq!(&read, whole);
                    }
                }
            });
        }
    });
    // Nothing is left beside.
    assert_eq!(files(&own.0).len(), 3);
}
