//! Blocks that the tests build their graphs of. What they give depends on what they are given and on nothing else;
//! how long they take depends on the [`Pace`] that the run was started with.

use std::sync::Arc;
use std::time::Duration;

use graphloom::block::types::PinType;
use graphloom::block::{
    BoxFuture, DynEmitter, Gathering, InputPin, Literals, OutputPin, Shape, ShapeEnv, ShapeError,
};
use graphloom::value::Map;
use graphloom::{
    BlockError, BlockInfo, Capability, Context, DynBlock, Inputs, Registry, Role, Value, value,
};

/// How long blocks take: each firing draws from this, its node and its number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) seed: u64,
    /// Out of 16 steps so many wait.
    pub(crate) waits: u64,
}

pub(crate) const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

pub(crate) fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |h, b| mix(h ^ u64::from(b)))
}

/// A number that follows from a word and values, and differs for others.
pub(crate) fn digest(word: &str, values: &[&Value]) -> i64 {
    let h = values
        .iter()
        .fold(hash(word), |h, value| mix(h ^ hash(&value.to_string())));
    (h >> 12) as i64
}

/// Waits a little, or not.
pub(crate) async fn pace(cx: &Context, step: u64) -> Result<(), BlockError> {
    let Ok(pace) = cx.ext::<Pace>() else {
        return Ok(());
    };
    let info = cx.info();
    let draw = mix(pace.seed ^ hash(info.node.as_str()) ^ mix(u64::from(info.firing) << 20 | step));
    if draw % 16 >= pace.waits {
        return Ok(());
    }
    match draw >> 8 & 7 {
        0 => cx.sleep(Duration::from_micros(draw >> 16 & 0x3ff)).await?,
        n => {
            for _ in 0..n {
                tokio::task::yield_now().await;
            }
        }
    }
    Ok(())
}

pub(crate) type Run =
    for<'a> fn(&'a Context, Inputs<'a>, DynEmitter<'a>) -> BoxFuture<'a, Result<(), BlockError>>;

/// A block made of data and a function.
pub(crate) struct Simple {
    pub(crate) info: BlockInfo,
    pub(crate) inputs: Vec<InputPin>,
    pub(crate) outputs: Vec<OutputPin>,
    pub(crate) run: Run,
}

impl DynBlock for Simple {
    fn info(&self) -> &BlockInfo {
        &self.info
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        Ok(Shape::new(self.inputs.clone(), self.outputs.clone()))
    }

    fn run<'a>(
        &'a self,
        cx: &'a Context,
        inputs: Inputs<'a>,
        out: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        (self.run)(cx, inputs, out)
    }
}

const CAPABILITIES: &[Capability] = &[
    Capability::Ext,
    Capability::Clock,
    Capability::Graphs,
    Capability::Tools,
    Capability::Wait,
    Capability::Random,
];

pub(crate) const fn info(id: &'static str) -> BlockInfo {
    BlockInfo::new(id, 1, "A block for tests.").capabilities(CAPABILITIES)
}

pub(crate) fn any(name: &str) -> InputPin {
    InputPin::new(name, PinType::Any)
}

pub(crate) fn need(name: &str) -> InputPin {
    any(name).required()
}

pub(crate) fn integer(name: &str, default: i64) -> InputPin {
    let mut pin = InputPin::new(name, PinType::Integer);
    pin.default = Some(Value::from(default));
    pin
}

fn collects(name: &str, gathering: Gathering) -> InputPin {
    let mut pin = InputPin::new(name, PinType::list(PinType::Any)).required();
    pin.gather = Some(gathering);
    pin
}

fn named() -> InputPin {
    InputPin::new("name", PinType::Text).required().config()
}

pub(crate) fn outs(names: &[&str]) -> Vec<OutputPin> {
    names
        .iter()
        .map(|name| OutputPin::new(*name, PinType::Any))
        .collect()
}

pub(crate) fn simple(info: BlockInfo, inputs: Vec<InputPin>, outputs: &[&str], run: Run) -> Simple {
    Simple {
        info,
        inputs,
        outputs: outs(outputs),
        run,
    }
}

