//! One pathway of which everything is reported, cell by cell; every cell worked out by hand.

use super::{day, learn, learned_from, rows, table};
use clockstop_pipeline::statistics::{Counted, Tables};
use clockstop_pipeline::{Day, Engine, Notice, Standard};
use clockstop_schemas::Plane;
use clockstop_schemas::tables::{
    ALERTS, CLOCKS, PATHWAYS, WAIT_SHARES, WAITS, write_alerts, write_clocks, write_pathway,
    write_wait, write_wait_shares,
};

/// Told at RWW on 10 February, transferred from RXX, decided at RZZ, treated at RYY on 25 March.
const TREATED: [&str; 8] = [
    r#"{"topic":"referral","event_type":"referral_received","cancer_referral_to_treatment_period_start_date":"2026-01-05","priority_type_code":"3","source_of_referral_for_out_patients":"03","two_week_wait_cancer_or_symptomatic_breast_referral_type":"07","organisation_site_identifier":"RXX05","icb":"QYG","nhs_number":"9990000018","local_patient_identifier":"H123","age_at_referral":67,"person_stated_gender_code":"2","ethnic_category":"A","index_of_multiple_deprivation_decile":4}"#,
    r#"{"topic":"referral","event_type":"first_seen","date_first_seen":"2026-01-12","organisation_site_identifier_of_provider_first_seen":"RXX01","waiting_time_adjustment_first_seen":3,"waiting_time_adjustment_reason_first_seen":"3","delay_reason_referral_to_first_seen":"10"}"#,
    r#"{"topic":"referral","event_type":"transfer","transfer_id":"X1","date_of_transfer_to_treatment":"2026-02-20","accountable_investigating_provider":"RXX01"}"#,
    r#"{"topic":"diagnosis","event_type":"outcome_communicated","cancer_faster_diagnosis_pathway_end_date":"2026-02-10","cancer_faster_diagnosis_pathway_end_reason":"01","organisation_site_identifier_faster_diagnosis_pathway_end":"RWW02","delay_reason_outcome_communication":"11"}"#,
    r#"{"topic":"diagnosis","event_type":"diagnosis_recorded","primary_diagnosis_icd":"C18.2","date_of_diagnosis":"2026-02-05","stage_at_diagnosis":"2"}"#,
    r#"{"topic":"treatment","event_type":"decision_to_treat","treatment_id":"T1","cancer_treatment_period_start_date":"2026-02-18","cancer_treatment_event_type":"01","cancer_treatment_modality":"23","organisation_site_identifier_of_provider_cancer_decision_to_treat":"RZZ01","delay_reason_decision_to_treat":"12"}"#,
    r#"{"topic":"treatment","event_type":"treatment_started","treatment_id":"T1","treatment_start_date_cancer":"2026-03-25","cancer_care_setting_treatment":"01","organisation_site_identifier_of_provider_treatment_start_date_cancer":"RYY02","delay_reason_referral_to_treatment":"13"}"#,
    r#"{"topic":"treatment","event_type":"treatment_adjustment","treatment_id":"T1","waiting_time_adjustment_treatment":4}"#,
];

