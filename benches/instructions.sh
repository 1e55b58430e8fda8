#!/usr/bin/env bash
# Instructions a node, counted by callgrind: they do not depend on what else the machine does.
#
#   benches/instructions.sh [WORKLOAD [PEER...]]
#
# A run alone is the difference between building and running, and building only; each per repetition is the difference
# between four repetitions and one. Threads beside the main one are counted too, so only rows on one thread mean much.
set -euo pipefail
cd "$(dirname "$0")/.."

workload=${1:-chain_1k}
shift || true
peers=("$@")
if [ ${#peers[@]} -eq 0 ]; then
    peers=(seq_fn seq_dyn seq_json seq_json_ev futs_unordered_ct tokio_joinset_ct
        graphloom_json_ct graphloom_json_ev_ct graphloom_typed_ct graphloom_typed_ev_ct)
fi
case $workload in
    chain_1k) nodes=1000 ;;
    fan_10k | io_10k) nodes=10002 ;;
    work_32x32) nodes=1024 ;;
    diamond_seq) nodes=40000 ;;
    diamond_256) nodes=39936 ;;
    *) nodes=10000 ;;
esac

cargo build --release --quiet --locked -p graphloom-bench
bench=${CARGO_TARGET_DIR:-target}/release/graphloom-bench

count() {
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench" child "$@" 2>&1 >/dev/null |
        sed -n 's/.*Collected : *\([0-9]*\).*/\1/p' | awk '{ sum += $1 } END { print sum }'
}

echo "| peer at $workload | run, instructions a node | build and drop |"
echo '|---|---:|---:|'
for peer in "${peers[@]}"; do
    one=$(count "$peer" "$workload" --reps 1)
    four=$(count "$peer" "$workload" --reps 4)
    build_one=$(count "$peer" "$workload" --reps 1 --build-only)
    build_four=$(count "$peer" "$workload" --reps 4 --build-only)
    awk -v peer="$peer" -v a="$one" -v b="$four" -v c="$build_one" -v d="$build_four" -v n="$nodes" \
        'BEGIN { built = (d - c) / 3 / n; printf "| %s | %.0f | %.0f |\n", peer, (b - a) / 3 / n - built, built }'
done
