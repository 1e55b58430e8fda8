//! What holds for every graph: reuse changes no outcome, and no pure block is called twice for the same inputs.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use graphloom::block::{
    BoxFuture, DynEmitter, InputPin, Literals, Shape, ShapeEnv, ShapeError, types::PinType,
};
use graphloom::host::MemoryResults;
use graphloom::json::{Limits, read_value};
use graphloom::{
    BlockError, BlockInfo, Capability, Context, DynBlock, Engine, Inputs, Registry, Reuse, Role,
    RunOptions, SerialOptions, Value,
};

use super::bench::results;
use crate::blocks::{Pace, registry};
use crate::generate::case;
use crate::harness::{Draw, in_time, one_thread, paced, runtimes, seeds};
use crate::kept::Trial;
use crate::order::promised;

/// A block of the generated graphs as a pure one. What those give depends on the node that they are: here that is an
/// input, `salt`, so that it follows from the inputs alone.
struct Salted {
    real: Arc<dyn DynBlock>,
    info: BlockInfo,
    ended_well: Arc<Mutex<Vec<String>>>,
}

impl DynBlock for Salted {
    fn info(&self) -> &BlockInfo {
        &self.info
    }

    fn describe(&self) -> Result<Shape, ShapeError> {
        self.real.describe()
    }

    fn shape(
        &self,
        base: &Arc<Shape>,
        literals: &Literals<'_>,
        env: &dyn ShapeEnv,
    ) -> Result<Arc<Shape>, ShapeError> {
        let shape = self.real.shape(base, literals, env)?;
        let mut inputs = shape.inputs.clone();
        inputs.push(InputPin::new("salt", PinType::Text));
        Ok(Arc::new(Shape::new(inputs, shape.outputs.clone())))
    }

    fn run<'a>(
        &'a self,
        cx: &'a Context,
        inputs: Inputs<'a>,
        out: DynEmitter<'a>,
    ) -> BoxFuture<'a, Result<(), BlockError>> {
        Box::pin(async move {
            let done = self.real.run(cx, inputs, out).await;
            if done.is_ok() && self.info.capabilities.is_empty() {
                let given: Vec<(&graphloom::Text, &Value)> = inputs.iter().collect();
                let call = format!("{} {given:?}", self.info.id);
                self.ended_well.lock().unwrap().push(call);
            }
            done
        })
    }
}

/// The blocks of the generated graphs, and the calls of pure ones that ended well.
fn salted() -> (Registry, Arc<Mutex<Vec<String>>>) {
    let ended_well = Arc::new(Mutex::default());
    let mut salted = Registry::new();
    for entry in registry().iter() {
        let info = *entry.info();
        let asks: &'static [Capability] = match info.id {
            "t.ask" => &[Capability::Graphs],
            "t.agent" => &[Capability::Tools],
            _ => &[],
        };
        let real = Arc::clone(entry.block());
        if info.role != Role::Standard {
            salted.add_dyn(real).unwrap();
            continue;
        }
        let info = info.capabilities(asks);
        let ended_well = Arc::clone(&ended_well);
        let block = Salted {
            real,
            info,
            ended_well,
        };
        salted.add(block).unwrap();
    }
    (salted, ended_well)
}

/// Gives each node its salt.
fn salt(graph: &Value) -> Value {
    let mut graph = graph.as_map().unwrap().clone();
    let mut nodes = graph.get("nodes").unwrap().as_map().unwrap().clone();
    for (id, node) in nodes.clone() {
        let block = node.get("block").unwrap().as_str().unwrap();
        if ["t.in", "t.out", "t.call"].contains(&block) {
            continue;
        }
        let mut node = node.as_map().unwrap().clone();
        let mut inputs = node.get("inputs").unwrap().as_map().unwrap().clone();
        inputs.insert("salt", id.clone());
        node.insert("inputs", inputs);
        nodes.insert(id, node);
    }
    graph.insert("nodes", nodes);
    if let Some(graphs) = graph.get("graphs") {
        let mut salted = graphs.as_map().unwrap().clone();
        for inner in salted.values_mut() {
            *inner = salt(inner);
        }
        graph.insert("graphs", salted);
    }
    graph.into()
}

