//! Findings by organisation and source, of pathways told in facts.

mod others;

use super::{DataQuality, QualityPart, Register};
use crate::day::Month;
use crate::fact::EventType;
use crate::findings::{Finding, Findings};
use crate::report::SentNumber;
use crate::statistics::Tables;
use crate::statistics::feed_fixture::{Feed, Ymd, day};
use crate::{
    ConsultantUpgrade, DecisionToTreat, DiagnosisRecorded, FirstSeen, MilestoneRecorded, Transfer,
    TreatmentStarted,
};

const P: &str = "RXX:P";
const RECEIVED: Ymd = (2026, 1, 5);
const TODAY: Ymd = (2026, 6, 1);

/// Finding and source of every row, as they are told; all pathways are of one organisation.
fn rows(feed: &Feed) -> Vec<String> {
    let part = QualityPart::of(&feed.row(P, TODAY), &Tables::default());
    let mut quality = DataQuality::default();
    quality.note(&part, part.findings);
    let rows = quality.rows().iter();
    let told = rows.map(|(key, pathways)| {
        assert_eq!((key.organisation.as_str(), *pathways), ("RXX", 1));
        format!("{} {}", key.finding, key.source.as_deref().unwrap_or("-"))
    });
    told.collect()
}

fn started(feed: &mut Feed, id: &str, on: Ymd, event_type: &str) {
    let start = TreatmentStarted {
        treatment_start_date_cancer: Some(day(on)),
        cancer_treatment_event_type: feed.text(event_type),
        cancer_treatment_modality: feed.text("23"),
        organisation_site_identifier_of_provider_treatment_start_date_cancer: feed.text("RXX01"),
        ..Default::default()
    };
    feed.learn(P, id, start.into());
}

fn decided(feed: &mut Feed, id: &str, on: Ymd) {
    let decision = DecisionToTreat {
        cancer_treatment_period_start_date: Some(day(on)),
        ..Default::default()
    };
    feed.learn(P, id, decision.into());
}

#[test]
fn a_pathway_without_findings_has_no_row() {
    let feed = Feed::with_referral(P, RECEIVED);
    assert!(rows(&feed).is_empty());
    assert!(DataQuality::default().rows().is_empty());
}

#[test]
fn a_finding_about_a_treatment_is_told_to_the_sources_of_that_treatment() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    feed.told(P, (2026, 1, 20), "01");
    decided(&mut feed, "T1", (2026, 1, 22));
    feed.source = "RYY/pas";
    decided(&mut feed, "T2", (2026, 3, 2));
    feed.source = "RZZ";
    started(&mut feed, "T2", (2026, 2, 2), "02");
    let found = rows(&feed);
    for told in [
        "V07 RZZ",
        "V05 RYY/pas",
        "V05 RZZ",
        "V15 RYY/pas",
        "V15 RZZ",
        "V16 RZZ",
    ] {
        assert!(found.iter().any(|row| row == told), "{told}: {found:?}");
    }
    assert!(
        found.iter().all(|row| !row.ends_with("RXX/epic")),
        "{found:?}"
    );
}

#[test]
fn findings_of_the_referral_and_first_appointment_have_their_sources() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    feed.source = "RYY/pas";
    let seen = FirstSeen {
        date_first_seen: Some(day((2026, 1, 4))),
        waiting_time_adjustment_first_seen: Some(3),
        organisation_site_identifier_of_provider_first_seen: feed.text("RXX09"),
        ..Default::default()
    };
    feed.learn(P, "1", seen.into());
    feed.source = "RZZ";
    let upgrade = ConsultantUpgrade {
        consultant_upgrade_date: Some(day((2026, 1, 7))),
        ..Default::default()
    };
    feed.learn(P, "1", upgrade.into());
    let expected = [
        "V04 RXX/epic",
        "V19 RXX/epic",
        "V04 RYY/pas",
        "V08 RYY/pas",
        "V19 RZZ",
    ];
    assert_eq!(rows(&feed), expected);
}

