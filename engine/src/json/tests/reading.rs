//! The reader: what it takes, what it refuses and where it says so.

use proptest::prelude::*;

use crate::json::{Limits, Parsed, parse, read_value, to_json, to_json_pretty};
use crate::value;
use crate::value::Value;

/// The faults as `line:column pointer CODE`.
fn faults(parsed: &Parsed) -> Vec<String> {
    let place = |n: Option<u32>| n.expect("every fault has its place");
    let show = |fault: &crate::fault::Fault| {
        format!(
            "{}:{} {} {}",
            place(fault.line),
            place(fault.column),
            fault.pointer,
            fault.code
        )
        .replace("  ", " ")
    };
    parsed.faults.iter().map(show).collect()
}

fn check_with(limits: &Limits, source: impl AsRef<[u8]>, expected: &[&str]) -> Parsed {
    let parsed = parse(source.as_ref(), limits);
    assert_eq!(
        faults(&parsed),
        expected,
        "{}",
        String::from_utf8_lossy(source.as_ref())
    );
    parsed
}

/// What cannot be read past.
fn refuses(source: impl AsRef<[u8]>, expected: &str) {
    assert!(
        check_with(&Limits::default(), source, &[expected])
            .tree
            .is_none()
    );
}

/// What is noted; the document is there all the same.
fn notes(source: &str, expected: &[&str], value: impl Into<Value>) {
    let parsed = check_with(&Limits::default(), source, expected);
    assert_eq!(parsed.tree.unwrap().root.to_value(), value.into());
}

fn reads(source: &str, value: impl Into<Value>) {
    notes(source, &[], value);
}

