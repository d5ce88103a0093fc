//! Every finding, each told with the lines it rests on.

use super::{Lines, NUMBER, OTHER_NUMBER, WRONG_NUMBER, lines};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A file in which every source has one finding, and of each the rules with the lines, counted from the
/// first line of that source.
struct Cases {
    file: Lines,
    expected: BTreeMap<(String, String), BTreeSet<Vec<u64>>>,
}

impl Cases {
    /// Events of a source of its own; what they are expected to show: rule and lines from 0.
    fn case(&mut self, name: &str, write: impl FnOnce(&mut Lines), found: &[(&str, &[u64])]) {
        let begin = u64::try_from(self.file.written.len()).unwrap() + 1;
        self.file.of(&format!("PATHWAY-{name}"), name);
        write(&mut self.file);
        for (rule, lines) in found {
            let lines = lines.iter().map(|line| begin + line).collect();
            let key = (name.to_owned(), (*rule).to_owned());
            self.expected.entry(key).or_default().insert(lines);
        }
    }

    fn also(&mut self, source: &str, of: &str, rule: &str) {
        let same = self.expected[&(of.to_owned(), rule.to_owned())].clone();
        self.expected
            .insert((source.to_owned(), rule.to_owned()), same);
    }
}

fn of_the_referral(cases: &mut Cases) {
    cases.case(
        "v1",
        |f| f.refer("2026-05-20", &json!({"nhs_number": WRONG_NUMBER})),
        &[("V01", &[0])],
    );
    let screening = |priority, suspected| {
        json!({"source_of_referral_for_out_patients": "17", "priority_type_code": priority,
            "two_week_wait_cancer_or_symptomatic_breast_referral_type": suspected})
    };
    cases.case(
        "v2",
        |f| f.refer("2026-05-20", &screening("3", "03")),
        &[("V02", &[0])],
    );
    cases.case(
        "v3",
        |f| f.refer("2026-05-20", &screening("2", "15")),
        &[("V03", &[0])],
    );
    let seen = |f: &mut Lines, on: &str, days: Value, reason: Value| {
        f.refer("2026-05-20", &json!({}));
        f.add(
            "first_seen",
            &json!({"date_first_seen": on, "waiting_time_adjustment_first_seen": days,
            "waiting_time_adjustment_reason_first_seen": reason}),
        );
    };
    cases.case(
        "v4",
        |f| seen(f, "2026-05-19", json!(null), json!(null)),
        &[("V04", &[0, 1])],
    );
    cases.case(
        "v6",
        |f| seen(f, "2026-07-01", json!(null), json!(null)),
        &[("V06", &[1])],
    );
    cases.case(
        "v8",
        |f| seen(f, "2026-05-22", json!(3), json!("9")),
        &[("V08", &[1])],
    );
}

fn of_the_upgrade(cases: &mut Cases) {
    let upgrade = |f: &mut Lines, priority: &str, on: &str| {
        f.refer("2026-05-20", &json!({"priority_type_code": priority}));
        f.add(
            "consultant_upgrade",
            &json!({"consultant_upgrade_date": on}),
        );
    };
    cases.case(
        "v18",
        |f| upgrade(f, "1", "2026-05-01"),
        &[("V18", &[0, 1])],
    );
    cases.case(
        "v19",
        |f| upgrade(f, "3", "2026-05-25"),
        &[("V19", &[0, 1])],
    );
}

