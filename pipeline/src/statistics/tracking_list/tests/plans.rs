//! What is planned, and what happened last.

use super::{P, RECEIVED, entries, long, milestone, of};
use crate::assessment::Standard;
use crate::fact::EventType;
use crate::findings::Findings;
use crate::statistics::feed_fixture::{Feed, Ymd, day};
use crate::statistics::tracking_list::{LastEvent, PlannedMilestone};
use crate::{DecisionToTreat, FirstSeen, MilestoneRecorded, TreatmentStarted};

#[test]
fn the_next_milestone_is_the_earliest_planned_for_today_or_later() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    let (test, mdt) = (feed.text("test_done"), feed.text("mdt_discussed"));
    feed.learn(P, "m0", milestone((2026, 1, 19), mdt, false));
    feed.learn(P, "m1", milestone((2026, 1, 19), test, true));
    feed.learn(P, "m4", milestone((2026, 2, 2), test, true));
    feed.learn(P, "m2", milestone((2026, 2, 2), mdt, true));
    feed.learn(P, "m3", milestone((2026, 1, 25), mdt, false));
    let next = |on: Ymd| long(&feed, on).next_milestone;
    let planned = |on: Ymd, kind: &str| {
        Some(PlannedMilestone {
            on: day(on),
            milestone_type: Some(kind.into()),
            site: None,
        })
    };
    assert_eq!(next((2026, 1, 19)), planned((2026, 1, 19), "test_done"));
    assert_eq!(
        next((2026, 1, 20)),
        planned((2026, 2, 2), "mdt_discussed"),
        "m2 before m4"
    );
    assert_eq!(next((2026, 2, 2)), planned((2026, 2, 2), "mdt_discussed"));
    assert_eq!(next((2026, 2, 3)), None);
}

#[test]
fn of_two_sources_the_greater_report_of_a_milestone_counts() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    let test = feed.text("test_done");
    feed.learn(P, "m", milestone((2026, 2, 2), test, true));
    let next = |feed: &Feed| long(feed, (2026, 1, 20)).next_milestone.map(|next| next.on);
    assert_eq!(next(&feed), Some(day((2026, 2, 2))));
    feed.source = "RYY/pas";
    feed.learn(P, "m", milestone((2026, 2, 9), test, true));
    assert_eq!(next(&feed), Some(day((2026, 2, 9))), "moved");
    feed.source = "RZZ/pas";
    feed.learn(P, "m", milestone((2026, 2, 3), test, false));
    assert_eq!(
        next(&feed),
        Some(day((2026, 2, 9))),
        "hidden until its date"
    );
    feed.learn(P, "m", milestone((2026, 1, 19), test, false));
    assert_eq!(next(&feed), None, "done");
}

/// Both said it at the same time; the source with the greater name is taken.
#[test]
fn of_two_reports_of_one_version_the_greater_source_counts() {
    for sources in [["RXX/epic", "RYY/pas"], ["RYY/pas", "RXX/epic"]] {
        let mut feed = Feed::with_referral(P, RECEIVED);
        let test = feed.text("test_done");
        for source in sources {
            feed.source = source;
            let on = if source == "RYY/pas" { 9 } else { 2 };
            feed.learn_at(100, P, "m", milestone((2026, 2, on), test, true));
        }
        let next = long(&feed, (2026, 1, 20)).next_milestone;
        assert_eq!(next.map(|next| next.on), Some(day((2026, 2, 9))));
    }
}

#[test]
fn what_was_withdrawn_or_is_not_said_to_be_a_plan_is_none() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    let today = (2026, 2, 2);
    let unsaid = MilestoneRecorded {
        milestone_date: Some(day(today)),
        ..Default::default()
    };
    feed.learn(P, "m1", unsaid.into());
    assert_eq!(long(&feed, today).next_milestone, None);
    let plan = milestone((2026, 2, 9), None, true);
    feed.learn(P, "m2", plan);
    assert!(long(&feed, today).next_milestone.is_some());
    feed.withdraw(P, "m2", plan);
    assert_eq!(long(&feed, today).next_milestone, None);
}

#[test]
fn only_a_decided_treatment_is_a_planned_one() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    let undated = TreatmentStarted {
        cancer_treatment_modality: feed.text("05"),
        ..Default::default()
    };
    feed.learn(P, "T1", undated.into());
    let planned = |feed: &Feed| long(feed, (2026, 1, 20)).planned_modality;
    assert_eq!(planned(&feed), None);
    feed.learn(P, "T1", DecisionToTreat::default().into());
    assert_eq!(planned(&feed).as_deref(), Some("05"));
}

#[test]
fn findings_of_the_pathway_stand_on_each_of_its_clocks() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    let early = FirstSeen {
        date_first_seen: Some(day((2026, 1, 4))),
        ..Default::default()
    };
    feed.learn(P, "1", early.into());
    let mut before_receipt = Findings::default();
    before_receipt.note(4, true);
    let found: Vec<_> = entries(&feed, (2026, 1, 20))
        .iter()
        .map(|entry| entry.findings)
        .collect();
    assert_eq!(found, [before_receipt; 2]);
}

#[test]
fn the_last_event_is_the_latest_dated_and_no_plan() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    let last = |feed: &Feed, on: Ymd| {
        let LastEvent {
            event_type,
            milestone_type,
            on,
        } = long(feed, on).last_event.expect("a referral at least");
        (event_type, milestone_type.as_deref().map(str::to_owned), on)
    };
    let received = (EventType::ReferralReceived, None, day(RECEIVED));
    assert_eq!(last(&feed, (2026, 1, 20)), received);
    let test = feed.text("test_done");
    feed.learn(P, "m1", milestone((2026, 1, 10), test, true));
    assert_eq!(last(&feed, (2026, 1, 20)), received, "a plan is no event");
    feed.learn(P, "m2", milestone((2026, 1, 9), test, false));
    let seen = FirstSeen {
        date_first_seen: Some(day((2026, 1, 9))),
        ..Default::default()
    };
    feed.learn(P, "1", seen.into());
    let on = day((2026, 1, 9));
    assert_eq!(
        last(&feed, (2026, 1, 20)),
        (EventType::FirstSeen, None, on),
        "recorded last"
    );
    feed.learn(P, "m2", milestone((2026, 1, 9), test, false));
    let tested = (
        EventType::MilestoneRecorded,
        Some("test_done".to_owned()),
        on,
    );
    assert_eq!(last(&feed, (2026, 1, 20)), tested);
    assert_eq!(last(&feed, (2026, 1, 8)), received);
}

/// Declining treatment leaves FDS alone (Q9), so its clock is still listed.
#[test]
fn a_closure_is_an_event_too() {
    let mut feed = Feed::with_referral(P, RECEIVED);
    feed.closed(P, (2026, 1, 12), "declined_treatment");
    let last = |on: Ymd| {
        let last = of(&feed, on, Standard::Fds).last_event;
        last.expect("a referral at least").event_type
    };
    assert_eq!(last((2026, 1, 11)), EventType::ReferralReceived);
    assert_eq!(last((2026, 1, 12)), EventType::PathwayClosed);
}
