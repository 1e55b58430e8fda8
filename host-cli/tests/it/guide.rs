//! The first-graph guide is what a first-time user does: its commands are run on a terminal, its outputs compared.

use std::path::Path;
use std::process::Command;

#[test]
fn the_first_graph_guide_is_true() {
    let terminal = Command::new("script").arg("--version").output();
    if terminal.is_err() {
        println!("skipped: no `script` (util-linux) to play a terminal with");
        return;
    }
    let guide = include_str!("../../../docs/guides/first-graph.md");
    let folder = std::env::temp_dir().join(format!("graphloom-guide-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut commands = 0;
    for block in blocks(guide) {
        match block {
            Block::File(name, text) => std::fs::write(folder.join(name), text).unwrap(),
            Block::Command(command, expected) => {
                commands += 1;
                assert_eq!(on_terminal(&folder, command), expected, "{command}");
            }
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(commands >= 7, "{commands} commands");
}

enum Block<'a> {
    File(&'a str, &'a str),
    Command(&'a str, String),
}

fn blocks(guide: &str) -> Vec<Block<'_>> {
    let fenced = guide.split("\n```").skip(1).step_by(2);
    let block = |block| -> Option<Block<'_>> {
        let (kind, body): (&str, &str) = str::split_once(block, '\n')?;
        if let Some(name) = kind.strip_prefix("json file=") {
            return Some(Block::File(name, body));
        }
        let (command, output) = body
            .strip_prefix("$ ")
            .filter(|_| kind == "console")?
            .split_once('\n')?;
        Some(Block::Command(command, settled(output)))
    };
    fenced.filter_map(block).collect()
}

fn on_terminal(folder: &Path, command: &str) -> String {
    let program = command.replacen("graphloom", env!("CARGO_BIN_EXE_graphloom"), 1);
    let output = Command::new("script")
        .args(["-qec", &program, "/dev/null"])
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env("COLUMNS", "120")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    settled(&String::from_utf8(output.stdout).unwrap())
}

/// Line ends of a terminal, and the one thing that varies: how long it took.
fn settled(output: &str) -> String {
    let lines = output.replace('\r', "");
    let line = |line: &str| match line.strip_prefix("completed in ") {
        Some(_) => "completed in … ms".to_owned(),
        None => line.trim_end().to_owned(),
    };
    lines
        .trim_end()
        .lines()
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}
