//! What is written is read back: laws that hold for any value, tried on many drawn by chance.

use graphloom::json::to_json;
use graphloom::value::Map;
use graphloom::{Value, value};

use super::{Bench, Draw, cases};

const SEED: u64 = 20_261_121;

/// What a text may hold that some reader or writer takes for something else.
const PIECES: &[&str] = &[
    "a",
    "B",
    "0",
    "7",
    "é",
    "\u{1f600}",
    " ",
    "  ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\"",
    "'",
    "\\",
    ",",
    ";",
    ":",
    ": ",
    " #",
    "#",
    "-",
    "- ",
    "?",
    "? ",
    "&",
    "*",
    "!",
    "|",
    ">",
    "%",
    "@",
    "`",
    "=",
    "{",
    "}",
    "[",
    "]",
    "<<",
    "~",
    "null",
    "true",
    "no",
    "1e3",
    ".5",
    "0x1F",
    "1_000",
    ".nan",
    "---",
    "...",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "\u{a0}",
    "\0",
    "\u{7f}",
    "\u{1b}",
    "$float",
    "$map",
    "+",
    "%41",
    "2024-01-01",
    "\u{202e}",
    "\u{fffd}",
];

fn text(draw: &mut Draw) -> String {
    let n = draw.below(6);
    (0..n).map(|_| PIECES[draw.below(PIECES.len())]).collect()
}

fn scalar(draw: &mut Draw) -> Value {
    match draw.below(9) {
        0 => Value::Null,
        1 => Value::from(draw.next().is_multiple_of(2)),
        2 => Value::from(draw.below(200) as i64 - 100),
        3 => Value::from(draw.next() as i64),
        4 => Value::from(draw.next()),
        5 => Value::from(draw.below(1_000) as f64 / 8.0),
        6 => {
            let float = f64::from_bits(draw.next());
            Value::from(if float.is_finite() { float } else { -0.0 })
        }
        _ => Value::from(text(draw)),
    }
}

fn tree(draw: &mut Draw, depth: usize) -> Value {
    let n = draw.below(4);
    match draw.below(if depth == 0 { 1 } else { 3 }) {
        0 => scalar(draw),
        1 => (0..n).map(|_| tree(draw, depth - 1)).collect(),
        _ => (0..n)
            .map(|_| (text(draw), tree(draw, depth - 1)))
            .collect(),
    }
}

/// Equal, and every number of the same kind.
#[track_caller]
fn assert_same(found: &Value, expected: &Value, through: &Value) {
    let same = found == expected && to_json(found) == to_json(expected);
    assert!(same, "{found}\ninstead of\n{expected}\nthrough\n{through}");
}

/// Writes a value in a format, and reads what was written: the text, and the value read.
async fn there_and_back(bench: &Bench, format: &str, inputs: Value) -> (Value, Value) {
    let text = bench.get(&format!("{format}.write"), inputs, "text").await;
    let inputs = value!({ "text": text.clone() });
    let read = bench.get(&format!("{format}.parse"), inputs, "value").await;
    (text, read)
}

/// Numbers that JSON has no form for.
async fn odd_numbers_come_back(bench: &Bench, format: &str) {
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let (text, read) = there_and_back(bench, format, value!({ "value": [odd] })).await;
        assert_same(&read, &value!([odd]), &text);
    }
}

#[tokio::test]
async fn json_is_read_as_it_was_written() {
    let bench = Bench::new();
    let mut draw = Draw(SEED);
    for _ in cases(2_000) {
        let value = tree(&mut draw, 4);
        for (pretty, sort_keys) in [(false, false), (true, false), (true, true)] {
            let inputs =
                value!({ "value": value.clone(), "pretty": pretty, "sort_keys": sort_keys });
            let (text, read) = there_and_back(&bench, "json", inputs).await;
            assert_eq!(read, value, "{text}");
            if !sort_keys {
                assert_same(&read, &value, &text);
            }
        }
    }
    odd_numbers_come_back(&bench, "json").await;
}

#[tokio::test]
async fn yaml_is_read_as_it_was_written() {
    let bench = Bench::new();
    let mut draw = Draw(SEED);
    for _ in cases(3_000) {
        let value = tree(&mut draw, 4);
        let inputs = value!({ "value": value.clone() });
        let (text, read) = there_and_back(&bench, "yaml", inputs).await;
        assert_same(&read, &value, &text);
    }
    odd_numbers_come_back(&bench, "yaml").await;
}

