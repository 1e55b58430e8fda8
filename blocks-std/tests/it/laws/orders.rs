//! Lists, dictionaries, numbers and chance.

use graphloom::graph::Coercion;
use graphloom::value::{Map, Value};
use graphloom::{RunOptions, value};

use super::{Bench, Draw, cases};
use crate::support::norm;

fn numbers(draw: &mut Draw) -> Vec<Value> {
    let n = draw.within(0, 30);
    let one = |draw: &mut Draw| match draw.within(0, 2) {
        0 => Value::from(draw.within(-5, 5)),
        1 => Value::from(draw.within(-10, 10) as f64 / 2.0),
        _ => Value::from(draw.within(i64::MIN, i64::MAX)),
    };
    (0..n).map(|_| one(draw)).collect()
}

/// The items as they are written, in one order.
fn bag(list: &Value) -> Vec<String> {
    let mut all: Vec<String> = list
        .as_list()
        .unwrap()
        .iter()
        .map(Value::to_string)
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn sorting_is_a_stable_order_of_the_same_items() {
    let bench = Bench::new();
    for seed in cases(300) {
        let mut draw = Draw(seed);
        let keys = numbers(&mut draw);
        let items: Vec<Value> = keys
            .iter()
            .enumerate()
            .map(|(at, key)| value!({"key": key.clone(), "at": at as u64}))
            .collect();
        let descending = draw.within(0, 1) == 1;
        let list = Value::from(items);
        let sort = |list: &Value| value!({"input_list": list.clone(), "by": "key", "descending": descending});
        let sorted = bench.get("list.sort", sort(&list), "sorted_list").await;
        assert_eq!(bag(&sorted), bag(&list), "seed {seed}");
        let again = bench.get("list.sort", sort(&sorted), "sorted_list").await;
        assert_eq!(again, sorted, "seed {seed}");
        let sorted = sorted.as_list().unwrap();
        for (a, b) in sorted.iter().zip(sorted.iter().skip(1)) {
            let test = value!({"expression": "b.key < a.key or (b.key == a.key and b.at > a.at)",
                "values": {"a": if descending { a.clone() } else { b.clone() },
                           "b": if descending { b.clone() } else { a.clone() }}});
            let ordered = bench.get("expr.eval", test, "result").await;
            let tie = norm(a.get("key").unwrap()) == norm(b.get("key").unwrap());
            let stable = a.get("at").unwrap().as_u64() < b.get("at").unwrap().as_u64();
            assert!(
                if tie {
                    stable
                } else {
                    ordered == Value::Bool(true)
                },
                "seed {seed}: {a} {b}"
            );
        }
    }
}

#[tokio::test]
async fn what_has_no_order_is_never_sorted() {
    let bench = Bench::new();
    let odd = [
        value!(1),
        value!("a"),
        value!(true),
        value!(null),
        value!({"k": 1}),
        value!(["a"]),
    ];
    for seed in cases(300) {
        let mut draw = Draw(seed);
        let n = draw.within(2, 40);
        let mut list: Vec<Value> = (0..n).map(|_| draw.one(&odd).clone()).collect();
        let (a, b) = (draw.within(0, 5) as usize, draw.within(1, 5) as usize);
        list.push(odd[a].clone());
        list.push(odd[(a + b) % 6].clone());
        let sorted = bench
            .ask("list.sort", value!({"input_list": list}), "sorted_list")
            .await;
        assert!(sorted.unwrap_err().contains("have no order"), "seed {seed}");
    }
}

#[tokio::test]
async fn parts_of_lists_are_their_items() {
    let bench = Bench::new();
    for seed in cases(300) {
        let mut draw = Draw(seed);
        let list = Value::from(numbers(&mut draw));
        let cut = draw.within(-35, 35);
        let before = value!({"input_list": list.clone(), "end": cut});
        let after = value!({"input_list": list.clone(), "start": cut});
        let before = bench.get("list.slice", before, "slice").await;
        let after = bench.get("list.slice", after, "slice").await;
        let both = before
            .as_list()
            .unwrap()
            .iter()
            .chain(after.as_list().unwrap().iter());
        assert_eq!(both.cloned().collect::<Value>(), list, "seed {seed}");

        let unique = value!({"input_list": list.clone()});
        let kept = bench
            .get("list.unique", unique.clone(), "unique_list")
            .await;
        let doubles = bench.get("list.unique", unique, "doubles").await;
        let again = value!({"input_list": kept.clone()});
        assert_eq!(
            bench.get("list.unique", again, "unique_list").await,
            kept,
            "seed {seed}"
        );
        let n = |list: &Value| list.as_list().unwrap().len();
        assert_eq!(n(&kept) + n(&doubles), n(&list), "seed {seed}");

        let filter = value!({"input_list": list.clone(), "condition": "item > 0"});
        let kept = bench.get("list.filter", filter.clone(), "kept").await;
        let rejected = bench.get("list.filter", filter, "rejected").await;
        assert_eq!(n(&kept) + n(&rejected), n(&list), "seed {seed}");
        let same = value!({"input_list": list.clone(), "expression": "item"});
        let same = bench.get("list.map_items", same, "mapped_list").await;
        assert_eq!(same, list, "seed {seed}");
    }
}

fn map(draw: &mut Draw, depth: u32) -> Value {
    let n = draw.within(0, 4);
    let mut map = Map::new();
    for _ in 0..n {
        let key = *draw.one(&["a", "b", "c", "d"]);
        let value = match draw.within(0, 2) {
            0 if depth > 0 => self::map(draw, depth - 1),
            _ => Value::from(draw.within(0, 99)),
        };
        map.insert(key, value);
    }
    map.into()
}

#[tokio::test]
async fn merging_is_associative_and_picking_parts() {
    let bench = Bench::new();
    for seed in cases(400) {
        let mut draw = Draw(seed);
        let (a, b, c) = (map(&mut draw, 2), map(&mut draw, 2), map(&mut draw, 2));
        for deep in [false, true] {
            let merge = async |maps: Value| {
                let inputs = value!({"dictionaries": maps, "deep": deep});
                bench.get("dictionary.merge", inputs, "dictionary").await
            };
            let left = merge(value!([
                merge(value!([a.clone(), b.clone()])).await,
                c.clone()
            ]))
            .await;
            let right = merge(value!([
                a.clone(),
                merge(value!([b.clone(), c.clone()])).await
            ]))
            .await;
            let all = merge(value!([a.clone(), b.clone(), c.clone()])).await;
            assert_eq!(left, all, "seed {seed}");
            // What a later dictionary replaced whole is merged otherwise if it was merged before.
            assert!(deep || right == all, "seed {seed}: {a} {b} {c}");
        }
        let pick = value!({"dictionary": a.clone(), "keys": ["b", "d"]});
        let picked = bench.get("dictionary.pick", pick.clone(), "picked").await;
        let rest = bench.get("dictionary.pick", pick, "rest").await;
        let whole = value!({"dictionaries": [picked, rest]});
        let whole = bench.get("dictionary.merge", whole, "dictionary").await;
        assert_eq!(norm(&whole), norm(&a), "seed {seed}");
    }
}

#[tokio::test]
async fn one_number_of_many_lies_where_it_must() {
    let bench = Bench::new();
    for seed in cases(300) {
        let mut draw = Draw(seed);
        let n = draw.within(1, 20);
        let list: Vec<i64> = (0..n).map(|_| draw.within(-1_000, 1_000)).collect();
        let of = async |operation: &str| {
            let inputs = value!({"numbers": list.clone(), "operation": operation});
            bench
                .get("math.aggregate", inputs, "result")
                .await
                .as_f64()
                .unwrap()
        };
        let (min, max) = (of("min").await, of("max").await);
        for between in [of("mean").await, of("median").await] {
            assert!(min <= between && between <= max, "seed {seed}");
        }
        assert_eq!(
            of("sum").await,
            list.iter().sum::<i64>() as f64,
            "seed {seed}"
        );

        let (number, digits) = (
            draw.within(-1_000_000, 1_000_000) as f64 / 1_024.0,
            draw.within(-3, 6),
        );
        let mut bounds = Vec::new();
        for mode in ["down", "half_even", "half_up", "up"] {
            let round = value!({"number": number, "digits": digits, "mode": mode});
            let rounded = bench.get("math.round", round, "result").await;
            let again = value!({"number": rounded.clone(), "digits": digits, "mode": mode});
            let again = bench.get("math.round", again, "result").await;
            assert_eq!(again.as_f64(), rounded.as_f64(), "seed {seed}");
            bounds.push(rounded.as_f64().unwrap());
        }
        let [down, .., up] = bounds[..] else {
            unreachable!()
        };
        assert!(
            bounds.iter().all(|one| *one == down || *one == up),
            "seed {seed}"
        );
        assert!(down <= number && number <= up, "seed {seed}");
    }
}

#[tokio::test]
async fn chance_follows_from_the_seed() {
    let bench = Bench::new();
    let mut drawn = [0_u32; 6];
    for seed in 0..600 {
        let mut draw = Draw(seed);
        let n = draw.within(0, 30);
        let size = draw.within(0, n);
        let list: Vec<i64> = (0..n).collect();
        let sample = value!({"input_list": list, "size": size});
        let inputs = sample.as_map().unwrap();
        let run = async |id: &str, inputs: &Map| {
            let options = RunOptions::new().seed(seed);
            let run = bench
                .0
                .run_block(id, inputs.clone(), Coercion::Strict, options)
                .await;
            let run = run.unwrap();
            assert_eq!(run.error, None, "seed {seed}");
            run.outputs
        };
        let outputs = run("random.sample", inputs).await;
        assert_eq!(outputs, run("random.sample", inputs).await, "seed {seed}");
        let mut indices: Vec<u64> = outputs[1]
            .1
            .as_list()
            .unwrap()
            .iter()
            .map(|at| at.as_u64().unwrap())
            .collect();
        assert_eq!(outputs[0].1, outputs[1].1, "each item is its own place");
        indices.sort_unstable();
        indices.dedup();
        assert_eq!(indices.len() as i64, size, "seed {seed}");
        assert!(indices.iter().all(|at| (*at as i64) < n), "seed {seed}");

        let die = value!({"min": 1, "max": 6});
        let die = &run("random.number", die.as_map().unwrap()).await[0].1;
        drawn[die.as_u64().unwrap() as usize - 1] += 1;
        let (min, max) = (draw.within(-9, 0) as f64, draw.within(0, 9) as f64 + 0.5);
        let any = value!({"min": min, "max": max});
        let any = run("random.number", any.as_map().unwrap()).await[0]
            .1
            .as_f64()
            .unwrap();
        assert!(min <= any && any <= max, "seed {seed}");
        let choice = value!({"input_list": [0, 1, 2, 3], "weights": [0, 1.5, 0, 3]});
        let choice = run("random.choice", choice.as_map().unwrap()).await[0]
            .1
            .as_u64()
            .unwrap();
        assert!([1, 3].contains(&choice), "seed {seed}");
    }
    assert!(drawn.iter().all(|n| (60..140).contains(n)), "{drawn:?}");
}
