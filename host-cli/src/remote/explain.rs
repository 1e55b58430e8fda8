//! `explain`: codes that only the server knows.

use graphloom::value;

use super::Remote;
use crate::exit::Exit;
use crate::problem::Problem;
use crate::report::Report;

pub(super) fn explain(code: &str, remote: &Remote, report: &mut Report) -> Result<Exit, Problem> {
    let code = code.to_ascii_uppercase();
    let page = remote.wait(remote.client.page(&["errors", &code]))?;
    // `# CODE`, an empty line, and what it means.
    let summary = page.lines().nth(2).unwrap_or_default();
    let answer = value!({ "code": (code.as_str()), "summary": summary, "page": (page.as_str()) });
    report.answer(&answer, |_| page.clone());
    Ok(Exit::Ok)
}
