//! The tracking list of pathways told in facts.

mod plans;

use super::{TrackingBand, TrackingEntry};
use crate::assessment::{Route, Standard};
use crate::statistics::Tables;
use crate::statistics::feed_fixture::{Feed, Ymd, day};
use crate::{
    ConsultantUpgrade, DecisionToTreat, DiagnosisRecorded, Fact, FirstSeen, MilestoneRecorded,
    OutcomeCommunicated, Text, Transfer, TreatmentAdjustment, TreatmentStarted,
};

const P: &str = "RXX:P";
const RECEIVED: Ymd = (2026, 1, 5);

fn entries(feed: &Feed, on: Ymd) -> Vec<TrackingEntry> {
    TrackingEntry::of(&feed.row(P, on), &Tables::default())
}

fn of(feed: &Feed, on: Ymd, standard: Standard) -> TrackingEntry {
    let mut entries = entries(feed, on);
    entries.retain(|entry| entry.standard == standard);
    assert_eq!(entries.len(), 1, "one open clock of the standard");
    entries.remove(0)
}

fn long(feed: &Feed, on: Ymd) -> TrackingEntry {
    of(feed, on, Standard::SixtyTwoDay)
}

fn milestone(on: Ymd, kind: Option<Text>, planned: bool) -> Fact {
    let milestone = MilestoneRecorded {
        milestone_type: kind,
        milestone_date: Some(day(on)),
        planned: Some(planned),
        ..Default::default()
    };
    milestone.into()
}

#[test]
fn bands_have_their_published_edges_and_negative_days_are_in_the_first() {
    for (days, name) in [
        (-1, "0-28"),
        (28, "0-28"),
        (29, "29-62"),
        (62, "29-62"),
        (63, "63-104"),
        (104, "63-104"),
        (105, ">104"),
    ] {
        assert_eq!(TrackingBand::of(days).name(), name, "{days}");
    }
}

#[test]
fn only_open_clocks_are_listed() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    let open = entries(&feed, (2026, 1, 20));
    let standards: Vec<_> = open.iter().map(|entry| entry.standard).collect();
    assert_eq!(standards, [Standard::Fds, Standard::SixtyTwoDay]);
    assert!(open.iter().all(|entry| entry.route == Route::Usc));
    let entry = open.last().expect("two");
    assert_eq!((entry.raw_days(), entry.days()), (15, 15));
    assert_eq!(entry.pathway, P);
    assert_eq!(entry.primary_id.as_deref(), Some("1"));
    assert_eq!(entry.suspected_type.as_deref(), Some("03"));
    assert_eq!(entry.organisation.as_deref(), Some("RXX"));
    assert_eq!(entry.site.as_deref(), Some("RXX01"));
    assert!(!entry.is_decided && !entry.cancer_confirmed);
    feed.told(P, (2026, 1, 20), "02");
    assert!(entries(&feed, (2026, 1, 20)).is_empty());
    assert_eq!(entries(&feed, (2026, 1, 19)).len(), 2);
}

#[test]
fn a_planned_treatment_has_its_date_and_modality() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    let (planned, mdt) = (feed.text("treatment_planned"), feed.text("mdt_discussed"));
    feed.learn(P, "m1", milestone((2026, 1, 25), mdt, true));
    feed.learn(P, "m2", milestone((2026, 2, 9), planned, true));
    for (id, on, modality) in [
        ("T1", None, "04"),
        ("T2", Some((2026, 1, 16)), "05"),
        ("T3", Some((2026, 1, 14)), "98"),
        ("T4", Some((2026, 1, 16)), "06"),
        ("T5", Some((2026, 1, 30)), "07"),
    ] {
        let decision = DecisionToTreat {
            cancer_treatment_period_start_date: on.map(day),
            cancer_treatment_modality: feed.text(modality),
            ..Default::default()
        };
        feed.learn(P, id, decision.into());
    }
    let entry = long(&feed, (2026, 1, 20));
    assert_eq!(entry.planned_treatment_date, Some(day((2026, 2, 9))));
    assert_eq!(entry.planned_modality.as_deref(), Some("05"));
    assert_eq!(long(&feed, (2026, 2, 10)).planned_treatment_date, None);
    assert_eq!(
        long(&feed, (2026, 1, 15)).planned_modality.as_deref(),
        Some("04")
    );
    let short = entries(&feed, (2026, 1, 20));
    let short: Vec<_> = short
        .iter()
        .filter(|entry| entry.standard == Standard::ThirtyOneDay)
        .map(|entry| {
            (
                entry.treatment_id.as_deref(),
                entry.planned_modality.as_deref(),
            )
        })
        .collect();
    assert_eq!(short, [(Some("T2"), Some("05")), (Some("T4"), Some("06"))]);
    let start = TreatmentStarted {
        treatment_start_date_cancer: Some(day((2026, 1, 18))),
        cancer_treatment_event_type: feed.text("02"),
        ..Default::default()
    };
    feed.learn(P, "T2", start.into());
    assert_eq!(
        long(&feed, (2026, 1, 20)).planned_modality.as_deref(),
        Some("06")
    );
}

