//! Courses of pathways told in facts.

use super::{Course, Outcome, Tables};
use crate::assessment::{Reason, Standard};
use crate::statistics::feed_fixture::{Feed, day};
use crate::{
    ConsultantUpgrade, DecisionToTreat, DiagnosisRecorded, FirstSeen, OutcomeCommunicated,
    PathwayClosed, TreatmentAdjustment, TreatmentStarted,
};

fn course(feed: &Feed, on: (i32, i32, i32), standard: Standard) -> Course {
    let row = feed.row("RXX:P", on);
    let courses = Course::of(&row, &Tables::default());
    let mut found = courses
        .into_iter()
        .filter(|course| course.standard == standard);
    let course = found.next().expect("a clock that started");
    assert!(found.next().is_none(), "one clock of the standard");
    course
}

fn ended(on: Option<(i32, i32, i32)>, reason: Reason) -> Outcome {
    Outcome::Ended {
        on: on.map(day),
        reason,
    }
}

#[test]
fn an_end_has_the_date_of_what_ended_it() {
    let mut feed = Feed::with_referral("RXX:P", (2026, 1, 5));
    assert_eq!(
        course(&feed, (2026, 1, 9), Standard::SixtyTwoDay).outcome,
        Outcome::Running
    );
    feed.closed("RXX:P", (2026, 2, 3), "died");
    let course_of = |standard| course(&feed, (2026, 3, 1), standard).outcome;
    assert_eq!(
        course_of(Standard::Fds),
        ended(Some((2026, 2, 3)), Reason::Died)
    );
    assert_eq!(
        course_of(Standard::SixtyTwoDay),
        ended(Some((2026, 2, 3)), Reason::Died)
    );
}

#[test]
fn a_merger_before_the_start_ends_a_clock_on_its_start() {
    let mut feed = Feed::with_referral("RXX:P", (2026, 1, 5));
    feed.closed("RXX:P", (2026, 1, 2), "merged");
    let course = course(&feed, (2026, 3, 1), Standard::Fds);
    assert_eq!(course.outcome, ended(Some((2026, 1, 5)), Reason::Merged));
}

#[test]
fn ruling_out_ends_the_long_clock_on_the_day_the_patient_was_told() {
    let mut feed = Feed::with_referral("RXX:P", (2026, 1, 5));
    feed.told("RXX:P", (2026, 1, 20), "02");
    let stopped = Outcome::Stopped {
        on: day((2026, 1, 20)),
        within: true,
        counted: true,
    };
    let on = (2026, 3, 1);
    assert_eq!(course(&feed, on, Standard::Fds).outcome, stopped);
    assert_eq!(
        course(&feed, on, Standard::SixtyTwoDay).outcome,
        ended(Some((2026, 1, 20)), Reason::RuledOut)
    );
}

#[test]
fn a_frozen_clock_leaves_on_the_day_the_patient_is_told() {
    let mut feed = Feed::with_referral("RXX:P", (2026, 1, 5));
    let decision = DecisionToTreat {
        cancer_treatment_period_start_date: Some(day((2026, 1, 12))),
        ..Default::default()
    };
    feed.learn("RXX:P", "T1", decision.into());
    let on = (2026, 3, 1);
    assert_eq!(course(&feed, on, Standard::Fds).outcome, Outcome::Running);
    feed.told("RXX:P", (2026, 2, 20), "01");
    let stopped = Outcome::Stopped {
        on: day((2026, 2, 20)),
        within: true,
        counted: true,
    };
    assert_eq!(course(&feed, on, Standard::Fds).outcome, stopped);
}