pub(crate) fn int(inputs: Inputs<'_>, name: &str) -> i64 {
    inputs.get(name).and_then(Value::as_i64).unwrap_or(0)
}

pub(crate) fn get<'a>(inputs: Inputs<'a>, name: &str) -> &'a Value {
    inputs.get(name).unwrap_or(&Value::Null)
}

fn node(cx: &Context) -> String {
    cx.info().node.to_string()
}

/// Calls a sub-graph; the pins are its.
struct Call(BlockInfo);

impl DynBlock for Call {
    fn info(&self) -> &BlockInfo {
        &self.0
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        let graph = InputPin::new("graph", PinType::Text).required().config();
        Ok(Shape::new(vec![graph], Vec::new()))
    }

    fn shape(
        &self,
        base: &Arc<Shape>,
        literals: &Literals<'_>,
        env: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        let name = literals.text("graph").unwrap_or_default();
        let child = env
            .graph(name)
            .ok_or_else(|| ShapeError::unknown_graph("graph", name))?;
        let mut inputs = base.inputs.clone();
        inputs.extend(child.inputs.iter().cloned());
        Ok(Arc::new(Shape::new(inputs, child.outputs.clone())))
    }

    fn run<'a>(
        &'a self,
        _: &'a Context,
        _: Inputs<'a>,
        _: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        Box::pin(async { Err(BlockError::failed("the engine runs a call by itself")) })
    }
}

/// Every block of the tests.
pub(crate) fn registry() -> Registry {
    let mut registry = Registry::new();
    for block in all() {
        registry.add(block).unwrap();
    }
    registry.add(Call(info("t.call").role(Role::Call))).unwrap();
    registry
}

/// The same blocks, but those whose ids are drawn by the seed say that they are pure and reach nothing: such a block takes
/// no time either.
pub(crate) fn partly_pure(seed: u64, out_of: u64) -> Registry {
    let mut registry = Registry::new();
    for mut block in all() {
        if mix(seed ^ hash(block.info.id)) % 4 >= out_of {
            block.info.capabilities = &[Capability::Graphs, Capability::Tools];
        }
        registry.add(block).unwrap();
    }
    registry.add(Call(info("t.call").role(Role::Call))).unwrap();
    registry
}

