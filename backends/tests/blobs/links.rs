//! Links that someone has planted in the folder: they are neither read nor written through.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use graphloom::host::{BlobError, Blobs};
use graphloom::value::BlobRef;

use super::harness::{ABC, Folder, abc, names, open};

#[tokio::test]
async fn a_link_is_not_read_even_if_it_leads_to_the_right_bytes() {
    let place = Folder::new();
    let folder = place.join("blobs");
    let blobs = open(&folder);
    let outside = place.join("outside");
    for bytes in ["abc", "secret"] {
        fs::write(&outside, bytes).unwrap();
        symlink(&outside, abc(&folder)).unwrap();
        let got = blobs.get(&BlobRef::new(ABC, 3)).await;
        assert!(matches!(got, Err(BlobError::Broken { .. })), "{got:?}");
        assert!(blobs.find(ABC).await.is_err());
        // Whoever puts the blob replaces the link, and leaves alone what it leads to.
        let blob = blobs.put(b"abc".to_vec(), None).await.unwrap();
        assert_eq!(*blobs.get(&blob).await.unwrap(), *b"abc");
        assert!(!fs::symlink_metadata(abc(&folder)).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&outside).unwrap(), bytes);
        fs::remove_file(abc(&folder)).unwrap();
    }
}

#[tokio::test]
async fn a_link_in_place_of_a_media_type_is_not_read_either() {
    let place = Folder::new();
    let folder = place.join("blobs");
    let blobs = open(&folder);
    blobs.put(b"abc".to_vec(), None).await.unwrap();
    let outside = place.join("outside");
    fs::write(&outside, "secret").unwrap();
    symlink(&outside, abc(&folder).with_extension("type")).unwrap();
    assert_eq!(blobs.find(ABC).await.unwrap().media_type, None);
    blobs
        .put(b"abc".to_vec(), Some("a/b".into()))
        .await
        .unwrap();
    assert_eq!(fs::read_to_string(&outside).unwrap(), "secret");
    let kept = blobs.find(ABC).await.unwrap().media_type;
    assert_eq!(kept.as_deref(), Some("a/b"));
}

#[tokio::test]
async fn a_link_under_the_name_of_a_draft_is_not_written_through() {
    let place = Folder::new();
    let folder = place.join("blobs");
    let blobs = open(&folder);
    let outside = place.join("outside");
    fs::write(&outside, "precious").unwrap();
    for nth in 0..200 {
        let draft = format!("draft-{}-{nth}", std::process::id());
        symlink(&outside, folder.join(draft)).unwrap();
    }
    let blob = blobs.put(b"abc".to_vec(), None).await.unwrap();
    assert_eq!(*blobs.get(&blob).await.unwrap(), *b"abc");
    assert_eq!(fs::read_to_string(&outside).unwrap(), "precious");
    assert_eq!(names(&folder).len(), 201);
}

#[tokio::test]
async fn a_pipe_holds_nobody_up() {
    let place = Folder::new();
    let folder = place.join("blobs");
    let blobs = open(&folder);
    let made = Command::new("mkfifo").arg(abc(&folder)).status().unwrap();
    assert!(made.success());
    let got = blobs.get(&BlobRef::new(ABC, 3)).await;
    assert!(matches!(got, Err(BlobError::Broken { .. })), "{got:?}");
}
