//! `explain`: the page of an error, without a network.

use graphloom::{Code, fault::nearest, value};

use crate::exit::Exit;
use crate::problem::{HostCode, HostError, Problem, code_names};
use crate::report::Report;

pub(crate) fn explain(name: &str, report: &mut Report) -> Result<Exit, Problem> {
    let (code, summary, page) = if let Ok(code) = name.parse::<Code>() {
        (code.as_str(), code.summary(), code.page().to_owned())
    } else if let Ok(code) = name.parse::<HostCode>() {
        let page = format!(
            "# {code}\n\n{}\n\n## Mend\n\n{}\n",
            code.summary(),
            code.mend()
        );
        (code.as_str(), code.summary(), page)
    } else {
        let error = HostError::new(
            HostCode::UnknownCode,
            format!("there is no error code \"{name}\""),
        );
        let near = nearest(name, code_names());
        return Err(error
            .suggest(near)
            .help("`graphloom schema errors` has all of them")
            .into());
    };
    if report.is_json() {
        report.json(&value!({ "code": code, "summary": summary, "page": page }));
    } else {
        report.text(&page);
    }
    Ok(Exit::Ok)
}
