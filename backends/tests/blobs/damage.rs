//! Files that are not as they were written.

use std::fs;

use graphloom::host::{BlobError, Blobs};
use graphloom::value::BlobRef;

use super::harness::{ABC, Folder, abc, open};

fn is_broken<T>(result: &Result<T, BlobError>) -> bool {
    matches!(result, Err(BlobError::Broken { hash, .. }) if hash == ABC)
}

#[tokio::test]
async fn other_bytes_are_told_and_mended_by_whoever_puts_them_again() {
    let place = Folder::new();
    let folder = place.join("blobs");
    let blobs = open(&folder);
    let blob = blobs.put(b"abc".to_vec(), None).await.unwrap();
    for other in ["abd", "ab", "abcd", ""] {
        fs::write(abc(&folder), other).unwrap();
        let got = blobs.get(&blob).await;
        assert!(is_broken(&got), "{other}: {got:?}");
        let again = blobs.put(b"abc".to_vec(), None).await.unwrap();
        assert_eq!(*blobs.get(&again).await.unwrap(), *b"abc");
    }
}

#[tokio::test]
async fn what_is_no_file_is_told() {
    let place = Folder::new();
    let folder = place.join("blobs");
    let blobs = open(&folder);
    fs::create_dir(abc(&folder)).unwrap();
    assert!(is_broken(&blobs.get(&BlobRef::new(ABC, 3)).await));
    assert!(is_broken(&blobs.find(ABC).await));
    // It is not ours to remove.
    let put = blobs.put(b"abc".to_vec(), None).await;
    assert!(matches!(put, Err(BlobError::Store { .. })), "{put:?}");
    assert!(abc(&folder).is_dir());
}

#[tokio::test]
async fn a_media_type_that_cannot_be_read_is_none() {
    let place = Folder::new();
    let folder = place.join("blobs");
    let blobs = open(&folder);
    blobs
        .put(b"abc".to_vec(), Some("a/b".into()))
        .await
        .unwrap();
    let file = abc(&folder).with_extension("type");
    for damage in [vec![0xff], vec![b'x'; 256]] {
        fs::write(&file, damage).unwrap();
        assert_eq!(blobs.find(ABC).await.unwrap().media_type, None);
    }
}
