//! `schema`: the forms of what this program reads and writes.

use clap::CommandFactory;
use graphloom::json::{Limits, read_value, to_json_pretty};
use graphloom::value::Map;
use graphloom::{Code, Value, value};

use crate::args::{Cli, Topic};
use crate::exit::Exit;
use crate::problem::HostCode;
use crate::report::Report;

pub(crate) fn schema(topic: Topic, report: &mut Report) -> Exit {
    let answer = match topic {
        Topic::Graph => file(include_str!("../schemas/graph.json")),
        Topic::Block => file(include_str!("../schemas/block.json")),
        Topic::Events => file(include_str!("../schemas/events.json")),
        Topic::Errors => errors(),
        Topic::ExitCodes => exit_codes(),
        Topic::Cli => command(&Cli::command()),
    };
    if report.is_json() {
        report.json(&answer);
    } else {
        report.text(&(to_json_pretty(&answer) + "\n"));
    }
    Exit::Ok
}

fn file(text: &str) -> Value {
    // The files are part of the program, and a test reads them.
    read_value(text.as_bytes(), &Limits::default()).unwrap_or(Value::Null)
}

fn errors() -> Value {
    let engine = Code::ALL.iter().map(|code| (code.as_str(), code.summary()));
    let host = HostCode::ALL
        .iter()
        .map(|code| (code.as_str(), code.summary()));
    let codes = engine
        .chain(host)
        .map(|(code, summary)| value!({ "code": code, "summary": summary }));
    let codes: Value = codes.collect();
    value!({
        "object": {
            "code": "one of the codes below; its meaning stays",
            "message": "what is wrong, one line",
            "pointer": "where in the document, as a JSON pointer (RFC 6901); empty: all of it",
            "file": "in which document",
            "line": "from 1; with column, in characters from 1, where it is known",
            "expected": "what would have done, in words",
            "actual": "what was found, in words",
            "suggestions": "the nearest known names, best first",
            "fix": "a JSON Patch (RFC 6902) that mends it; `graph patch --fix` applies it",
            "docs": "the page: `explain CODE` prints it",
        },
        "codes": codes,
    })
}

fn exit_codes() -> Value {
    let codes = Exit::ALL.iter().map(|exit| {
        value!({ "code": i64::from(exit.code()), "name": exit.name(), "summary": exit.summary() })
    });
    let codes: Value = codes.collect();
    value!({ "exit_codes": codes })
}

/// The command line as data: what `--help` says.
fn command(command: &clap::Command) -> Value {
    let mut map = Map::new();
    map.insert("name", command.get_name());
    if let Some(about) = command.get_about() {
        map.insert("about", about.to_string());
    }
    if let Some(more) = command.get_after_help() {
        map.insert("more", more.to_string());
    }
    let arguments: Value = command
        .get_arguments()
        .filter(|arg| arg.get_id() != "help")
        .map(argument)
        .collect();
    if arguments.as_list().is_some_and(|list| !list.is_empty()) {
        map.insert("arguments", arguments);
    }
    let commands: Value = command.get_subcommands().map(self::command).collect();
    if commands.as_list().is_some_and(|list| !list.is_empty()) {
        map.insert("commands", commands);
    }
    map.into()
}

fn argument(arg: &clap::Arg) -> Value {
    let mut map = Map::new();
    match (arg.get_long(), arg.get_value_names()) {
        (Some(long), _) => map.insert("name", format!("--{long}")),
        (None, Some([name, ..])) => map.insert("name", name.as_str()),
        (None, _) => map.insert("name", arg.get_id().as_str()),
    };
    if let Some(short) = arg.get_short() {
        map.insert("short", format!("-{short}"));
    }
    let takes = arg.get_action().takes_values();
    if let (true, Some([name, ..])) = (takes && arg.get_long().is_some(), arg.get_value_names()) {
        map.insert("value", name.as_str());
    }
    let allowed: Vec<String> = arg
        .get_possible_values()
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect();
    if takes && !allowed.is_empty() {
        map.insert(
            "one_of",
            allowed.iter().map(String::as_str).collect::<Value>(),
        );
    }
    if let [default] = arg.get_default_values() {
        map.insert("default", default.to_string_lossy().into_owned());
    }
    if arg.is_required_set() {
        map.insert("required", true);
    }
    let many = matches!(arg.get_action(), clap::ArgAction::Append);
    if many {
        map.insert("many", true);
    }
    if let Some(help) = arg.get_help() {
        map.insert("help", help.to_string());
    }
    map.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_json() {
        for text in [
            include_str!("../schemas/graph.json"),
            include_str!("../schemas/block.json"),
            include_str!("../schemas/events.json"),
        ] {
            assert!(file(text).get("title").is_some(), "{text}");
        }
    }
}
