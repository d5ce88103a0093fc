//! The whole demo on the mock cluster.

use crate::support::demo::check_figures;
use std::process::Command;

#[test]
fn its_figures_are_those_of_a_batch_fold() {
    check_figures(&[]);
}

#[test]
fn it_needs_days_to_play() {
    let output = Command::new(env!("CARGO_BIN_EXE_clockstop"))
        .args(["demo", "--exit", "--days", "0"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
