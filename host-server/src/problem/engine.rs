//! What the engine, its stores and its blocks refuse, as problems.

use axum::http::StatusCode;
use graphloom::host::StoreError;
use graphloom::value::to_value;
use graphloom::{Code, Fault, Faults, KeepError, Value, value};

use super::{Inner, Problem};
use graphloom::value::Map;

/// Returns the HTTP status for a code of the engine: of a document, of what a run was given, or of a store.
#[must_use]
pub fn status_of(code: Code) -> StatusCode {
    let name = code.as_str();
    match code {
        Code::LimitDocumentBytes | Code::InputBytes => StatusCode::PAYLOAD_TOO_LARGE,
        _ if name.starts_with("JSON_") || code == Code::PatchSyntax => StatusCode::BAD_REQUEST,
        Code::GrantBlock | Code::GrantCapability | Code::BlockRefused => StatusCode::FORBIDDEN,
        Code::StoreLabels => StatusCode::UNPROCESSABLE_ENTITY,
        Code::StoreUnknownRun => StatusCode::NOT_FOUND,
        Code::StoreRunOver | Code::StoreRunExists | Code::StoreLeased | Code::RunChanged => {
            StatusCode::CONFLICT
        }
        Code::StoreFull => StatusCode::INSUFFICIENT_STORAGE,
        Code::StoreBusy | Code::StoreReadOnly => StatusCode::SERVICE_UNAVAILABLE,
        _ if name.starts_with("STORE_") || code == Code::RunNoRuntime => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
        // The document can be read; what it says will not do.
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

impl Problem {
    /// Returns the problem that a code of the engine stands for.
    #[must_use]
    pub fn of_code(code: Code, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let status = status_of(code);
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            return Self::internal(format!("{code}: {detail}"));
        }
        let object = value!({ "code": code.as_str(), "message": detail.as_str() });
        Self(Box::new(Inner {
            code: code.as_str(),
            title: code.summary(),
            status,
            detail,
            errors: vec![object],
            headers: Vec::new(),
            more: Map::new(),
        }))
    }

    /// Returns the problem that faults of a document stand for: all of them, and the first one's code.
    #[must_use]
    pub fn of_faults(faults: &[Fault]) -> Self {
        let Some(first) = faults.first() else {
            return Self::internal("a refusal without a fault");
        };
        let detail = match faults.len() {
            1 => first.message.clone(),
            more => format!("{}, and {} more", first.message, more - 1),
        };
        let object = |fault: &Fault| to_value(fault).unwrap_or(Value::Null);
        Self::of_code(first.code, detail).errors(faults.iter().map(object).collect())
    }
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Self {
        Self::of_faults(&faults.0)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::UnknownRun { run } => Self::not_found("run", run),
            StoreError::Busy { .. } => {
                Self::of_code(error.code(), error.to_string()).retry_after(1)
            }
            _ => Self::of_code(error.code(), error.to_string()),
        }
    }
}

impl From<KeepError> for Problem {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Faults(faults) => faults.into(),
            KeepError::Store(error) => error.into(),
            other => Self::of_code(other.code(), other.to_string()),
        }
    }
}