#[test]
fn a_wait_has_its_dates_its_organisations_and_its_own_delay_reason() {
    let (engine, tables) = (learned_from(&TREATED), Tables::default());
    let today = day(2026, 4, 1);
    let row = engine.row("RXX:P1", today).expect("known");
    let counted = Counted::of(&row, &tables);
    let waits = table(&WAITS, |out| {
        for wait in &counted.waits {
            write_wait(wait, today, &tables, &Plane::Identifiable, out);
        }
    });
    let suspected = "USC|-|Suspected lower gastrointestinal cancer|07|-|-|-|-";
    let treated =
        "USC|First|Suspected lower gastrointestinal cancer|07|Lower Gastrointestinal|Surgery|23|01";
    let patient = "01|2026-01-12|2026-02-10";
    // 79 days less 3 and 4; day 46 less 3 is 43, and 29 are left.
    assert_eq!(
        rows(&waits),
        [
            format!(
                "RXX:P1/62D/1|RXX:P1|9990000018|62D|1|T1|2026-03|{treated}|2026-01-05|2026-03-25|3|4|79|72|2026-03-15|2026-03-16|false|63-76|false|-|RXX|RXX|RZZ|RYY|QYG|QYG|E56000005|2026-02-20|S6|43|29|13|{patient}|2026-02-18|67|2|A|4"
            ),
            format!(
                "RXX:P1/FDS|RXX:P1|9990000018|FDS|-|-|2026-02|{suspected}|2026-01-05|2026-02-10|3|0|36|33|2026-02-05|2026-02-06|false|29-42|false|RWW|RXX|-|-|-|QYG|QYG|E56000005|-|-|-|-|11|{patient}|2026-02-18|67|2|A|4"
            ),
            format!(
                "RXX:P1/FIRST_SEEN|RXX:P1|9990000018|FIRST_SEEN|-|-|2026-01|{suspected}|2026-01-05|2026-01-12|3|0|7|4|-|-|-|0-14|false|RXX|RXX|-|-|-|QYG|QYG|E56000005|-|-|-|-|10|{patient}|-|67|2|A|4"
            ),
            format!(
                "RXX:P1/31D/T1|RXX:P1|9990000018|31D|1|T1|2026-03|{treated}|2026-02-18|2026-03-25|0|4|35|31|2026-03-25|2026-03-26|true|0-31|false|RYY|RXX|-|RZZ|RYY|QYG|QYG|E56000005|-|-|-|-|12|{patient}|2026-02-18|67|2|A|4"
            ),
        ]
    );
    let shares = table(&WAIT_SHARES, |out| {
        for wait in &counted.waits {
            write_wait_shares(wait, &Plane::Identifiable, out);
        }
    });
    assert_eq!(
        rows(&shares),
        [
            "RXX:P1/FDS|FDS|2026-02|RWW|sole|1.0|0.0|1.0",
            "RXX:P1/62D/1|62D|2026-03|RXX|investigating|0.5|0.0|0.5",
            "RXX:P1/FIRST_SEEN|FIRST_SEEN|2026-01|RXX|sole|1.0|-|-",
            "RXX:P1/31D/T1|31D|2026-03|RYY|sole|1.0|1.0|0.0",
            "RXX:P1/62D/1|62D|2026-03|RYY|treating|0.5|0.0|0.5",
        ]
    );
}

#[test]
fn a_pathway_and_its_clocks_have_a_cell_for_everything() {
    let engine = learned_from(&TREATED);
    let row = engine.row("RXX:P1", day(2026, 4, 1)).expect("known");
    let pathways = table(&PATHWAYS, |out| {
        write_pathway(&row, &Plane::Identifiable, out);
    });
    assert_eq!(
        rows(&pathways),
        [
            "RXX:P1|9990000018|H123|RXX|RXX|USC|2026-01-05|03|3|07|RXX05|QYG|67|2|A|4|2026-01-12|RXX01|3|-|2026-02-10|01|-|1|C18.2|2|1|1|2026-02-18|2026-03-25|-|-|false|2026-04-01T00:00:00|"
        ]
    );
    let clocks = table(&CLOCKS, |out| write_clocks(&row, &Plane::Identifiable, out));
    let head = "RXX:P1|9990000018|USC|07";
    assert_eq!(
        rows(&clocks),
        [
            format!(
                "{head}|FDS|-|-|stopped|2026-01-05|2026-02-10|3|36|33|-|-|2026-02-05|2026-02-06|false|true|-|2026-02|RWW|RWW|-|R1 R2 R4 R5"
            ),
            format!(
                "{head}|31D|-|T1|stopped|2026-02-18|2026-03-25|4|35|31|-|-|2026-03-25|2026-03-26|true|true|-|2026-03|RYY|RYY|-|R1 R3 R10"
            ),
            format!(
                "{head}|62D|1|T1|stopped|2026-01-05|2026-03-25|7|79|72|-|-|2026-03-15|2026-03-16|false|true|-|2026-03|-|RYY|-|R1 R2 R3 R7 R8 Q12"
            ),
        ]
    );
}

/// The days of what is said, and the rows of all alerts without their ids.
fn said(engine: &mut Engine, today: Day) -> (Option<i32>, Vec<String>) {
    let notices = engine.reconcile(today);
    let [Notice::Alert(alert)] = notices.as_slice() else {
        panic!("{notices:?}")
    };
    engine.recall(alert);
    let row = engine.row("RXX:P1", today).expect("known");
    let batch = table(&ALERTS, |out| write_alerts(&row, &Plane::Identifiable, out));
    let shown = |row: &String| row.split_once('|').map(|(_, rest)| rest.to_owned());
    (alert.days, rows(&batch).iter().filter_map(shown).collect())
}

