//! Texts and regular expressions.

use graphloom::value;

use super::{Bench, Draw, cases};

fn text(draw: &mut Draw) -> String {
    let n = draw.within(0, 40);
    (0..n)
        .map(|_| *draw.one(&['a', 'b', 'é', ',', ';', ' ', '\n', '1', '😀', '$']))
        .collect()
}

const PATTERNS: [&str; 8] = [
    "a",
    "[ab]+",
    "",
    "b*",
    r"\b",
    r"(?<x>a)|(b)",
    r"^.",
    r"\s*[,;]\s*",
];

#[tokio::test]
async fn parts_and_separators_make_the_text() {
    let bench = Bench::new();
    for seed in cases(400) {
        let mut draw = Draw(seed);
        let (text, pattern) = (text(&mut draw), *draw.one(&PATTERNS));
        let split = value!({"text": text.as_str(), "pattern": pattern});
        let parts = bench.get("text.regex_split", split.clone(), "parts").await;
        let matches = bench.get("text.regex", split, "matches").await;
        let (parts, matches) = (parts.as_list().unwrap(), matches.as_list().unwrap());
        assert_eq!(parts.len(), matches.len() + 1, "seed {seed}");
        let mut whole = parts[0].as_str().unwrap().to_owned();
        for (found, part) in matches.iter().zip(parts.iter().skip(1)) {
            whole += found.get("text").unwrap().as_str().unwrap();
            whole += part.as_str().unwrap();
        }
        assert_eq!(whole, text, "seed {seed}");
        // Where a match stands is told in characters.
        let chars: Vec<char> = text.chars().collect();
        for found in matches.iter() {
            let at = |key: &str| found.get(key).unwrap().as_u64().unwrap() as usize;
            let there: String = chars[at("start")..at("end")].iter().collect();
            assert_eq!(
                found.get("text").unwrap().as_str(),
                Some(there.as_str()),
                "seed {seed}"
            );
        }
    }
}

#[tokio::test]
async fn each_match_in_its_own_place_changes_nothing() {
    let bench = Bench::new();
    for seed in cases(200) {
        let mut draw = Draw(seed);
        let (text, pattern) = (text(&mut draw), *draw.one(&PATTERNS));
        let inputs = value!({"text": text.as_str(), "pattern": pattern, "replacement": "${0}"});
        let same = bench.get("text.regex_replace", inputs, "text").await;
        assert_eq!(same.as_str(), Some(text.as_str()), "seed {seed}");
        let test = value!({"text": text.as_str(), "pattern": pattern});
        let some = bench.get("text.regex_test", test.clone(), "matches").await;
        let n = bench.get("text.regex", test, "count").await;
        assert_eq!(some.as_bool(), n.as_u64().map(|n| n > 0), "seed {seed}");
    }
}

#[tokio::test]
async fn a_text_that_was_escaped_comes_back() {
    let bench = Bench::new();
    for seed in cases(200) {
        let text = text(&mut Draw(seed));
        let plain = bench
            .get(
                "text.escape",
                value!({"text": text.as_str()}),
                "encoded_text",
            )
            .await;
        assert!(plain.as_str().unwrap().is_ascii(), "seed {seed}");
        let back = bench
            .get("text.unescape", value!({"text": plain}), "decoded_text")
            .await;
        assert_eq!(back.as_str(), Some(text.as_str()), "seed {seed}");
    }
}

#[tokio::test]
async fn a_text_that_was_split_is_combined_again() {
    let bench = Bench::new();
    for seed in cases(200) {
        let mut draw = Draw(seed);
        let (text, at) = (text(&mut draw), *draw.one(&[",", "a", "; ", "é"]));
        let split = value!({"text": text.as_str(), "delimiter": at, "strip": false});
        let parts = bench.get("text.split", split, "texts").await;
        let inputs = value!({"input": parts, "delimiter": at});
        let back = bench.get("text.combine", inputs, "output").await;
        assert_eq!(back.as_str(), Some(text.as_str()), "seed {seed}");
    }
}
