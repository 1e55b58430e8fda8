#!/usr/bin/env bash
# Instructions a node, counted by callgrind: they do not depend on what else the machine does.
#
#   benches/instructions.sh [WORKLOAD [PEER...]]
#
# A run alone is what some more repetitions add, less what they add without the runs: nothing where a graph is built
# once, a build each where it runs once. A build is what three more builds add. Threads beside the main one are counted
# too, so only rows on one thread mean much. The clock of seq_json_ev is set when it is built, which takes a million or two,
# never the same number: its run is right to some tens of instructions, and its column of builds means nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

workload=${1:-chain_1k}
shift || true
peers=("$@")
if [ ${#peers[@]} -eq 0 ]; then
    peers=(seq_fn seq_dyn seq_json seq_json_ev seq_json_ev_batch futs_unordered_ct tokio_joinset_ct
        graphloom_json_ct graphloom_json_ev_ct graphloom_typed_ct graphloom_typed_ev_ct)
fi
# Nodes that a repetition runs; nodes that a build makes, where it is not as many; how many repetitions more, so that
# graphs of 1,000 nodes are counted as well as others.
case $workload in
    chain_1k | join_pins | guarded) nodes=1000 more=100 ;;
    fan_10k | io_10k) nodes=10002 ;;
    share) nodes=1002 more=30 ;;
    subgraph) nodes=5000 built=1005 ;;
    subgraph_inlined) nodes=5000 ;;
    stream_100k | stream_slow_100k) nodes=600000 built=6 more=1 ;;
    stream_1m | stream_slow) nodes=6000000 built=6 more=1 ;;
    runs_1k) nodes=4000 built=4 ;;
    runs_3k) nodes=12000 built=4 ;;
    runs_10k) nodes=40000 built=4 ;;
    work_32x32) nodes=1024 ;;
    diamond_seq) nodes=40000 built=4 ;;
    diamond_256) nodes=39936 built=4 ;;
    *) nodes=10000 ;;
esac
built=${built:-$nodes}
more=${more:-3}

cargo build --release --quiet --locked -p graphloom-bench
bench=${CARGO_TARGET_DIR:-target}/release/graphloom-bench

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench" child "$@" 2>&1 >/dev/null |
        sed -n 's/.*Collected : *\([0-9]*\).*/\1/p' | awk '{ sum += $1 } END { print sum }'
}

echo "| peer at $workload | run, instructions a node | build and drop |"
echo '|---|---:|---:|'
for peer in "${peers[@]}"; do
    one=$(count "$peer" "$workload" --builds 1 --reps 1)
    many=$(count "$peer" "$workload" --builds 1 --reps $((1 + more)))
    idle_one=$(count "$peer" "$workload" --builds 1 --reps 1 --build-only)
    idle_many=$(count "$peer" "$workload" --builds 1 --reps $((1 + more)) --build-only)
    built_four=$(count "$peer" "$workload" --builds 4 --reps 1 --build-only)
    awk -v peer="$peer" -v run="$((many - one - idle_many + idle_one))" -v n="$((more * nodes))" \
        -v build="$((built_four - idle_one))" -v m="$((3 * built))" \
        'BEGIN { printf "| %s | %.0f | %.0f |\n", peer, run / n, build / m }'
done
