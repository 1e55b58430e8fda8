//! The two text forms: that of OpenMetrics, and the older one of Prometheus, which most programs read.

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

/// A text form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Prometheus, version 0.0.4.
    Prometheus,
    /// OpenMetrics, version 1.0.0.
    OpenMetrics,
}

impl Form {
    /// Returns its media type, without parameters.
    pub(crate) const fn media(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain",
            Self::OpenMetrics => "application/openmetrics-text",
        }
    }

    /// Returns what an answer says that it is.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// Writes all numbers.
pub(super) fn write(registry: &Registry, form: Form) -> String {
    let mut text = String::new();
    // A text takes whatever is written to it.
    let _ = encode(&mut text, registry);
    match form {
        Form::OpenMetrics => text,
        Form::Prometheus => older(&text),
    }
}

/// OpenMetrics names a counter without `_total` where it says what it is; the older form has it there, too, and knows no units
/// and no end.
fn older(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let mut words = line.split(' ');
        let (mark, what) = (words.next(), words.next());
        match (mark, what) {
            (Some("#"), Some("EOF" | "UNIT")) => continue,
            (Some("#"), Some(what @ ("HELP" | "TYPE"))) => {
                let name = words.next().unwrap_or_default();
                let rest: Vec<&str> = words.collect();
                // The type stands behind the help.
                let kind = match what {
                    "TYPE" => rest.first().copied(),
                    _ => lines.peek().and_then(|next| next.split(' ').nth(3)),
                };
                let total = if kind == Some("counter") {
                    "_total"
                } else {
                    ""
                };
                written.push_str(&format!("# {what} {name}{total} {}\n", rest.join(" ")));
            }
            _ => {
                written.push_str(line);
                written.push('\n');
            }
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_named_alike_in_the_older_form() {
        let new = "# HELP a_b It counts.\n# TYPE a_b counter\na_b_total 1\n# HELP c It stands.\n# TYPE c gauge\nc 2\n# EOF\n";
        let old = "# HELP a_b_total It counts.\n# TYPE a_b_total counter\na_b_total 1\n# HELP c It stands.\n# TYPE c gauge\nc 2\n";
        assert_eq!(older(new), old);
    }
}
