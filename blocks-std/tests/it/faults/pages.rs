//! The pages in `docs/errors`: one a code, in one form, with errors as they are really printed.

use std::path::{Path, PathBuf};

use graphloom::Code;

use super::fixtures::{Fixture, golden};
use super::{kept as kept_runs, runs};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors")
}

fn page(code: Code) -> String {
    let path = folder().join(format!("{code}.md"));
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// What stands between `## Example` and `## Mend`.
fn example(page: &str) -> &str {
    let (_, rest) = page.split_once("\n## Example\n").unwrap();
    rest.split_once("\n## Mend\n").unwrap().0
}

#[test]
fn codes_and_pages_match() {
    let mut named: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    named.sort();
    let mut expected: Vec<String> = Code::ALL.iter().map(|code| format!("{code}.md")).collect();
    expected.sort();
    assert_eq!(named, expected);
}

#[test]
fn pages_have_one_form() {
    for code in Code::ALL {
        let page = page(*code);
        let head = format!("# {code}\n\n{}\n\n## Cause\n\n", code.summary());
        assert!(
            page.starts_with(&head),
            "{code} begins otherwise than:\n{head}"
        );
        let headings: Vec<&str> = page
            .lines()
            .filter(|line| line.starts_with("## "))
            .collect();
        assert_eq!(headings, ["## Cause", "## Example", "## Mend"], "{code}");
        let lines = page.lines().count();
        assert!((15..=44).contains(&lines), "{code} has {lines} lines");
        let mut prose = page.split("```").step_by(2).flat_map(str::lines);
        assert!(prose.all(|line| line.len() <= 120), "{code} is too wide");
    }
}

#[test]
fn pages_show_errors_as_they_are_printed() {
    for code in Code::ALL {
        let text = page(*code);
        let kept = Fixture::of(*code).and_then(|fixture| fixture.kept());
        let printed = kept.or_else(|| runs::raised(*code));
        let printed = printed.or_else(|| kept_runs::raised(*code)).unwrap();
        let mut shown = example(&text).to_owned();
        let (before, _) = shown
            .rsplit_once("```json\n")
            .unwrap_or_else(|| panic!("{code} shows no error"));
        shown = format!("{before}```json\n{}\n```\n", printed.trim_end());
        golden(
            &folder().join(format!("{code}.md")),
            &text.replacen(example(&text), &shown, 1),
        );
    }
}

#[test]
fn pages_show_the_document_of_the_fixture() {
    for fixture in Fixture::all() {
        let Ok(document) = std::str::from_utf8(&fixture.document) else {
            continue;
        };
        let is_short =
            document.lines().count() <= 20 && document.lines().all(|line| line.len() <= 120);
        if is_short && !document.trim().is_empty() && !document.starts_with('\u{feff}') {
            assert!(
                page(fixture.code).contains(document.trim_end()),
                "{} shows another document",
                fixture.code
            );
        }
    }
}

#[test]
fn the_list_names_every_page() {
    let groups = [
        ("JSON_", "The document is not good JSON"),
        ("LIMIT_", "The document is over a limit"),
        ("GRAPH_", "The graph will not do"),
        ("GRANT_", "The graph asks for what is not granted"),
        ("INPUT_", "The values given to a run will not do"),
        ("PATCH_", "A patch will not do"),
        ("BLOCK_", "A block failed"),
        ("RUN_", "A run failed"),
        ("STORE_", "A store refused"),
    ];
    let mut text = String::from(
        "# Error codes\n\nEvery error has a code that stays the same from version to version. An error object also says\n\
         where in the document it is (`pointer`, `line`, `column`), what was `expected` and what was found (`actual`),\n\
         names that may have been meant (`suggestions`), and where it can be told a repair (`fix`, a JSON Patch).\n",
    );
    for (prefix, title) in groups {
        text += &format!("\n## {title}\n\n| code | meaning |\n|---|---|\n");
        for code in Code::ALL
            .iter()
            .filter(|code| code.as_str().starts_with(prefix))
        {
            text += &format!("| [{code}]({code}.md) | {} |\n", code.summary());
        }
    }
    for code in Code::ALL {
        assert!(text.contains(&format!("[{code}]")), "{code} is in no group");
    }
    golden(&folder().join("README.md"), &text);
}