#[test]
fn a_generated_graph_gives_the_same_with_an_earlier_run_and_calls_no_pure_block_again() {
    let (mut from_run, mut from_cache, mut missed) = (0, 0, 0);
    let runtimes = runtimes();
    for seed in seeds("reuse", 60) {
        let case = case(seed);
        println!("seed {seed}");
        let json = salt(&read_value(case.json.as_bytes(), &Limits::default()).unwrap());
        let json = json.to_string();
        let mut draw = Draw(seed ^ 5);
        let pace = |draw: &mut Draw| {
            paced(Pace {
                seed: draw.next(),
                waits: *draw.of(&[0, 3, 9]),
            })
        };
        let (registry, ended_well) = salted();
        let engine = Engine::new(registry);
        let mut trial = Trial::new(engine.clone(), &json, &RunOptions::new());
        let first = trial.process(u64::MAX, pace(&mut draw)).unwrap();
        let expected = promised(&case, &first);
        let take = || std::mem::take(&mut *ended_well.lock().unwrap());
        let mut known: HashSet<String> = take().into_iter().collect();
        let cache = MemoryResults::default();
        for n in 0..5 {
            let reuse = Reuse::new().cache(Arc::new(cache.clone()));
            let reuse = if n < 3 {
                reuse.run(results(&engine, &trial))
            } else {
                if n == 3 {
                    // What the earlier run had is known to the cache only where another one had it too.
                    known.clear();
                }
                reuse
            };
            let reuse = Arc::new(reuse);
            let reusing = engine.reusing(&reuse);
            let plan = reusing.load(json.as_bytes()).unwrap();
            let outcome = if n == 0 {
                let order = SerialOptions::seeded(draw.next()).check_fold();
                let run = in_time(reusing.run_serial(&plan, pace(&mut draw), order));
                one_thread().block_on(run).unwrap()
            } else {
                let (_, runtime) = draw.of(&runtimes);
                let options = pace(&mut draw);
                runtime.block_on(async {
                    let handle = reusing.start(&plan, options).unwrap();
                    in_time(handle.outcome()).await
                })
            };
            let got = promised(&case, &outcome);
            assert!(
                expected == got,
                "seed {seed}\n{json}\nexpected {expected:.3000}\ngot {got:.3000}"
            );
            let called: HashSet<String> = take().into_iter().collect();
            let again = called.iter().find(|call| known.contains(*call));
            assert_eq!(again, None, "seed {seed}: called again");
            known.extend(called);
            let told = reuse.explanations();
            from_run += told.from_run;
            from_cache += told.from_cache;
            missed += told.missed;
        }
    }
    println!("{from_run} from the run, {from_cache} from the cache, {missed} called");
    assert!(from_run > missed);
}

#[test]
fn a_kept_run_that_reuses_is_cut_anywhere_and_goes_on() {
    for seed in seeds("reuse cut", 12) {
        let case = case(seed);
        println!("seed {seed}");
        let json = salt(&read_value(case.json.as_bytes(), &Limits::default()).unwrap());
        let json = json.to_string();
        let mut draw = Draw(seed ^ 6);
        let (registry, _) = salted();
        let engine = Engine::new(registry);
        let mut trial = Trial::new(engine.clone(), &json, &RunOptions::new());
        let first = trial.process(u64::MAX, RunOptions::new()).unwrap();
        let expected = promised(&case, &first);
        let events = trial.records().len();
        let reuse = Arc::new(Reuse::new().run(results(&engine, &trial)));
        let reusing = engine.reusing(&reuse);
        let mut again = Trial::new(reusing, &json, &RunOptions::new());
        let mut n = 0;
        let outcome = loop {
            n += 1;
            let left = if n < 5 {
                draw.below(events.min(300)) as u64
            } else {
                u64::MAX
            };
            if let Some(outcome) = again.process(left, RunOptions::new()) {
                break outcome;
            }
        };
        let got = promised(&case, &outcome);
        assert!(
            expected == got,
            "seed {seed}, {n} processes\n{json}\nexpected {expected:.3000}\ngot {got:.3000}"
        );
    }
}