#[test]
fn values() {
    reads(" null ", Value::Null);
    reads("\t[true,\r\nfalse]\n", value!([true, false]));
    reads(
        r#"{"b":1,"a":{"":[]}}"#,
        value!({ "b": 1, "a": { "": [] } }),
    );
    reads(
        r#""\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00é😀\u0000""#,
        value!("\"\\/\u{8}\u{c}\n\r\tAé😀é😀\0"),
    );
    reads(
        r#"{"__proto__":{"constructor":1}}"#,
        value!({ "__proto__": { "constructor": 1 } }),
    );
    assert_eq!(
        to_json(&read_value(br#"{"b":1,"a":2,"9":3}"#, &Limits::default()).unwrap()),
        r#"{"b":1,"a":2,"9":3}"#
    );
}

#[test]
fn numbers() {
    let same = |source: &str, expected: Value| {
        let found = read_value(source.as_bytes(), &Limits::default()).unwrap();
        assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{source}");
    };
    same("0", Value::Int(0));
    same("-0", Value::Int(0));
    same("-0.0", Value::Float(-0.0));
    same("1E2", Value::Float(100.0));
    same("1e+2", Value::Float(100.0));
    same("1.0", Value::Float(1.0));
    same("9007199254740993", Value::Int(9_007_199_254_740_993));
    same("9223372036854775807", Value::Int(i64::MAX));
    same("9223372036854775808", Value::Uint(1 << 63));
    same("18446744073709551615", Value::Uint(u64::MAX));
    same("-9223372036854775808", Value::Int(i64::MIN));
    same("1e-400", Value::Float(0.0));
    same("5e-324", Value::Float(5e-324));
    same("1.7976931348623157e308", Value::Float(f64::MAX));
    same(
        "0.1000000000000000055511151231257827021181583404541015625",
        Value::Float(0.1),
    );
    for wrong in [
        "18446744073709551616",
        "-9223372036854775809",
        "1e999",
        "-1e999",
        "01",
        "-",
        "+1",
        ".5",
        "1.",
        "1.e1",
        "1e",
        "1e+",
        "0x10",
        "1_000",
        "NaN",
        "Infinity",
        "-Infinity",
        "1-2",
        "--1",
    ] {
        let parsed = check_with(&Limits::default(), wrong, &["1:1 JSON_NUMBER"]);
        assert!(
            matches!(parsed.tree.unwrap().root.to_value(), Value::Float(n) if n.is_finite()),
            "{wrong}"
        );
    }
    // All of them at once.
    let parsed = check_with(
        &Limits::default(),
        "[18446744073709551616,\n {\"a\": 1e999}, NaN]",
        &[
            "1:2 /0 JSON_NUMBER",
            "2:8 /1/a JSON_NUMBER",
            "2:16 /2 JSON_NUMBER",
        ],
    );
    assert_eq!(
        parsed.faults[0].actual.as_deref(),
        Some("18446744073709551616")
    );
}

#[test]
fn duplicate_keys() {
    let source = "{\"a\": 1,\n \"n\": {\"k\": [], \"x~/\": 0, \"x~/\": {\"b\": 1, \"b\": 2}},\n \"a\": 2, \"\\u0061\": 3}";
    let expected = [
        "2:27 /n/x~0~1 JSON_DUPLICATE_KEY",
        "2:43 /n/x~0~1/b JSON_DUPLICATE_KEY",
        "3:2 /a JSON_DUPLICATE_KEY",
        "3:10 /a JSON_DUPLICATE_KEY",
    ];
    notes(
        source,
        &expected,
        value!({ "a": 1, "n": { "k": [], "x~/": 0 } }),
    );
    // Also in a map with many keys.
    let keys: Vec<String> = (0..100)
        .chain([50])
        .map(|i| format!("\"k{i}\":{i}"))
        .collect();
    let source = format!("{{{}}}", keys.join(","));
    let parsed = check_with(
        &Limits::default(),
        source,
        &["1:882 /k50 JSON_DUPLICATE_KEY"],
    );
    assert_eq!(parsed.tree.unwrap().root.members().unwrap().len(), 100);
    // A hostile document does not make a fault each.
    let source = format!("{{{}}}", vec!["\"\":0"; 100_000].join(","));
    assert_eq!(
        parse(source.as_bytes(), &Limits::default()).faults.len(),
        1000
    );
}

#[test]
fn syntax() {
    refuses("[1,]", "1:4 /1 JSON_SYNTAX");
    refuses("[1 2]", "1:4 JSON_SYNTAX");
    refuses("[1", "1:3 JSON_SYNTAX");
    refuses("[", "1:2 /0 JSON_SYNTAX");
    refuses("{\"a\"}", "1:5 /a JSON_SYNTAX");
    refuses("{\"a\":}", "1:6 /a JSON_SYNTAX");
    refuses("{\"a\":1,}", "1:8 JSON_SYNTAX");
    refuses("{\"a\":1 \"b\":2}", "1:8 JSON_SYNTAX");
    refuses("{a:1}", "1:2 JSON_SYNTAX");
    refuses("{'a':1}", "1:2 JSON_SYNTAX");
    refuses("{1:1}", "1:2 JSON_SYNTAX");
    refuses("]", "1:1 JSON_SYNTAX");
    refuses("tru", "1:1 JSON_SYNTAX");
    refuses("[nullx]", "1:2 /0 JSON_SYNTAX");
    refuses("// c\n1", "1:1 JSON_SYNTAX");
    refuses("\"a", "1:3 JSON_SYNTAX");
    refuses("\"\\", "1:2 JSON_SYNTAX");
    refuses("\"\\x\"", "1:2 JSON_SYNTAX");
    refuses("\"\\u12\"", "1:2 JSON_SYNTAX");
    refuses("\"\\u+123\"", "1:2 JSON_SYNTAX");
    refuses("\"a\nb\"", "1:3 JSON_SYNTAX");
    refuses("\"a\0b\"", "1:3 JSON_SYNTAX");
    refuses("\"\\ud800\"", "1:2 JSON_SYNTAX");
    refuses("\"\\ud800\\u0041\"", "1:2 JSON_SYNTAX");
    refuses("\"\\udc00\"", "1:2 JSON_SYNTAX");
    refuses("[\0]", "1:2 /0 JSON_SYNTAX");
    refuses("[\u{a0}1]", "1:2 /0 JSON_SYNTAX");
    let message = |source: &str| parse(source.as_bytes(), &Limits::default()).faults[0].to_string();
    assert_eq!(
        message("{\"a\": True}"),
        "1:7: JSON_SYNTAX: a bare word is not JSON; expected `true`, found `True`"
    );
    assert_eq!(
        message("{\"a\": 1"),
        "1:8: JSON_SYNTAX: the document ends too early; expected `,` or `}`, found the end of the document"
    );
}

#[test]
fn the_whole_document() {
    refuses("", "1:1 JSON_EMPTY");
    refuses(" \n ", "1:1 JSON_EMPTY");
    refuses("\u{feff}{}", "1:1 JSON_ENCODING");
    refuses(b"\xff\xfe{\0}\0", "1:1 JSON_ENCODING");
    refuses(b"\xfe\xff\0{\0}", "1:1 JSON_ENCODING");
    refuses(b"{\0}\0", "1:1 JSON_ENCODING");
    refuses(b"\0{\0}", "1:1 JSON_ENCODING");
    refuses(b"[\"a\xff\"]", "1:4 JSON_ENCODING");
    refuses(b"[\n\"\xc3\xa9\xed\xa0\x80\"]", "2:3 JSON_ENCODING");
    notes("{} {}", &["1:4 JSON_TRAILING"], value!({}));
    notes("1\0", &["1:2 JSON_TRAILING"], value!(1));
    notes("[]\n]", &["2:1 JSON_TRAILING"], value!([]));
}

#[test]
fn limits() {
    let limits = Limits::default();
    let nested = |n| format!("{}{}", "[".repeat(n), "]".repeat(n));
    check_with(&limits, nested(64), &[]);
    let deep = format!("1:65 {} JSON_DEPTH", "/0".repeat(64));
    refuses(nested(65), &deep);
    refuses("[".repeat(100_000), &deep);
    refuses(
        "{\"a\":".repeat(100_000),
        &format!("1:321 {} JSON_DEPTH", "/a".repeat(64)),
    );
    check_with(&limits.clone().with_max_depth(u32::MAX), nested(512), &[]);
    assert!(
        parse(
            nested(513).as_bytes(),
            &limits.clone().with_max_depth(u32::MAX)
        )
        .tree
        .is_none()
    );

    let small = limits.with_max_text_bytes(3).with_max_bytes(40);
    check_with(
        &small,
        r#"["abc", "é\u00e9", {"abcd": 1}]"#,
        &["1:9 /1 LIMIT_TEXT_BYTES", "1:21 /2 LIMIT_TEXT_BYTES"],
    );
    check_with(&small, " ".repeat(41), &["1:1 LIMIT_DOCUMENT_BYTES"]);
}

#[test]
fn pretty() {
    let value = value!({ "a": [1, { "b": [] }], "c": {}, "d": f64::INFINITY });
    let expected = "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n  ],\n  \"c\": {},\n  \"d\": {\n    \"$float\": \"inf\"\n  }\n}";
    assert_eq!(to_json_pretty(&value), expected);
}

/// Mostly JSON, often broken.
fn nearly_json() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\"a\"",
        "\"b\"",
        "\"\\n\"",
        "1",
        "-0",
        "0.5",
        "1e3",
        "true",
        "false",
        "null",
        " ",
        "\n",
        "\"",
        "\\",
        "é",
        "0",
        "-",
        "\"\\ud83d\\ude00\"",
        "[]",
        "{\"k\":",
        "[1,",
    ]);
    prop::collection::vec(token, 0..12).prop_map(|tokens| tokens.concat())
}

