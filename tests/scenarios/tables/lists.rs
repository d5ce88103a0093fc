//! Lists, movements, findings, feeds and alerts as their tables show them; every cell worked out by hand.

use super::{cells, day, known, learned_from, rows, table};
use clockstop_pipeline::statistics::{
    Course, DataQuality, Feeds, Interval, Movements, Outcome, PtlWeekly, QualityPart, Tables,
    TrackingEntry,
};
use clockstop_pipeline::{
    Alert, AlertId, Because, Cause, Content, Day, Engine, EventId, EventType, Findings, Instant,
    Level, Reason, Reference, Route, RuleSet, Standard, Transition, Version,
};
use clockstop_schemas::tables::{
    ALERT_HISTORY, DATA_QUALITY, FEEDS, MOVEMENTS, PATIENT_TRACKING_LIST, PTL_WEEKLY,
    write_alert_history, write_data_quality, write_feeds, write_movements, write_ptl_weekly,
    write_tracking_entry,
};
use clockstop_schemas::{Plane, PseudonymKey};

/// Referred on 5 January with three days of adjustment, decided on 20 February, to be treated on 1 April.
const WAITING: [&str; 4] = [
    r#"{"topic":"referral","event_type":"referral_received","cancer_referral_to_treatment_period_start_date":"2026-01-05","priority_type_code":"3","source_of_referral_for_out_patients":"03","two_week_wait_cancer_or_symptomatic_breast_referral_type":"07","icb":"QYG","nhs_number":"9990000018","local_patient_identifier":"H123"}"#,
    r#"{"topic":"referral","event_type":"first_seen","date_first_seen":"2026-01-12","organisation_site_identifier_of_provider_first_seen":"S3H9L","waiting_time_adjustment_first_seen":3,"waiting_time_adjustment_reason_first_seen":"3"}"#,
    r#"{"topic":"diagnosis","event_type":"milestone_recorded","milestone_id":"M1","milestone_type":"treatment_planned","milestone_date":"2026-04-01","planned":true,"site":"RYY02"}"#,
    r#"{"topic":"treatment","event_type":"decision_to_treat","treatment_id":"T1","cancer_treatment_period_start_date":"2026-02-20","cancer_treatment_event_type":"01","cancer_treatment_modality":"23","organisation_site_identifier_of_provider_cancer_decision_to_treat":"RYY02"}"#,
];

fn tracked(engine: &Engine, on: Day, plane: &Plane) -> arrow::array::RecordBatch {
    let tables = Tables::default();
    let row = engine.row("RXX:P1", on).expect("known");
    let mut findings = row.assessment.findings;
    findings.note(24, true);
    table(&PATIENT_TRACKING_LIST, |out| {
        for entry in &TrackingEntry::of(&row, &tables) {
            write_tracking_entry(entry, findings, plane, &tables, out);
        }
    })
}

#[test]
fn a_tracking_list_counts_raw_beside_adjusted_days_and_down_to_day_38() {
    let engine = learned_from(&WAITING);
    let batch = tracked(&engine, day(2026, 3, 20), &Plane::Identifiable);
    assert_eq!(cells(&batch, "standard"), ["31D", "62D", "FDS"]);
    // 5 January + 62 + 3 days; day 38 was 5 January + 38 + 3 = 15 February, 33 days ago.
    let sixty_two = [
        "as_of 2026-03-20",
        "pathway RXX:P1",
        "patient 9990000018",
        "local_patient_identifier H123",
        "standard 62D",
        "primary_id 1",
        "route USC",
        "suspected_type Suspected lower gastrointestinal cancer",
        "two_week_wait_cancer_or_symptomatic_breast_referral_type 07",
        "icb QYG",
        "icb_current QYG",
        "alliance E56000005",
        "organisation S3H9L",
        "organisation_name THE HAMPTONS HOSPITAL LTD",
        "site S3H9L",
        "start 2026-01-05",
        "adjustment 3",
        "raw_days 74",
        "days 71",
        "band 63-104",
        "last_compliant 2026-03-11",
        "breach_from 2026-03-12",
        "days_left -9",
        "level breached",
        "counted true",
        "next_milestone_date 2026-04-01",
        "next_milestone_type treatment_planned",
        "next_milestone_site RYY02",
        "last_event decision_to_treat",
        "last_event_date 2026-02-20",
        "planned_treatment_date 2026-04-01",
        "planned_modality_group Surgery",
        "planned_cancer_treatment_modality 23",
        "cancer_confirmed false",
        "decided true",
        "days_to_day_38 -33",
        "findings V24 V25",
    ];
    assert_eq!(known(&batch, 1), sixty_two);
    assert_eq!(cells(&batch, "organisation"), ["RYY", "S3H9L", "S3H9L"]);
    assert_eq!(cells(&batch, "organisation_name")[0], "");
    // FDS stands still from the decision on (Q1); its last compliant day was 5 February.
    assert_eq!(cells(&batch, "frozen_at"), ["", "", "2026-02-20"]);
    assert_eq!(cells(&batch, "raw_days"), ["28", "74", "46"]);
    assert_eq!(cells(&batch, "days"), ["28", "71", "43"]);
    assert_eq!(cells(&batch, "days_left"), ["3", "-9", "-15"]);
    assert_eq!(cells(&batch, "treatment_id"), ["T1", "", ""]);
    assert_eq!(cells(&batch, "days_to_day_38"), ["", "-33", ""]);
}

