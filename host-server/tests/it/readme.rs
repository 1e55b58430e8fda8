//! The README's section about the server is what someone does on a fresh machine: its commands are run as they stand there,
//! by a shell, with curl, against the real program. Only the port is another one.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// The section's one command that starts the server.
const START: &str = "cargo run --release -p graphloom-server";
/// Where it listens then.
const ADDRESS: &str = "127.0.0.1:7331";

#[test]
fn the_readme_is_true_of_the_server() {
    let readme = include_str!("../../../README.md");
    let section = readme.split("## As a server").nth(1).expect("the section");
    let section = section.split("\n## ").next().expect("its end");
    assert!(section.contains(START) && section.contains(ADDRESS));
    let script = section.split("```sh\n").nth(1).expect("the commands");
    let commands = commands(script.split("```").next().expect("their end"));
    assert!(commands.len() >= 12, "{} commands", commands.len());
    let curl = Command::new("curl").arg("--version").output();
    if curl.is_err() {
        assert!(std::env::var_os("CI").is_none(), "CI has curl");
        println!("skipped: there is no curl");
        return;
    }
    let folder = Folder::new();
    let (server, at) = start(&folder.0);
    let outputs = run(&folder.0, &commands, &at);
    drop(server);
    for (command, output) in commands.iter().zip(outputs) {
        command.check(&output);
    }
}

/// A command, and what is said of its output.
struct Told {
    command: String,
    /// JSON that is a part of the output, or lines that are in it in this order.
    parts: Vec<String>,
}

fn commands(script: &str) -> Vec<Told> {
    let mut commands: Vec<Told> = Vec::new();
    for line in script.lines() {
        match line.strip_prefix("# ") {
            Some(part) if part.starts_with('{') || part.starts_with("event: ") => {
                let last = commands.last_mut().expect("a command before it");
                last.parts.push(part.to_owned());
            }
            Some(_) => {}
            None if line.is_empty() => {}
            None => commands.push(Told {
                command: line.to_owned(),
                parts: Vec::new(),
            }),
        }
    }
    commands
}

impl Told {
    fn check(&self, output: &str) {
        let mut lines = output.lines();
        for part in &self.parts {
            if part.starts_with('{') {
                let part: Value = serde_json::from_str(part).expect("JSON in the README");
                let whole = serde_json::from_str(output);
                let whole: Value = whole.unwrap_or_else(|_| panic!("{}\n{output}", self.command));
                assert!(is_part(&part, &whole), "{}\n{output}", self.command);
            } else {
                let found = lines.any(|line| line == part);
                assert!(found, "{}: {part}\n{output}", self.command);
            }
        }
        let failed = output.contains("\"trace_id\"") && self.parts.is_empty();
        assert!(!failed, "{}\n{output}", self.command);
    }
}

/// Says whether all of a value is in another one: members of maps by their names, items of lists by their positions.
fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(key, value)| whole.get(key).is_some_and(|whole| is_part(value, whole))),
        (Value::Array(part), Value::Array(whole)) => {
            part.len() <= whole.len() && part.iter().zip(whole).all(|(a, b)| is_part(a, b))
        }
        (part, whole) => part == whole,
    }
}

/// A folder with the examples in it, as a clone has them; gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("readme-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/graphs");
        for graph in ["greet", "countdown"] {
            let to = folder.join("examples/graphs").join(graph);
            std::fs::create_dir_all(&to).expect("a folder");
            let from = examples.join(graph).join("graph.json");
            std::fs::copy(from, to.join("graph.json")).expect("an example");
        }
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the program, on a free port; returns where it listens.
fn start(folder: &Path) -> (Running, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_graphloom-server"));
    program
        .args(["--listen", "127.0.0.1:0"])
        .current_dir(folder);
    let child = program.stdin(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut running = Running(child.expect("the program"));
    let said = running.0.stderr.take().expect("its standard error");
    let mut lines = BufReader::new(said).lines().map_while(Result::ok);
    let at = lines.find_map(|line| Some(line.split_once("http://")?.1.to_owned()));
    let at = at.expect("it says where it listens");
    // What else it says must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    (running, at.trim().to_owned())
}

/// Runs the commands, one after the other in one shell; returns what each printed.
fn run(folder: &Path, commands: &[Told], at: &str) -> Vec<String> {
    let mut script = "set -eu\n".to_owned();
    for (position, told) in commands.iter().enumerate() {
        let command = told.command.replace(ADDRESS, at);
        script += &format!("{{ {command}\n}} > out.{position}\n");
    }
    let ran = Command::new("sh")
        .arg("-c")
        .arg(script)
        .current_dir(folder)
        .output();
    let ran = ran.expect("a shell");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && said.is_empty(), "{said}");
    let output = |position| {
        let file = folder.join(format!("out.{position}"));
        std::fs::read_to_string(file).expect("what it printed")
    };
    (0..commands.len()).map(output).collect()
}
