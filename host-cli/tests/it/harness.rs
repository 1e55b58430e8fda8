//! Calls of the program.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use graphloom::Value;
use graphloom::json::{Limits, read_value};

/// What a call gave.
#[derive(Debug)]
pub(crate) struct Called {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Called {
    /// Returns the answer as JSON.
    pub(crate) fn json(&self) -> Value {
        parse(&self.out)
    }

    /// Returns the codes of the errors that were said beside the answer.
    pub(crate) fn error_codes(&self) -> Vec<String> {
        codes(&parse(&self.err))
    }
}

/// Returns the codes under `errors`.
pub(crate) fn codes(answer: &Value) -> Vec<String> {
    let errors = answer.get("errors").and_then(Value::as_list).unwrap();
    let code = |error: &Value| error.get("code").unwrap().as_str().unwrap().to_owned();
    errors.iter().map(code).collect()
}

pub(crate) fn parse(text: &str) -> Value {
    read_value(text.as_bytes(), &Limits::default())
        .unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_graphloom"));
    command.args(args);
    // Of whoever runs the tests.
    for name in ["GRAPHLOOM_SERVER", "GRAPHLOOM_STORE", "GRAPHLOOM_TOKEN"] {
        command.env_remove(name);
    }
    command
}

/// Calls the program and waits for its end.
pub(crate) fn call(args: &[&str]) -> Called {
    call_with(args, "")
}

/// Calls the program with a text on its standard input.
pub(crate) fn call_with(args: &[&str], stdin: &str) -> Called {
    called_with(command(args), stdin)
}

/// Runs a call with a text on its standard input.
pub(crate) fn called_with(mut command: Command, stdin: &str) -> Called {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The program may not want it.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    called(child.wait_with_output().unwrap())
}

pub(crate) fn called(output: Output) -> Called {
    Called {
        exit: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder of its own, gone when dropped.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{next}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Writes a file and returns its path.
    pub(crate) fn file(&self, name: &str, content: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A graph that greets who it is told.
pub(crate) const GREET: &str = include_str!("../../../host-server/src/openapi/greet.json");
