//! Sizes: long chains, wide fans, on a small stack.

use std::sync::Arc;

use graphloom::graph::GraphLimits;
use graphloom::json::Limits;
use graphloom::{Engine, Plan, RunOptions, SerialOptions, Status};

use super::harness::one_thread;
use super::special::registry;

const STACK: usize = 256 << 10;

/// Raises the limits on documents: these are larger than any that a person writes.
fn engine() -> Engine {
    let limits = GraphLimits::default()
        .with_json(Limits::default().with_max_bytes(1 << 30))
        .with_max_nodes(2_000_000)
        .with_max_links(2_000_000);
    Engine::builder(registry()).graph_limits(limits).build()
}

fn chain(n: usize, block: &str) -> String {
    let mut nodes = vec!["\"n0\": {\"block\": \"t.source\"}".to_owned()];
    let mut links = Vec::new();
    for i in 1..n {
        nodes.push(format!("\"n{i}\": {{\"block\": \"{block}\"}}"));
        let pin = if i == 1 { "item" } else { "out" };
        links.push(format!(
            "{{\"from\": \"n{}.{pin}\", \"to\": \"n{i}.value\"}}",
            i - 1
        ));
    }
    format!(
        "{{\"format\": 1, \"nodes\": {{{}}}, \"links\": [{}]}}",
        nodes.join(","),
        links.join(",")
    )
}

/// Does all of it, the dropping too, on a thread with a small stack.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work);
    thread.unwrap().join().unwrap();
}

fn load(engine: &Engine, json: &str) -> Arc<Plan> {
    engine
        .load(json.as_bytes())
        .unwrap_or_else(|faults| panic!("{:?}", faults.0.first()))
}

#[test]
fn a_chain_of_100_000_nodes_needs_no_deep_stack() {
    on_a_small_stack(|| {
        let engine = engine();
        let plan = load(&engine, &chain(100_000, "t.pass"));
        assert_eq!(plan.n_nodes(), 100_000);
        let runtime = one_thread();
        let options = || RunOptions::new();
        let outcome = runtime.block_on(engine.run(&plan, options())).unwrap();
        assert_eq!(outcome.status, Status::Completed);
        assert_eq!(outcome.firings, 100_000);
        // And where each firing is a task.
        let plan = load(&engine, &chain(100_000, "s.yields_on"));
        let outcome = runtime.block_on(engine.run(&plan, options())).unwrap();
        assert_eq!(outcome.firings, 100_000);
    });
}

#[test]
fn a_chain_of_20_000_nodes_is_serial_too() {
    on_a_small_stack(|| {
        let engine = engine();
        let plan = load(&engine, &chain(20_000, "t.pass"));
        let order = SerialOptions::seeded(1);
        let run = engine.run_serial(&plan, RunOptions::new(), order);
        let outcome = one_thread().block_on(run).unwrap();
        assert_eq!(outcome.firings, 20_000);
    });
}

/// A ring, faulty and allowed, as long: its fault names it, and it goes around.
#[test]
fn a_ring_of_100_000_nodes_is_told_and_runs() {
    on_a_small_stack(|| {
        let engine = engine();
        let ring = chain(100_000, "t.pass").replace(
            "\"links\": [",
            "\"links\": [{\"from\": \"n99999.out\", \"to\": \"n1.value\"},",
        );
        let faults = engine.load(ring.as_bytes()).unwrap_err();
        assert_eq!(faults.0.len(), 1);
        let allowed = ring.replacen(
            "\"format\": 1,",
            "\"format\": 1, \"policy\": {\"cycles\": \"allow\", \"max_firings\": 3},",
            1,
        );
        let plan = load(&engine, &allowed);
        let runtime = one_thread();
        let outcome = runtime
            .block_on(engine.run(&plan, RunOptions::new()))
            .unwrap();
        let failure = outcome.failure.unwrap();
        assert_eq!(failure.code, graphloom::Code::RunCycleLimit);
        assert_eq!(outcome.firings, 1 + 3 * 99_999);
    });
}

#[test]
fn a_fan_of_100_000_nodes_in_and_out() {
    let n = 100_000;
    let mut nodes = vec![
        "\"s\": {\"block\": \"t.source\"}".to_owned(),
        "\"all\": {\"block\": \"t.gather\"}".to_owned(),
        "\"o\": {\"block\": \"t.out\", \"inputs\": {\"name\": \"o\"}}".to_owned(),
    ];
    let mut links = vec!["{\"from\": \"all.size\", \"to\": \"o.value\"}".to_owned()];
    for i in 0..n {
        nodes.push(format!("\"n{i}\": {{\"block\": \"t.pass\"}}"));
        links.push(format!("{{\"from\": \"s.item\", \"to\": \"n{i}.value\"}}"));
        links.push(format!("{{\"from\": \"n{i}.out\", \"to\": \"all.items\"}}"));
    }
    let json = format!(
        "{{\"format\": 1, \"nodes\": {{{}}}, \"links\": [{}]}}",
        nodes.join(","),
        links.join(",")
    );
    on_a_small_stack(move || {
        let engine = engine();
        let plan = load(&engine, &json);
        let runtime = one_thread();
        let outcome = runtime
            .block_on(engine.run(&plan, RunOptions::new()))
            .unwrap();
        assert_eq!(outcome.output("o"), [graphloom::Value::from(n)]);
    });
}

