//! Of what type files are: what whoever uploads one says, kept, and answered only where nothing acts on it.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use graphloom::Text;

use crate::problem::{Problem, ServerCode};

/// Bytes of which nothing is known.
pub(crate) const BYTES: &str = "application/octet-stream";

/// How long a media type may be.
const MAX: usize = 127;

/// Types that a browser would run, or read as what it runs.
const ACTIVE: [&str; 9] = [
    "application/ecmascript",
    "application/javascript",
    "application/x-javascript",
    "application/x-shockwave-flash",
    "application/xml",
    "message/rfc822",
    "multipart/related",
    "text/html",
    "text/xml",
];

/// Returns the media type of an upload, in lower case and without parameters but `charset`.
///
/// # Errors
/// `HTTP_MEDIA_TYPE` where there is none, and for forms, which are not the file but have it in them.
pub(crate) fn of_upload(headers: &HeaderMap) -> Result<Text, Problem> {
    let refuse = |detail: &str| Err(Problem::new(ServerCode::MediaType, detail.to_owned()));
    let mut said = headers.get_all(CONTENT_TYPE).iter();
    let (Some(only), None) = (said.next(), said.next()) else {
        return refuse(
            "say by Content-Type of what type the file is: application/octet-stream for any",
        );
    };
    let text = only.to_str().ok().map(str::to_ascii_lowercase);
    let Some(text) = text.filter(|text| is_type(text)) else {
        return refuse("Content-Type: expected one media type, as image/png");
    };
    let kind = essence(&text);
    if kind.starts_with("multipart/") || kind == "application/x-www-form-urlencoded" {
        return refuse(
            "the body is the file itself, and no form: send its bytes with its own Content-Type",
        );
    }
    Ok(Text::from(text))
}

/// Returns the type that a file is answered with.
pub(crate) fn answered(media_type: &str) -> &str {
    let kind = essence(media_type);
    let is_active = ACTIVE.contains(&kind) || kind.ends_with("+xml") || kind.ends_with("script");
    if is_active || !is_type(media_type) {
        BYTES
    } else {
        media_type
    }
}

fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// Says whether a text is a media type, with parameters or without.
fn is_type(text: &str) -> bool {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    let kind = essence(text).split_once('/');
    text.len() <= MAX
        && text.bytes().all(|b| (b' '..=b'~').contains(&b))
        && kind.is_some_and(|(kind, sub)| is_name(kind) && is_name(sub))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_no_file() {
        let check = |said: &[&str]| {
            let mut headers = HeaderMap::new();
            for said in said {
                headers.append(CONTENT_TYPE, said.parse().expect("a header"));
            }
            of_upload(&headers).map_err(|problem| problem.code())
        };
        assert_eq!(check(&["Image/PNG"]), Ok("image/png".into()));
        let text = "text/plain; charset=utf-8";
        assert_eq!(check(&[text]), Ok(text.into()));
        for bad in [
            &[][..],
            &["image/png", "image/png"],
            &["multipart/form-data; boundary=x"],
            &["application/x-www-form-urlencoded"],
            &["image"],
            &["/"],
            &["a b/c"],
            &[""],
            &[&format!("a/{}", "b".repeat(200))],
        ] {
            assert_eq!(check(bad), Err("HTTP_MEDIA_TYPE"), "{bad:?}");
        }
    }

    #[test]
    fn what_browsers_run_is_answered_as_bytes() {
        for active in [
            "text/html",
            "text/html; charset=utf-8",
            "image/svg+xml",
            "application/xhtml+xml",
            "application/xml",
            "text/javascript",
            "application/javascript",
            "no type",
            "",
        ] {
            assert_eq!(answered(active), BYTES, "{active}");
        }
        for fine in [
            "image/png",
            "text/plain; charset=utf-8",
            "application/json",
            "application/pdf",
        ] {
            assert_eq!(answered(fine), fine);
        }
    }
}
