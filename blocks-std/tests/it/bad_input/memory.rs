//! Memory that hostile documents take, measured in a process of their own.

use std::process::Command;

use graphloom::graph::{GraphLimits, read};
use graphloom::json::Limits;

/// The most memory that this process has had, in MiB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024)
}

const VARIABLE: &str = "GRAPHLOOM_TEST_DOCUMENT";

/// Documents of the largest size that is read, made to take as much memory as they can.
fn document(name: &str) -> Vec<u8> {
    let bytes = 10 << 20;
    let list = |item: &str| {
        let n = (bytes - 40) / (item.len() + 1);
        let items = format!("{item},").repeat(n - 1);
        format!(r#"{{"format":1,"nodes":{{}},"ui":[{items}{item}]}}"#).into_bytes()
    };
    match name {
        "nulls" => list("null"),
        "digits" => list("0"),
        "lists" => list("[]"),
        "maps" => list("{\"\":0}"),
        "texts" => list("\"\""),
        "large" => vec![b' '; 100 << 20],
        _ => Vec::new(),
    }
}

/// Runs in a process of its own, see below; else it has nothing to do.
#[test]
fn measured() {
    let Some(name) = std::env::var_os(VARIABLE) else {
        return;
    };
    let document = document(&name.to_string_lossy());
    let before = peak().unwrap_or(0);
    let faults = read(
        &document,
        &GraphLimits::default().with_json(Limits::default()),
    )
    .faults;
    println!(
        "took {} MiB, {} faults",
        peak().unwrap_or(0) - before,
        faults.len()
    );
}

#[test]
fn a_document_takes_a_bounded_multiple_of_its_size() {
    if peak().is_none() {
        println!("skipped: memory can be measured on Linux only");
        return;
    }
    for (name, most) in [
        ("large", 8),
        ("nulls", 400),
        ("digits", 900),
        ("lists", 700),
        ("maps", 900),
        ("texts", 700),
    ] {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "bad_input::memory::measured", "--nocapture"])
            .env(VARIABLE, name)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let took = text
            .split("took ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next()?.parse::<u64>().ok());
        let took = took.unwrap_or_else(|| panic!("{text}"));
        println!("{name}: {took} MiB");
        assert!(took <= most, "{name} takes {took} MiB");
    }
}
