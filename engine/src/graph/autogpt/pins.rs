//! AutoGPT's pin names: a pin and then, behind delimiters, the way into its value (`values_#_name`, `list_$_0`).

use crate::value::{Path, Step, Text};

/// Delimiters in the order in which a name is cut to find its pin.
const DELIMITERS: [&str; 3] = ["_$_", "_#_", "_@_"];
const LIST: &str = "_$_";
const KEY: &str = "_#_";

/// The pin that offers tools to a model.
const TOOLS: &str = "tools";
const TOOL_PREFIX: &str = "tools_^_";

/// What stands behind the pin in a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Selector {
    /// The way into the value; empty where the name is that of a plain pin.
    Path(Path),
    /// Not a sequence of delimiters and names: AutoGPT finds nothing with it and builds nothing by it.
    Void,
    /// A position in a list that is not an integer: AutoGPT finds nothing with it and fails to build by it.
    NoIndex,
}

/// Cuts a name into its pin and the rest.
pub(super) fn split(name: &str) -> (&str, &str) {
    let base = DELIMITERS.iter().fold(name, |base, delimiter| {
        base.split(delimiter).next().unwrap_or(base)
    });
    if base == TOOLS || base.starts_with(TOOL_PREFIX) {
        return (TOOLS, "");
    }
    (base, name.get(base.len()..).unwrap_or_default())
}

/// Reads the rest of a name.
pub(super) fn selector(mut rest: &str) -> Selector {
    let mut path = Path::default();
    while !rest.is_empty() {
        let Some(delimiter) = DELIMITERS.into_iter().find(|d| rest.starts_with(d)) else {
            return Selector::Void;
        };
        rest = rest.get(delimiter.len()..).unwrap_or_default();
        let end = DELIMITERS
            .into_iter()
            .filter_map(|d| rest.find(d))
            .min()
            .unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        rest = after;
        if name.is_empty() {
            return Selector::Void;
        }
        let step = match (delimiter, index(name)) {
            (LIST, Some(index)) => Step::Index(index),
            (LIST, None) => return Selector::NoIndex,
            _ => Step::Key(Text::from(name)),
        };
        path.push(step);
    }
    Selector::Path(path)
}

/// Reads an integer as AutoGPT's host language does: spaces around it, a sign, and single `_` between digits.
fn index(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.starts_with('_')
        || text.ends_with('_')
        || text.contains("__")
        || text.contains("+_")
        || text.contains("-_")
    {
        return None;
    }
    text.replace('_', "").parse().ok()
}

/// Writes a pin and a path as AutoGPT does.
pub(in crate::graph) fn flatten(pin: &str, path: &Path) -> String {
    let mut name = pin.to_owned();
    for step in path.steps() {
        match step {
            Step::Key(key) => {
                name.push_str(KEY);
                name.push_str(key);
            }
            Step::Index(index) => {
                name.push_str(LIST);
                name.push_str(&index.to_string());
            }
        }
    }
    name
}

/// Puts another pin in front of what stands behind the pin of a name.
pub(in crate::graph) fn with_pin(name: &str, pin: &str) -> String {
    format!("{pin}{}", split(name).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut() {
        for (name, base, rest) in [
            ("values_#_a", "values", "_#_a"),
            ("x_@_y", "x", "_@_y"),
            ("plain", "plain", ""),
            ("values_#_a_$_0_#_b", "values", "_#_a_$_0_#_b"),
            ("tools_^_a_~_b", "tools", ""),
            ("tools_^_a_~_values_#_b", "tools", ""),
            ("tools", "tools", ""),
            ("_#_a", "", "_#_a"),
        ] {
            assert_eq!(split(name), (base, rest), "{name}");
        }
    }

    #[test]
    fn selectors_are_read() {
        let path = |text: &str| Path::parse(text).map(Selector::Path).unwrap();
        for (rest, expected) in [
            ("", path("")),
            ("_#_a_#_b_$_1", path(".a.b[1]")),
            ("_$_-1", path("[-1]")),
            ("_$_ +1_0 ", path("[10]")),
            ("_#_x y", path("[\"x y\"]")),
            ("_@_upper", path(".upper")),
            ("_$_x", Selector::NoIndex),
            ("_#_", Selector::Void),
            ("rest", Selector::Void),
        ] {
            assert_eq!(selector(rest), expected, "{rest:?}");
        }
    }

    #[test]
    fn flattened_names_read_back() {
        for name in ["a", "a_#_b", "a_#_b_$_0", "a_$_-1_#_c d"] {
            let (pin, rest) = split(name);
            let Selector::Path(path) = selector(rest) else {
                panic!("{name}")
            };
            assert_eq!(flatten(pin, &path), name);
            assert_eq!(with_pin(name, "z"), name.replacen('a', "z", 1));
        }
    }
}
