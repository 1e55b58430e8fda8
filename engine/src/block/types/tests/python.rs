use crate::value;
use crate::value::{BlobRef, Sealed, Value};

use super::super::python_read::read_json;
use super::super::{number_from_text, python_json};

#[test]
fn json_text_is_written_as_python_writes_it() {
    for (value, expected) in [
        (value!({ "a": 1, "b": [] }), r#"{"a": 1, "b": []}"#),
        (
            value!([1, "2", null, true, {}]),
            r#"[1, "2", null, true, {}]"#,
        ),
        (value!([[[]], [1], 2]), "[[[]], [1], 2]"),
        (
            value!({ "é": { "b": [1, { "c": 2 }], "d": 3 } }),
            r#"{"\u00e9": {"b": [1, {"c": 2}], "d": 3}}"#,
        ),
        (
            value!("a\"\\\n\r\t\u{8}\u{c}\u{1}\u{7f}/é\u{1F600}"),
            r#""a\"\\\n\r\t\b\f\u0001\u007f/\u00e9\ud83d\ude00""#,
        ),
        (value!(u64::MAX), "18446744073709551615"),
        (value!(1.0), "1.0"),
        (value!(-0.0), "-0.0"),
        (value!(0.1), "0.1"),
        (value!(123456.789), "123456.789"),
        (value!(1e15), "1000000000000000.0"),
        (value!(9999999999999998.0), "9999999999999998.0"),
        // Halfway between two shortest texts.
        (value!(88148657836682.0 + 0.125), "88148657836682.12"),
        (value!(0.5), "0.5"),
        (value!(0.00025), "0.00025"),
        (value!(100.0), "100.0"),
        (value!(1e16), "1e+16"),
        (value!(-1.5e300), "-1.5e+300"),
        (value!(0.0001), "0.0001"),
        (value!(0.00001), "1e-05"),
        (value!(1.25e-7), "1.25e-07"),
        (value!(5e-324), "5e-324"),
        (Value::Float(f64::INFINITY), "Infinity"),
        (Value::Float(f64::NEG_INFINITY), "-Infinity"),
        (Value::Float(f64::NAN), "NaN"),
        (
            Value::from(BlobRef::new("sha256:00", 7).with_media_type("image/png")),
            r#"{"$blob": "sha256:00", "bytes": 7, "media_type": "image/png"}"#,
        ),
        (
            value!([Value::from(Sealed::new("key", "cipher"))]),
            r#"["[sealed]"]"#,
        ),
    ] {
        assert_eq!(python_json(&value), expected);
    }
}

#[test]
fn depth_does_not_matter_to_the_writer() {
    let deep = (0..100_000).fold(value!(1), |inner, _| value!([inner]));
    assert_eq!(python_json(&deep).len(), 200_001);
    std::mem::forget(deep);
}

#[test]
fn json_text_is_read_as_python_reads_it() {
    for (text, expected) in [
        (
            " [1, -2 , 3.0,\n4e2, true,false,null ] ",
            value!([1, -2, 3.0, 400.0, true, false, null]),
        ),
        (
            "{\"a\" : {\"b\":[]}, \"\": {}}",
            value!({ "a": { "b": [] }, "": {} }),
        ),
        ("-0", value!(0)),
        ("-0.0", value!(-0.0)),
        ("18446744073709551615", value!(u64::MAX)),
        ("-9223372036854775808", value!(i64::MIN)),
        ("18446744073709551616", value!(18446744073709551616.0)),
        ("1e999", value!(f64::INFINITY)),
        (
            "[NaN, Infinity, -Infinity]",
            value!([f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
        ),
        (
            r#""\u00e9\ud83d\ude00\/\b\f\n\r\t\"\\ é""#,
            value!("é\u{1F600}/\u{8}\u{c}\n\r\t\"\\ é"),
        ),
        (
            r#""\ud83d \ude00 \ud83d\u0041""#,
            value!("\u{FFFD} \u{FFFD} \u{FFFD}A"),
        ),
        (r#"{"a": 1, "b": 2, "a": 3}"#, value!({ "a": 3, "b": 2 })),
    ] {
        assert_eq!(read_json(text), Some(expected), "{text}");
    }
    for text in [
        "",
        " ",
        "[",
        "[1,]",
        "[1 2]",
        "[,]",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{a: 1}",
        "{\"a\":1,}",
        "01",
        "-",
        "+1",
        ".5",
        "5.",
        "1e",
        "1e+",
        "0x10",
        "nan",
        "True",
        "'a'",
        "\"a",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u+123\"",
        "\"\\u00é\"",
        "1 2",
        "[1]]",
        "\u{feff}1",
        "\u{a0}1",
        "nulll",
        "-Infinit",
    ] {
        assert_eq!(read_json(text), None, "{text}");
    }
}

#[test]
fn numbers_are_read_as_python_reads_them() {
    for (text, expected) in [
        ("12", Some(12.0)),
        (" \t\u{1c}\u{a0}12\n", Some(12.0)),
        ("+1.5e-3", Some(0.0015)),
        (".5", Some(0.5)),
        ("5.", Some(5.0)),
        ("1_000.2_5", Some(1000.25)),
        ("1_0e1_0", Some(10e10)),
        ("-Infinity", Some(f64::NEG_INFINITY)),
        ("iNf", Some(f64::INFINITY)),
        ("1e999", Some(f64::INFINITY)),
        ("١٢٫", None),
        ("१२.५", Some(12.5)),
        ("१_२", Some(12.0)),
        ("\u{1D7D9}", Some(1.0)),
        ("²", None),
        ("_1", None),
        ("1_", None),
        ("1__0", None),
        ("1_.5", None),
        ("1_e5", None),
        ("", None),
        (".", None),
        ("e5", None),
        ("1 2", None),
        ("0x10", None),
        ("12abc", None),
        ("infinite", None),
        ("1,5", None),
    ] {
        assert_eq!(number_from_text(text), expected, "{text}");
    }
    assert!(number_from_text("-NaN").unwrap().is_nan());
}
