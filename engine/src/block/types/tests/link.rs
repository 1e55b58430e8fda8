use super::super::{Fit, fit};
use super::ty;

use Fit::{Always, Maybe, Never};

#[test]
fn links_are_proven_refused_or_left_to_the_firing() {
    for (from, to, strict, lenient) in [
        ("text", "any", Always, Always),
        ("any", "text", Maybe, Maybe),
        ("any", "any", Always, Always),
        ("text", "text", Always, Always),
        ("text", "integer", Never, Maybe),
        ("integer", "number", Maybe, Maybe),
        ("integer", "number or integer", Always, Always),
        ("number", "integer", Maybe, Maybe),
        ("bool", "integer", Never, Never),
        ("bool", "number", Never, Maybe),
        ("bool", "text", Never, Maybe),
        ("blob", "text", Never, Never),
        ("blob", "list", Never, Maybe),
        ("blob", "list text", Never, Never),
        ("text", "blob", Never, Never),
        ("integer", "integer or null", Always, Always),
        ("integer or null", "integer", Maybe, Maybe),
        ("integer or text", "bool", Never, Maybe),
        ("integer or null", "text or null", Maybe, Maybe),
        ("null", "text", Never, Maybe),
        ("null", "text or null", Always, Always),
        ("list text", "list integer", Maybe, Maybe),
        ("list text", "list", Always, Always),
        ("list", "list text", Maybe, Maybe),
        ("text", "list text", Never, Maybe),
        ("bool", "list integer", Never, Never),
        ("integer", "map text", Never, Maybe),
        ("map integer", "map number", Maybe, Maybe),
        ("map text", "map integer", Maybe, Maybe),
        ("list", "point", Never, Never),
        ("text", "point", Never, Never),
        ("map integer", "point", Maybe, Maybe),
        ("map text", "point", Never, Never),
        ("point", "map integer", Always, Always),
        ("point", "map text", Never, Maybe),
        ("point", "map", Always, Always),
        ("open point", "map", Always, Always),
        ("open point", "map integer", Maybe, Maybe),
        ("point", "open point", Always, Always),
        ("open point", "point", Maybe, Maybe),
        ("Add|Subtract", "text", Always, Always),
        ("text", "Add|Subtract", Maybe, Maybe),
        ("integer", "Add|Subtract", Never, Never),
        ("Add|Subtract", "1|2", Never, Never),
        ("1|2", "integer", Maybe, Maybe),
        ("1|2", "text", Never, Maybe),
        ("Add|Subtract", "integer", Never, Maybe),
        ("Add|Subtract", "Add|Subtract or null", Always, Always),
    ] {
        assert_eq!(
            fit(&ty(from), &ty(to), false),
            strict,
            "{from} to {to}, strict"
        );
        assert_eq!(
            fit(&ty(from), &ty(to), true),
            lenient,
            "{from} to {to}, lenient"
        );
    }
}
