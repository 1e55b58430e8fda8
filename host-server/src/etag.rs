//! Preconditions (RFC 9110, 13): which version of a resource a request means.
//!
//! An entity tag is the hash of what was written and, behind a point, how often the resource was ([`tag`]). Who reads has
//! what is there only if all of it is the same; who writes means what was written, so that the hash alone is compared, and
//! may be sent alone: what changed beside it, e.g. the tags of a graph, is not lost by the write.

use axum::http::{HeaderMap, HeaderName, StatusCode, header};

use crate::problem::{Problem, ServerCode};

/// Returns the entity tag, without quotes, of what has this hash and was written so often.
pub(crate) fn tag(hash: &str, revision: u64) -> String {
    format!("{hash}.{revision}")
}

/// Returns the hash in an entity tag.
pub(crate) fn hash(tag: &str) -> &str {
    tag.split_once('.').map_or(tag, |(hash, _)| hash)
}

/// What a writing request asks of the version that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// `If-Match: *`: there is one.
    Any,
    /// `If-Match` with entity tags: it is one of these.
    OneOf(Vec<String>),
    /// `If-None-Match: *`: there is none yet.
    None,
}

impl Asked {
    /// Reads the preconditions of a request that writes.
    ///
    /// # Errors
    /// `HTTP_PRECONDITION_REQUIRED` without one; `HTTP_PARAMETER` for one that cannot be read.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let if_match = tags(headers, &header::IF_MATCH)?;
        let if_none = tags(headers, &header::IF_NONE_MATCH)?;
        match (if_match, if_none) {
            (Some(Tags::Any), None) => Ok(Self::Any),
            // A weak one means no version that could be written over (RFC 9110, 13.1.1).
            (Some(Tags::These(tags)), None) => {
                let strong = tags.into_iter().filter(|tag| !tag.weak);
                Ok(Self::OneOf(strong.map(|tag| tag.text).collect()))
            }
            (None, Some(Tags::Any)) => Ok(Self::None),
            (None, None) => Err(Problem::new(
                ServerCode::PreconditionRequired,
                "say which version is meant: If-Match with its ETag, or If-None-Match: * to create",
            )),
            _ => Err(Problem::new(
                ServerCode::Parameter,
                "give one of If-Match: \"TAG\", If-Match: * and If-None-Match: *",
            )),
        }
    }

    /// Reads the preconditions of a request that changes or deletes what is there.
    ///
    /// # Errors
    /// As [`Asked::of`]; `HTTP_PARAMETER` for `If-None-Match`.
    pub(crate) fn of_change(headers: &HeaderMap) -> Result<Self, Problem> {
        match Self::of(headers)? {
            Self::None => Err(Problem::new(
                ServerCode::Parameter,
                "say which version is meant, by If-Match: what is not there cannot be changed",
            )),
            asked => Ok(asked),
        }
    }

    /// Returns the status of the answer to a write that did what was asked.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::None => StatusCode::CREATED,
            _ => StatusCode::OK,
        }
    }

    /// Says whether the version with this tag, or that there is none, is what was asked for.
    ///
    /// # Errors
    /// `HTTP_PRECONDITION`, with the tag of what is there.
    pub(crate) fn check(&self, current: Option<&str>) -> Result<(), Problem> {
        let fits = match (self, current) {
            (Self::Any, Some(_)) | (Self::None, None) => true,
            (Self::OneOf(tags), Some(current)) => tags.iter().any(|tag| hash(tag) == hash(current)),
            _ => false,
        };
        if fits {
            return Ok(());
        }
        let detail = match current {
            Some(_) if *self == Self::None => "there is one already",
            Some(_) => "it has changed since",
            None => "there is none",
        };
        let problem = Problem::new(ServerCode::Precondition, detail);
        Err(match current {
            Some(tag) => problem.with("etag", format!("\"{tag}\"")),
            None => problem,
        })
    }
}

/// Says whether a reading request has this version already (`If-None-Match`).
pub(crate) fn is_known(headers: &HeaderMap, current: &str) -> bool {
    match tags(headers, &header::IF_NONE_MATCH) {
        Ok(Some(Tags::Any)) => true,
        Ok(Some(Tags::These(tags))) => tags.iter().any(|tag| tag.text == current),
        _ => false,
    }
}

enum Tags {
    Any,
    These(Vec<Tag>),
}

struct Tag {
    weak: bool,
    text: String,
}

