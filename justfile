# Everything that must pass; continuous integration runs the same file.
ci:
    bash .ci/run

# The long form of every randomised test. Writes the result, with commit and seed, to docs/soak.txt.
soak factor='50':
    bash .ci/soak {{factor}}

# Holds the server against its description for three minutes with random data, and drives it with a generated client.
# Needs `pip install -r host-server/tests/contract/requirements.txt`.
contract *args:
    cargo build --locked -p graphloom-server
    python3 host-server/tests/contract/check.py {{args}}
    python3 host-server/tests/contract/client.py

# Rewrites golden files.
update:
    UPDATE=1 cargo test --workspace
    UPDATE=1 cargo test -p graphloom-blocks --all-features

# The same graphs through the engine and others; see docs/performance.md. Only ratios inside one run mean anything.
bench *args:
    cargo run --release -p graphloom-bench -- {{args}}

# The server under load: starts beside a bare handler, and many who watch one run; see docs/performance.md.
bench-server *args:
    cargo build --release -p graphloom-bench --no-default-features --features server --bin graphloom-bench-server
    target/release/graphloom-bench-server {{args}}
    target/release/graphloom-bench-server live

# Every fuzz target for some seconds.
fuzz seconds='60':
    bash fuzz/run.sh {{seconds}}

# Mutation testing of the compiler and the machine: one shard of so many. Needs cargo-mutants and cargo-nextest.
mutants shard='0' shards='8':
    bash .ci/mutants {{shard}} {{shards}}