#[test]
fn a_tracking_list_for_analysts_has_no_identifier() {
    let engine = learned_from(&WAITING);
    let plane = Plane::Analyst(PseudonymKey([3; 32]));
    let batch = tracked(&engine, day(2026, 3, 20), &plane);
    assert_eq!(cells(&batch, "local_patient_identifier"), ["", "", ""]);
    for row in rows(&batch) {
        for identifier in ["P1", "T1", "H123", "9990000018"] {
            assert!(!row.contains(identifier), "{identifier}: {row}");
        }
    }
    assert_eq!(cells(&batch, "patient")[0].len(), 32);
}

#[test]
fn a_weekly_list_keeps_running_clocks_apart_from_what_passed_and_arrived() {
    let (engine, tables) = (learned_from(&WAITING), Tables::default());
    let sunday = day(2026, 2, 8);
    let row = engine.row("RXX:P1", sunday).expect("known");
    let mut weekly = PtlWeekly::new(sunday);
    for entry in &TrackingEntry::of(&row, &tables) {
        weekly.note_entry(entry);
    }
    weekly.note_course(&Course {
        outcome: Outcome::Ended {
            on: Some(sunday),
            reason: Reason::Died,
        },
        ..course(day(2026, 1, 10))
    });
    let batch = table(&PTL_WEEKLY, |out| {
        write_ptl_weekly(&weekly, "closed", out);
        write_ptl_weekly(&weekly, "recomputed", out);
    });
    // 34 days raw, 31 adjusted: day 29 was on Friday. The other reached day 29 on Sunday itself.
    assert_eq!(
        rows(&batch),
        [
            "2026-02-08|closed|RXX|USC|passed_28_ended|-|-|1",
            "2026-02-08|recomputed|RXX|USC|passed_28_ended|-|-|1",
            "2026-02-08|closed|S3H9L|USC|passed_28|-|-|1",
            "2026-02-08|closed|S3H9L|USC|running|29-62|false|1",
            "2026-02-08|recomputed|S3H9L|USC|passed_28|-|-|1",
            "2026-02-08|recomputed|S3H9L|USC|running|29-62|false|1",
        ]
    );
}

fn course(start: Day) -> Course {
    Course {
        standard: Standard::SixtyTwoDay,
        route: Route::Usc,
        organisation: Some("RXX".into()),
        start,
        adjustment: 0,
        outcome: Outcome::Running,
    }
}

#[test]
fn movements_stand_by_item_and_reason() {
    let week = Interval::week_ending(day(2026, 2, 8));
    let ended = |on, reason| Course {
        outcome: Outcome::Ended {
            on: Some(on),
            reason,
        },
        ..course(day(2026, 1, 1))
    };
    let late = Course {
        outcome: Outcome::Stopped {
            on: week.last,
            within: false,
            counted: true,
        },
        ..course(week.last.plus(-63))
    };
    let mut movements = Movements::new(week);
    for course in [
        course(week.first),
        ended(week.first, Reason::Died),
        ended(week.last, Reason::Died),
        ended(week.last, Reason::Withdrawn),
        ended(week.last.plus(1), Reason::Withdrawn),
        late,
        Course {
            organisation: Some("RAA".into()),
            ..course(week.first.plus(-105))
        },
    ] {
        movements.note(&course, &Reference::default());
    }
    let batch = table(&MOVEMENTS, |out| write_movements(&movements, out));
    assert_eq!(
        rows(&batch),
        [
            "2026-02-02|2026-02-08|RAA|62D|USC|crossed_104|-|1",
            "2026-02-02|2026-02-08|RXX|62D|USC|crossed_62|-|1",
            "2026-02-02|2026-02-08|RXX|62D|USC|ended|died|2",
            "2026-02-02|2026-02-08|RXX|62D|USC|ended|withdrawn|1",
            "2026-02-02|2026-02-08|RXX|62D|USC|opened|-|1",
            "2026-02-02|2026-02-08|RXX|62D|USC|stopped_late|-|1",
        ]
    );
}

