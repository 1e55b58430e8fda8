//! Bodies: of one media type, within a size, and strict JSON.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use graphloom::json::{Limits, Pointer, read_value};
use graphloom::value::{DecodeError, Step, from_value};
use graphloom::{Value, value};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use crate::problem::{Problem, ServerCode};
use crate::serve::TooSlow;

/// How large a body may be where nothing else is said: 10 MiB, as a graph document may be.
pub const MAX_BODY_BYTES: usize = 10 << 20;

/// The limit of a server's bodies; put into each request by the router.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyLimit(pub(crate) usize);

/// A JSON body that is a `T`. Unknown fields are the type's affair, and all of ours refuse them.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// A JSON body that may be left out altogether, and is the default then.
#[derive(Debug)]
pub struct MaybeBody<T>(pub T);

/// A JSON body as it was sent: a document whose faults have lines and columns.
#[derive(Debug)]
pub struct Document(pub Bytes);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        json_type(request.headers(), &["application/json"])?;
        read_json(&all(request).await?).map(Self)
    }
}

impl<S: Sync, T: DeserializeOwned + Default> FromRequest<S> for MaybeBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let typed = request.headers().contains_key(header::CONTENT_TYPE);
        if typed {
            json_type(request.headers(), &["application/json"])?;
        }
        let bytes = all(request).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        if !typed {
            return Err(wrong_type(&["application/json"]));
        }
        read_json(&bytes).map(Self)
    }
}

impl<S: Sync> FromRequest<S> for Document {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        json_type(request.headers(), &["application/json"])?;
        all(request).await.map(Self)
    }
}

/// Reads all of a body, up to the server's limit.
pub(crate) async fn all(request: Request) -> Result<Bytes, Problem> {
    let limit = request.extensions().get::<BodyLimit>();
    let limit = limit.map_or(MAX_BODY_BYTES, |limit| limit.0);
    within(request, limit).await
}

/// Reads all of a body, up to so many bytes. One that says it is larger is not read at all.
pub(crate) async fn within(request: Request, limit: usize) -> Result<Bytes, Problem> {
    let too_large = || {
        Problem::new(
            ServerCode::BodySize,
            format!("the body may have {limit} bytes and has more"),
        )
    };
    let headers = request.headers();
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Problem::new(
            ServerCode::MediaType,
            "a body with a content encoding is not taken",
        ));
    }
    let said = headers.get(header::CONTENT_LENGTH);
    let said = said.and_then(|said| said.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|said| said > limit as u64) {
        return Err(too_large());
    }
    let limited = Limited::new(request.into_body(), limit);
    match limited.collect().await {
        Ok(all) => Ok(all.to_bytes()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => Err(too_large()),
        Err(error) => Err(cut_off(&*error)),
    }
}

/// Returns the problem that a body did not come as a whole.
pub(crate) fn cut_off(error: &(dyn std::error::Error + 'static)) -> Problem {
    if is_slow(error) {
        return Problem::new(ServerCode::Timeout, "the body took too long to arrive");
    }
    let detail = "the body was cut off, or is not as long as its head says";
    Problem::new(ServerCode::Request, detail)
}

/// Says whether a body failed since it took too long.
fn is_slow(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<TooSlow>() {
            return true;
        }
        next = error.source();
    }
    false
}

/// Refuses a body of another type: exactly one of these, in UTF-8. Returns the position of the one that it is.
pub(crate) fn json_type(headers: &HeaderMap, types: &[&str]) -> Result<usize, Problem> {
    let mut said = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(only), None) = (said.next(), said.next()) else {
        return Err(wrong_type(types));
    };
    let only = only.to_str().map_err(|_| wrong_type(types))?;
    let mut parts = only.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let position = types.iter().position(|t| t.eq_ignore_ascii_case(essence));
    let utf8 = parts.all(|part| {
        let part = part.to_ascii_lowercase();
        part.is_empty() || matches!(part.as_str(), "charset=utf-8" | "charset=\"utf-8\"")
    });
    position.filter(|_| utf8).ok_or_else(|| wrong_type(types))
}

pub(super) fn wrong_type(types: &[&str]) -> Problem {
    let types = types.join(" or ");
    Problem::new(
        ServerCode::MediaType,
        format!("the body is to be {types}, in UTF-8, and to say so by Content-Type"),
    )
}

/// Reads JSON as the engine reads documents: no key twice, no number that would be rounded, within limits of depth.
pub(crate) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let value = read_value(bytes, &Limits::default())?;
    from_value(&value).map_err(|error| misfit(&error))
}

/// Tells where a body does not fit.
pub(crate) fn misfit(error: &DecodeError) -> Problem {
    let pointer = error
        .path()
        .steps()
        .iter()
        .fold(Pointer::root(), |at, step| match step {
            Step::Key(key) => at.push(key),
            Step::Index(index) => at.push_index(usize::try_from(*index).unwrap_or_default()),
        });
    misfit_at(pointer.as_str(), error.message())
}

/// Says that something at this place of a body does not fit.
pub(crate) fn misfit_at(pointer: &str, message: &str) -> Problem {
    let code = ServerCode::Body;
    let object: Value = value!({ "code": code.as_str(), "message": message, "pointer": pointer });
    let detail = match pointer {
        "" => message.to_owned(),
        place => format!("{place}: {message}"),
    };
    Problem::new(code, detail).errors(vec![object])
}

/// Everything that does not fit in a body, by place.
#[derive(Debug, Default)]
pub(crate) struct Misfits(Vec<(String, String)>);

impl Misfits {
    /// Notes that something does not fit.
    pub(crate) fn at(&mut self, pointer: &str, message: impl Into<String>) {
        self.0.push((pointer.to_owned(), message.into()));
    }

    /// Notes that something does not fit, unless it does.
    pub(crate) fn unless(&mut self, fits: bool, pointer: &str, message: &str) {
        if !fits {
            self.at(pointer, message);
        }
    }

    /// # Errors
    /// `HTTP_BODY` with all that was noted.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        let Some((pointer, message)) = self.0.first() else {
            return Ok(());
        };
        let code = ServerCode::Body;
        let detail = match self.0.len() {
            1 => format!("{pointer}: {message}"),
            all => format!("{pointer}: {message}, and {} more", all - 1),
        };
        let object = |(pointer, message): &(String, String)| -> Value {
            value!({ "code": code.as_str(), "message": message.as_str(), "pointer": pointer.as_str() })
        };
        Err(Problem::new(code, detail).errors(self.0.iter().map(object).collect()))
    }
}
