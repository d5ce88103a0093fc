//! README's first ten minutes: a provider's and an operational team's Python beside a running demo.

use crate::support::clients::python;
use crate::support::kafka::Broker;
use crate::support::process::{Invocation, Running, Signal, clockstop};
use crate::support::wait::until;
use serde_json::Value;
use std::time::Duration;

const LIMIT: Duration = Duration::from_mins(3);
const SHUTDOWN: Duration = Duration::from_secs(30);

/// A demo that has played its days and goes on serving, with the addresses it printed.
struct Demo {
    running: Running,
    broker: String,
    registry: String,
    topics: &'static str,
    folder: tempfile::TempDir,
}

impl Demo {
    /// Its topics on the built-in broker begin with `cancer`, on another one with the folder's name.
    fn start(topics: &'static str, extra: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let running = extra
            .iter()
            .fold(
                clockstop([
                    "demo",
                    "--pathways",
                    "200",
                    "--days",
                    "10",
                    "--until",
                    "2026-06-30",
                ]),
                Invocation::argument,
            )
            .argument("--out")
            .argument(folder.path().join(topics))
            .limit(LIMIT)
            .spawn();
        let addresses = running
            .stdout()
            .wait_for_line(LIMIT, |line| line.starts_with("broker "));
        let broker = after(&addresses, "broker ");
        let registry = after(&addresses, "schema registry ");
        running
            .stdout()
            .wait_for_line(LIMIT, |line| line.contains("goes on until Ctrl-C"));
        Self {
            running,
            broker,
            registry,
            topics,
            folder,
        }
    }

    /// A referral that is long overdue goes in; its alert comes out.
    fn referral_becomes_an_alert(&self) {
        let [referrals, alerts] =
            ["referral", "alert"].map(|last| format!("{}.{last}", self.topics));
        let addresses = [self.broker.as_str(), self.registry.as_str()];
        let arguments = [&addresses[..], &["FROM-OUTSIDE", "2026-05-01", &referrals]].concat();
        let sent = python("send_referral.py", &arguments, &[]).expect_code(0);
        assert!(sent.stdout.starts_with("delivered"), "{}", sent.stdout);
        let alert = until("the alert of the referral", LIMIT, || {
            let arguments = [&addresses[..], &[alerts.as_str()]].concat();
            let read = python("read_alerts.py", &arguments, &[]).expect_code(0);
            read.stdout
                .lines()
                .map(|line| serde_json::from_str::<Value>(line).unwrap())
                .find(|alert| alert["organisation"] == "RXX" && alert["standard"] == "FDS")
                .ok_or_else(|| format!("{} alerts", read.stdout.lines().count()))
        });
        assert_eq!(alert["level"], "breached");
        assert_eq!(alert["transition"], "raised");
        assert_eq!(alert["breach_from"], "2026-05-30");
        assert_eq!(alert["days"], 60);
    }

    fn stop(self) {
        self.running.signal(Signal::Int);
        self.running.wait(SHUTDOWN).expect_code(0);
        drop(self.folder);
    }
}

/// The word that follows in a line, up to a blank, comma or closing colon.
fn after(line: &str, label: &str) -> String {
    let rest = line.split_once(label).unwrap().1;
    let word = rest.split([' ', ',']).next().unwrap();
    word.trim_end_matches(':').to_owned()
}

#[test]
fn an_outside_referral_becomes_an_alert_on_the_built_in_broker() {
    let demo = Demo::start("cancer", &[]);
    demo.referral_becomes_an_alert();
    demo.stop();
}

#[test]
fn an_outside_referral_becomes_an_alert_on_a_real_broker() {
    let broker = Broker::start();
    let demo = Demo::start("outside", &["--bootstrap", broker.bootstrap()]);
    demo.referral_becomes_an_alert();
    demo.stop();
}

#[test]
fn readme_names_the_programs_that_are_tested_here() {
    let readme = include_str!("../../README.md");
    for program in ["send_referral.py", "read_alerts.py"] {
        assert!(
            readme.contains(&format!("python3 tests/clients/{program}")),
            "{program}"
        );
    }
}
