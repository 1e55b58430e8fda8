//! Graphs as functions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::builder::{CallError, GraphBuilder, Side};
use crate::prelude::*;
use crate::value::Value;
use crate::{CancelToken, Engine, Gather, GraphFn, Registry, Role, RunOptions};

#[derive(Deserialize, JsonSchema)]
struct Given<T> {
    name: String,
    value: Option<T>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Got<T> {
    Result(T),
}

/// Any block with a value that comes and goes.
macro_rules! io {
    ($name:ident, $id:literal, $role:ident, $ty:ty) => {
        struct $name;
        impl Block for $name {
            const INFO: BlockInfo = BlockInfo::new($id, 1, "A test.").role(Role::$role);
            type Input = Given<$ty>;
            type Output = Got<$ty>;
            async fn run(
                &self,
                _: &Context,
                input: Given<$ty>,
                out: Emitter<'_, Got<$ty>>,
            ) -> Result<(), BlockError> {
                if let Some(value) = input.value {
                    out.emit(Got::Result(value)).await?;
                }
                Ok(())
            }
        }
        crate::pins! {
            $name {
                in { name: String, value: Option<$ty> }
                out { result: Result($ty) }
            }
        }
    };
}

io!(Texts, "io.text", Input, String);
io!(Numbers, "io.number", Input, i64);
io!(Results, "io.output", Output, Value);

struct Chars;

#[derive(Deserialize, JsonSchema)]
struct Input {
    text: String,
    #[serde(default)]
    times: i64,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Output {
    One(char),
    All { first: Option<char>, n: usize },
}

impl Block for Chars {
    const INFO: BlockInfo = BlockInfo::new("text.chars", 1, "Takes a text apart.");
    type Input = Input;
    type Output = Output;