#[expect(clippy::too_many_lines, reason = "a list of blocks")]
fn all() -> Vec<Simple> {
    vec![
        simple(
            info("t.in").role(Role::Input),
            vec![named(), need("value")],
            &["result"],
            |cx, inputs, out| {
                Box::pin(async move {
                    pace(cx, 0).await?;
                    out.emit("result", get(inputs, "value").clone()).await?;
                    Ok(())
                })
            },
        ),
        simple(
            info("t.out").role(Role::Output),
            vec![named(), need("value")],
            &["output"],
            |cx, inputs, out| {
                Box::pin(async move {
                    pace(cx, 0).await?;
                    out.emit("output", get(inputs, "value").clone()).await?;
                    Ok(())
                })
            },
        ),
        // Emits `n` numbers that follow from its inputs.
        simple(
            info("t.source"),
            vec![integer("n", 1), integer("base", 0), any("trigger")],
            &["item"],
            |cx, inputs, out| {
                Box::pin(async move {
                    let (n, base) = (int(inputs, "n"), int(inputs, "base"));
                    for i in 0..n {
                        pace(cx, i as u64).await?;
                        let item = match inputs.get("trigger") {
                            Some(trigger) => digest("item", &[trigger, &Value::from(i)]),
                            None => base * 1_000 + i,
                        };
                        out.emit("item", item).await?;
                    }
                    pace(cx, n as u64).await
                })
            },
        ),
        simple(
            info("t.map"),
            vec![need("value")],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    pace(cx, 0).await?;
                    let given = digest(&node(cx), &[get(inputs, "value")]);
                    out.emit("out", given).await?;
                    pace(cx, 1).await
                })
            },
        ),
        // Passes a value on as it is, at once.
        simple(
            info("t.pass"),
            vec![need("value")],
            &["out"],
            |_, inputs, out| {
                Box::pin(async move {
                    out.emit("out", get(inputs, "value").clone()).await?;
                    Ok(())
                })
            },
        ),
        simple(
            info("t.join"),
            vec![need("a"), need("b"), any("c")],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    pace(cx, 0).await?;
                    let parts = [get(inputs, "a"), get(inputs, "b"), get(inputs, "c")];
                    out.emit("out", digest(&node(cx), &parts)).await?;
                    Ok(())
                })
            },
        ),
        simple(
            info("t.split"),
            vec![need("value")],
            &["even", "odd"],
            |cx, inputs, out| {
                Box::pin(async move {
                    pace(cx, 0).await?;
                    let value = get(inputs, "value");
                    let pin = (digest(&node(cx), &[value]) & 1) as usize;
                    out.emit_at(pin, value.clone()).await?;
                    Ok(())
                })
            },
        ),
        // Fails for one value in `every`, after an output.
        simple(
            info("t.fail"),
            vec![need("value"), integer("every", 2)],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    pace(cx, 0).await?;
                    let given = digest(&node(cx), &[get(inputs, "value")]);
                    out.emit("out", given).await?;
                    pace(cx, 1).await?;
                    if given % int(inputs, "every").max(1) == 0 {
                        return Err(BlockError::transient(format!("not {given}")));
                    }
                    Ok(())
                })
            },
        ),
        simple(
            info("t.gather"),
            vec![collects("items", Gathering::UntilClosed)],
            &["out", "size"],
            |cx, inputs, out| {
                Box::pin(async move {
                    pace(cx, 0).await?;
                    let items = get(inputs, "items");
                    out.emit("out", digest(&node(cx), &[items])).await?;
                    let size = items.as_list().map_or(0, |items| items.len());
                    out.emit("size", size).await?;
                    Ok(())
                })
            },
        ),
        // As t.gather, but the order of the items makes no difference.
        simple(
            info("t.total"),
            vec![collects("items", Gathering::UntilClosed)],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    pace(cx, 0).await?;
                    let items = get(inputs, "items").as_list().cloned().unwrap_or_default();
                    let sum = items
                        .iter()
                        .fold(0_i64, |sum, item| sum.wrapping_add(digest("item", &[item])));
                    out.emit("out", sum).await?;
                    Ok(())
                })
            },
        ),
        simple(
            info("t.every"),
            vec![collects("items", Gathering::Every(3))],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    pace(cx, 0).await?;
                    let items = get(inputs, "items");
                    out.emit("out", digest(&node(cx), &[items])).await?;
                    Ok(())
                })
            },
        ),
        simple(
            info("t.object"),
            vec![InputPin::new("values", PinType::map(PinType::Any)).required()],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    pace(cx, 0).await?;
                    let values = get(inputs, "values");
                    out.emit("out", digest(&node(cx), &[values])).await?;
                    Ok(())
                })
            },
        ),
        simple(
            info("t.pair"),
            vec![need("value")],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    pace(cx, 0).await?;
                    let value = get(inputs, "value");
                    let (left, right) = (digest("left", &[value]), digest("right", &[value]));
                    out.emit("out", value!({"left": left, "list": [right, left]}))
                        .await?;
                    Ok(())
                })
            },
        ),
        // Goes around as often as its value says.
        simple(
            info("t.loop"),
            vec![need("value")],
            &["again", "done"],
            |cx, inputs, out| {
                Box::pin(async move {
                    pace(cx, 0).await?;
                    let value = get(inputs, "value");
                    let left = value.get("left").and_then(Value::as_i64);
                    let left = left.unwrap_or_else(|| digest("left", &[value]) % 5);
                    let id = digest("id", &[value.get("id").unwrap_or(value)]);
                    if left > 0 {
                        out.emit("again", value!({"left": (left - 1), "id": id}))
                            .await?;
                    } else {
                        out.emit("done", id).await?;
                    }
                    Ok(())
                })
            },
        ),
        // Null for one value in three, else the value.
        simple(
            info("t.maybe"),
            vec![need("value")],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    pace(cx, 0).await?;
                    let given = digest(&node(cx), &[get(inputs, "value")]);
                    let given = if given % 3 == 0 {
                        Value::Null
                    } else {
                        Value::from(given)
                    };
                    out.emit("out", given).await?;
                    Ok(())
                })
            },
        ),
        // Fails once for every other value, after an output; the next attempt does not.
        simple(
            info("t.flaky"),
            vec![need("value")],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    pace(cx, 0).await?;
                    let given = digest(&node(cx), &[get(inputs, "value")]);
                    out.emit("out", given).await?;
                    pace(cx, 1).await?;
                    if cx.info().attempt == 1 && given & 1 == 0 {
                        return Err(BlockError::transient("not yet"));
                    }
                    out.emit("out", given + 1).await?;
                    Ok(())
                })
            },
        ),
        // Calls a sub-graph by itself, and gives what it gave.
        simple(
            info("t.ask"),
            vec![
                InputPin::new("graph", PinType::Text).required().config(),
                need("value"),
            ],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    pace(cx, 0).await?;
                    let mut given = Map::new();
                    given.insert("x0", get(inputs, "value").clone());
                    let name = get(inputs, "graph").as_str().unwrap_or_default();
                    let mut outputs = cx.call_graph(name, given).await?;
                    pace(cx, 1).await?;
                    // Outputs of one name keep their order.
                    outputs.sort_by(|a, b| a.0.cmp(&b.0));
                    let values: Vec<&Value> = outputs.iter().map(|(_, value)| value).collect();
                    out.emit("out", digest(&node(cx), &values)).await?;
                    Ok(())
                })
            },
        ),
        Simple {
            outputs: vec![
                OutputPin::new("out", PinType::Any),
                OutputPin::new("tools", PinType::Any).tools(),
            ],
            ..simple(
                info("t.agent"),
                vec![need("value")],
                &[],
                |cx, inputs, out| {
                    Box::pin(async move {
                        pace(cx, 0).await?;
                        let mut seen = vec![get(inputs, "value").clone()];
                        for tool in cx.tools()? {
                            let mut arguments = Map::new();
                            for name in tool.arguments.iter().map(|argument| &argument.pin) {
                                arguments.insert(name.clone(), seen[0].clone());
                            }
                            let gave = cx.call_tool(tool.index, arguments).await?;
                            seen.extend(gave.into_iter().map(|(_, value)| value));
                            pace(cx, 1).await?;
                        }
                        let seen: Vec<&Value> = seen.iter().collect();
                        out.emit("out", digest(&node(cx), &seen)).await?;
                        Ok(())
                    })
                },
            )
        },
        // Fails, whatever it is given; it might pass.
        simple(info("t.down"), vec![need("value")], &["out"], |_, _, _| {
            Box::pin(async move { Err(BlockError::transient("the service is down")) })
        }),
        simple(
            info("t.null"),
            vec![need("value")],
            &["out"],
            |_, _, out| Box::pin(async move { Ok(out.emit("out", Value::Null).await?) }),
        ),
        simple(
            info("t.note").role(Role::Note),
            vec![any("text")],
            &[],
            |_, _, _| Box::pin(async move { Ok(()) }),
        ),
        // An input that need not be given.
        simple(
            info("t.in_quiet").role(Role::Input),
            vec![named(), any("value")],
            &["result"],
            |_, inputs, out| {
                Box::pin(async move {
                    if let Some(value) = inputs.get("value") {
                        out.emit("result", value.clone()).await?;
                    }
                    Ok(())
                })
            },
        ),
        // Does not wait for `extra`.
        simple(
            info("t.loose").unwaited(&["extra"]),
            vec![need("value"), {
                let mut extra = any("extra");
                extra.unwaited = true;
                extra
            }],
            &["out"],
            |cx, inputs, out| {
                Box::pin(async move {
                    pace(cx, 0).await?;
                    let parts = [get(inputs, "value"), get(inputs, "extra")];
                    out.emit("out", digest(&node(cx), &parts)).await?;
                    Ok(())
                })
            },
        ),
    ]
}