/// Calls of calls, many of them: each costs the same, however many there were before.
#[test]
fn many_calls_are_as_fast_as_few() {
    let json = |n: usize| {
        format!(
            "{{\"format\": 1, \"nodes\": {{
            \"s\": {{\"block\": \"t.source\", \"inputs\": {{\"n\": {n}}}}},
            \"call\": {{\"block\": \"t.call\", \"inputs\": {{\"graph\": \"g\"}}}},
            \"all\": {{\"block\": \"t.gather\"}},
            \"o\": {{\"block\": \"t.out\", \"inputs\": {{\"name\": \"o\"}}}}}},
        \"links\": [{{\"from\": \"s.item\", \"to\": \"call.x\"}}, {{\"from\": \"call.y\", \"to\": \"all.items\"}},
            {{\"from\": \"all.size\", \"to\": \"o.value\"}}],
        \"graphs\": {{\"g\": {{\"format\": 1, \"nodes\": {{
            \"x\": {{\"block\": \"t.in\", \"inputs\": {{\"name\": \"x\"}}}},
            \"y\": {{\"block\": \"t.out\", \"inputs\": {{\"name\": \"y\"}}}}}},
            \"links\": [{{\"from\": \"x.result\", \"to\": \"y.value\"}}]}}}}}}"
        )
    };
    let engine = engine();
    let runtime = one_thread();
    let time = |n: usize| {
        let plan = load(&engine, &json(n));
        let since = std::time::Instant::now();
        let outcome = runtime
            .block_on(engine.run(&plan, RunOptions::new()))
            .unwrap();
        assert_eq!(outcome.output("o"), [graphloom::Value::from(n)]);
        since.elapsed().as_secs_f64()
    };
    let few = time(2_000).max(0.002);
    let many = time(40_000);
    assert!(
        many < few * 20.0 * 8.0,
        "{few} s for 2,000, {many} s for 40,000"
    );
}

/// Chains, without a cycle, in which each node wraps what it gets, by its block or as often as a path has steps; and
/// calls of calls. On a stack as tokio's threads have.
#[test]
fn a_chain_that_wraps_needs_no_deep_stack() {
    let plain = chain(9_999, "s.wrap");
    let steps = ".x".repeat(63);
    let paths = chain(9_999, "t.pass").replace(".value\"}", &format!(".value{steps}\"}}"));
    let mut calls = chain(16, "t.pass");
    for depth in 0..14 {
        let call = format!(
            "\"links\": [{{\"from\": \"n14.out\", \"to\": \"call.x{steps}\"}}, {{\"from\": \"in.result\", \"to\": \"n1.value{steps}\"}},
                {{\"from\": \"n15.out\", \"to\": \"out.value{steps}\"}},"
        );
        let nodes = "\"nodes\": {\"in\": {\"block\": \"t.in\", \"inputs\": {\"name\": \"x\", \"value\": 1}},
            \"out\": {\"block\": \"t.out\", \"inputs\": {\"name\": \"y\"}},
            \"call\": {\"block\": \"t.call\", \"inputs\": {\"graph\": \"g\"}},";
        if depth == 0 {
            let leaf = nodes.replace("t.call\", \"inputs\": {\"graph\": \"g\"}", "t.object\"");
            calls = calls
                .replace("\"nodes\": {", &leaf)
                .replace("\"links\": [", &call.replace("call.x", "call.values"));
        }
        let up = chain(16, "t.pass")
            .replace("\"nodes\": {", nodes)
            .replace("\"links\": [", &call);
        calls = format!(
            "{}, \"graphs\": {{\"g\": {calls}}}}}",
            up.trim_end_matches('}')
        );
    }
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    let work = move || {
        let engine = engine();
        for json in [plain, paths, calls] {
            let plan = load(&engine, &json);
            let run = engine.run(&plan, RunOptions::new());
            let outcome = one_thread().block_on(run).unwrap();
            let failure = outcome.failure.unwrap();
            assert_eq!(failure.code, graphloom::Code::RunValueDepth, "{failure}");
        }
    };
    thread.spawn(work).unwrap().join().unwrap();
}