/// Reads `*`, or a list of entity tags (RFC 9110, 8.8.3; empty elements of a list count for nothing).
fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Tags>, Problem> {
    let unreadable = || {
        Problem::new(
            ServerCode::Parameter,
            format!("{name} is `*`, or entity tags in quotes"),
        )
    };
    let (mut found, mut stars) = (Vec::new(), 0);
    for line in headers.get_all(name) {
        let mut rest = line.to_str().map_err(|_| unreadable())?.trim();
        if rest == "*" {
            stars += 1;
            continue;
        }
        loop {
            let (tag, after) = next(rest).ok_or_else(unreadable)?;
            found.push(tag);
            rest = after.trim_start_matches(BETWEEN);
            if rest.is_empty() {
                break;
            }
        }
    }
    match (stars, found.is_empty()) {
        (0, true) => Ok(None),
        (0, false) => Ok(Some(Tags::These(found))),
        (1, true) => Ok(Some(Tags::Any)),
        _ => Err(unreadable()),
    }
}

/// What may stand between entity tags.
const BETWEEN: [char; 3] = [' ', '\t', ','];

/// Reads the entity tag that a line begins with, which the line's end or a comma is to follow.
fn next(line: &str) -> Option<(Tag, &str)> {
    let line = line.trim_start_matches(BETWEEN);
    let quoted = line.strip_prefix("W/");
    let weak = quoted.is_some();
    let (text, rest) = quoted.unwrap_or(line).strip_prefix('"')?.split_once('"')?;
    let fits = text.bytes().all(|b| b.is_ascii_graphic());
    let rest = rest.trim_start();
    (fits && (rest.is_empty() || rest.starts_with(','))).then(|| {
        let text = text.to_owned();
        (Tag { weak, text }, rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in lines {
            map.append(*name, value.parse().expect("a header value"));
        }
        map
    }

    #[test]
    fn preconditions_as_they_are_sent() {
        type Case = (
            &'static [(&'static str, &'static str)],
            Result<(), &'static str>,
        );
        let cases: &[Case] = &[
            (&[("if-match", "\"now\"")], Ok(())),
            (&[("if-match", "\"old\", \"now\"")], Ok(())),
            (&[("if-match", "*")], Ok(())),
            (&[("if-match", "\"old\"")], Err("HTTP_PRECONDITION")),
            (&[("if-match", "W/\"now\"")], Err("HTTP_PRECONDITION")),
            (&[("if-none-match", "*")], Err("HTTP_PRECONDITION")),
            (&[], Err("HTTP_PRECONDITION_REQUIRED")),
            (&[("if-match", "now")], Err("HTTP_PARAMETER")),
            (&[("if-match", "\"a,b\" , , \"now\",")], Ok(())),
            (&[("if-match", "\"old\""), ("if-match", "\"now\"")], Ok(())),
            (&[("if-match", "\"a,b\"")], Err("HTTP_PRECONDITION")),
            (&[("if-match", "")], Err("HTTP_PARAMETER")),
            (&[("if-match", ",")], Err("HTTP_PARAMETER")),
            (&[("if-match", "\"now")], Err("HTTP_PARAMETER")),
            (&[("if-match", "\"no w\"")], Err("HTTP_PARAMETER")),
            (&[("if-match", "\"now\" \"old\"")], Err("HTTP_PARAMETER")),
            (&[("if-match", "*, \"now\"")], Err("HTTP_PARAMETER")),
            (
                &[("if-match", "*"), ("if-match", "\"now\"")],
                Err("HTTP_PARAMETER"),
            ),
            (&[("if-none-match", "\"now\"")], Err("HTTP_PARAMETER")),
            (
                &[("if-match", "*"), ("if-none-match", "*")],
                Err("HTTP_PARAMETER"),
            ),
        ];
        for (lines, expected) in cases {
            let found = Asked::of(&headers(lines)).and_then(|asked| asked.check(Some("now")));
            assert_eq!(found.map_err(|p| p.code()), *expected, "{lines:?}");
        }
    }

    #[test]
    fn who_writes_means_the_hash_and_who_reads_all_of_the_tag() {
        let check = |asked: &'static str, current: &str| {
            let lines = headers(&[("if-match", asked)]);
            let asked = Asked::of(&lines).expect("it can be read");
            asked.check(Some(current)).is_ok()
        };
        assert!(check("\"h\"", "h.1") && check("\"h.1\"", "h.2"));
        assert!(!check("\"g.1\"", "h.1"));
        let known = |lines| is_known(&headers(lines), "h.2");
        assert!(known(&[("if-none-match", "\"g\", \"h.2\"")]));
        assert!(known(&[("if-none-match", "*")]) && known(&[("if-none-match", "W/\"h.2\"")]));
        assert!(!known(&[("if-none-match", "\"h.1\"")]) && !known(&[("if-none-match", "\"h\"")]));
        assert!(!known(&[]));
    }

    #[test]
    fn creating_takes_that_there_is_none() {
        let asked = Asked::of(&headers(&[("if-none-match", "*")])).expect("it can be read");
        assert!(asked.check(None).is_ok());
        let asked = Asked::of(&headers(&[("if-match", "*")])).expect("it can be read");
        assert_eq!(
            asked.check(None).err().map(|p| p.code()),
            Some("HTTP_PRECONDITION")
        );
    }
}
