//! Declarations of blocks that will not do are refused when the block is registered; patterns stay linear.

use std::time::{Duration, Instant};

use graphloom::prelude::*;
use graphloom::{Registry, RegistryError, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{engine, failed, graph, run};
use crate::faults::blocks::pass;

struct BadDefault;

#[derive(Deserialize, JsonSchema)]
#[expect(dead_code, reason = "only its schema is looked at")]
struct Input {
    /// A size.
    #[schemars(extend("default" = "large"))]
    size: Option<u32>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Output {
    /// Done.
    Done(bool),
}

impl Block for BadDefault {
    const INFO: BlockInfo =
        BlockInfo::new("test.bad_default", 1, "Its default does not fit its type.");
    type Input = Input;
    type Output = Output;

    async fn run(&self, _: &Context, _: Input, out: Emitter<'_, Output>) -> Result<(), BlockError> {
        Ok(out.emit(Output::Done(true)).await?)
    }
}

#[test]
fn a_default_that_does_not_fit_its_type_is_refused() {
    let refused = Registry::new().add(BadDefault).unwrap_err();
    assert!(matches!(refused, RegistryError::Shape { .. }), "{refused}");
}

#[test]
fn ids_that_will_not_do_are_refused() {
    for id in [
        "",
        "pass",
        "App.pass",
        "app.",
        ".pass",
        "app pass",
        "app.päss",
        "app..pass",
        "app.pass@1",
    ] {
        let refused = Registry::new().add(pass(id)).unwrap_err();
        assert!(matches!(refused, RegistryError::Id { .. }), "{id}");
    }
    let mut registry = Registry::new();
    registry.add(pass("app.pass")).unwrap();
    let refused = registry.add(pass("app.pass")).unwrap_err();
    assert!(matches!(refused, RegistryError::Duplicate { .. }));
}

fn matching(pattern: &str, text: &str) -> String {
    let inputs = graphloom::value!({ "text": text, "pattern": pattern });
    graph(
        &format!(r#""m":{{"block":"text.extract","inputs":{inputs}}}"#),
        "",
    )
}

#[tokio::test]
async fn a_pattern_that_backtracks_elsewhere_takes_linear_time() {
    let engine = engine([]);
    let text = format!("{}b", "a".repeat(50 << 10));
    let document = matching("(a+)+$", &text);
    let plan = super::plan(&engine, &document);
    let since = Instant::now();
    let outcome = engine
        .run(&plan, graphloom::RunOptions::new())
        .await
        .unwrap();
    assert_eq!(outcome.status, Status::Completed);
    assert!(
        since.elapsed() < Duration::from_secs(60),
        "{:?}",
        since.elapsed()
    );
}

#[tokio::test]
async fn a_pattern_that_is_large_when_compiled_is_refused() {
    for pattern in [
        "(a{1,1000}){1,1000}",
        "\\w{1,100000}",
        "(((a{100}){100}){100}){100}",
    ] {
        let outcome = run(&engine([]), &matching(pattern, "a")).await;
        assert_eq!(failed(&outcome), "BLOCK_INPUT", "{pattern}");
    }
}
