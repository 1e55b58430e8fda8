//! [`Blobs`]: named cases, and random sequences of calls beside a model.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use crate::host::{BlobError, Blobs, BoxFuture};
use crate::value::{BlobRef, Text};

use super::runner;

type Case = fn(Arc<dyn Blobs>) -> BoxFuture<'static, ()>;

macro_rules! cases {
    ($($name:ident,)+) => {
        const ALL: &[(&str, Case)] = &[$((stringify!($name), |blobs| Box::pin($name(blobs))),)+];
    };
}

cases! {
    what_is_put_comes_back,
    it_is_called_by_its_content,
    the_same_again_is_the_same,
    a_media_type_is_no_part_of_the_name,
    what_nobody_put_is_unknown,
    what_is_no_hash_is_unknown,
    many_put_and_get_at_once,
}

/// Runs every case, each on an implementation of its own.
///
/// # Panics
/// With the names of the cases that failed, and why.
pub fn cases(open: impl AsyncFn() -> Arc<dyn Blobs>) {
    runner::each(ALL, |case| {
        runner::runtime().block_on(async { case(open().await).await });
    });
}

/// Compares the answers to so many drawn sequences of calls with those of a map from hashes to bytes.
///
/// # Panics
/// With the shortest sequence that was found whose answers differ.
pub fn laws(open: impl AsyncFn() -> Arc<dyn Blobs>, sequences: u32) {
    let config = Config {
        cases: sequences,
        failure_persistence: None,
        ..Config::default()
    };
    // Few bytes, so that some are put twice; each is put, or asked for.
    let steps = vec((any::<bool>(), vec(0..3_u8, 0..3)), 1..24);
    let outcome = TestRunner::new(config).run(&steps, |steps| {
        let done = async {
            let blobs = open().await;
            let mut model = BTreeMap::new();
            for (puts, bytes) in steps {
                let hash = hash(&bytes);
                if puts {
                    let kept = blobs.put(bytes.clone(), None).await;
                    let kept = kept.map_err(|error| error.to_string())?;
                    if kept.hash.as_str() != hash {
                        return Err(format!("{bytes:?} are called {}", kept.hash));
                    }
                    model.insert(hash, bytes);
                    continue;
                }
                let found = blobs.get(&BlobRef::new(hash.as_str(), 0)).await;
                match (found, model.get(&hash)) {
                    (Ok(found), Some(bytes)) if *found == **bytes => {}
                    (Err(BlobError::Unknown { .. }), None) => {}
                    (found, expected) => return Err(format!("{found:?}, not {expected:?}")),
                }
            }
            Ok(())
        };
        runner::runtime()
            .block_on(done)
            .map_err(TestCaseError::fail)
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

/// Returns what bytes are called.
fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{digits}")
}

async fn get(blobs: &dyn Blobs, hash: &str) -> Result<Arc<[u8]>, BlobError> {
    blobs.get(&BlobRef::new(hash, 0)).await
}

async fn what_is_put_comes_back(blobs: Arc<dyn Blobs>) {
    for size in [0, 1, 255, 65_536, 65_537, 1 << 20] {
        let bytes: Vec<u8> = (0..size).map(|nth: u32| (nth % 251) as u8).collect();
        let blob = blobs.put(bytes.clone(), None).await.unwrap();
        assert_eq!(blob.bytes, u64::from(size));
        assert_eq!(*blobs.get(&blob).await.unwrap(), *bytes);
        // By its name alone.
        assert_eq!(*get(&*blobs, &blob.hash).await.unwrap(), *bytes);
    }
}

async fn it_is_called_by_its_content(blobs: Arc<dyn Blobs>) {
    // FIPS 180-4, of the empty text and of "abc".
    let known = [
        (
            "",
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (
            "abc",
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
    ];
    for (text, name) in known {
        let blob = blobs.put(text.into(), None).await.unwrap();
        assert_eq!(blob.hash.as_str(), name);
    }
}

async fn the_same_again_is_the_same(blobs: Arc<dyn Blobs>) {
    let first = blobs.put(b"twice".to_vec(), None).await.unwrap();
    let again = blobs.put(b"twice".to_vec(), None).await.unwrap();
    assert_eq!(first, again);
    assert_eq!(*blobs.get(&first).await.unwrap(), *b"twice");
}

async fn a_media_type_is_no_part_of_the_name(blobs: Arc<dyn Blobs>) {
    let types = [
        None,
        Some("image/png"),
        Some("text/plain; charset=utf-8"),
        None,
    ];
    for media_type in types {
        let media_type = media_type.map(Text::from);
        let blob = blobs.put(b"abc".to_vec(), media_type.clone()).await;
        let blob = blob.unwrap();
        assert_eq!(blob.hash.as_str(), hash(b"abc"));
        assert_eq!(blob.media_type, media_type);
        assert_eq!(*blobs.get(&blob).await.unwrap(), *b"abc");
    }
}

async fn what_nobody_put_is_unknown(blobs: Arc<dyn Blobs>) {
    let hash = hash(b"nobody put these");
    let unknown = BlobError::Unknown { hash: hash.clone() };
    assert_eq!(get(&*blobs, &hash).await.unwrap_err(), unknown);
    blobs.put(b"others".to_vec(), None).await.unwrap();
    assert_eq!(get(&*blobs, &hash).await.unwrap_err(), unknown);
}

async fn what_is_no_hash_is_unknown(blobs: Arc<dyn Blobs>) {
    let kept = blobs.put(b"abc".to_vec(), Some(Text::from("text/plain")));
    let kept = kept.await.unwrap().hash;
    let digits = kept.trim_start_matches("sha256:");
    let names = [
        String::new(),
        "sha256:".to_owned(),
        digits.to_owned(),
        format!("sha256:{}", digits.to_uppercase()),
        format!("SHA256:{digits}"),
        format!("md5:{digits}"),
        format!("{kept}0"),
        format!("{kept}.type"),
        format!("{kept}/"),
        format!("{kept}\0"),
        format!("sha256:./{digits}"),
        format!("sha256:../{digits}"),
        format!("sha256:{}", &digits[..63]),
        format!("sha256:{}\u{fc}", &digits[..62]),
        "sha256:../../../../etc/passwd".to_owned(),
        "/etc/passwd".to_owned(),
    ];
    for name in names {
        let unknown = BlobError::Unknown { hash: name.clone() };
        assert_eq!(get(&*blobs, &name).await.unwrap_err(), unknown);
    }
}

async fn many_put_and_get_at_once(blobs: Arc<dyn Blobs>) {
    let mut tasks = JoinSet::new();
    for nth in 0..32_u8 {
        let blobs = Arc::clone(&blobs);
        tasks.spawn(async move {
            // Each four times.
            let bytes = vec![nth % 8; 10_000];
            let blob = blobs.put(bytes.clone(), None).await.unwrap();
            assert_eq!(*blobs.get(&blob).await.unwrap(), *bytes);
        });
    }
    tasks.join_all().await;
}
