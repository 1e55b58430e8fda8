#!/usr/bin/env bash
# Runs every fuzz target for some seconds (60 if not said otherwise), from the seeds and the inputs found before.
# Options after the number go to libFuzzer, e.g. -fork=2.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
declare -A seeds=([parse]=graphs [compile]=graphs [apply]=events [journal]=journals [value]=json [blocks]=texts)
for target in parse compile apply journal value blocks; do
    mkdir -p "fuzz/corpus/$target"
    RUSTC_BOOTSTRAP=1 cargo fuzz run "$target" "fuzz/corpus/$target" "fuzz/seeds/${seeds[$target]}" -- \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=3000 -max_len=8192 -print_final_stats=1 "$@"
done
