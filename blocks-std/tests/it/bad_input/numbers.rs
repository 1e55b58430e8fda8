//! Numbers: exact or refused, never rounded in silence.

use graphloom::prelude::*;
use graphloom::{RunOptions, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{codes, engine, run_with};

fn with(value: &str) -> String {
    format!(
        r#"{{"format":1,"nodes":{{"a":{{"block":"io.input","inputs":{{"name":"x","value":{value}}}}},
        "b":{{"block":"io.output","inputs":{{"name":"y"}}}}}},"links":[{{"from":"a.result","to":"b.value"}}]}}"#
    )
}

async fn through(value: &str) -> Value {
    let outcome = run_with(&engine([]), &with(value), RunOptions::new()).await;
    outcome.output("y")[0].clone()
}

#[test]
fn what_is_no_number_is_refused() {
    for value in [
        "NaN",
        "Infinity",
        "1e999",
        "-1e999",
        "18446744073709551616",
        "-9223372036854775809",
        "01",
        "+1",
        ".5",
        "5.",
        "1e",
        "0x10",
        "1_000",
    ] {
        assert_eq!(codes(&with(value)), ["JSON_NUMBER"], "{value}");
    }
    assert_eq!(codes(&with("-Infinity")), ["JSON_NUMBER"]);
}

#[tokio::test]
async fn integers_are_exact_to_the_last_digit() {
    for value in [
        "9007199254740993",
        "-9007199254740993",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551615",
    ] {
        assert_eq!(through(value).await.to_string(), value);
    }
}

#[tokio::test]
async fn a_number_keeps_its_form() {
    for (value, shown) in [
        ("1", "1"),
        ("1.0", "1.0"),
        ("-0.0", "-0.0"),
        ("-0", "0"),
        ("1e2", "100.0"),
        ("5e-324", "5e-324"),
        ("1.7976931348623157e308", "1.7976931348623157e308"),
    ] {
        assert_eq!(through(value).await.to_string(), shown, "{value}");
    }
}

#[test]
fn one_and_one_point_zero_have_hashes_of_their_own() {
    let hash = |value: &str| {
        engine([])
            .diagnose(with(value).as_bytes())
            .graph
            .unwrap()
            .semantic_hash()
    };
    assert_ne!(hash("1"), hash("1.0"));
    assert_eq!(hash("1e2"), hash("100.0"));
    assert_eq!(hash("-0.0"), hash("0.0"));
    assert_ne!(hash("0"), hash("0.0"));
}

#[test]
fn an_integer_pin_takes_no_float() {
    let item = |index: &str| {
        format!(
            r#"{{"format":1,"nodes":{{"a":{{"block":"list.get_item","inputs":{{"list":[1],"index":{index}}}}}}}}}"#
        )
    };
    assert_eq!(codes(&item("0")), [""; 0]);
    for index in ["1.5", "\"0\"", "18446744073709551616"] {
        let expected = if index.len() > 18 {
            "JSON_NUMBER"
        } else {
            "GRAPH_INPUT_TYPE"
        };
        assert_eq!(codes(&item(index)), [expected], "{index}");
    }
}

#[tokio::test]
async fn an_integer_that_the_block_cannot_hold_is_refused_by_it() {
    // Both are integers by their value; the block holds 64 bits with a sign.
    for index in ["18446744073709551615", "1e300"] {
        let document = format!(
            r#"{{"format":1,"nodes":{{"a":{{"block":"list.get_item","inputs":{{"list":[1],"index":{index}}}}}}}}}"#
        );
        let outcome = run_with(&engine([]), &document, RunOptions::new()).await;
        assert_eq!(super::failed(&outcome), "BLOCK_INPUT");
    }
}

#[tokio::test]
async fn a_float_without_a_fraction_at_an_integer_pin_is_the_integer() {
    // Documented: 1.0 loses nothing as 1, so that a strict pin takes it; what has a fraction is refused.
    let document = |index: &str| {
        format!(
            r#"{{"format":1,"nodes":{{"a":{{"block":"list.get_item","inputs":{{"list":[5,6],"index":{index}}}}},
            "b":{{"block":"io.output","inputs":{{"name":"y"}}}}}},"links":[{{"from":"a.item","to":"b.value"}}]}}"#
        )
    };
    let outcome = run_with(&engine([]), &document("1.0"), RunOptions::new()).await;
    assert_eq!(outcome.output("y"), [Value::from(6)]);
    assert_eq!(codes(&document("1.5")), ["GRAPH_INPUT_TYPE"]);
}

#[tokio::test]
async fn an_integer_becomes_a_number_only_without_loss() {
    let document = |value: &str| {
        format!(
            r#"{{"format":1,"nodes":{{"a":{{"block":"io.input","inputs":{{"name":"x","type":"number","value":{value}}}}},
            "h":{{"block":"test.half"}},"b":{{"block":"io.output","inputs":{{"name":"y"}}}}}},
            "links":[{{"from":"a.result","to":"h.x"}},{{"from":"h.half","to":"b.value"}}]}}"#
        )
    };
    let mut registry = crate::faults::blocks::registry();
    registry.add(Half).unwrap();
    let engine = graphloom::Engine::new(registry);
    let outcome = run_with(&engine, &document("3"), RunOptions::new()).await;
    assert_eq!(outcome.output("y"), [Value::from(1.5)]);
    // 2^53 + 1 is no float: the block is told so, and not given a rounded one.
    let outcome = run_with(&engine, &document("9007199254740993"), RunOptions::new()).await;
    assert_eq!(
        super::failed(&outcome),
        "BLOCK_INPUT",
        "{:?}",
        outcome.outputs
    );
}

struct Half;

#[derive(Deserialize, JsonSchema)]
struct Input {
    /// A number.
    x: f64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Output {
    /// Half of it.
    Half(f64),
}

impl Block for Half {
    const INFO: BlockInfo = BlockInfo::new("test.half", 1, "Half of a number.");
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        _: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        Ok(out.emit(Output::Half(input.x / 2.0)).await?)
    }
}