#[test]
fn an_end_without_a_date_stays_without_one() {
    let mut feed = Feed::with_referral("RXX:P", (2026, 1, 5));
    let icd = feed.text("D06");
    let fact = DiagnosisRecorded {
        primary_diagnosis_icd: icd,
        ..Default::default()
    };
    feed.learn("RXX:P", "1", fact.into());
    let undated = course(&feed, (2026, 3, 20), Standard::SixtyTwoDay);
    assert_eq!(undated.outcome, ended(None, Reason::OutOfScope));
    assert!(!undated.got_to(29));
    let fact = DiagnosisRecorded {
        date_of_diagnosis: Some(day((2026, 2, 9))),
        ..fact
    };
    feed.learn("RXX:P", "1", fact.into());
    let dated = course(&feed, (2026, 3, 20), Standard::SixtyTwoDay);
    assert_eq!(dated.outcome, ended(Some((2026, 2, 9)), Reason::OutOfScope));
    assert!(dated.got_to(35) && !dated.got_to(36));
}

#[test]
fn a_treatment_out_of_scope_ends_its_clocks_at_the_latest() {
    let mut feed = Feed::with_referral("RXX:P", (2026, 1, 5));
    let diagnosis = DiagnosisRecorded {
        primary_diagnosis_icd: feed.text("D06"),
        ..Default::default()
    };
    feed.learn("RXX:P", "1", diagnosis.into());
    let start = TreatmentStarted {
        treatment_start_date_cancer: Some(day((2026, 2, 10))),
        cancer_treatment_event_type: feed.text("01"),
        ..Default::default()
    };
    feed.learn("RXX:P", "T1", start.into());
    for (diagnosed, end) in [
        (None, (2026, 2, 10)),
        (Some((2026, 2, 12)), (2026, 2, 10)),
        (Some((2026, 2, 9)), (2026, 2, 9)),
    ] {
        let date_of_diagnosis = diagnosed.map(day);
        let diagnosis = DiagnosisRecorded {
            date_of_diagnosis,
            ..diagnosis
        };
        feed.learn("RXX:P", "1", diagnosis.into());
        assert_eq!(
            course(&feed, (2026, 3, 20), Standard::SixtyTwoDay).outcome,
            ended(Some(end), Reason::OutOfScope)
        );
    }
}

#[test]
fn the_first_refusal_or_later_treatment_dates_the_end() {
    let mut feed = Feed::with_referral("RXX:P", (2026, 1, 5));
    let decision = DecisionToTreat {
        cancer_treatment_period_start_date: Some(day((2026, 2, 2))),
        cancer_treatment_event_type: feed.text("01"),
        cancer_treatment_modality: feed.text("98"),
        ..Default::default()
    };
    feed.learn("RXX:P", "T1", decision.into());
    let on = (2026, 3, 20);
    for standard in [Standard::SixtyTwoDay, Standard::ThirtyOneDay] {
        assert_eq!(
            course(&feed, on, standard).outcome,
            ended(Some((2026, 2, 2)), Reason::Declined)
        );
    }
    let mut feed = Feed::with_referral("RXX:P", (2026, 1, 5));
    let start = TreatmentStarted {
        treatment_start_date_cancer: Some(day((2026, 2, 10))),
        cancer_treatment_event_type: feed.text("03"),
        cancer_treatment_modality: feed.text("02"),
        ..Default::default()
    };
    feed.learn("RXX:P", "T1", start.into());
    assert_eq!(
        course(&feed, on, Standard::SixtyTwoDay).outcome,
        ended(Some((2026, 2, 10)), Reason::NotANewPrimary)
    );
}

#[test]
fn an_exclusion_ends_on_the_day_the_patient_was_told_not_at_the_decision() {
    let mut feed = Feed::with_referral("RXX:P", (2026, 1, 5));
    let outcome = OutcomeCommunicated {
        cancer_faster_diagnosis_pathway_end_date: Some(day((2026, 1, 20))),
        cancer_faster_diagnosis_pathway_end_reason: feed.text("03"),
        cancer_faster_diagnosis_pathway_exclusion_reason: feed.text("02"),
        ..Default::default()
    };
    feed.learn("RXX:P", "1", outcome.into());
    let decision = DecisionToTreat {
        cancer_treatment_period_start_date: Some(day((2026, 1, 12))),
        ..Default::default()
    };
    feed.learn("RXX:P", "T1", decision.into());
    assert_eq!(
        course(&feed, (2026, 3, 20), Standard::Fds).outcome,
        ended(Some((2026, 1, 20)), Reason::Excluded)
    );
}

