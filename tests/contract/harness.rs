//! The process helper the suites lean on: if it missed an exit code or waited for ever, they would prove nothing.

use std::time::Duration;

use crate::support::process::{Invocation, Signal};

const LIMIT: Duration = Duration::from_secs(10);

#[test]
fn output_and_exit_code_come_back() {
    let finished = shell("cat; echo trouble >&2; exit 3")
        .stdin("fed")
        .run()
        .expect_code(3);
    assert_eq!(
        (finished.stdout.as_str(), finished.stderr.as_str()),
        ("fed", "trouble\n")
    );
}

#[test]
fn a_background_program_is_awaited_line_by_line_and_told_to_stop() {
    let running =
        shell("trap 'echo drained; exit 0' TERM; echo ready; while :; do sleep 0.02; done").spawn();
    running
        .stdout()
        .wait_for_line(LIMIT, |line| line == "ready");
    running.signal(Signal::Term);
    assert_eq!(
        running.wait(LIMIT).expect_code(0).stdout,
        "ready\ndrained\n"
    );
}

#[test]
fn a_killed_program_has_no_exit_code() {
    let running = shell("echo ready; exec sleep 60").spawn();
    running
        .stdout()
        .wait_for_line(LIMIT, |line| line == "ready");
    running.signal(Signal::Kill);
    assert_eq!(running.wait(LIMIT).code(), None);
}

#[test]
#[should_panic(expected = "still running after 100ms")]
fn a_program_that_does_not_end_fails_the_test() {
    Invocation::of("sleep", ["60"])
        .limit(Duration::from_millis(100))
        .run();
}

#[test]
#[should_panic(expected = "no such line")]
fn a_line_that_never_comes_fails_the_test() {
    shell("echo other")
        .spawn()
        .stdout()
        .wait_for_line(LIMIT, |line| line == "ready");
}

fn shell(script: &str) -> Invocation {
    Invocation::of("sh", ["-c", script])
}
