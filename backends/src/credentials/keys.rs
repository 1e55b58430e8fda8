//! Keys: 32 random bytes, written in base64. The newest seals, the older ones open what they have sealed.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use graphloom::Text;
use graphloom::host::{BoxFuture, Credential, CredentialError, Credentials};
use graphloom::value::Sealed;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::{disk, seal};

const LENGTH: usize = 32;

/// How large a key file may be: a thousand keys.
const MAX_FILE_BYTES: u64 = 64 << 10;

/// What sealed values of runs are sealed as, so that none opens as something else.
const OF_A_RUN: &str = "graphloom-value/1";

/// A key. `Debug` shows its id only, and its bytes are wiped when it is dropped.
pub struct Key {
    id: Text,
    bytes: Zeroizing<[u8; LENGTH]>,
}

impl Key {
    /// Draws a key.
    ///
    /// # Errors
    /// [`KeyError::Random`].
    pub fn generate() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0_u8; LENGTH]);
        getrandom::fill(bytes.as_mut()).map_err(|error| KeyError::Random {
            message: error.to_string(),
        })?;
        Ok(Self::of(bytes))
    }

    /// Reads a key: base64 (RFC 4648) of 32 bytes. `None` where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let decoded = Zeroizing::new(STANDARD.decode(text.trim()).ok()?);
        let mut bytes = Zeroizing::new([0_u8; LENGTH]);
        if decoded.len() != LENGTH {
            return None;
        }
        bytes.copy_from_slice(&decoded);
        // Whatever wrote this drew nothing.
        let is_drawn = bytes.iter().any(|byte| Some(byte) != bytes.first());
        is_drawn.then(|| Self::of(bytes))
    }

    fn of(bytes: Zeroizing<[u8; LENGTH]>) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"graphloom-key/1\0");
        hash.update(*bytes);
        let hash = hash.finalize();
        let id: String = hash
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            id: Text::from(id),
            bytes,
        }
    }

    /// Returns its name: 16 hexadecimal digits that tell nothing of it.
    #[must_use]
    pub const fn id(&self) -> &Text {
        &self.id
    }

    pub(super) fn bytes(&self) -> &[u8; LENGTH] {
        &self.bytes
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// Keys, the newest first; at least one. Cheap to clone.
///
/// They know no credentials, but seal and open: a host that has a key and nothing else can use them as its store.
#[derive(Debug, Clone)]
pub struct Keys(Arc<[Key]>);

/// Why there is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// There is no such file.
    #[error("there is no key file {}", path.display())]
    Missing {
        /// Where it would be.
        path: PathBuf,
    },
    /// Others may read or change the file, so that it is no secret.
    #[error("the key file {} is open to others (mode {mode:03o}): expected 600", path.display())]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// This is no key, or none that was drawn.
    #[error("{origin}, line {line}: expected 32 random bytes in base64")]
    NoKey {
        /// What was read: a file, a variable.
        origin: String,
        /// Which line, from 1.
        line: usize,
    },
    /// There is no key in it.
    #[error("{origin} holds no key: expected 32 random bytes in base64")]
    Empty {
        /// What was read.
        origin: String,
    },
    /// The file cannot be read or written.
    #[error("the key file {}: {message}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        message: String,
    },
    /// The system gave no random bytes.
    #[error("the system gives no random bytes: {message}")]
    Random {
        /// Its reason.
        message: String,
    },
    /// More than can be sealed at once.
    #[error("{bytes} bytes cannot be sealed at once")]
    TooLong {
        /// How much.
        bytes: u64,
    },
}

impl Keys {
    /// Returns these keys, the newest first.
    #[must_use]
    pub fn new(newest: Key, older: impl IntoIterator<Item = Key>) -> Self {
        Self(std::iter::once(newest).chain(older).collect())
    }