fn of_the_patient(cases: &mut Cases) {
    cases.case(
        "v23",
        |f| {
            f.refer("2026-05-20", &json!({}));
            f.of("PATHWAY-v23", "v23b");
            f.refer("2026-05-21", &json!({}));
        },
        &[("V23", &[0, 1])],
    );
    cases.also("v23b", "v23", "V23");
    cases.case(
        "v24",
        |f| {
            f.refer("2026-05-20", &json!({"nhs_number": NUMBER}));
            f.of("PATHWAY-24b", "v24");
            f.refer("2026-05-25", &json!({"nhs_number": NUMBER}));
        },
        &[("V24", &[0]), ("V24", &[1])],
    );
    cases.case(
        "v29",
        |f| f.add("first_seen", &json!({"date_first_seen": "2026-05-20"})),
        &[("V29", &[0])],
    );
    cases.case("v31", |f| {
        f.refer("2026-05-20", &json!({"nhs_number": NUMBER, "two_week_wait_cancer_or_symptomatic_breast_referral_type": "01"}));
        f.of("PATHWAY-v31", "v31b");
        f.refer("2026-05-20", &json!({"nhs_number": OTHER_NUMBER, "two_week_wait_cancer_or_symptomatic_breast_referral_type": "01"}));
    }, &[("V31", &[0, 1])]);
    cases.also("v31b", "v31", "V31");
}

fn of_the_diagnosis(cases: &mut Cases) {
    let told = |f: &mut Lines, received: &str, on: &str, reason: &str| {
        f.refer(received, &json!({}));
        f.tell(on, reason);
    };
    cases.case(
        "v7",
        |f| {
            f.refer("2026-05-01", &json!({}));
            f.add(
                "first_seen",
                &json!({"date_first_seen": "2026-05-05", "waiting_time_adjustment_first_seen": 20,
            "waiting_time_adjustment_reason_first_seen": "3"}),
            );
            f.tell("2026-05-10", "02");
        },
        &[("V07", &[0, 1, 2])],
    );
    cases.case(
        "v10",
        |f| told(f, "2026-05-01", "2026-05-10", "03"),
        &[("V10", &[1])],
    );
    cases.case(
        "v11",
        |f| told(f, "2026-05-01", "2026-05-10", ""),
        &[("V11", &[1])],
    );
    cases.case(
        "v17",
        |f| {
            f.refer("2026-05-20", &json!({}));
            f.diagnose("C44.3");
        },
        &[("V17", &[1])],
    );
    cases.case(
        "v22",
        |f| told(f, "2026-02-01", "2026-03-20", "02"),
        &[("V22", &[1])],
    );
}

fn of_what_the_patient_was_told(cases: &mut Cases) {
    cases.case(
        "v26",
        |f| {
            f.refer(
                "2026-03-01",
                &json!({"two_week_wait_cancer_or_symptomatic_breast_referral_type": "16"}),
            );
            f.tell("2026-03-10", "01");
        },
        &[("V26", &[1])],
    );
    cases.case(
        "v28",
        |f| {
            f.refer("2026-05-01", &json!({}));
            f.tell("2026-05-10", "02");
            f.diagnose("C34.1");
        },
        &[("V28", &[1, 2])],
    );
    let milestones: Vec<u64> = (1..=65).collect();
    cases.case(
        "v30",
        |f| {
            f.refer("2026-05-20", &json!({}));
            for number in 1..=65 {
                f.add(
                    "milestone_recorded",
                    &json!({"milestone_id": format!("m{number}")}),
                );
            }
        },
        &[("V30", &milestones)],
    );
}

/// Treated on 20 May, with decision and start on lines 4 and 5.
fn treated(file: &mut Lines, decided: &str, event_type: &str, differs: &Value) {
    file.diagnosed();
    file.decide("T1", decided, "23");
    file.start("T1", "2026-05-20", event_type, differs);
}

fn of_one_treatment(cases: &mut Cases) {
    // Decided on after it began: the 31-day wait is negative, too.
    cases.case(
        "v5",
        |f| treated(f, "2026-05-25", "01", &json!({})),
        &[("V05", &[4, 5]), ("V07", &[4, 5])],
    );
    cases.case(
        "v9",
        |f| {
            treated(
                f,
                "2026-05-12",
                "01",
                &json!({"cancer_care_setting_treatment": "03"}),
            );
            f.add(
                "treatment_adjustment",
                &json!({"treatment_id": "T1", "waiting_time_adjustment_treatment": 4}),
            );
        },
        &[("V09", &[4, 5, 6])],
    );
}

