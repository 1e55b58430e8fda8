use crate::value::Path;

use super::super::PinType;
use super::ty;

#[test]
fn types_read_in_plain_words() {
    for (name, expected) in [
        ("any", "any"),
        ("list text", "list of text"),
        ("map any", "map of any"),
        ("list list integer", "list of list of integer"),
        ("integer or null", "integer or null"),
        ("integer or text or null", "integer, text or null"),
        ("list integer or null", "list of (integer or null)"),
        ("Add|Subtract", r#"one of "Add", "Subtract""#),
        ("point", r#"object with "x", "y""#),
        (
            "Add|Subtract or null",
            r#"one of "Add", "Subtract" or null"#,
        ),
    ] {
        assert_eq!(ty(name).to_string(), expected);
    }
    assert_eq!(PinType::one_of(["a"]).to_string(), r#""a""#);
    assert_eq!(PinType::object(Vec::new(), true).to_string(), "object");
    assert_eq!(
        PinType::object(Vec::new(), false).to_string(),
        "empty object"
    );
    assert!(
        PinType::one_of(0..40)
            .to_string()
            .ends_with("15 and 24 more")
    );
}

#[test]
fn unions_are_flat_and_without_repetition() {
    let text_or_null = ty("text or null");
    assert_eq!(
        PinType::union([text_or_null.clone(), PinType::Text, PinType::Null]),
        text_or_null
    );
    assert_eq!(PinType::union([PinType::Text, PinType::Any]), PinType::Any);
    assert_eq!(PinType::union([PinType::Text]), PinType::Text);
    assert_eq!(PinType::union([]), PinType::Any);
    assert_eq!(
        PinType::union([PinType::one_of(["a"]), PinType::one_of(["b", "a"])]),
        PinType::one_of(["a", "b"])
    );
    assert_eq!(
        PinType::one_of([Some("a"), None]),
        PinType::union([PinType::one_of(["a"]), PinType::Null])
    );
    assert_eq!(PinType::one_of([None::<i64>]), PinType::Null);
}

#[test]
fn null_fits_where_a_type_says_so() {
    for name in ["any", "null", "text or null"] {
        assert!(ty(name).nullable(), "{name}");
    }
    for name in ["text", "list null", "point", "Add|Subtract"] {
        assert!(!ty(name).nullable(), "{name}");
    }
}

#[test]
fn paths_go_into_containers() {
    for (name, path, expected) in [
        ("any", ".a[0]", Some("any")),
        ("list text", "[0]", Some("text")),
        ("list text", "[-1]", Some("text")),
        ("list text", ".a", None),
        ("list text", "[0][0]", None),
        ("map list integer", ".a[3]", Some("integer")),
        ("point", ".x", Some("integer")),
        ("point", ".z", None),
        ("open point", ".z", Some("any")),
        (
            "list text or map integer",
            "[0]",
            Some("text or map integer"),
        ),
        ("text", "[0]", None),
        ("text", "", Some("text")),
    ] {
        let found = ty(name).at(&Path::parse(path).unwrap());
        assert_eq!(found, expected.map(ty), "{path} in {name}");
    }
    let union = PinType::union([ty("list text"), ty("map integer"), ty("null")]);
    assert_eq!(union.at(&Path::parse("[0]").unwrap()), Some(PinType::Text));
    assert!(union.has_inside());
    assert!(PinType::one_of([crate::value!([1])]).has_inside());
    for name in ["text", "null", "blob", "integer or text", "1|2"] {
        assert!(!ty(name).has_inside(), "{name}");
    }
}
