//! How far what runs may reach outside, as the command line says it.

use crate::harness::{Folder, GREET, call};

#[test]
fn flags_that_name_no_host_or_amount_are_refused() {
    let folder = Folder::new();
    let file = folder.file("greet.json", GREET);
    for flag in ["--allow-host", "--only-host", "--deny-host"] {
        for bad in ["", "https://a.example", "a/b", "a:0", "a*b", "user@a"] {
            let called = call(&["run", &file, flag, bad]);
            assert_eq!(called.exit, 2, "{flag} {bad}: {}", called.err);
            assert!(called.err.contains("names no host"), "{}", called.err);
        }
    }
    for bad in ["", "usd", "=1", "usd=", "usd=-1", "usd=nan", "usd=inf"] {
        let called = call(&["run", &file, "--max-cost", bad]);
        assert_eq!(called.exit, 2, "{bad}: {}", called.err);
        assert!(called.err.contains("as usd=0.5"), "{}", called.err);
    }
}

#[test]
fn what_runs_something_takes_the_flags() {
    let folder = Folder::new();
    let file = folder.file("greet.json", GREET);
    let flags = [
        "--allow-host",
        "localhost:8080",
        "--allow-host=*.example:*",
        "--only-host",
        "*",
        "--deny-host=b.example",
        "--max-cost",
        "usd=0.5",
        "--max-cost=tokens=1000",
    ];
    let ran = call(&[&["run", file.as_str()], &flags[..]].concat());
    assert_eq!(ran.exit, 0, "{}", ran.err);
    let block = [
        "blocks",
        "run",
        "text.split",
        "-i",
        "text=a,b",
        "-i",
        "delimiter=,",
    ];
    let ran = call(&[&block[..], &flags[..]].concat());
    assert_eq!(ran.exit, 0, "{}", ran.err);
}
