//! Signals to the process while a run is on.
#![cfg(unix)]

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Folder, called, command};

const SLOW: &str = r#"{
  "format": 1,
  "nodes": {
    "wait": { "block": "time.countdown", "inputs": { "seconds": 60 } },
    "out": { "block": "io.output", "inputs": { "name": "done" } }
  },
  "links": [{ "from": "wait.output_message", "to": "out.value" }]
}"#;

/// Starts a run and waits for a word in its answer; it listens to signals before it prints anything.
fn start(file: &str, word: &str) -> Child {
    use std::io::Read;
    let mut child = command(&["run", file, "--events"]);
    let mut child = child
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let out = child.stdout.as_mut().unwrap();
    let mut seen = Vec::new();
    let mut byte = [0];
    while !String::from_utf8_lossy(&seen).contains(word) {
        assert_eq!(out.read(&mut byte).unwrap(), 1);
        seen.push(byte[0]);
    }
    child
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

#[test]
fn the_first_signal_stops_the_run_and_the_outcome_is_printed() {
    let folder = Folder::new();
    let file = folder.file("slow.json", SLOW);
    for (name, exit) in [("INT", 130), ("TERM", 143)] {
        let child = start(&file, "\"started\"");
        let since = Instant::now();
        signal(&child, name);
        let called = called(child.wait_with_output().unwrap());
        assert_eq!(called.exit, exit, "{called:?}");
        assert!(since.elapsed() < Duration::from_secs(30));
        let last = crate::harness::parse(called.out.lines().last().unwrap());
        assert_eq!(last.get("type").unwrap().as_str(), Some("result"));
        assert_eq!(last.get("status").unwrap().as_str(), Some("cancelled"));
        assert!(last.get("cancelled").unwrap().get("done").is_some());
    }
}

#[test]
fn a_reader_that_leaves_stops_the_run() {
    let folder = Folder::new();
    let endless = SLOW.replace("\"seconds\": 60", "\"seconds\": 0, \"repeat\": 100000000");
    let mut child = start(&folder.file("endless.json", &endless), "\"started\"");
    drop(child.stdout.take());
    let since = Instant::now();
    child.wait().unwrap();
    assert!(since.elapsed() < Duration::from_secs(30));
}

#[test]
fn the_second_signal_ends_the_process_at_once() {
    // Each of these holds the only thread for a second or so, until its template has taken too many steps.
    let node = |i| {
        format!(
            r#""n{i}": {{"block": "text.fill_template", "inputs": {{"values": {{}}, "format":
            "{{% for i in range(9999) %}}{{% for j in range(9999) %}}{{{{ i }}}}{{% endfor %}}{{% endfor %}}"}}}}"#
        )
    };
    let nodes: Vec<String> = (0..8).map(node).collect();
    let graph = format!(
        r#"{{"format": 1, "policy": {{"on_error": "continue"}}, "nodes": {{{}}}}}"#,
        nodes.join(",")
    )
    .replace('\n', " ");
    let folder = Folder::new();
    let mut child = start(&folder.file("hog.json", &graph), "\"header\"");
    while child.try_wait().unwrap().is_none() {
        signal(&child, "INT");
        std::thread::sleep(Duration::from_millis(20));
    }
    let called = called(child.wait_with_output().unwrap());
    assert_eq!(called.exit, 130, "{called:?}");
    assert!(!called.out.contains("\"result\""), "{called:?}");
}
