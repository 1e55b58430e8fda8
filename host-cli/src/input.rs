//! What comes in: files and standard input, read with an end to it, and values written on the command line.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use graphloom::fault::nearest;
use graphloom::graph::PinRef;
use graphloom::json::{Limits, Pointer, read_value};
use graphloom::value::Map;
use graphloom::{Code, Fault, Text, Value};

use crate::args::GivenArgs;
use crate::problem::{HostCode, HostError, Origin, Problem};
use crate::report::Report;

/// Reads a file, or standard input for `-`. Reads one byte more than a document may have at most, so that the engine
/// tells that it is too large.
pub(crate) fn read(path: &Path, report: &mut Report) -> Result<Origin, Problem> {
    let limit = Limits::default().max_bytes as u64 + 1;
    let name = path.to_string_lossy().into_owned();
    let mut source = Vec::new();
    let read = if is_stdin(path) {
        report.reading_terminal();
        io::stdin().lock().take(limit).read_to_end(&mut source)
    } else {
        open(path).and_then(|file| file.take(limit).read_to_end(&mut source))
    };
    match read {
        Ok(_) => Ok(Origin { name, source }),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// Reads a file that says how the program is set up: never standard input, which is for graphs and values.
pub(crate) fn setting(path: &Path) -> Result<Vec<u8>, Problem> {
    let limit = Limits::default().max_bytes as u64 + 1;
    let mut source = Vec::new();
    open(path)
        .and_then(|file| file.take(limit).read_to_end(&mut source))
        .map_err(|error| unreadable(path, &error))?;
    Ok(source)
}

pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Opens a file. Pipes and devices are refused, since some never end, and opening a pipe may wait for ever; those that
/// the process holds open already (`<(command)` in a shell) are as good as standard input.
fn open(path: &Path) -> io::Result<File> {
    let held = ["/dev/fd/", "/proc/self/fd/", "/dev/stdin"];
    let kind = fs::metadata(path)?.file_type();
    if kind.is_file()
        || held
            .iter()
            .any(|held| path.to_string_lossy().starts_with(held))
    {
        return File::open(path);
    }
    let what = if kind.is_dir() {
        "a directory"
    } else {
        "a pipe, a socket or a device"
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, what))
}

/// Tells why a file cannot be read or written.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Problem {
    let shown = path.display();
    let told = |code, message: String| HostError::new(code, message);
    match error.kind() {
        io::ErrorKind::NotFound => {
            let error = told(
                HostCode::FileNotFound,
                format!("there is no file \"{shown}\""),
            );
            error.suggest(neighbours(path)).into()
        }
        io::ErrorKind::PermissionDenied => {
            told(HostCode::FileDenied, format!("\"{shown}\" may not be read")).into()
        }
        io::ErrorKind::InvalidInput | io::ErrorKind::IsADirectory => {
            told(HostCode::FileKind, format!("\"{shown}\" is {error}"))
                .expected("a regular file, or - for standard input")
                .into()
        }
        io::ErrorKind::NotADirectory => told(
            HostCode::FileNotFound,
            format!("there is no file \"{shown}\""),
        )
        .into(),
        _ => told(
            HostCode::FileRead,
            format!("\"{shown}\" could not be read: {error}"),
        )
        .into(),
    }
}

/// The files beside a missing one whose names are near; a common ending does not make two names near.
fn neighbours(path: &Path) -> Vec<String> {
    const ENOUGH: usize = 1_000;
    let folder = path.parent().unwrap_or(Path::new(""));
    let list = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let stem = |path: &Path| {
        path.file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
    };
    let files: Vec<(String, PathBuf)> = fs::read_dir(list)
        .into_iter()
        .flatten()
        .take(ENOUGH)
        .filter_map(|entry| {
            let name = PathBuf::from(entry.ok()?.file_name());
            Some((stem(&name)?, folder.join(name)))
        })
        .collect();
    let near = nearest(
        &stem(path).unwrap_or_default(),
        files.iter().map(|(stem, _)| stem.as_str()),
    );
    let full = |near: &String| files.iter().find(|(stem, _)| stem == near);
    near.iter()
        .filter_map(full)
        .map(|(_, path)| path.to_string_lossy().into_owned())
        .collect()
}

/// Refuses a command line that wants standard input twice.
pub(crate) fn stdin_once<'p>(paths: impl IntoIterator<Item = &'p Path>) -> Result<(), Problem> {
    if paths.into_iter().filter(|path| is_stdin(path)).count() < 2 {
        return Ok(());
    }
    let message = "standard input can be read only once, and - stands twice";
    Err(HostError::new(HostCode::Usage, message)
        .expected("a file for one of them")
        .into())
}

/// Returns the values given by `--inputs` and `--input`.
pub(crate) fn given(args: &GivenArgs, report: &mut Report) -> Result<Map, Problem> {
    let mut all = match &args.inputs {
        Some(path) => map(read(path, report)?)?,
        None => Map::new(),
    };
    let mut named: Vec<Text> = Vec::new();
    for argument in &args.input {
        let (name, value) = pair(argument, "--input", "NAME")?;
        let name = Text::from(name);
        if named.contains(&name) {
            let message = format!("the input \"{name}\" is given twice");
            return Err(HostError::new(HostCode::Usage, message)
                .expected("one --input for each name; a list is written NAME:=[1,2]")
                .into());
        }
        all.insert(name.clone(), value);
        named.push(name);
    }
    Ok(all)
}

