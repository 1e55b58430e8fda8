//! Keys and their files.

use std::fs;

use graphloom::host::{CredentialError, Credentials};
use graphloom::value::Sealed;
use graphloom_backends::credentials::{Key, KeyError, Keys};

use super::harness::Folder;

#[test]
fn a_key_file_is_its_owners_alone() {
    let folder = Folder::new();
    let path = folder.join("deep/key");
    assert!(matches!(Keys::read(&path), Err(KeyError::Missing { .. })));
    let made = Keys::create(&path).unwrap();
    let read = Keys::read(&path).unwrap();
    assert!(made.ids().eq(read.ids()));
    assert!(
        matches!(Keys::create(&path), Err(KeyError::File { .. })),
        "it is not replaced"
    );
    assert!(Keys::read(&path).unwrap().ids().eq(made.ids()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        for mode in [0o640, 0o604, 0o660, 0o666, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = Keys::read(&path).unwrap_err();
            assert_eq!(
                refused,
                KeyError::OpenToOthers {
                    path: path.clone(),
                    mode
                }
            );
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        Keys::read(&path).unwrap();
    }
}

#[test]
fn what_is_no_key_is_told_without_being_shown() {
    let short = "c2hvcnQ=";
    let zeros = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    for text in [short, zeros, "not base64 at all", "AAAA\nAAAA"] {
        let refused = Keys::parse(&format!("# one\n\n{text}"), "the variable K").unwrap_err();
        assert!(matches!(refused, KeyError::NoKey { line: 3, .. }), "{text}");
        assert!(!refused.to_string().contains(text));
    }
    assert!(matches!(
        Keys::parse("# nothing\n", "x"),
        Err(KeyError::Empty { .. })
    ));
    let key = Key::generate().unwrap();
    assert_eq!(
        format!("{key:?}"),
        format!("Key {{ id: \"{}\", .. }}", key.id())
    );
}

#[test]
fn older_keys_open_what_they_sealed() {
    let folder = Folder::new();
    let path = folder.join("key");
    let old = Keys::create(&path).unwrap();
    let sealed = old.seal(b"plain").unwrap();
    let both = Keys::add_to(&path).unwrap();
    assert_eq!(both.ids().count(), 2);
    assert!(Keys::read(&path).unwrap().ids().eq(both.ids()));
    assert_eq!(both.unseal(&sealed).unwrap(), b"plain");
    let newer = both.seal(b"plain").unwrap();
    assert_ne!(newer.key_id(), sealed.key_id());
    let without = old.unseal(&newer).unwrap_err();
    assert!(
        matches!(without, CredentialError::NoKey { .. }),
        "{without}"
    );
}

#[test]
fn what_was_sealed_opens_only_as_it_was() {
    let keys = Keys::new(Key::generate().unwrap(), [Key::generate().unwrap()]);
    let sealed = keys.seal(b"a longer plain text").unwrap();
    assert_ne!(
        keys.seal(b"a longer plain text").unwrap(),
        sealed,
        "nothing tells that they are the same"
    );
    let text = sealed.ciphertext().as_str();
    for at in [0, 20, 33, 50, text.len() - 3] {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = Sealed::new(sealed.key_id().clone(), String::from_utf8(bytes).unwrap());
        assert!(
            matches!(keys.unseal(&changed), Err(CredentialError::Store { .. })),
            "{at}"
        );
    }
    for cut in ["", "AAAA", &text[..40]] {
        let changed = Sealed::new(sealed.key_id().clone(), cut);
        assert!(
            matches!(keys.unseal(&changed), Err(CredentialError::Store { .. })),
            "{cut}"
        );
    }
    // Under the name of another key that is there, too.
    let other = keys.ids().nth(1).unwrap().clone();
    assert!(keys.unseal(&Sealed::new(other, text)).is_err());
}