#[test]
fn a_finding_stands_with_its_source_and_its_worth() {
    let engine = learned_from(&[
        r#"{"topic":"referral","event_type":"first_seen","date_first_seen":"2026-01-12","organisation_site_identifier_of_provider_first_seen":"S3H9L"}"#,
    ]);
    let row = engine.row("RXX:P1", day(2026, 2, 1)).expect("known");
    let part = QualityPart::of(&row, &Tables::default());
    let mut findings = Findings::default();
    for number in [14, 29] {
        findings.note(number, true);
    }
    let mut quality = DataQuality::default();
    quality.note(&part, findings);
    let batch = table(&DATA_QUALITY, |out| write_data_quality(&quality, out));
    let titles = cells(&batch, "title");
    assert!(titles.iter().all(|title| title.len() > 20), "{titles:?}");
    let mut found = rows(&batch);
    for (row, title) in found.iter_mut().zip(&titles) {
        *row = row.replace(title, "...");
    }
    assert_eq!(
        found,
        [
            "S3H9L|-|V14|...|pathway|reject|31_day_only|1",
            "S3H9L|RXX/epic|V29|...|pathway|warn|none|1",
        ]
    );
}

#[test]
fn a_feed_is_silent_in_whole_seconds_and_late_in_days() {
    let engine = learned_from(&WAITING);
    let row = engine.row("RXX:P1", day(2026, 4, 1)).expect("known");
    let mut feeds = Feeds::default();
    feeds.note_row(&row, |_| day(2026, 4, 1));
    let seconds = |seconds: i64| Instant(seconds * 1_000_000);
    feeds.note_append("RXX/epic", EventType::FirstSeen, seconds(100));
    feeds.note_append("RYY", EventType::FirstSeen, Instant(199_400_000));
    let batch = table(&FEEDS, |out| write_feeds(&feeds, seconds(200), out));
    let (as_of, first) = ("1970-01-01T00:03:20", "1970-01-01T00:01:40");
    // 12 January to 1 April is 79 days; a plan has no lag.
    assert_eq!(
        rows(&batch),
        [
            format!("{as_of}|RXX/epic|decision_to_treat|-|-|1|40|40"),
            format!("{as_of}|RXX/epic|first_seen|{first}|100|1|79|79"),
            format!("{as_of}|RXX/epic|milestone_recorded|-|-|0|-|-"),
            format!("{as_of}|RXX/epic|referral_received|-|-|1|86|86"),
            format!("{as_of}|RYY|first_seen|1970-01-01T00:03:19.400|0|0|-|-"),
        ]
    );
}

fn alert() -> Alert {
    Alert {
        alert_id: AlertId([0xab; 16]),
        pathway: "RXX:P1".to_owned(),
        standard: Standard::ThirtyOneDay,
        primary_id: None,
        treatment_id: Some("T1".to_owned()),
        transition: Transition::Escalated,
        revision: 2,
        content: Content {
            level: Some(Level::Breached),
            start: Some(day(2026, 2, 20)),
            last_compliant: Some(day(2026, 3, 23)),
            organisation: Some("RYY".to_owned()),
            ..Content::default()
        },
        days: Some(32),
        route: Route::Usc,
        suspected_type: Some("07".to_owned()),
        rules: RuleSet::r(8).and(RuleSet::q(15)),
        causes: ["RXX/epic", "RYY"]
            .map(|source| Cause {
                source: source.to_owned(),
                version: Version {
                    recorded_at: Instant(1_000_000),
                    entered_in_error: false,
                    event_id: EventId([1; 16]),
                },
            })
            .to_vec(),
        because: Because::Date,
        reference_version: "r1".to_owned(),
        software_version: "0.1.0".to_owned(),
        decided_on: day(2026, 3, 24),
    }
}

#[test]
fn every_transition_of_an_alert_is_a_row() {
    let ended = Alert {
        transition: Transition::Closed,
        revision: 3,
        content: Content {
            reason: Some(Reason::Died),
            ..Content::default()
        },
        days: None,
        suspected_type: None,
        causes: Vec::new(),
        ..alert()
    };
    let plane = Plane::Identifiable;
    let batch = table(&ALERT_HISTORY, |out| {
        write_alert_history(&alert(), &plane, out);
        write_alert_history(&ended, &plane, out);
    });
    let id = "ab".repeat(16);
    assert_eq!(
        rows(&batch),
        [
            format!(
                "{id}|3|RXX:P1|31D|-|T1|closed|date|2026-03-24|-|-|-|-|-|-|-|died|-|USC|-|R8 Q15||r1|0.1.0"
            ),
            format!(
                "{id}|2|RXX:P1|31D|-|T1|escalated|date|2026-03-24|breached|2026-02-20|2026-03-23|2026-03-24|32|-|-\
                 |-|RYY|USC|07|R8 Q15|RXX/epic 1970-01-01T00:00:01Z; RYY 1970-01-01T00:00:01Z|r1|0.1.0"
            ),
        ]
    );
    let plane = Plane::Analyst(PseudonymKey([3; 32]));
    let batch = table(&ALERT_HISTORY, |out| {
        write_alert_history(&alert(), &plane, out);
    });
    let row = rows(&batch).concat();
    assert!(!row.contains("P1") && !row.contains("T1"), "{row}");
}