fn map(origin: Origin) -> Result<Map, Problem> {
    match read_value(&origin.source, &Limits::default()) {
        Err(faults) => Err(Problem::Faults(origin, faults.0)),
        Ok(Value::Map(map)) => Ok(map),
        Ok(other) => {
            let fault = Fault::new(Code::InputType, Pointer::root(), "the inputs are not a map")
                .expected("a map from input names to values, as {\"who\": \"Ada\"}")
                .actual(other.type_name())
                .at_offset(&origin.source, 0);
            Err(Problem::Faults(origin, vec![fault]))
        }
    }
}

/// Tells whoever gave a text where another type is wanted how the value is written as JSON, if it can be.
pub(crate) fn hint(args: &GivenArgs, faults: &mut [Fault]) {
    let wrong_type =
        |fault: &&mut Fault| matches!(fault.code, Code::InputType | Code::GraphInputType);
    for fault in faults.iter_mut().filter(wrong_type) {
        let Some(name) = fault.pointer.segments().last().map(Cow::into_owned) else {
            continue;
        };
        let text = args
            .input
            .iter()
            .find_map(|given| given.strip_prefix(&name)?.strip_prefix('='));
        let json = text.filter(|text| {
            let value = read_value(text.as_bytes(), &Limits::default());
            value.is_ok_and(|value| value.as_str().is_none())
        });
        if let (Some(json), Some(expected)) = (json, &mut fault.expected) {
            *expected = format!("{expected}, which is given as --input {name}:={json}");
        }
    }
}

/// Returns what `--set` says: node, pin, value.
pub(crate) fn overrides(arguments: &[String]) -> Result<Vec<(Text, Text, Value)>, Problem> {
    let read = |argument: &String| {
        let (place, value) = pair(argument, "--set", "NODE.PIN")?;
        let place = PinRef::parse(place).map_err(|error| {
            let message = format!("--set {argument}: {}", error.message);
            Problem::from(
                HostError::new(HostCode::Usage, message)
                    .expected("NODE.PIN:=JSON or NODE.PIN=TEXT"),
            )
        })?;
        if !place.path.is_empty() {
            let message = format!(
                "--set {argument}: an override replaces a whole pin, not a place inside it"
            );
            let pin = format!("{}.{}", place.node, place.pin);
            return Err(HostError::new(HostCode::Usage, message)
                .expected(format!("{pin}:=JSON"))
                .into());
        }
        Ok((
            place.node.as_text().clone(),
            place.pin.as_text().clone(),
            value,
        ))
    };
    arguments.iter().map(read).collect()
}

/// Splits `NAME=TEXT` or `NAME:=JSON`.
fn pair<'a>(argument: &'a str, option: &str, left: &str) -> Result<(&'a str, Value), Problem> {
    let usage = |message: String| {
        Problem::from(
            HostError::new(HostCode::Usage, message)
                .expected(format!("{left}=TEXT or {left}:=JSON")),
        )
    };
    let (name, value) = argument
        .split_once('=')
        .ok_or_else(|| usage(format!("{option} {argument}: there is no =")))?;
    let (name, value) = match name.strip_suffix(':') {
        None => (name, Value::from(value)),
        Some(name) => {
            let origin = || Origin {
                name: format!("{option} {name}"),
                source: value.as_bytes().to_vec(),
            };
            let json = read_value(value.as_bytes(), &Limits::default());
            (
                name,
                json.map_err(|faults| Problem::Faults(origin(), faults.0))?,
            )
        }
    };
    if name.is_empty() {
        return Err(usage(format!(
            "{option} {argument}: there is no name before the ="
        )));
    }
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(argument: &str, expected: Result<(&str, &str), &str>) {
        let found = pair(argument, "--input", "NAME");
        let found = found
            .map(|(name, value)| format!("{name} {value}"))
            .map_err(|problem| match problem {
                Problem::Faults(_, faults) => faults[0].code.to_string(),
                Problem::Refused(refusal) => refusal.code.to_string(),
                Problem::Host(error) => error.code.to_string(),
                Problem::Server(refusal) => refusal.code,
            });
        let expected = expected
            .map(|(name, value)| format!("{name} {value}"))
            .map_err(str::to_owned);
        assert_eq!(found, expected, "{argument}");
    }

    #[test]
    fn values_are_texts_or_json() {
        check("a=b", Ok(("a", "\"b\"")));
        check("a=", Ok(("a", "\"\"")));
        check("a=b=c", Ok(("a", "\"b=c\"")));
        check("a=b:=c", Ok(("a", "\"b:=c\"")));
        check("a:=[1, 2.0]", Ok(("a", "[1,2.0]")));
        check("a b:=null", Ok(("a b", "null")));
        check("a", Err("CLI_USAGE"));
        check("=b", Err("CLI_USAGE"));
        check(":=1", Err("CLI_USAGE"));
        check("a:=b", Err("JSON_SYNTAX"));
        check("a:=", Err("JSON_EMPTY"));
        check("a:=1 2", Err("JSON_TRAILING"));
    }
}