#[test]
fn what_lies_ahead_or_is_disputed_is_told_to_those_who_said_it() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    feed.source = "RYY/pas";
    feed.referred(P, (2026, 1, 6));
    feed.source = "RZZ";
    feed.referred(P, (2026, 6, 2));
    feed.told(P, (2026, 1, 20), "02");
    let plan = MilestoneRecorded {
        milestone_date: Some(day((2026, 6, 2))),
        planned: Some(true),
        ..Default::default()
    };
    feed.source = "plans";
    feed.learn(P, "1", plan.into());
    assert_eq!(rows(&feed), ["V23 RXX/epic", "V23 RYY/pas", "V06 RZZ"]);
}

#[test]
fn numbers_are_told_to_the_sources_that_sent_them() {
    let mut feed = Feed::default();
    for (source, number) in [
        ("RXX/epic", "9434765919"),
        ("RYY/pas", "9434765870"),
        ("RZZ", "9434765918"),
        ("none", ""),
    ] {
        feed.source = source;
        feed.nhs_number = (!number.is_empty()).then(|| SentNumber::parse(number));
        feed.referred(P, RECEIVED);
    }
    let numbers = rows(&feed);
    assert_eq!(numbers, ["V31 RXX/epic", "V31 RYY/pas", "V01 RZZ"]);
}

#[test]
fn a_breach_without_its_reason_is_told_to_the_one_who_owes_it() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    feed.source = "RYY/pas";
    feed.told(P, (2026, 3, 20), "02");
    assert_eq!(rows(&feed), ["V22 RYY/pas"]);
}

#[test]
fn a_negative_wait_from_referral_is_told_to_all_it_rests_on() {
    let mut feed = Feed::with_referral(P, (2026, 2, 5));
    feed.source = "RZZ";
    started(&mut feed, "T1", (2026, 2, 2), "01");
    let found = rows(&feed);
    for told in [
        "V07 RXX/epic",
        "V07 RZZ",
        "V04 RXX/epic",
        "V04 RZZ",
        "V27 RZZ",
    ] {
        assert!(found.iter().any(|row| row == told), "{told}: {found:?}");
    }
}

#[test]
fn a_missing_transfer_is_told_to_the_treating_source_and_a_poor_one_to_its_own() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    feed.source = "RZZ";
    started(&mut feed, "T1", (2026, 2, 2), "01");
    let sharing = |feed: &Feed| {
        let mut found = rows(feed);
        found.retain(|row| row.starts_with("V20") || row.starts_with("V21"));
        found
    };
    assert_eq!(sharing(&feed), ["V20 RZZ"]);
    feed.source = "RYY/pas";
    let transfer = Transfer {
        accountable_investigating_provider: feed.text("RYY"),
        date_of_transfer_to_treatment: Some(day((2026, 1, 1))),
    };
    feed.learn(P, "1", transfer.into());
    assert_eq!(sharing(&feed), ["V21 RYY/pas"]);
}

#[test]
fn more_items_than_a_pathway_has_are_told_to_whoever_sent_them() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    feed.source = "RZZ";
    for number in 0..64 {
        feed.learn(P, &format!("x{number}"), Transfer::default().into());
    }
    feed.source = "RYY/pas";
    for number in 0..64 {
        feed.learn(
            P,
            &format!("m{number}"),
            MilestoneRecorded::default().into(),
        );
    }
    assert!(rows(&feed).is_empty(), "64 are not too many");
    feed.learn(P, "m64", MilestoneRecorded::default().into());
    assert_eq!(rows(&feed), ["V30 RYY/pas"], "nor are those of the other");
}

#[test]
fn facts_without_a_referral_are_told_to_everybody() {
    let mut feed = Feed::default();
    decided(&mut feed, "T1", (2026, 5, 30));
    feed.source = "RYY/pas";
    feed.learn(P, "1", FirstSeen::default().into());
    assert_eq!(rows(&feed), ["V29 RXX/epic", "V29 RYY/pas"]);
}

#[test]
fn findings_of_the_patient_come_in_once_they_are_complete() {
    let feed = Feed::with_referral(P, (2026, 5, 30));
    let part = QualityPart::of(&feed.row(P, TODAY), &Tables::default());
    assert_eq!(part.findings, Findings::default());
    let mut completed = part.findings;
    completed.note(24, true);
    completed.note(15, true);
    let mut quality = DataQuality::default();
    quality.note(&part, completed);
    quality.absorb(&quality.clone());
    let rows: Vec<_> = quality
        .rows()
        .iter()
        .map(|(key, pathways)| (key.finding, key.source.as_deref(), *pathways))
        .collect();
    let nobody = (Finding::v(15), None, 2);
    assert_eq!(rows, [nobody, (Finding::v(24), Some("RXX/epic"), 2)]);
}