#[test]
fn a_pathway_that_has_not_started_has_no_course() {
    let mut feed = Feed::default();
    let closed = PathwayClosed::default();
    feed.learn("RXX:P", "1", closed.into());
    assert!(Course::of(&feed.row("RXX:P", (2026, 3, 20)), &Tables::default()).is_empty());
}

/// Three days for the first appointment and four for the treatment (R2, R3, Q10).
#[test]
fn a_clock_that_was_left_has_the_days_that_could_apply() {
    let adjusted = |feed: &Feed| {
        [Standard::Fds, Standard::SixtyTwoDay, Standard::ThirtyOneDay]
            .map(|standard| course(feed, (2026, 3, 20), standard).adjustment)
    };
    let mut feed = Feed::with_referral("RXX:P", (2026, 1, 5));
    let seen = FirstSeen {
        date_first_seen: Some(day((2026, 1, 12))),
        waiting_time_adjustment_first_seen: Some(3),
        waiting_time_adjustment_reason_first_seen: feed.text("3"),
        ..Default::default()
    };
    feed.learn("RXX:P", "1", seen.into());
    let decision = DecisionToTreat {
        cancer_treatment_period_start_date: Some(day((2026, 1, 20))),
        cancer_treatment_event_type: feed.text("01"),
        cancer_care_setting_treatment: feed.text("01"),
        ..Default::default()
    };
    feed.learn("RXX:P", "T1", decision.into());
    let days = TreatmentAdjustment {
        waiting_time_adjustment_treatment: Some(4),
        ..Default::default()
    };
    feed.learn("RXX:P", "T1", days.into());
    feed.closed("RXX:P", (2026, 2, 3), "died");
    assert_eq!(adjusted(&feed), [3, 7, 4]);
    // Its own days once it has begun, though nothing is awaited that they could apply to.
    let diagnosis = DiagnosisRecorded {
        primary_diagnosis_icd: feed.text("D06"),
        ..Default::default()
    };
    feed.learn("RXX:P", "1", diagnosis.into());
    let start = TreatmentStarted {
        treatment_start_date_cancer: Some(day((2026, 2, 2))),
        ..Default::default()
    };
    feed.learn("RXX:P", "T1", start.into());
    assert_eq!(adjusted(&feed), [3, 7, 4]);
}

#[test]
fn a_stop_that_does_not_count_says_so() {
    let mut feed = Feed::with_referral("RXX:P", (2026, 1, 5));
    let upgrade = ConsultantUpgrade {
        consultant_upgrade_date: Some(day((2026, 1, 7))),
        ..Default::default()
    };
    feed.learn("RXX:P", "1", upgrade.into());
    feed.told("RXX:P", (2026, 1, 20), "01");
    let stopped = Outcome::Stopped {
        on: day((2026, 1, 20)),
        within: true,
        counted: false,
    };
    assert_eq!(course(&feed, (2026, 3, 1), Standard::Fds).outcome, stopped);
}

/// Q13, Q16: a later treatment that is declined ends nothing of its primary.
#[test]
fn an_end_is_not_dated_by_a_treatment_that_ends_nothing() {
    for (other, own, reason) in [
        (("02", "98"), ("01", "98"), Reason::Declined),
        (("03", "98"), ("03", "02"), Reason::NotANewPrimary),
    ] {
        let mut feed = Feed::with_referral("RXX:P", (2026, 1, 5));
        for (id, on, (event_type, modality)) in
            [("T1", (2026, 2, 2), other), ("T2", (2026, 2, 10), own)]
        {
            let start = TreatmentStarted {
                treatment_start_date_cancer: Some(day(on)),
                cancer_treatment_event_type: feed.text(event_type),
                cancer_treatment_modality: feed.text(modality),
                ..Default::default()
            };
            feed.learn("RXX:P", id, start.into());
        }
        assert_eq!(
            course(&feed, (2026, 3, 20), Standard::SixtyTwoDay).outcome,
            ended(Some((2026, 2, 10)), reason)
        );
    }
}
