//! Problem documents (RFC 9457) as problems of this program: the same errors, and the same ways to end, as if it had done
//! the work itself.

use graphloom::host::HttpResponse;
use graphloom::json::{Limits, PatchOp, Pointer, read_value};
use graphloom::value::from_value;
use graphloom::{Code, Fault, Value};

use super::client::{foreign, unanswered};
use crate::problem::{Origin, Problem, Refusal, ServerRefusal};

/// Reads why a server refused. Places are those of `origin`.
pub(super) async fn problem(
    response: HttpResponse,
    origin: Option<Origin>,
    has_token: bool,
) -> Problem {
    let status = response.status;
    let after = response.header("retry-after");
    let after = after.and_then(|text| text.parse::<u64>().ok());
    let is_problem = response
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/problem+json"));
    let bytes = match response.body.bytes().await {
        Ok(bytes) => bytes,
        Err(error) => return unanswered(&error),
    };
    let document = read_value(&bytes, &Limits::unlimited()).ok();
    match document.filter(|_| is_problem) {
        Some(document) => of_document(&document, status, after, origin, has_token),
        None => foreign(status, "an answer that is no problem document"),
    }
}

/// Reads why a stream ended before the run did.
pub(super) fn of_stream(document: &Value) -> Problem {
    let status = document.get("status").and_then(Value::as_u64);
    let status = status.and_then(|status| u16::try_from(status).ok());
    of_document(document, status.unwrap_or(500), None, None, true)
}

fn of_document(
    document: &Value,
    status: u16,
    after: Option<u64>,
    origin: Option<Origin>,
    has_token: bool,
) -> Problem {
    let word = |key: &str| {
        document
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let errors = document.get("errors").and_then(Value::as_list);
    let errors = errors.map_or(&[][..], |errors| &errors[..]);
    let code = word("code").parse::<Code>().ok();
    let is_of_engine = |error: &Value| error.get("pointer").is_some();
    if code.is_some() && !errors.is_empty() && errors.iter().all(is_of_engine) {
        let faults: Option<Vec<Fault>> = errors.iter().map(fault).collect();
        if let Some(faults) = faults {
            return Problem::Faults(origin.unwrap_or_default(), faults);
        }
    }
    if let Some(code) = code {
        return Problem::Refused(Box::new(Refusal {
            code,
            message: word("detail").to_owned(),
            help: None,
        }));
    }
    let help = match (status, after) {
        (401, _) if !has_token => {
            Some("give the server's token: GRAPHLOOM_TOKEN, or --token-file FILE".to_owned())
        }
        (_, Some(seconds)) => Some(format!("ask again in {seconds} s")),
        (500.., None) => Some(format!(
            "the server's log has more under {}",
            word("trace_id")
        )),
        _ => None,
    };
    Problem::Server(Box::new(ServerRefusal {
        status,
        code: word("code").to_owned(),
        message: word("detail").to_owned(),
        errors: errors.to_vec(),
        help,
    }))
}

/// Reads error objects of a document.
///
/// # Errors
/// Where one of them has a form that this version does not know.
pub(super) fn faults(errors: &[Value]) -> Result<Vec<Fault>, Problem> {
    let faults: Option<Vec<Fault>> = errors.iter().map(fault).collect();
    faults.ok_or_else(|| foreign(200, "an error that this version does not know"))
}

/// Reads an error object; `None` where it has a code or a form that this version does not know.
fn fault(error: &Value) -> Option<Fault> {
    let word = |key: &str| error.get(key).and_then(Value::as_str);
    let number = |key: &str| u32::try_from(error.get(key)?.as_u64()?).ok();
    let code = word("code")?.parse::<Code>().ok()?;
    let pointer: Pointer = word("pointer")?.parse().ok()?;
    let mut fault = Fault::new(code, pointer, word("message")?);
    (fault.line, fault.column) = (number("line"), number("column"));
    fault.expected = word("expected").map(str::to_owned);
    fault.actual = word("actual").map(str::to_owned);
    if let Some(names) = error.get("suggestions") {
        fault.suggestions = from_value(names).ok()?;
    }
    if let Some(fix) = error.get("fix") {
        fault.fix = from_value::<Vec<PatchOp>>(fix).ok()?;
    }
    Some(fault)
}

#[cfg(test)]
mod tests {
    use graphloom::value::to_value;
    use graphloom::{Engine, Registry, value};

    use super::*;
    use crate::exit::Exit;

    fn check(status: u16, document: &Value, expected: Exit) {
        let problem = of_document(document, status, None, None, true);
        assert_eq!(problem.exit(), expected, "{document}");
        assert!(!problem.errors().is_empty(), "{document}");
    }

    #[test]
    fn a_refusal_ends_the_program_as_its_cause_would_here() {
        let plain = |code: &str| value!({ "code": code, "detail": "why", "errors": [] });
        for (status, code, exit) in [
            (400, "HTTP_PARAMETER", Exit::Invalid),
            (401, "AUTH_INVALID", Exit::Policy),
            (403, "AUTH_SCOPE", Exit::Policy),
            (404, "HTTP_NOT_FOUND", Exit::NotFound),
            (405, "HTTP_METHOD", Exit::Internal),
            (409, "HTTP_CONFLICT", Exit::Conflict),
            (412, "HTTP_PRECONDITION", Exit::Conflict),
            (413, "HTTP_BODY_SIZE", Exit::Invalid),
            (422, "HTTP_BODY", Exit::Invalid),
            (428, "HTTP_PRECONDITION_REQUIRED", Exit::Conflict),
            (429, "HTTP_RATE_LIMIT", Exit::Limit),
            (500, "HTTP_INTERNAL", Exit::Internal),
            (503, "HTTP_DRAINING", Exit::Limit),
            // Codes of the engine tell more than the status does.
            (422, "GRAPH_UNKNOWN_NODE", Exit::NotFound),
            (422, "GRAPH_REFERENCE", Exit::Usage),
            (409, "STORE_RUN_OVER", Exit::Conflict),
            (403, "GRANT_BLOCK", Exit::Policy),
            (507, "STORE_FULL", Exit::Limit),
        ] {
            check(status, &plain(code), exit);
        }
    }

    #[test]
    fn faults_are_read_back_whole() {
        let engine = Engine::new(Registry::new());
        for source in [
            "",
            "{\"a\":",
            r#"{"format": 1, "nodes": {"a": {"blok": "x"}}, "links": [{"from": "a.b", "to": "c"}]}"#,
            r#"{"format": 1, "nodes": {"a": {"block": "no.such"}}}"#,
        ] {
            let faults = engine.diagnose(source.as_bytes()).faults;
            assert!(!faults.is_empty(), "{source}");
            for written in faults {
                let read = to_value(&written).ok().and_then(|object| fault(&object));
                assert_eq!(read.as_ref(), Some(&written));
            }
        }
    }
}