#[test]
fn a_finding_rests_on_the_reports_of_its_own_item() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    feed.told(P, (2026, 1, 20), "01");
    for (id, on) in [("T1", (2026, 1, 22)), ("T2", (2026, 3, 2))] {
        decided(&mut feed, id, on);
        started(&mut feed, id, (2026, 2, 2), "01");
    }
    let row = feed.row(P, TODAY);
    let behind = |number: u8| {
        let grounds = row.grounds().into_iter();
        let told = grounds.filter(|ground| ground.finding == Finding::v(number));
        let told = told.map(|ground| match ground.register {
            Register::Fact(event_type, item) => {
                (Some(event_type), row.texts().read(item).as_str().to_owned())
            }
            Register::NhsNumber => (None, String::new()),
        });
        told.collect::<Vec<_>>()
    };
    let second = |event_type| (Some(event_type), "T2".to_owned());
    let both = [
        second(EventType::DecisionToTreat),
        second(EventType::TreatmentStarted),
    ];
    assert_eq!(behind(5), both);
    assert_eq!(behind(14), both);
    let seventh = behind(7);
    assert!(both.iter().all(|one| seventh.contains(one)), "{seventh:?}");
    assert!(seventh.iter().all(|(_, item)| item == "T2"), "{seventh:?}");
}

#[test]
fn a_month_is_reported_by_who_told_who_treated_and_who_shares() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    let by = |feed: &Feed, year, month| {
        let organisations = feed
            .row(P, TODAY)
            .reported_by(Month { year, month }, &Tables::default());
        organisations.into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(by(&feed, 2026, 1), "");
    // No end reason, so that FDS goes on running (V11); whoever saw the patient would answer.
    feed.told(P, (2026, 3, 31), "");
    assert_eq!([by(&feed, 2026, 3), by(&feed, 2026, 4)], ["RXX", ""]);
    let start = TreatmentStarted {
        treatment_start_date_cancer: Some(day((2026, 4, 1))),
        organisation_site_identifier_of_provider_treatment_start_date_cancer: feed.text("RYY02"),
        cancer_treatment_event_type: feed.text("01"),
        ..Default::default()
    };
    feed.learn(P, "T1", start.into());
    assert_eq!([by(&feed, 2026, 3), by(&feed, 2026, 4)], ["RXX", "RYY"]);
    decided(&mut feed, "T1", (2026, 3, 1));
    let diagnosis = DiagnosisRecorded {
        primary_diagnosis_icd: feed.text("C34.1"),
        ..Default::default()
    };
    feed.learn(P, "1", diagnosis.into());
    let transfer = Transfer {
        accountable_investigating_provider: feed.text("RXX"),
        date_of_transfer_to_treatment: Some(day((2026, 2, 15))),
    };
    feed.learn(P, "1", transfer.into());
    assert_eq!([by(&feed, 2026, 3), by(&feed, 2026, 4)], ["RXX", "RXX RYY"]);
    // Another primary, decided at a third trust and begun nobody says where.
    feed.learn(P, "2", diagnosis.into());
    let decision = DecisionToTreat {
        primary_id: feed.text("2"),
        cancer_treatment_period_start_date: Some(day((2026, 4, 20))),
        organisation_site_identifier_of_provider_cancer_decision_to_treat: feed.text("RZZ01"),
        ..Default::default()
    };
    feed.learn(P, "T2", decision.into());
    let start = TreatmentStarted {
        treatment_start_date_cancer: Some(day((2026, 5, 4))),
        cancer_treatment_event_type: feed.text("01"),
        ..Default::default()
    };
    feed.learn(P, "T2", start.into());
    assert_eq!([by(&feed, 2026, 4), by(&feed, 2026, 5)], ["RXX RYY", "RZZ"]);
    let start = TreatmentStarted {
        organisation_site_identifier_of_provider_treatment_start_date_cancer: feed.text("RZZ01"),
        ..start
    };
    feed.learn(P, "T2", start.into());
    let shared = [by(&feed, 2026, 4), by(&feed, 2026, 5)];
    assert_eq!(shared, ["RXX RYY", "RXX RZZ"], "each with its own");
}
