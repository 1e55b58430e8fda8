//! Lists and dictionaries.

use graphloom::value::{List, Map};
use graphloom::{Value, value};

use super::{Bench, Draw, cases};

const SEEDS: u64 = 150;

fn item(draw: &mut Draw, depth: u32) -> Value {
    let kinds = if depth == 0 { 4 } else { 6 };
    match draw.within(0, kinds) {
        0 => Value::Null,
        1 => Value::Bool(draw.within(0, 1) == 1),
        2 => Value::Int(draw.within(-3, 3)),
        3 => Value::Float(draw.within(-3, 3) as f64 / 2.0),
        4 => Value::from(*draw.one(&["", "a", "b", "é"])),
        5 => list(draw, depth - 1),
        _ => map(draw, depth - 1),
    }
}

fn list(draw: &mut Draw, depth: u32) -> Value {
    let n = draw.within(0, 6);
    Value::from((0..n).map(|_| item(draw, depth)).collect::<Vec<_>>())
}

fn map(draw: &mut Draw, depth: u32) -> Value {
    let n = draw.within(0, 4);
    let entry = |_| (*draw.one(&["a", "b", "c", "d e"]), item(draw, depth));
    Value::from((0..n).map(entry).collect::<Map>())
}

fn items(value: &Value) -> &List {
    value.as_list().unwrap()
}

#[tokio::test]
async fn twice_reversed_is_as_before() {
    let bench = Bench::new();
    for seed in cases(SEEDS) {
        let list = list(&mut Draw(seed), 2);
        let once = value!({ "input_list": list.clone() });
        let once = bench.get("list.reverse", once, "reversed_list").await;
        let twice = value!({ "input_list": once });
        let twice = bench.get("list.reverse", twice, "reversed_list").await;
        assert_eq!(twice, list, "seed {seed}");
    }
}

#[tokio::test]
async fn joining_is_associative() {
    let bench = Bench::new();
    let join = async |lists: Vec<Value>| {
        let inputs = value!({ "lists": lists });
        bench
            .get("list.concatenate", inputs, "concatenated_list")
            .await
    };
    for seed in cases(SEEDS) {
        let mut draw = Draw(seed);
        let [a, b, c] = [(); 3].map(|()| list(&mut draw, 1));
        let left = join(vec![a.clone(), b.clone()]).await;
        let left = join(vec![left, c.clone()]).await;
        let right = join(vec![b, c]).await;
        assert_eq!(left, join(vec![a, right]).await, "seed {seed}");
    }
}

#[tokio::test]
async fn adding_a_dictionary_is_associative() {
    let bench = Bench::new();
    let add = async |dictionary: &Value, entries: &Value| {
        let inputs = value!({ "dictionary": dictionary.clone(), "entries": entries.clone() });
        bench
            .get("dictionary.add_entries", inputs, "updated_dictionary")
            .await
    };
    for seed in cases(SEEDS) {
        let mut draw = Draw(seed);
        let [a, b, c] = [(); 3].map(|()| map(&mut draw, 1));
        let left = add(&add(&a, &b).await, &c).await;
        let right = add(&a, &add(&b, &c).await).await;
        assert_eq!(left, right, "seed {seed}");
    }
}

#[tokio::test]
async fn what_is_flat_stays_flat() {
    let bench = Bench::new();
    let flatten = async |list: Value| {
        let inputs = value!({ "nested_list": list });
        bench.get("list.flatten", inputs, "flattened_list").await
    };
    for seed in cases(SEEDS) {
        let flat = flatten(list(&mut Draw(seed), 3)).await;
        assert!(items(&flat).iter().all(|item| item.as_list().is_none()));
        assert_eq!(flatten(flat.clone()).await, flat, "seed {seed}");
    }
}

#[tokio::test]
async fn interleaving_loses_and_makes_nothing() {
    let bench = Bench::new();
    for seed in cases(SEEDS) {
        let mut draw = Draw(seed);
        let lists: Vec<Value> = (0..draw.within(0, 4)).map(|_| list(&mut draw, 1)).collect();
        let inputs = value!({ "lists": lists.clone() });
        let mixed = bench
            .get("list.interleave", inputs, "interleaved_list")
            .await;
        let mut left: Vec<&Value> = items(&mixed).iter().collect();
        for item in lists.iter().flat_map(|list| items(list).iter()) {
            let at = left.iter().position(|other| *other == item);
            left.remove(at.unwrap_or_else(|| panic!("seed {seed}: {item} is lost")));
        }
        assert!(left.is_empty(), "seed {seed}: {left:?}");
    }
}

#[tokio::test]
async fn zipped_lists_are_as_long_as_the_shortest_or_the_longest() {
    let bench = Bench::new();
    for seed in cases(SEEDS) {
        let mut draw = Draw(seed);
        let lists: Vec<Value> = (0..draw.within(1, 4)).map(|_| list(&mut draw, 1)).collect();
        let n = |list: &Value| items(list).len();
        for (pad, expected) in [
            (false, lists.iter().map(n).min()),
            (true, lists.iter().map(n).max()),
        ] {
            let inputs = value!({ "lists": lists.clone(), "pad_to_longest": pad });
            let zipped = bench.get("list.zip", inputs, "zipped_list").await;
            assert_eq!(Some(items(&zipped).len()), expected, "seed {seed}");
            let whole = |row: &Value| items(row).len() == lists.len();
            assert!(items(&zipped).iter().all(whole), "seed {seed}");
        }
    }
}

#[tokio::test]
async fn a_list_is_its_difference_and_its_intersection() {
    let bench = Bench::new();
    for seed in cases(SEEDS) {
        let mut draw = Draw(seed);
        // As texts: these blocks take yes for 1, as Python does.
        let texts =
            |list: &Value| -> Value { items(list).iter().map(ToString::to_string).collect() };
        let [a, b] = [(); 2].map(|()| texts(&list(&mut draw, 1)));
        let inputs = value!({ "list_a": a.clone(), "list_b": b.clone() });
        let rest = bench
            .get("list.difference", inputs.clone(), "difference")
            .await;
        let common = bench.get("list.intersection", inputs, "intersection").await;
        let has =
            |list: &Value, item: &Value| items(list).iter().any(|other| other.loosely_eq(item));
        for item in items(&a).iter() {
            assert!(
                has(&rest, item) != has(&common, item),
                "seed {seed}: {item}"
            );
            assert_eq!(has(&common, item), has(&b, item), "seed {seed}: {item}");
        }
    }
}

#[tokio::test]
async fn what_is_put_in_is_found_and_taken_out_again() {
    let bench = Bench::new();
    for seed in cases(SEEDS) {
        let mut draw = Draw(seed);
        let (list, new) = (list(&mut draw, 1), item(&mut draw, 1));
        let at = draw.within(0, items(&list).len() as i64);
        let inputs = value!({ "list": list.clone(), "entry": new.clone(), "position": at });
        // Null is no entry to this block.
        if new == Value::Null {
            continue;
        }
        let longer = bench.get("list.add_items", inputs, "updated_list").await;
        let inputs = value!({ "list": longer.clone(), "index": at });
        assert_eq!(
            bench.get("list.get_item", inputs.clone(), "item").await,
            new,
            "seed {seed}"
        );
        let back = bench.get("list.remove_item", inputs, "updated_list").await;
        assert_eq!(back, list, "seed {seed}");
    }
}
