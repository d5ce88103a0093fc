//! The alert rules, as Prometheus itself judges them; and that each is tested and says what to do.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::docker::compose::Compose;
use crate::repository;
use crate::support::promtool::promtool;

const RULES: &str = "docker/prometheus/rules.yml";
const CASES: &str = "docker/prometheus/rules_test.yml";
const SETTINGS: &str = "docker/prometheus/prometheus.yml";

#[derive(Deserialize)]
struct Rules {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    alert: String,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
}

fn rules() -> Vec<Rule> {
    let rules: Rules = serde_saphyr::from_str(&repository::text(RULES)).unwrap();
    rules
        .groups
        .into_iter()
        .flat_map(|group| group.rules)
        .collect()
}

#[test]
fn prometheus_takes_its_configuration_and_the_rules() {
    promtool(["check", "config", SETTINGS]).run().expect_code(0);
}

#[test]
fn every_rule_fires_in_its_case_and_none_in_an_ordinary_hour() {
    promtool(["test", "rules", CASES]).run().expect_code(0);
    let cases = repository::text(CASES);
    let fires =
        |rule: &Rule| cases.contains(&format!("{{ labels: 'ALERTS{{alertname=\"{}\"", rule.alert));
    let untested = rules().into_iter().filter(|rule| !fires(rule));
    assert_eq!(
        untested.map(|rule| rule.alert).collect::<Vec<_>>(),
        Vec::<String>::new()
    );
}

#[test]
fn every_rule_says_whom_it_wakes_what_it_means_and_what_to_do() {
    let rules = rules();
    let names: BTreeSet<_> = rules.iter().map(|rule| &rule.alert).collect();
    assert_eq!(
        names.len(),
        rules.len(),
        "every alert has a name of its own"
    );
    for rule in &rules {
        let severity = rule.labels["severity"].as_str();
        assert!(["page", "ticket"].contains(&severity), "{}", rule.alert);
        let said: Vec<_> = rule.annotations.keys().map(String::as_str).collect();
        assert_eq!(
            said,
            ["description", "runbook", "summary"],
            "{}",
            rule.alert
        );
    }
}

#[test]
fn the_service_is_scraped_where_it_serves() {
    #[derive(Deserialize)]
    struct Settings {
        scrape_configs: Vec<Job>,
    }
    #[derive(Deserialize)]
    struct Job {
        job_name: String,
        static_configs: Vec<Targets>,
    }
    #[derive(Deserialize)]
    struct Targets {
        targets: Vec<String>,
    }
    let settings: Settings = serde_saphyr::from_str(&repository::text(SETTINGS)).unwrap();
    let job = &settings.scrape_configs[0];
    assert_eq!(job.job_name, "clockstop");
    let (host, port) = job.static_configs[0].targets[0].split_once(':').unwrap();
    let compose = Compose::read("docker/compose.yaml");
    let service = &compose.services[host];
    assert!(
        service
            .ports
            .iter()
            .any(|ports| ports.ends_with(&format!(":{port}")))
    );
    let mounts = compose.services["prometheus"].mounts();
    let sources: Vec<_> = mounts.map(|mount| mount.source).collect();
    assert_eq!(sources, ["./prometheus"]);
}