    async fn run(
        &self,
        cx: &Context,
        input: Input,
        out: Emitter<'_, Output>,
    ) -> Result<(), BlockError> {
        if input.times < 0 {
            return Err(BlockError::input("fewer than none"));
        }
        if input.text == "wait" {
            cx.cancelled().await;
            return Err(BlockError::Cancelled);
        }
        for _ in 0..input.times {
            for one in input.text.chars() {
                out.emit(Output::One(one)).await?;
            }
        }
        let (first, n) = (input.text.chars().next(), input.text.chars().count());
        out.emit(Output::All { first, n }).await?;
        Ok(())
    }
}

crate::pins! {
    Chars {
        in { text: String, times: i64 }
        out { one: One(char), all: All as crate::value::Map }
    }
}

fn engine() -> Engine {
    let mut registry = Registry::new();
    registry
        .add(Texts)
        .unwrap()
        .add(Numbers)
        .unwrap()
        .add(Results)
        .unwrap()
        .add(Chars)
        .unwrap();
    Engine::new(registry)
}

fn graph() -> GraphBuilder {
    let mut g = GraphBuilder::new();
    let text = g.add::<Texts>("text");
    g.set(&text.input.name, "text");
    let times = g.add::<Numbers>("times");
    g.set(&times.input.name, "times").set(&times.input.value, 2);
    let chars = g.add::<Chars>("chars");
    g.link(&text.output.result, &chars.input.text);
    g.link(&times.output.result, &chars.input.times);
    for (name, out) in [
        ("ones", chars.output.one.any()),
        ("n", chars.output.all.at("n")),
        ("first", chars.output.all.at("first")),
    ] {
        let output = g.add::<Results>(name);
        g.set(&output.input.name, name);
        g.link(out, &output.input.value);
    }
    g
}

fn typed<I: Serialize + JsonSchema, O: serde::de::DeserializeOwned + JsonSchema>() -> GraphFn<I, O>
{
    let engine = engine();
    let plan = engine.compile(&graph().finish().unwrap()).unwrap();
    engine.typed::<I, O>(&plan).unwrap()
}

#[derive(Serialize, JsonSchema, Default)]
struct Args {
    text: String,
    times: Option<i64>,
}

#[derive(Deserialize, JsonSchema, Debug, PartialEq)]
struct Rest {
    ones: Gather<char>,
    n: usize,
    first: Option<char>,
}

fn args(text: &str, times: impl Into<Option<i64>>) -> Args {
    Args {
        text: text.to_owned(),
        times: times.into(),
    }
}

#[tokio::test]
async fn fields_go_in_and_come_out() {
    let chars = typed::<Args, Rest>();
    let check = async |args: Args, ones: &str, n: usize| {
        let expected = Rest {
            ones: Gather(ones.chars().collect()),
            n,
            first: (n > 0).then_some('a'),
        };
        assert_eq!(chars.call(args).await.unwrap(), expected);
    };
    check(args("ab", 1), "ab", 2).await;
    // A null is not given: the graph's default holds.
    check(args("ab", None), "abab", 2).await;
    check(args("a", 0), "", 1).await;
    // A path that finds null brings nothing.
    check(args("", 1), "", 0).await;
}

#[tokio::test]
async fn a_call_can_be_sent_and_made_many_times_at_once() {
    let chars = typed::<Args, Rest>();
    let mut calls = tokio::task::JoinSet::new();
    for n in 0..20_i64 {
        let chars = chars.clone();
        calls.spawn(async move { (n, chars.call(args("ab", n)).await.unwrap().ones.0.len()) });
    }
    while let Some(done) = calls.join_next().await {
        let (n, found) = done.unwrap();
        assert_eq!(found, usize::try_from(2 * n).unwrap());
    }
}

#[tokio::test]
async fn what_goes_wrong_is_told() {
    let chars = typed::<Args, Rest>();
    let error = chars.call(args("ab", -1)).await.unwrap_err();
    assert!(matches!(&error, CallError::Failed { .. }), "{error}");
    assert!(error.to_string().contains("fewer than none"), "{error}");
    assert_eq!(error.outcome().unwrap().node_errors, 1);

    let token = CancelToken::new();
    token.cancel();
    let options = RunOptions::new().cancel_with(&token);
    let error = chars.call_with(args("wait", 1), options).await.unwrap_err();
    assert!(matches!(error, CallError::Cancelled { .. }), "{error}");

    #[derive(Deserialize, JsonSchema, Debug)]
    struct One {
        #[expect(dead_code, reason = "decoding fails")]
        ones: char,
    }
    let one = typed::<Args, One>();
    let error = one.call(args("ab", 1)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "output \"ones\" got 2 values and not one"
    );

    #[derive(Deserialize, JsonSchema, Debug)]
    struct Unfit {
        #[expect(dead_code, reason = "decoding fails")]
        n: Vec<String>,
    }
    let unfit = typed::<Args, Unfit>();
    let error = unfit.call(args("ab", 1)).await.unwrap_err();
    assert!(
        matches!(error, CallError::Output { .. }) && error.to_string().contains('n'),
        "{error}"
    );

    #[derive(Serialize, JsonSchema)]
    struct Open {
        text: Value,
    }
    let open = typed::<Open, ()>();
    open.call(Open {
        text: Value::from("a"),
    })
    .await
    .unwrap();
    let error = open
        .call(Open {
            text: Value::from(1),
        })
        .await
        .unwrap_err();
    assert!(matches!(error, CallError::Refused { .. }), "{error}");
}

#[test]
fn types_are_checked_against_the_graph() {
    #[derive(Serialize, JsonSchema)]
    struct Bad {
        txt: String,
        times: bool,
    }
    #[derive(Deserialize, JsonSchema)]
    struct Worse {
        #[expect(dead_code, reason = "never made")]
        one: Gather<char>,
        #[expect(dead_code, reason = "never made")]
        n: usize,
    }
    let engine = engine();
    let plan = engine.compile(&graph().finish().unwrap()).unwrap();
    let error = engine.typed::<Bad, Worse>(&plan).unwrap_err();
    let found: Vec<(Side, &str)> = error
        .misfits
        .iter()
        .map(|misfit| (misfit.side, misfit.name.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (Side::Input, "txt"),
            (Side::Input, "times"),
            (Side::Input, "text"),
            (Side::Output, "one")
        ]
    );
    assert_eq!(error.misfits[3].suggestions, ["ones"]);
    let text = error.to_string();
    assert!(
        text.contains("no input \"txt\" (did you mean text?)"),
        "{text}"
    );

    let error = engine.typed::<String, Vec<i64>>(&plan).unwrap_err();
    assert_eq!(error.misfits.len(), 3, "{error}");
    assert!(
        engine
            .typed::<Args, std::collections::BTreeMap<String, Value>>(&plan)
            .is_err()
    );
    assert!(engine.typed::<Args, ()>(&plan).is_ok());
}
