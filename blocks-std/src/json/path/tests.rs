use graphloom::value;
use graphloom::{Text, Value};

use super::{Limits, Stop, find, parse};

const LIMITS: Limits<'_> = Limits {
    max_steps: 100_000,
    max_found: 10_000,
    is_cancelled: &|| false,
};

fn check(document: &Value, path: &str, expected: &Value) {
    let query = parse(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let found = find(&query, document, true, &LIMITS).unwrap();
    let values: Value = found.iter().map(|found| found.value.clone()).collect();
    assert_eq!(values, *expected, "{path}");
    // A place is found again by its own path, and alone.
    for found in &found {
        let again = find(&parse(&found.path()).unwrap(), document, false, &LIMITS).unwrap();
        assert_eq!(again.len(), 1, "{}", found.path());
        assert!(
            std::ptr::eq(again[0].value, found.value),
            "{}",
            found.path()
        );
    }
}

#[test]
fn segments_and_selectors() {
    let document = value!({ "a": { "b": [0, 1, 2, 3], "'\n": 5 }, "c": "text", "ü": null });
    let check = |path, expected| check(&document, path, &expected);
    check("$.c", value!(["text"]));
    check("$ ['a'] [\"b\"][-1]", value!([3]));
    check("$.a.b[1:3]", value!([1, 2]));
    check("$.a.b[::-2]", value!([3, 1]));
    check("$.a.b[:1:-1]", value!([3, 2]));
    check("$.a.b[5:-9:-1]", value!([3, 2, 1, 0]));
    check("$.a.b[::0]", value!([]));
    check("$.a.b[0,0,9,-9]", value!([0, 0]));
    check("$.ü", value!([null]));
    check("$.a['\\'\\n']", value!([5]));
    check("$.c[0]", value!([]));
    check("$..[0]", value!([0]));
    check("$.a.*", value!([[0, 1, 2, 3], 5]));
    check("$", value!([document.clone()]));
}

#[test]
fn filters() {
    let document = value!([
        { "n": 1, "t": "ab" },
        { "n": 2.0, "t": "xaby" },
        { "n": null },
        { "l": [1, 2] },
        9_007_199_254_740_993_i64,
    ]);
    let check = |path, expected: Value| {
        let path = format!("$[?{path}]");
        let query = parse(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let found = find(&query, &document, true, &LIMITS).unwrap();
        let places: Value = found
            .iter()
            .map(|found| Value::from(found.path()))
            .collect();
        let expected: Value = expected
            .as_list()
            .unwrap()
            .iter()
            .map(|index| Value::from(format!("$[{index}]")))
            .collect();
        assert_eq!(places, expected, "{path}");
    };
    check("@.n", value!([0, 1, 2]));
    check("@.n == 2", value!([1]));
    check("@.n >= 1.0 && @.n<2", value!([0]));
    check("@.n == null || @.l", value!([2, 3]));
    check("!(@.n) && !@.l", value!([4]));
    check("@ == 9007199254740993", value!([4]));
    check("@ == 9007199254740992.0", value!([]));
    check("@ > 9007199254740992.0", value!([4]));
    check("@.none == @.never", value!([0, 1, 2, 3, 4]));
    check("match(@.t, 'a.')", value!([0]));
    check("search(@.t, 'a.')", value!([0, 1]));
    check("length(@.t) == 4", value!([1]));
    check("count(@.l[*]) == 2", value!([3]));
    check("value($[0].n) == @.n", value!([0]));
}

#[test]
fn what_is_no_path_is_told_with_its_place() {
    let check = |path: &str, part: &str| {
        let error = parse(path).unwrap_err();
        assert!(error.contains(part), "{path}: {error}");
    };
    check("", "character 1: expected `$`");
    check("a", "character 1");
    check("$.", "a name");
    check("$.1", "a name");
    check("$ ", "the end");
    check("$[01]", "leading zeros");
    check("$[-0]", "leading zeros");
    check("$[9007199254740992]", "53 bits");
    check("$['a]", "at the end of the text");
    check("$['\\x']", "after a backslash");
    check("$['\\ud800']", "halves");
    check("$[?1]", "a comparison");
    check("$[?@.* == 1]", "one place at most");
    check("$[?length(@.*) == 1]", "one place at most");
    check("$[?count(1) == 1]", "a path");
    check("$[?match(@, 'a') == true]", "a value to compare");
    check("$[?size(@) == 1]", "one of `length`");
    check("$[?@.a == 1e999]", "a number");
    check(
        &format!("$[?{}@{}]", "(".repeat(99), ")".repeat(99)),
        "32 parts",
    );
    check(&format!("${}", "[?@".repeat(99)), "32 parts");
    check(&"$..*".repeat(9_999), "longer than");
}

#[test]
fn a_hostile_path_ends_soon() {
    let mut document = value!([1, 2, 3, 4]);
    for _ in 0..40 {
        document = value!([document.clone(), document]);
    }
    for (path, stop) in [
        ("$..*", Stop::Found),
        ("$..*..*..*", Stop::Found),
        ("$[?@..[?@..*]]", Stop::Found),
        ("$..none", Stop::Steps),
        (&format!("${}", "[0,0,0,0,0]".repeat(9)), Stop::Found),
        ("$[?$[0] == $[1]]", Stop::Steps),
        ("$[?count($..*) == 1]", Stop::Found),
    ] {
        let found = find(&parse(path).unwrap(), &document, false, &LIMITS).err();
        assert_eq!(found, Some(stop), "{path}");
    }
    let cancelled = Limits {
        is_cancelled: &|| true,
        ..LIMITS
    };
    let found = find(&parse("$..*").unwrap(), &document, false, &cancelled).err();
    assert_eq!(found, Some(Stop::Cancelled));
    let text = Value::from(Text::from("a".repeat(1 << 20)));
    let list: Value = std::iter::repeat_n(text, 1_000).collect();
    let search = parse("$[?search(@, '(a|a)*b')]").unwrap();
    assert_eq!(
        find(&search, &list, false, &LIMITS).err(),
        Some(Stop::Steps)
    );
}
