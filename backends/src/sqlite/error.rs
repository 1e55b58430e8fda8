//! What goes wrong inside becomes a [`StoreError`] at the border.

use std::io;
use std::path::Path;

use graphloom::host::StoreError;
use rusqlite::ErrorCode;
use rusqlite::ffi;

/// Why some work stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// It was refused before anything was written.
    Refused(StoreError),
    /// SQLite failed; what was written in the same transaction must not stay.
    Sql(rusqlite::Error),
    /// A file beside the database could not be read or written.
    File(io::Error),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl Stop {
    /// Says what happened to a caller; `file` is the database.
    pub(super) fn to_error(&self, file: &Path) -> StoreError {
        match self {
            Self::Refused(error) => error.clone(),
            Self::Sql(error) => from_sql(error, file),
            Self::File(error) => from_file(error),
        }
    }

    /// Says whether others hold the database.
    pub(super) fn is_busy(&self) -> bool {
        matches!(
            self.code(),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
        )
    }

    /// Says whether a sync failed. Nobody knows what of the earlier writes has reached the disk then, and a later sync that
    /// succeeds says nothing about them.
    pub(super) fn is_failed_sync(&self) -> bool {
        let Self::Sql(rusqlite::Error::SqliteFailure(error, _)) = self else {
            return false;
        };
        [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_DIR_FSYNC].contains(&error.extended_code)
    }

    fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Sql(error) => error.sqlite_error_code(),
            _ => None,
        }
    }
}

fn from_sql(error: &rusqlite::Error, file: &Path) -> StoreError {
    let message = format!("{}: {error}", file.display());
    let extended = match error {
        rusqlite::Error::SqliteFailure(error, _) => error.extended_code,
        // A column that is not of the type that was written.
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..)
        | rusqlite::Error::Utf8Error(..) => return broken(message),
        _ => return StoreError::Failed { message },
    };
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full { message },
        // The index of the log could not grow.
        _ if extended == ffi::SQLITE_IOERR_SHMSIZE => StoreError::Full { message },
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            StoreError::ReadOnly { message }
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { message },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => broken(message),
        _ => StoreError::Failed { message },
    }
}

fn from_file(error: &io::Error) -> StoreError {
    let message = error.to_string();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full { message },
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            StoreError::ReadOnly { message }
        }
        _ => StoreError::Failed { message },
    }
}

/// Says that the store itself is damaged.
pub(super) fn broken(message: impl Into<String>) -> StoreError {
    broken_at("", 0, message)
}

/// Says that what is kept of a run is damaged.
pub(super) fn broken_at(run: &str, seq: u64, message: impl Into<String>) -> StoreError {
    StoreError::Broken {
        run: run.to_owned(),
        seq,
        message: message.into(),
    }
}

/// Says that there is no such run.
pub(super) fn unknown(run: &str) -> StoreError {
    StoreError::UnknownRun {
        run: run.to_owned(),
    }
}
