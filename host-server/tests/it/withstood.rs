//! docs/guides/server-security.md names tests that there are, and has every case.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn page() -> String {
    let page = Path::new(ROOT).join("../docs/guides/server-security.md");
    std::fs::read_to_string(page).expect("the page")
}

/// Returns the source of a module of these tests.
fn source(path: &str) -> Option<String> {
    let below = PathBuf::from(ROOT).join("tests/it");
    let files = [format!("{path}.rs"), format!("{path}/mod.rs")];
    let mut found = files.iter().map(|file| below.join(file));
    found.find_map(|file| std::fs::read_to_string(file).ok())
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let page = page();
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let tests = rows.filter_map(|row| row.split('|').nth(4));
    let names: BTreeSet<&str> = tests
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    assert!(names.len() > 40, "{names:?}");
    for name in names {
        let path = name.replace("::", "/");
        if source(&path).is_some() {
            continue;
        }
        let (module, function) = path.rsplit_once('/').expect("a module or a function");
        let source = source(module).unwrap_or_else(|| panic!("no module for {name}"));
        assert!(source.contains(&format!("fn {function}()")), "no {name}");
    }
}

#[test]
fn the_page_has_every_case() {
    let page = page();
    // These numbers are no cases.
    let gaps = [69, 73, 75, 82];
    for case in (60..=84).filter(|case| !gaps.contains(case)).chain([56]) {
        let rows = page.matches(&format!("\n| {case} | ")).count();
        assert_eq!(rows, 1, "case {case}");
    }
}