fn of_several_treatments(cases: &mut Cases) {
    cases.case(
        "v12",
        |f| {
            treated(f, "2026-05-12", "01", &json!({}));
            f.decide("T2", "2026-05-12", "98");
        },
        &[("V12", &[6])],
    );
    cases.case(
        "v13",
        |f| {
            treated(
                f,
                "2026-05-12",
                "01",
                &json!({"cancer_treatment_modality": "01"}),
            );
        },
        &[("V13", &[4, 5])],
    );
    cases.case(
        "v14",
        |f| {
            treated(f, "2026-05-12", "01", &json!({}));
            f.decide("T2", "2026-05-21", "23");
            f.start("T2", "2026-05-28", "01", &json!({}));
        },
        &[("V14", &[6, 7])],
    );
    cases.case(
        "v15",
        |f| treated(f, "2026-05-12", "02", &json!({})),
        &[("V15", &[4, 5])],
    );
    cases.case(
        "v16",
        |f| {
            f.refer("2026-05-01", &json!({}));
            f.see("2026-05-05");
            f.tell("2026-05-10", "01");
            f.decide("T1", "2026-05-12", "23");
            f.start("T1", "2026-05-20", "01", &json!({}));
        },
        &[("V16", &[3, 4])],
    );
}

fn of_sharing(cases: &mut Cases) {
    let elsewhere =
        json!({"organisation_site_identifier_of_provider_treatment_start_date_cancer": "RYY01"});
    // Who investigated is known to be another provider, and when it was transferred is not.
    cases.case(
        "v20",
        |f| {
            treated(f, "2026-05-12", "01", &elsewhere);
            f.add(
                "transfer",
                &json!({"accountable_investigating_provider": "RXX"}),
            );
        },
        &[("V20", &[6])],
    );
    cases.case("v21", |f| {
        treated(f, "2026-05-12", "01", &elsewhere);
        f.add("transfer", &json!({"accountable_investigating_provider": "RXX", "date_of_transfer_to_treatment": "2026-04-20"}));
    }, &[("V21", &[6])]);
}

fn of_what_is_missing(cases: &mut Cases) {
    cases.case(
        "v25",
        |f| {
            f.refer("2026-05-01", &json!({}));
            f.decide("T1", "2026-05-12", "23");
        },
        &[("V25", &[1])],
    );
    cases.case(
        "v27",
        |f| {
            f.diagnosed();
            f.start("T1", "2026-05-20", "01", &json!({}));
        },
        &[("V27", &[4])],
    );
}

#[test]
fn every_finding_is_told_with_the_lines_it_rests_on() {
    let mut cases = Cases {
        file: Lines::default(),
        expected: BTreeMap::new(),
    };
    of_the_referral(&mut cases);
    of_the_upgrade(&mut cases);
    of_the_patient(&mut cases);
    of_the_diagnosis(&mut cases);
    of_what_the_patient_was_told(&mut cases);
    of_one_treatment(&mut cases);
    of_several_treatments(&mut cases);
    of_sharing(&mut cases);
    of_what_is_missing(&mut cases);
    let report = cases.file.report(&[], 3);
    let mut found: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for row in report["findings"].as_array().unwrap() {
        let [source, rule] = ["source", "rule"].map(|name| row[name].as_str().unwrap().to_owned());
        let examples = row["examples"].as_array().unwrap();
        assert_eq!(row["count"], examples.len(), "{row}");
        assert!(row["what_to_do"].as_str().unwrap().len() > 20, "{row}");
        assert!(!row["fields"].as_array().unwrap().is_empty(), "{row}");
        found
            .entry((source, rule))
            .or_default()
            .extend(examples.iter().map(lines));
    }
    assert_eq!(found, cases.expected);
    let rules: BTreeSet<_> = found.keys().map(|(_, rule)| rule.as_str()).collect();
    assert_eq!(rules.len(), 31, "{rules:?}");
    assert_eq!(report["refusals"], json!([]));
}