proptest! {
    #[test]
    fn agrees_with_serde_json(source in nearly_json()) {
        let ours = read_value(source.as_bytes(), &Limits::default());
        match (serde_json::from_str::<serde_json::Value>(&source), ours) {
            (Ok(theirs), Ok(ours)) => {
                let theirs: Value = serde_json::from_value(theirs).unwrap();
                prop_assert!(ours.loosely_eq(&theirs), "{ours} {theirs}");
            }
            (Ok(_), Err(faults)) => prop_assert!(faults.0.iter().all(|fault| fault.code.as_str() == "JSON_DUPLICATE_KEY"), "{faults}"),
            (Err(error), Ok(ours)) => prop_assert!(false, "{ours}: {error}"),
            (Err(_), Err(_)) => {}
        }
    }

    #[test]
    fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..64), nearly in nearly_json()) {
        for source in [bytes.as_slice(), &[nearly.as_bytes(), &bytes].concat()] {
            let parsed = parse(source, &Limits::default());
            prop_assert!(parsed.tree.is_some() || !parsed.faults.is_empty());
            for fault in &parsed.faults {
                prop_assert!(fault.line.is_some() && fault.column.is_some());
            }
        }
    }

    #[test]
    fn numbers_agree_with_serde_json(source in "-?[0-9]{1,20}(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?") {
        if let Ok(ours) = read_value(source.as_bytes(), &Limits::default()) {
            let theirs: Value = serde_json::from_str(&source).unwrap();
            // By default serde_json may miss the nearest float by one.
            let (a, b) = (ours.as_f64().unwrap(), theirs.as_f64().unwrap());
            prop_assert!((a - b).abs() <= a.abs() * 1e-15, "{ours} {theirs}");
        }
    }
}