#[test]
fn an_alert_is_told_to_its_end_and_to_another_end() {
    let mut engine = learned_from(&TREATED);
    let mut expect = |event: Option<(usize, &str)>, today, days, row: &str| {
        if let Some((at, event)) = event {
            learn(&mut engine, at, event);
        }
        let row = format!("RXX:P1|62D|1|-|{row}");
        assert_eq!(said(&mut engine, today), (days, vec![row]));
    };
    expect(
        None,
        day(2026, 3, 10),
        Some(57),
        "true|at_risk_2|raised|1|2026-01-05|2026-03-15|2026-03-16|-|-|-|RZZ|2026-03-10",
    );
    let today = day(2026, 4, 1);
    expect(
        None,
        today,
        Some(72),
        "false|-|resolved|2|2026-01-05|2026-03-15|2026-03-16|2026-03-25|false|-|RYY|2026-04-01",
    );
    let no_code = r#"{"topic":"diagnosis","event_type":"diagnosis_recorded","date_of_diagnosis":"2026-02-05"}"#;
    expect(
        Some((8, no_code)),
        today,
        Some(72),
        "false|-|resolved|3|2026-01-05|2026-03-15|2026-03-16|2026-03-25|false|diagnosis_missing|RYY|2026-04-01",
    );
    let out_of_scope = r#"{"topic":"diagnosis","event_type":"diagnosis_recorded","primary_diagnosis_icd":"C44.3","basal_cell_carcinoma":true}"#;
    expect(
        Some((9, out_of_scope)),
        today,
        None,
        "false|-|closed|4|2026-01-05|-|-|2026-03-25|-|out_of_scope|RZZ|2026-04-01",
    );
}

/// Two primaries, a treatment of each; the numbers are the places of the events.
#[test]
fn a_clock_rests_on_its_own_reports_in_order() {
    let engine = learned_from(&[
        r#"{"topic":"referral","event_type":"referral_received","cancer_referral_to_treatment_period_start_date":"2026-01-05","priority_type_code":"3","source_of_referral_for_out_patients":"03"}"#,
        r#"{"topic":"referral","event_type":"first_seen","date_first_seen":"2026-01-12"}"#,
        r#"{"topic":"referral","event_type":"consultant_upgrade","consultant_upgrade_date":"2026-01-13"}"#,
        r#"{"topic":"referral","event_type":"pathway_closed","pathway_closed_date":"2026-03-30","pathway_closed_reason":"withdrawn"}"#,
        r#"{"topic":"diagnosis","event_type":"outcome_communicated","cancer_faster_diagnosis_pathway_end_date":"2026-01-30","cancer_faster_diagnosis_pathway_end_reason":"01"}"#,
        r#"{"topic":"diagnosis","event_type":"diagnosis_recorded","primary_id":"1","primary_diagnosis_icd":"C18.2"}"#,
        r#"{"topic":"diagnosis","event_type":"diagnosis_recorded","primary_id":"2","primary_diagnosis_icd":"C50.1"}"#,
        r#"{"topic":"treatment","event_type":"decision_to_treat","treatment_id":"T1","cancer_treatment_period_start_date":"2026-02-20","cancer_treatment_event_type":"01"}"#,
        r#"{"topic":"treatment","event_type":"treatment_started","treatment_id":"T1","treatment_start_date_cancer":"2026-03-16"}"#,
        r#"{"topic":"treatment","event_type":"treatment_started","treatment_id":"T2","primary_id":"2","treatment_start_date_cancer":"2026-03-17"}"#,
    ]);
    let row = engine.row("RXX:P1", day(2026, 4, 1)).expect("known");
    let found = row.assessment.clocks.iter().map(|clock| {
        let causes = row.causes(clock).into_iter();
        let places = causes.map(|(cause, _)| cause.version.event_id.0[15]);
        (clock.standard, places.collect::<Vec<_>>())
    });
    let found: Vec<_> = found.collect();
    assert_eq!(
        found,
        [
            (Standard::Fds, vec![0, 1, 2, 3, 4, 7, 8]),
            (Standard::SixtyTwoDay, vec![0, 1, 2, 3, 4, 5, 7, 8]),
            (Standard::SixtyTwoDay, vec![0, 1, 2, 3, 4, 6, 9]),
            (Standard::ThirtyOneDay, vec![0, 1, 2, 3, 5, 7, 8]),
            (Standard::ThirtyOneDay, vec![0, 1, 2, 3, 6, 9]),
        ]
    );
}