#[test]
fn decided_is_a_dated_decision_or_ecad_of_the_primary_that_was_not_declined() {
    let decided = |on: Option<Ymd>, primary: &str, modality: &str| {
        let mut feed = Feed::with_referral(P, RECEIVED);
        let decision = DecisionToTreat {
            primary_id: feed.text(primary),
            cancer_treatment_period_start_date: on.map(day),
            is_earliest_clinically_appropriate_date: Some(true),
            cancer_treatment_modality: feed.text(modality),
            ..Default::default()
        };
        feed.learn(P, "T1", decision.into());
        let diagnosis = DiagnosisRecorded::default();
        feed.learn(P, "1", diagnosis.into());
        let entries = entries(&feed, (2026, 1, 20));
        let entry = entries
            .iter()
            .find(|entry| entry.primary_id.as_deref() == Some("1"));
        entry.map(|entry| entry.is_decided)
    };
    assert_eq!(decided(Some((2026, 1, 20)), "1", "02"), Some(true));
    assert_eq!(
        decided(Some((2026, 1, 21)), "1", "02"),
        Some(false),
        "not yet"
    );
    assert_eq!(decided(None, "1", "02"), Some(false), "undated");
    assert_eq!(
        decided(Some((2026, 1, 20)), "2", "02"),
        Some(false),
        "of another"
    );
    assert_eq!(
        decided(Some((2026, 1, 20)), "1", "98"),
        Some(false),
        "declined"
    );
}

#[test]
fn cancer_is_confirmed_by_a_diagnosis_in_scope_or_by_being_told() {
    let diagnosed = |icd: &str| {
        let mut feed = Feed::with_referral(P, RECEIVED);
        let diagnosis = DiagnosisRecorded {
            primary_diagnosis_icd: feed.text(icd),
            ..Default::default()
        };
        feed.learn(P, "1", diagnosis.into());
        of(&feed, (2026, 1, 20), Standard::Fds).cancer_confirmed
    };
    assert!(diagnosed("C34.1"));
    assert!(!diagnosed("D06"));
    let mut feed = Feed::with_referral(P, RECEIVED);
    feed.told(P, (2026, 1, 20), "01");
    assert!(long(&feed, (2026, 1, 20)).cancer_confirmed);
    assert!(!long(&feed, (2026, 1, 19)).cancer_confirmed);
}

#[test]
fn day_38_is_counted_down_until_the_pathway_is_transferred() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    let seen = FirstSeen {
        date_first_seen: Some(day((2026, 1, 12))),
        waiting_time_adjustment_first_seen: Some(3),
        waiting_time_adjustment_reason_first_seen: feed.text("3"),
        ..Default::default()
    };
    feed.learn(P, "1", seen.into());
    // Day 38 and three more days is 15 February.
    for (on, left) in [((2026, 2, 14), 1), ((2026, 2, 15), 0), ((2026, 2, 16), -1)] {
        assert_eq!(long(&feed, on).days_to_day_38, Some(left));
        let told = of(&feed, on, Standard::Fds);
        assert_eq!((told.days_to_day_38, told.transferred_on), (None, None));
    }
    let transfer = |on: Ymd| Transfer {
        date_of_transfer_to_treatment: Some(day(on)),
        ..Default::default()
    };
    feed.learn(P, "1", transfer((2026, 1, 4)).into());
    let entry = long(&feed, (2026, 2, 15));
    assert_eq!(
        entry.days_to_day_38,
        Some(0),
        "before the start: impossible"
    );
    assert_eq!(entry.transferred_on, Some(day((2026, 1, 4))));
    feed.learn(P, "1", transfer(RECEIVED).into());
    assert_eq!(
        long(&feed, (2026, 2, 15)).days_to_day_38,
        None,
        "on the first day"
    );
    feed.learn(P, "1", transfer((2026, 1, 4)).into());
    feed.learn(P, "2", transfer((2026, 2, 15)).into());
    let entry = long(&feed, (2026, 2, 15));
    assert_eq!(
        (entry.days_to_day_38, entry.transferred_on),
        (None, Some(day((2026, 2, 15))))
    );
    assert_eq!(long(&feed, (2026, 2, 14)).days_to_day_38, Some(1));
}

