//! What lies in the folder, and what is there when it is opened again.

use std::fs::{self, File, FileTimes};
use std::time::{Duration, SystemTime};

use graphloom::Text;
use graphloom::host::{BlobError, Blobs};
use graphloom_backends::blobs::{FolderBlobs, FolderBlobsOptions};

use super::harness::{ABC, Folder, abc, names, open};

#[tokio::test]
async fn what_was_kept_is_there_when_it_is_opened_again() {
    let place = Folder::new();
    let folder = place.join("deep/down");
    let png = Text::from("image/png");
    let first = open(&folder);
    let blob = first.put(b"abc".to_vec(), Some(png)).await.unwrap();
    drop(first);
    let again = open(&folder);
    assert_eq!(*again.get(&blob).await.unwrap(), *b"abc");
    assert_eq!(again.find(ABC).await.unwrap(), blob);
    let file = abc(&folder);
    let name = file.file_name().unwrap().to_str().unwrap();
    assert_eq!(names(&folder), [name.to_owned(), format!("{name}.type")]);
    assert_eq!(fs::read(&file).unwrap(), b"abc");
}

#[tokio::test]
async fn the_media_type_that_came_last_is_kept() {
    let place = Folder::new();
    let folder = place.join("blobs");
    let blobs = open(&folder);
    let kept = async || blobs.find(ABC).await.unwrap().media_type;
    blobs.put(b"abc".to_vec(), None).await.unwrap();
    assert_eq!(kept().await, None);
    for text in ["text/plain", "image/png"] {
        let text = Some(Text::from(text));
        blobs.put(b"abc".to_vec(), text.clone()).await.unwrap();
        assert_eq!(kept().await, text);
    }
    // Who says nothing takes nothing away.
    blobs.put(b"abc".to_vec(), None).await.unwrap();
    assert_eq!(kept().await, Some(Text::from("image/png")));
    let long = Some(Text::from("x".repeat(256)));
    let refused = blobs.put(b"abc".to_vec(), long).await;
    assert!(
        matches!(refused, Err(BlobError::Store { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_blob_is_so_large_at_most() {
    let place = Folder::new();
    let folder = place.join("blobs");
    let options = || FolderBlobsOptions::new().max_bytes(3);
    let blobs = FolderBlobs::open(&folder, options()).unwrap();
    assert!(blobs.put(b"abc".to_vec(), None).await.is_ok());
    let too_large = BlobError::TooLarge { bytes: 4, max: 3 };
    let refused = blobs.put(b"abcd".to_vec(), None).await;
    assert_eq!(refused.unwrap_err(), too_large);
    assert_eq!(names(&folder).len(), 1);
    // Nor is one read that was kept under another limit.
    let other = open(&folder);
    let blob = other.put(b"abcd".to_vec(), None).await.unwrap();
    assert_eq!(blobs.get(&blob).await.unwrap_err(), too_large);
    assert_eq!(FolderBlobsOptions::new().max_bytes, 256 << 20);
}

#[tokio::test]
async fn what_is_not_finished_is_no_blob_and_is_swept_when_it_is_old() {
    let place = Folder::new();
    let folder = place.join("blobs");
    drop(open(&folder));
    for name in ["draft-1-0", "draft-1-1"] {
        fs::write(folder.join(name), "half").unwrap();
    }
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
    let file = File::options().write(true).open(folder.join("draft-1-0"));
    let times = FileTimes::new().set_modified(old);
    file.unwrap().set_times(times).unwrap();
    open(&folder);
    assert_eq!(names(&folder), ["draft-1-1"]);
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_may_read_them() {
    use std::os::unix::fs::PermissionsExt;
    let place = Folder::new();
    let folder = place.join("blobs");
    let put = open(&folder)
        .put(b"abc".to_vec(), Some(Text::from("a/b")))
        .await;
    put.unwrap();
    for name in names(&folder) {
        let mode = fs::metadata(folder.join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[tokio::test]
async fn what_comes_piece_by_piece_is_there_when_it_is_whole() {
    let place = Folder::new();
    let folder = place.join("blobs");
    let blobs = open(&folder);
    let dropped = blobs.begin().await.unwrap();
    let dropped = dropped.write(b"nobody finishes this".to_vec());
    drop(dropped.await.unwrap());
    assert_eq!(names(&folder), [""; 0]);

    let mut draft = blobs.begin().await.unwrap();
    for piece in [&b"a"[..], b"", b"bc"] {
        assert!(blobs.find(ABC).await.is_err());
        draft = draft.write(piece.to_vec()).await.unwrap();
    }
    assert_eq!(draft.hash(), ABC);
    let blob = draft.finish(Some(Text::from("text/plain"))).await.unwrap();
    assert_eq!((blob.hash.as_str(), blob.bytes), (ABC, 3));
    assert_eq!(*blobs.get(&blob).await.unwrap(), *b"abc");
    assert_eq!(blobs.find(ABC).await.unwrap(), blob);

    // Once more, over one that was damaged.
    fs::write(abc(&folder), b"xyz").unwrap();
    let draft = blobs.begin().await.unwrap().write(b"abc".to_vec()).await;
    draft.unwrap().finish(None).await.unwrap();
    assert_eq!(*blobs.get(&blob).await.unwrap(), *b"abc");
    let (mut file, bytes) = blobs.open_file(ABC).await.unwrap();
    let mut read = String::new();
    std::io::Read::read_to_string(&mut file, &mut read).unwrap();
    assert_eq!((read.as_str(), bytes), ("abc", 3));
}

#[tokio::test]
async fn what_is_removed_is_gone() {
    let place = Folder::new();
    let folder = place.join("blobs");
    let blobs = open(&folder);
    let plain = Some(Text::from("text/plain"));
    blobs.put(b"abc".to_vec(), plain).await.unwrap();
    blobs.put(b"others".to_vec(), None).await.unwrap();
    let mut all = blobs.all().await.unwrap();
    all.sort_by_key(|kept| kept.bytes);
    let sizes: Vec<(&str, u64)> = all.iter().map(|k| (k.hash.as_str(), k.bytes)).collect();
    assert_eq!(sizes[0], (ABC, 3));
    assert_eq!(sizes.len(), 2);
    assert_eq!(blobs.remove(ABC).await.unwrap(), Some(3));
    assert_eq!(blobs.remove(ABC).await.unwrap(), None);
    assert!(matches!(
        blobs.find(ABC).await,
        Err(BlobError::Unknown { .. })
    ));
    assert_eq!(names(&folder).len(), 1);
    for no_hash in ["", "../x", "sha256:../x"] {
        assert_eq!(blobs.remove(no_hash).await.unwrap(), None, "{no_hash}");
    }
}

#[tokio::test]
async fn of_two_who_finish_the_same_bytes_one_is_the_first() {
    let place = Folder::new();
    let folder = place.join("blobs");
    let blobs = open(&folder);
    let draft = async || {
        let draft = blobs.begin().await.unwrap();
        draft.write(b"abc".to_vec()).await.unwrap()
    };
    let (one, other) = (draft().await, draft().await);
    let first = one.publish(None).await;
    assert!(first.is_new && first.blob.is_ok(), "{first:?}");
    let second = other.publish(None).await;
    assert!(!second.is_new && second.blob.is_ok(), "{second:?}");
    assert_eq!(names(&folder).len(), 1);

    // What fails when the bytes are there has made them all the same, and a removal that fails has not removed them.
    let in_the_way = folder.join(format!("{}.type", names(&folder)[0]));
    assert_eq!(blobs.remove(ABC).await.unwrap(), Some(3));
    fs::create_dir(&in_the_way).unwrap();
    let failed = draft().await.publish(Some(Text::from("text/plain"))).await;
    assert!(failed.is_new && failed.blob.is_err(), "{failed:?}");
    assert!(blobs.remove(ABC).await.is_err());
    assert!(blobs.open_file(ABC).await.is_ok());
    fs::remove_dir(&in_the_way).unwrap();
    assert_eq!(blobs.remove(ABC).await.unwrap(), Some(3));
}

#[tokio::test]
async fn a_folder_goes_with_all_that_lies_in_it() {
    let place = Folder::new();
    let folder = place.join("blobs");
    FolderBlobs::erase(&folder).await.unwrap();
    let blobs = open(&folder);
    let plain = Some(Text::from("text/plain"));
    blobs.put(b"abc".to_vec(), plain).await.unwrap();
    let draft = blobs.begin().await.unwrap();
    let draft = draft.write(b"half".to_vec()).await.unwrap();
    FolderBlobs::erase(&folder).await.unwrap();
    assert!(!folder.exists());
    // Whoever is still at it makes nothing there.
    assert!(draft.finish(None).await.is_err());
    assert!(blobs.begin().await.is_err());
    assert!(!folder.exists());
}
