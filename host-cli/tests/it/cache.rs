//! `run --cache`.

use graphloom::Value;

use crate::harness::{Folder, GREET, call_with, parse};

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(parse).collect()
}

fn kind(line: &Value) -> &str {
    line.get("type").unwrap().as_str().unwrap()
}

#[test]
fn results_are_kept_in_a_folder_and_taken_from_there() {
    let folder = Folder::new();
    let cache = folder.file("results", "");
    std::fs::remove_file(&cache).unwrap();
    let run = |graph: &str, more: &[&str]| {
        let args = [&["run", "-", "--cache", &cache, "--explain-cache"], more].concat();
        let called = call_with(&args, graph);
        assert_eq!(called.exit, 0, "{called:?}");
        called
    };
    let first = run(GREET, &[]);
    assert_eq!(
        first.err,
        "fill, firing 0 (text.fill_template@1): run anew: not in the cache\n\
         0 results taken, 1 run anew, 1 kept\n"
    );
    let second = run(GREET, &[]);
    assert_eq!(
        second.err,
        "fill, firing 0 (text.fill_template@1): taken from the cache\n\
         1 results taken, 0 run anew, 0 kept\n"
    );
    assert_eq!(
        second.json().get("outputs").map(ToString::to_string),
        Some(r#"{"greeting":["Hello world!"]}"#.to_owned())
    );
    // To programs each firing is a line before the result.
    let third = run(GREET, &["--events", "-i", "who=Ada"]);
    let all = lines(&third.out);
    let told: Vec<&Value> = all
        .iter()
        .filter(|line| kind(line).starts_with("cache"))
        .collect();
    let texts: Vec<String> = told.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            r#"{"type":"cache","node":"fill","firing":0,"block":"text.fill_template","version":1,"from":"block","why":"not_cached","message":"not in the cache"}"#,
            r#"{"type":"cache_sums","from_run":0,"from_cache":0,"missed":1,"not_listed":0,"kept":1,"not_kept":0}"#,
        ]
    );
    assert_eq!(all.last().map(kind), Some("result"));
    // What is made up by a rehearsal is no result; what is pure is one.
    let mocked = run(GREET, &["--mock"]);
    assert!(mocked.err.contains("taken from the cache"), "{mocked:?}");
}

#[test]
fn a_damaged_result_is_told_and_made_again() {
    let folder = Folder::new();
    let cache = folder.file("results", "");
    std::fs::remove_file(&cache).unwrap();
    let args = ["run", "-", "--cache", &cache, "--explain-cache"];
    call_with(&args, GREET);
    let mut files = Vec::new();
    for part in std::fs::read_dir(&cache).unwrap() {
        for file in std::fs::read_dir(part.unwrap().path()).unwrap() {
            files.push(file.unwrap().path());
        }
    }
    assert_eq!(files.len(), 1);
    let text = std::fs::read_to_string(&files[0]).unwrap();
    std::fs::write(&files[0], text.replace("world", "there")).unwrap();
    let called = call_with(&args, GREET);
    assert!(called.out.contains("Hello world!"), "{called:?}");
    assert!(
        called.err.contains("run anew: the entry is damaged: "),
        "{called:?}"
    );
    assert!(called.err.contains(": its hash is another\n"), "{called:?}");
    assert_eq!(std::fs::read_to_string(&files[0]).unwrap(), text);
}

#[test]
fn what_is_no_folder_is_refused() {
    let folder = Folder::new();
    let file = folder.file("results", "");
    let called = call_with(&["run", "-", "--cache", &file], GREET);
    assert_eq!(called.error_codes(), ["CLI_FILE_WRITE"]);
    let called = call_with(&["run", "-", "--explain-cache"], GREET);
    assert_eq!((called.exit, called.error_codes().len()), (2, 1));
}
