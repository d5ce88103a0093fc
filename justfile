# Daily work. None of it is needed to try Clockstop: README's two commands stand alone.

# What is there
default:
    @just --list

# Everything a change must pass, quickest first
check: lint deny test

# Format, then lint as the pipeline in .ci/run does
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# All tests; those on a real Kafka need Java and Maven
test *arguments:
    cargo test --workspace {{ arguments }}

# The tests that need neither Java nor Python
test-fast:
    cargo test -p clockstop-pipeline -p clockstop-schemas
    cargo test -p clockstop --lib --test contract -- --skip tests::s3

# Kills at random moments under load, compared with a batch fold; 1,000 rounds take about 40 minutes
soak rounds="1000" seed="":
    CLOCKSTOP_TEST_SOAK_ROUNDS={{ rounds }} CLOCKSTOP_TEST_SOAK_SEED={{ seed }} cargo test -p clockstop --test kafka soak -- --nocapture

# Licences, banned crates, sources (cargo install --locked cargo-deny)
deny:
    cargo deny check licenses bans sources

# A partition's life under every misfortune, so many times; the suite runs 20,000
sim seeds='100000' first='0':
    CLOCKSTOP_SIM_SEEDS={{ seeds }} CLOCKSTOP_SIM_FIRST={{ first }} cargo test --release -p clockstop --lib simulation -- --nocapture

# The benchmarks
bench *arguments:
    cargo bench --workspace {{ arguments }}

# 120 days of a synthetic feed in about a minute, then the service goes on
demo *arguments:
    cargo run --release -- demo {{ arguments }}

# The data dictionary of the tables, from the definitions that write them
dictionary:
    cargo run -p clockstop -- dictionary --out docs/tables

# README's line for Spark, on a folder that holds snapshots/analyst/current (pip install pyspark; Java 17)
spark folder='.':
    cd {{ folder }} && eval "$(grep 'import SparkSession' {{ justfile_directory() }}/README.md)"

# Kafka, registry, service and generator in containers
up:
    docker compose -f docker/compose.yaml up --build --detach

# And away again, data included
down:
    docker compose -f docker/compose.yaml down --volumes

# The whole pipeline as it runs on a bare Debian machine
ci:
    .ci/run
