//! Paths: reading, selecting, building.

use proptest::prelude::*;

use super::*;
use crate::value;

#[test]
fn reading_and_writing() {
    let check = |text: &str, canonical: &str, steps: usize| {
        let path = Path::parse(text).unwrap();
        assert_eq!(
            (path.to_string().as_str(), path.steps().len()),
            (canonical, steps)
        );
        assert_eq!(Path::parse(canonical), Ok(path));
    };
    check("", "", 0);
    check(".a", ".a", 1);
    check(".a_1-b[0][-1].c", ".a_1-b[0][-1].c", 4);
    check(r#"["a"]"#, ".a", 1);
    check(r#"["a b"]["\u00e9\"]"]"#, r#"["a b"]["é\"]"]"#, 2);
    check(r#"[""]["1a"]["-"]"#, r#"[""]["1a"]["-"]"#, 3);
    check(&"[0]".repeat(64), &"[0]".repeat(64), 64);
}

#[test]
fn what_is_no_path() {
    let check = |text: &str, offset: usize| {
        assert_eq!(
            Path::parse(text).map_err(|error| error.offset),
            Err(offset),
            "{text}"
        )
    };
    check("a", 0);
    check(".", 1);
    check(".a.", 3);
    check(".1", 1);
    check(".-a", 1);
    check(".a b", 2);
    check(".é", 1);
    check("[", 1);
    check("[]", 1);
    check("[a]", 1);
    check("[01]", 1);
    check("[-0]", 1);
    check("[--1]", 1);
    check("[1", 2);
    check("[99999999999999999999]", 1);
    check("[1x]", 2);
    check(".a[\"b]", 6);
    check("[\"b\"", 4);
    check("[\"\\q\"]", 2);
    check("[\"a\\u0000\"]", 1);
    check("[\"\u{202e}\"]", 1);
    check("[\"\\u2066\"]", 1);
    check("[\"\u{85}\"]", 1);
    check(&".a".repeat(65), 128);
}

#[test]
fn selecting() {
    let value = value!({ "a": { "b": [1, 2] }, "x y": 1, "n": null, "t": "text" });
    let check = |path: &str, expected: Option<Value>| {
        assert_eq!(
            Path::parse(path).unwrap().select(&value),
            expected,
            "{path}"
        )
    };
    check("", Some(value.clone()));
    check(".a.b[1]", Some(value!(2)));
    check(".a.b[-1]", Some(value!(2)));
    check(".a.b[-2]", Some(value!(1)));
    check(".a.b[-3]", None);
    check(".a.b[2]", None);
    check(".a.b[9223372036854775807]", None);
    check(".a.b[-9223372036854775808]", None);
    check(".a.b.c", None);
    check(".a[0]", None);
    check(r#"["x y"]"#, Some(value!(1)));
    check(r#"[""]"#, None);
    check(".n", None);
    check(".n.m", None);
    check(".t[0]", None);
    let part = Path::parse(".a").unwrap().select(&value).unwrap();
    assert!(
        part.as_map()
            .unwrap()
            .ptr_eq(value.get("a").unwrap().as_map().unwrap())
    );
}

#[test]
fn building() {
    let check = |base: Value, path: &str, expected: Value| {
        let mut built = base.clone();
        Path::parse(path)
            .unwrap()
            .write_into(&mut built, value!(9))
            .unwrap();
        assert_eq!(built, expected, "{base} {path}");
    };
    check(value!(1), "", value!(9));
    check(value!(null), ".x", value!({ "x": 9 }));
    check(value!({ "x": 0, "y": 1 }), ".x", value!({ "x": 9, "y": 1 }));
    check(value!(null), ".x[0].y", value!({ "x": [{ "y": 9 }] }));
    check(value!("str"), "[1]", value!(["s", 9, "r"]));
    check(value!("é😀"), "[1]", value!(["é", 9]));
    check(value!([1, 2, 3]), "[0]", value!([9, 2, 3]));
    check(value!([1]), "[3]", value!([1, null, null, 9]));
    check(value!(5), "[1]", value!([null, 9]));
    check(value!({ "a": 1 }), "[0]", value!([9]));
    check(value!([1]), ".a", value!({ "a": 9 }));
    check(value!("text"), ".a", value!({ "a": 9 }));
}

#[test]
fn what_cannot_be_written() {
    let mut deep = Path::new();
    (0..65).for_each(|_| deep.push(Step::Index(0)));
    let parse = |text| Path::parse(text).unwrap();
    for path in [
        parse("[-1]"),
        parse(".a[0][-1]"),
        parse("[1000001]"),
        parse("[9223372036854775807]"),
        deep,
    ] {
        let mut base = value!({ "a": 1 });
        assert!(path.write_into(&mut base, value!(9)).is_err(), "{path}");
        assert_eq!(base, value!({ "a": 1 }));
    }
    let mut base = Value::Null;
    parse("[1000000]").write_into(&mut base, value!(9)).unwrap();
    assert_eq!(base.as_list().unwrap().len(), 1_000_001);
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..4_i64).prop_map(Step::Index),
        "[a-c \"\\\\é\\]]{0,3}".prop_map(|key| Step::Key(key.into()))
    ]
}

proptest! {
    #[test]
    fn what_was_written_is_found(base in laws::any_value(), value in laws::any_value(), steps in prop::collection::vec(step(), 0..6)) {
        let path = Path::from_iter(steps);
        prop_assert_eq!(&Path::parse(&path.to_string()).unwrap(), &path);
        let before = base.to_string();
        let mut built = base.clone();
        path.write_into(&mut built, value.clone()).unwrap();
        prop_assert_eq!(path.select(&built), Some(value).filter(|value| !value.is_null()));
        prop_assert_eq!(base.to_string(), before);
    }

    #[test]
    fn reading_never_panics(text in "[.\\[\\]\"a0\\\\u-]{0,12}|.{0,12}") {
        if let Ok(path) = Path::parse(&text) {
            prop_assert_eq!(Path::parse(&path.to_string()), Ok(path));
        }
    }
}
