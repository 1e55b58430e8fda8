//! Pointers, lines and columns.

use proptest::prelude::*;

use crate::json::{Limits, Lines, Pointer, line_column, parse};

#[test]
fn pointers() {
    let check = |text: &str, parts: &[&str]| {
        let pointer = Pointer::parse(text).unwrap();
        assert_eq!(pointer.segments().collect::<Vec<_>>(), parts);
        assert_eq!(
            parts
                .iter()
                .fold(Pointer::root(), |pointer, part| pointer.push(part)),
            pointer
        );
        assert_eq!(pointer.to_string(), text);
    };
    check("", &[]);
    check("/", &[""]);
    check("/a~1b/~0/~01/0", &["a/b", "~", "~1", "0"]);
    for wrong in ["a", "/~", "/~2", " /a"] {
        assert!(Pointer::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn numbers_are_ordered_by_size() {
    let sorted = [
        "",
        "/a",
        "/links/0",
        "/links/9",
        "/links/9/from",
        "/links/10",
        "/links/-",
        "/links/01",
        "/links/x",
        "/m",
    ];
    let pointers: Vec<_> = sorted
        .iter()
        .map(|text| Pointer::parse(text).unwrap())
        .collect();
    let mut shuffled = pointers.clone();
    shuffled.reverse();
    shuffled.sort();
    assert_eq!(shuffled, pointers);
}

#[test]
fn places_in_a_document() {
    let source = "{\n  \"é\": [1, {\"k\": true}],\n  \"b\": \"x\"\n}";
    let tree = parse(source.as_bytes(), &Limits::default()).tree.unwrap();
    let text = |span: crate::json::Span| &source[span.start as usize..span.end as usize];
    let check = |pointer: &str, found: &str, key: &str, place: (u32, u32)| {
        let pointer = Pointer::parse(pointer).unwrap();
        let span = tree.locate(&pointer).unwrap();
        assert_eq!(
            (
                text(span),
                line_column(source.as_bytes(), span.start as usize)
            ),
            (found, place)
        );
        assert_eq!(text(tree.key_span(&pointer).unwrap()), key);
    };
    check("", source, source, (1, 1));
    check("/é/0", "1", "1", (2, 9));
    check("/é/1/k", "true", "\"k\"", (2, 18));
    check("/b", "\"x\"", "\"b\"", (3, 8));
    check(
        "/é/1/missing/deeper",
        "{\"k\": true}",
        "{\"k\": true}",
        (2, 12),
    );
    assert_eq!(
        tree.node(&Pointer::parse("/b").unwrap())
            .unwrap()
            .as_text()
            .unwrap(),
        "x"
    );
    assert!(tree.node(&Pointer::parse("/é/2").unwrap()).is_none());
}

proptest! {
    #[test]
    fn lines_count_as_reading_from_the_beginning(text in "(?s).{0,40}", times in 1..200_usize, offset: u16) {
        let source = text.repeat(times).into_bytes();
        let offset = usize::from(offset) % (source.len() + 3);
        prop_assert_eq!(Lines::new(&source).line_column(offset), line_column(&source, offset));
    }

    #[test]
    fn any_key_goes_through_a_pointer(parts in prop::collection::vec("[a~/01 é]{0,4}", 0..4)) {
        let pointer = parts.iter().fold(Pointer::root(), |pointer, part| pointer.push(part));
        prop_assert_eq!(pointer.segments().collect::<Vec<_>>(), parts);
        prop_assert_eq!(Pointer::parse(pointer.as_str()).unwrap(), pointer);
    }

    #[test]
    fn the_order_is_one(mut pointers in prop::collection::vec("(/[09a]{0,3}){0,2}".prop_map(|p| Pointer::parse(&p).unwrap()), 3)) {
        pointers.sort();
        for pair in pointers.windows(2) {
            prop_assert!(pair[0] <= pair[1]);
            prop_assert_eq!(pair[0].cmp(&pair[1]) == std::cmp::Ordering::Equal, pair[0] == pair[1]);
        }
        prop_assert!(pointers[0] <= pointers[2]);
    }
}