#[tokio::test]
async fn a_table_is_read_as_it_was_written() {
    let bench = Bench::new();
    let mut draw = Draw(SEED);
    for n in cases(2_000) {
        let width = 2 + draw.below(3);
        let dialect = [(",", "\""), (";", "'"), ("\t", "\""), ("|", "~")][draw.below(4)];
        let typed = n % 2 == 0;
        let mut cell = || match typed {
            true => scalar(&mut draw),
            false => Value::from(text(&mut draw)),
        };
        let mut lists: Vec<Vec<Value>> = Vec::new();
        for _ in 0..n % 5 {
            lists.push((0..width).map(|_| cell()).collect());
        }
        let lists: Value = lists.into_iter().map(Value::from).collect();
        let with = |mut inputs: Map| {
            inputs.insert("delimiter", dialect.0);
            inputs.insert("quote", dialect.1);
            Value::Map(inputs)
        };
        let Value::Map(inputs) = value!({ "rows": lists.clone() }) else {
            unreachable!()
        };
        let written = bench.get("csv.write", with(inputs), "text").await;
        let cells = if typed { "typed" } else { "text" };
        let Value::Map(inputs) =
            value!({ "text": written.clone(), "header": false, "cells": cells })
        else {
            unreachable!()
        };
        let read = bench.get("csv.parse", with(inputs), "rows").await;
        assert_same(&read, &lists, &written);
    }
}

#[tokio::test]
async fn rows_that_are_maps_keep_their_columns() {
    let bench = Bench::new();
    let mut draw = Draw(SEED);
    for n in cases(500) {
        let mut names: Vec<String> = (0..3).map(|n| format!("{n}{}", text(&mut draw))).collect();
        names.dedup();
        let rows: Value = (0..n % 4)
            .map(|_| -> Value {
                names
                    .iter()
                    .map(|name| (name.as_str(), scalar(&mut draw)))
                    .collect()
            })
            .collect();
        let inputs = value!({ "rows": rows.clone(), "columns": names.clone() });
        let written = bench.get("csv.write", inputs, "text").await;
        let inputs = value!({ "text": written.clone(), "cells": "typed" });
        let read = bench.get("csv.parse", inputs, "rows").await;
        assert_same(&read, &rows, &written);
    }
}

#[tokio::test]
async fn what_is_encoded_is_decoded() {
    let bench = Bench::new();
    let mut draw = Draw(SEED);
    for _ in cases(500) {
        let value = Value::from(text(&mut draw));
        for (encode, decode, key, kind) in [
            (
                "text.encode_base64",
                "text.decode_base64",
                "alphabet",
                "standard",
            ),
            (
                "text.encode_base64",
                "text.decode_base64",
                "alphabet",
                "url",
            ),
            ("text.encode_url", "text.decode_url", "place", "component"),
            ("text.encode_url", "text.decode_url", "place", "path"),
            ("text.encode_url", "text.decode_url", "place", "form"),
        ] {
            let inputs = value!({ "text": value.clone(), key: kind });
            let encoded = bench.get(encode, inputs, "encoded_text").await;
            let inputs = match kind {
                "form" => value!({ "text": encoded.clone(), "form": true }),
                _ => value!({ "text": encoded.clone() }),
            };
            let decoded = bench.get(decode, inputs, "decoded_text").await;
            assert_same(&decoded, &value, &encoded);
        }
    }
}

/// A patch from one value to another, as the engine finds it, leads there.
#[tokio::test]
async fn a_difference_is_a_patch() {
    let bench = Bench::new();
    let mut draw = Draw(SEED);
    for _ in cases(500) {
        let (from, to) = (tree(&mut draw, 3), tree(&mut draw, 3));
        let patch = graphloom::json::diff(&from, &to);
        let patch = graphloom::value::to_value(&patch).unwrap();
        let inputs = value!({ "document": from, "patch": patch.clone() });
        let patched = bench.get("json.patch", inputs, "document").await;
        assert!(
            patched.loosely_eq(&to),
            "{patched} instead of {to} through {patch}"
        );
    }
}
