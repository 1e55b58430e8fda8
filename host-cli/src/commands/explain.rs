//! `explain`: the page of an error, without a network.

use graphloom::{Code, fault::nearest, value};

use crate::exit::Exit;
use crate::pages;
use crate::problem::{HostCode, HostError, Problem, code_names};
use crate::report::Report;

pub(crate) fn explain(name: &str, report: &mut Report) -> Result<Exit, Problem> {
    let (code, summary, page) = if let Ok(code) = name.parse::<Code>() {
        let page = pages::page(code.as_str()).map(str::to_owned);
        let page = page.unwrap_or_else(|| format!("# {code}\n\n{}\n", code.summary()));
        (code.as_str(), code.summary(), page)
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