#[test]
fn treatment_days_do_not_move_day_38() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    let decision = DecisionToTreat {
        cancer_treatment_period_start_date: Some(day((2026, 1, 12))),
        cancer_care_setting_treatment: feed.text("01"),
        ..Default::default()
    };
    feed.learn(P, "T1", decision.into());
    let days = TreatmentAdjustment {
        waiting_time_adjustment_treatment: Some(7),
        ..Default::default()
    };
    feed.learn(P, "T1", days.into());
    let entry = long(&feed, (2026, 2, 12));
    assert_eq!((entry.raw_days(), entry.days()), (38, 31));
    assert_eq!(
        (entry.days_to_day_38, entry.band()),
        (Some(0), TrackingBand::UpTo62)
    );
}

#[test]
fn the_site_is_the_one_that_named_the_organisation() {
    let mut feed = Feed::default();
    let upgrade = ConsultantUpgrade {
        consultant_upgrade_date: Some(day(RECEIVED)),
        organisation_site_identifier_of_provider_consultant_upgrade: feed.text("RYY03"),
    };
    feed.learn(P, "1", upgrade.into());
    let named = |feed: &Feed| {
        let entry = long(feed, (2026, 1, 20));
        (entry.organisation.expect("always"), entry.site)
    };
    assert_eq!(named(&feed), ("RYY".into(), Some("RYY03".into())));
    let decision = DecisionToTreat {
        cancer_treatment_period_start_date: Some(day((2026, 1, 12))),
        organisation_site_identifier_of_provider_cancer_decision_to_treat: feed.text("RZZ09"),
        ..Default::default()
    };
    feed.learn(P, "T1", decision.into());
    assert_eq!(
        named(&feed),
        ("RYY".into(), Some("RYY03".into())),
        "not transferred"
    );
    let short = of(&feed, (2026, 1, 20), Standard::ThirtyOneDay);
    assert_eq!(short.site.as_deref(), Some("RZZ09"));
    let mut feed = Feed::default();
    let seen = FirstSeen {
        date_first_seen: Some(day((2026, 1, 12))),
        organisation_site_identifier_of_provider_first_seen: feed.text("RYY01"),
        ..Default::default()
    };
    feed.referred(P, RECEIVED);
    feed.learn(P, "1", seen.into());
    let upgrade = ConsultantUpgrade {
        consultant_upgrade_date: Some(day((2026, 1, 13))),
        organisation_site_identifier_of_provider_consultant_upgrade: feed.text("RYY03"),
    };
    feed.learn(P, "1", upgrade.into());
    let decision = DecisionToTreat {
        organisation_site_identifier_of_provider_cancer_decision_to_treat: feed.text("RYY09"),
        ..decision
    };
    feed.learn(P, "T1", decision.into());
    let sites = entries(&feed, (2026, 1, 20)).into_iter();
    let sites: Vec<_> = sites.map(|entry| entry.site.expect("named")).collect();
    assert_eq!(
        sites,
        ["RYY01", "RYY09", "RYY09"],
        "first seen, and decided: one trust"
    );
    let feed = Feed::with_bare_referral("RXX12:P", RECEIVED);
    let entries = TrackingEntry::of(&feed.row("RXX12:P", (2026, 1, 20)), &Tables::default());
    let entry = entries.first().expect("open");
    assert_eq!(
        (entry.organisation.as_deref(), entry.site.as_deref()),
        (Some("RXX"), None)
    );
}

#[test]
fn the_delay_reason_is_the_one_a_breach_would_owe() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    let outcome = OutcomeCommunicated {
        delay_reason_outcome_communication: feed.text("06"),
        ..Default::default()
    };
    feed.learn(P, "1", outcome.into());
    let decision = DecisionToTreat {
        cancer_treatment_period_start_date: Some(day((2026, 1, 12))),
        delay_reason_decision_to_treat: feed.text("07"),
        ..Default::default()
    };
    feed.learn(P, "T1", decision.into());
    let start = TreatmentStarted {
        delay_reason_referral_to_treatment: feed.text("08"),
        ..Default::default()
    };
    feed.learn(P, "T1", start.into());
    let reasons: Vec<_> = entries(&feed, (2026, 1, 20))
        .into_iter()
        .map(|entry| entry.delay_reason.expect("sent"))
        .collect();
    assert_eq!(reasons, ["06", "08", "07"]);
    let start = TreatmentStarted {
        treatment_start_date_cancer: Some(day((2026, 1, 15))),
        cancer_treatment_event_type: feed.text("02"),
        ..start
    };
    feed.learn(P, "T1", start.into());
    let reason = long(&feed, (2026, 1, 20)).delay_reason;
    assert_eq!(reason, None, "of a later treatment, which stops nothing");
}
