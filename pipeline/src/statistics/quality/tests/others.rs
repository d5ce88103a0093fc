//! Whoever has no part in a finding is not told of it.

use super::{P, RECEIVED, TODAY, decided, rows, started};
use crate::fact::EventType;
use crate::findings::Finding;
use crate::statistics::Register;
use crate::statistics::feed_fixture::{Feed, Ymd, day};
use crate::{DecisionToTreat, DiagnosisRecorded, FirstSeen, OutcomeCommunicated, TreatmentStarted};

fn diagnosed(feed: &mut Feed, primary: &str, icd: &str) {
    let diagnosis = DiagnosisRecorded {
        primary_diagnosis_icd: feed.text(icd),
        ..Default::default()
    };
    feed.learn(P, primary, diagnosis.into());
}

fn planned(feed: &mut Feed, id: &str, primary: &str, modality: &str) {
    let decision = DecisionToTreat {
        primary_id: feed.text(primary),
        cancer_treatment_period_start_date: Some(day((2026, 2, 2))),
        cancer_treatment_modality: feed.text(modality),
        ..Default::default()
    };
    feed.learn(P, id, decision.into());
}

fn seen(feed: &mut Feed, on: Ymd) {
    let seen = FirstSeen {
        date_first_seen: Some(day(on)),
        ..Default::default()
    };
    feed.learn(P, "1", seen.into());
}

#[test]
fn ruled_out_but_cancer_is_told_to_who_says_cancer() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    feed.told(P, (2026, 1, 20), "02");
    feed.source = "in scope";
    diagnosed(&mut feed, "1", "C34.1");
    feed.source = "out of scope";
    diagnosed(&mut feed, "2", "D06");
    planned(&mut feed, "T2", "2", "23");
    feed.source = "declined";
    planned(&mut feed, "T1", "1", "98");
    let mut found = rows(&feed);
    found.retain(|row| row.starts_with("V28"));
    assert_eq!(found, ["V28 RXX/epic", "V28 in scope"]);
}

#[test]
fn treated_and_not_told_is_told_to_who_treated() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    decided(&mut feed, "T1", (2026, 1, 22));
    feed.source = "RZZ";
    started(&mut feed, "T1", (2026, 2, 2), "01");
    let mut found = rows(&feed);
    found.retain(|row| row.starts_with("V25"));
    assert_eq!(found, ["V25 RXX/epic", "V25 RZZ"]);
}

#[test]
fn what_is_of_today_lies_not_ahead_and_what_was_withdrawn_is_nobodys() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    feed.source = "RYY/pas";
    seen(&mut feed, TODAY);
    feed.source = "RZZ";
    seen(&mut feed, (2026, 6, 2));
    feed.source = "withdrawn";
    let told = OutcomeCommunicated {
        cancer_faster_diagnosis_pathway_end_date: Some(day((2026, 6, 2))),
        ..Default::default()
    };
    feed.withdraw(P, "1", told.into());
    // What lies ahead disputes nothing either (Q30).
    assert_eq!(rows(&feed), ["V06 RZZ"]);
    feed.source = "disputed";
    feed.referred(P, (2026, 1, 6));
    let expected = ["V23 RXX/epic", "V06 RZZ", "V23 disputed"];
    assert_eq!(rows(&feed), expected);
}

#[test]
fn what_is_of_the_day_of_receipt_is_not_before_it() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    feed.source = "RYY/pas";
    seen(&mut feed, RECEIVED);
    feed.source = "RZZ";
    feed.told(P, (2026, 1, 4), "");
    let mut found = rows(&feed);
    found.retain(|row| row.starts_with("V04"));
    assert_eq!(found, ["V04 RXX/epic", "V04 RZZ"]);
}

#[test]
fn a_skin_cancer_of_no_kind_is_told_to_who_recorded_it() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    feed.source = "skin";
    diagnosed(&mut feed, "1", "C44.3");
    feed.source = "lung";
    diagnosed(&mut feed, "2", "C34.1");
    assert_eq!(rows(&feed), ["V17 skin"]);
}

/// Day 64 of 62, and day 15 of 31.
#[test]
fn a_late_treatment_is_owed_a_reason_by_who_began_it() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    feed.told(P, (2026, 1, 20), "01");
    diagnosed(&mut feed, "1", "C34.1");
    feed.source = "RYY/pas";
    decided(&mut feed, "T1", (2026, 2, 23));
    feed.source = "RZZ";
    started(&mut feed, "T1", (2026, 3, 10), "01");
    let mut found = rows(&feed);
    found.retain(|row| row.starts_with("V22"));
    assert_eq!(found, ["V22 RZZ"]);
}

#[test]
fn a_negative_wait_rests_on_no_other_treatment() {
    let mut feed = Feed::with_referral(P, (2026, 2, 5));
    diagnosed(&mut feed, "1", "C34.1");
    started(&mut feed, "T1", (2026, 2, 2), "01");
    diagnosed(&mut feed, "2", "C50.1");
    let other = TreatmentStarted {
        primary_id: feed.text("2"),
        treatment_start_date_cancer: Some(day((2026, 2, 20))),
        cancer_treatment_event_type: feed.text("01"),
        ..Default::default()
    };
    feed.learn(P, "T2", other.into());
    let row = feed.row(P, TODAY);
    let seventh = |ground: &crate::statistics::Ground| ground.finding == Finding::v(7);
    let mut found: Vec<_> = row
        .grounds()
        .into_iter()
        .filter(seventh)
        .filter_map(|ground| match ground.register {
            Register::Fact(EventType::TreatmentStarted, item) => Some(row.spell(item)),
            Register::Fact(..) | Register::NhsNumber => None,
        })
        .collect();
    found.dedup();
    assert_eq!(found, ["T1"]);
}