    /// Reads keys, one a line, the newest first; empty lines and those that begin with `#` are passed over. `origin` says
    /// in errors what was read.
    ///
    /// # Errors
    /// [`KeyError::NoKey`], [`KeyError::Empty`]; none shows anything of the text.
    pub fn parse(text: &str, origin: &str) -> Result<Self, KeyError> {
        let mut keys = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            keys.push(Key::parse(line).ok_or_else(|| KeyError::NoKey {
                origin: origin.to_owned(),
                line: at + 1,
            })?);
        }
        if keys.is_empty() {
            return Err(KeyError::Empty {
                origin: origin.to_owned(),
            });
        }
        Ok(Self(keys.into()))
    }

    /// Reads a key file, which nobody but its owner may read.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let failed = |error: &io::Error| match error.kind() {
            io::ErrorKind::NotFound => KeyError::Missing {
                path: path.to_owned(),
            },
            _ => KeyError::File {
                path: path.to_owned(),
                message: error.to_string(),
            },
        };
        let mut file = File::open(path).map_err(|error| failed(&error))?;
        // Of the file that is open, and not of one that took its place meanwhile.
        private(path, &file)?;
        let mut text = Zeroizing::new(String::new());
        let read = (&mut file).take(MAX_FILE_BYTES).read_to_string(&mut text);
        read.map_err(|error| failed(&error))?;
        Self::parse(&text, &format!("the key file {}", path.display()))
    }

    /// Draws a key and writes a key file that is not there yet, which nobody but its owner may read.
    ///
    /// # Errors
    /// [`KeyError::File`] where one is there, or where it cannot be written.
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let keys = Self::new(Key::generate()?, []);
        let written = disk::create(path, keys.text().as_bytes());
        written.map_err(|error| KeyError::File {
            path: path.to_owned(),
            message: error.to_string(),
        })?;
        Ok(keys)
    }

    /// Draws a key and puts it before those in the file. The older ones stay: they open what they have sealed.
    ///
    /// # Errors
    /// As [`Keys::read`].
    pub fn add_to(path: &Path) -> Result<Self, KeyError> {
        let older = Self::read(path)?;
        let newest = Key::generate()?;
        let older = older.0.iter().map(|key| Key::of(key.bytes.clone()));
        let keys = Self::new(newest, older);
        let written = disk::replace(path, keys.text().as_bytes());
        written.map_err(|error| KeyError::File {
            path: path.to_owned(),
            message: error.to_string(),
        })?;
        Ok(keys)
    }

    /// Returns keys of their own for a purpose: what is sealed for one opens for no other, and whoever has them learns
    /// nothing of these. The same keys and purpose always give the same.
    ///
    /// ```
    /// use graphloom_backends::credentials::{Key, Keys};
    ///
    /// let keys = Keys::new(Key::generate()?, []);
    /// assert_eq!(keys.for_purpose("ada").newest().map(Key::id), keys.for_purpose("ada").newest().map(Key::id));
    /// assert_ne!(keys.for_purpose("ada").newest().map(Key::id), keys.for_purpose("bob").newest().map(Key::id));
    /// # Ok::<(), graphloom_backends::credentials::KeyError>(())
    /// ```
    #[must_use]
    pub fn for_purpose(&self, purpose: &str) -> Self {
        let derived = self.0.iter().map(|key| {
            // What comes out is never shown, and a key has one length: a hash behind the key is a keyed hash here.
            let mut hash = Sha256::new();
            hash.update(b"graphloom-key-of/1\0");
            hash.update(*key.bytes);
            hash.update(purpose.as_bytes());
            Key::of(Zeroizing::new(hash.finalize().into()))
        });
        Self(derived.collect())
    }

    fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::from(
            "# Graphloom keys, the newest first. Whoever has them can read what they sealed.\n",
        ));
        // Grows once, so that no copy is left where it had grown from.
        text.reserve(self.0.len() * 48);
        for key in self.0.iter() {
            let mut line = STANDARD.encode(*key.bytes);
            text.push_str(&line);
            text.push('\n');
            line.zeroize();
        }
        text
    }

    /// Returns the one that seals.
    #[must_use]
    pub fn newest(&self) -> Option<&Key> {
        self.0.first()
    }

    /// Returns the one of this name.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.id.as_str() == id)
    }

    /// Returns their names, the newest first.
    pub fn ids(&self) -> impl Iterator<Item = &Text> {
        self.0.iter().map(Key::id)
    }
}

#[cfg(unix)]
fn private(path: &Path, file: &File) -> Result<(), KeyError> {
    use std::os::unix::fs::MetadataExt;
    let found = file.metadata().map_err(|error| KeyError::File {
        path: path.to_owned(),
        message: error.to_string(),
    })?;
    let mode = found.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyError::OpenToOthers {
            path: path.to_owned(),
            mode,
        });
    }
    Ok(())
}

#[cfg(not(unix))]
fn private(_: &Path, _: &File) -> Result<(), KeyError> {
    // Who may read a file is for its folder to say there.
    Ok(())
}

fn about(key: &str) -> Vec<u8> {
    format!("{OF_A_RUN}\n{key}").into_bytes()
}

impl Credentials for Keys {
    fn get<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Credential, CredentialError>> {
        Box::pin(std::future::ready(Err(CredentialError::Unknown)))
    }

    fn seal(&self, plain: &[u8]) -> Result<Sealed, CredentialError> {
        let key = self.newest().ok_or_else(|| CredentialError::NoKey {
            message: "none was given".to_owned(),
        })?;
        let sealed = seal::seal(key, &about(&key.id), plain);
        let sealed = sealed.map_err(|error| CredentialError::Store {
            message: error.to_string(),
        })?;
        Ok(Sealed::new(key.id.clone(), sealed))
    }

    fn unseal(&self, sealed: &Sealed) -> Result<Vec<u8>, CredentialError> {
        let id = sealed.key_id();
        let key = self.get(id).ok_or_else(|| CredentialError::NoKey {
            message: format!("\"{id}\" is not among those that were given"),
        })?;
        let plain = seal::open(key, &about(id), sealed.ciphertext());
        let plain = plain.map_err(|_| CredentialError::Store {
            message: "a sealed value was changed, or is none of a run".to_owned(),
        })?;
        Ok(plain.to_vec())
    }
}
