#!/usr/bin/env python3
"""The workloads that LangGraph can do, as rows of the same form as graphloom-bench writes.

    python3 -m venv venv && venv/bin/pip install langgraph
    venv/bin/python benches/langgraph.py > langgraph.json
    cargo run --release -p graphloom-bench -- --merge langgraph.json --json rows.json

Nodes do the same as in benches/src/workloads, results are checked, no checkpointer, no tracing. One process a workload,
so that the peak memory is its own. Fewer repetitions than elsewhere, since a node takes 10,000 times as long; diamonds
run 1,000 times where others run 10,000. CPU time stands beside wall time, because it does not depend on load.
"""

import argparse
import asyncio
import json
import operator
import os
import resource
import statistics
import subprocess
import sys
import time
from typing import Annotated, TypedDict

# Else `import langgraph` finds this file.
del sys.path[0]
os.environ["LANGSMITH_TRACING"] = "false"

DIAMONDS = 1_000
NAP = 0.010


def chain(n):
    from langgraph.graph import END, START, StateGraph

    class State(TypedDict):
        sum: int

    graph = StateGraph(State)
    before = START
    for i in range(n):
        graph.add_node(f"n{i}", lambda state: {"sum": state["sum"] + 1})
        graph.add_edge(before, f"n{i}")
        before = f"n{i}"
    graph.add_edge(before, END)
    return graph.compile(), {"sum": 0}, ("sum", n)


def fan(width):
    from langgraph.graph import END, START, StateGraph

    class State(TypedDict):
        first: int
        sums: Annotated[int, operator.add]
        last: int

    graph = StateGraph(State)
    graph.add_node("first_node", lambda state: {"first": 1})
    graph.add_node("last_node", lambda state: {"last": state["sums"] + 1})
    graph.add_edge(START, "first_node")
    for i in range(width):
        graph.add_node(f"n{i}", lambda state: {"sums": state["first"] + 1})
        graph.add_edge("first_node", f"n{i}")
        graph.add_edge(f"n{i}", "last_node")
    graph.add_edge("last_node", END)
    return graph.compile(), {"sums": 0}, ("last", 2 * width + 1)


def diamond(nap):
    from langgraph.graph import END, START, StateGraph

    class State(TypedDict):
        a: int
        b: int
        c: int
        d: int

    def middle(pin):
        def plain(state):
            return {pin: state["a"] + 1}

        async def waits(state):
            await asyncio.sleep(NAP)
            return {pin: state["a"] + 1}

        return waits if nap else plain

    graph = StateGraph(State)
    graph.add_node("n0", lambda state: {"a": 1})
    graph.add_node("n1", middle("b"))
    graph.add_node("n2", middle("c"))
    graph.add_node("n3", lambda state: {"d": state["b"] + state["c"] + 1})
    graph.add_edge(START, "n0")
    graph.add_edge("n0", "n1")
    graph.add_edge("n0", "n2")
    graph.add_edge(["n1", "n2"], "n3")
    graph.add_edge("n3", END)
    return graph.compile(), {}, ("d", 5)


def row(app, given):
    return [app.invoke(given, {"recursion_limit": 5000})]


def row_of(n):
    return lambda app, given: [app.invoke(given) for _ in range(n)]


def crowd(n):
    async def all_at_once(app, given):
        return await asyncio.gather(*(app.ainvoke(given) for _ in range(n)))

    return lambda app, given: asyncio.run(all_at_once(app, given))


# What to build, how to run it, nodes of the graph, runs, repetitions.
WORKLOADS = {
    "chain_1k": (lambda: chain(1_000), row, 1_000, 1, 5),
    "fan_10k": (lambda: fan(10_000), row, 10_002, 1, 2),
    "diamond_seq": (lambda: diamond(False), row_of(DIAMONDS), 4, DIAMONDS, 3),
    "runs_1k": (lambda: diamond(True), crowd(1_000), 4, 1_000, 3),
}


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def one(workload):
    build, run, nodes, runs, times = WORKLOADS[workload]
    import langgraph.graph  # noqa: F401 (its import is no part of a build)

    empty = peak()
    since = time.perf_counter_ns()
    app, given, (pin, expected) = build()
    built = (time.perf_counter_ns() - since) / nodes
    base = peak()
    wall, cpu = [], []
    for _ in range(times):
        began, began_cpu = time.perf_counter_ns(), time.process_time_ns()
        outcomes = run(app, given)
        cpu.append((time.process_time_ns() - began_cpu) / nodes / runs)
        wall.append((time.perf_counter_ns() - began) / nodes / runs)
        assert all(outcome[pin] == expected for outcome in outcomes), outcomes[0]
    return {
        "peer": "langgraph_py",
        "workload": workload,
        "ns_per_node_best": min(wall),
        "ns_per_node_median": statistics.median_low(wall),
        "compile_ns_per_node": built,
        "empty_rss_bytes": empty,
        "base_rss_bytes": base,
        "run_peak_rss_bytes": peak(),
        "peak_rss_bytes": peak(),
        "cpu_ns_per_node_best": min(cpu),
    }


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--workloads", default=",".join(WORKLOADS), help="some of: %(default)s")
    arguments.add_argument("--one", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if options.one:
        print(json.dumps(one(options.one)))
        return
    rows = []
    for workload in options.workloads.split(","):
        child = subprocess.run([sys.executable, __file__, "--one", workload], check=True, stdout=subprocess.PIPE)
        rows.append(child.stdout.decode().strip())
    print("[\n" + ",\n".join(rows) + "\n]")


if __name__ == "__main__":
    main()
