//! What the guard lets pass, what it holds, and what releases that.

use super::{Guard, HOUR_MILLIS, Occasion, Sifted, Situation};
use crate::config::GuardLimits;
use clockstop_pipeline::{
    Alert, AlertId, Because, Content, Day, Level, Notice, Route, RuleSet, Standard, Transition,
};
use clockstop_schemas::{Approval, Grant};
use std::collections::BTreeSet;

const START: i64 = 1_772_409_600_000;
const TABLES: &str = "2026-04";

/// Room for ten changes an hour, or a tenth of what stands.
fn situation() -> Situation<'static> {
    Situation {
        standing: 0,
        parked: 0,
        log_time: Some(START),
        reference: TABLES,
        occasion: Occasion::Ordinary,
        limits: GuardLimits {
            changes: 10,
            per_cent: 10,
        },
    }
}

fn guard() -> Guard {
    Guard::since(Some(START))
}

fn notice(number: usize, transition: Transition, because: Because) -> Notice {
    Notice::Alert(Box::new(Alert {
        alert_id: AlertId([0; 16]),
        pathway: format!("RXX:P{number}"),
        standard: Standard::Fds,
        primary_id: None,
        treatment_id: None,
        transition,
        revision: 2,
        content: Content {
            level: Some(Level::Breached),
            organisation: Some("RXX".to_owned()),
            ..Content::default()
        },
        days: None,
        route: Route::Unknown,
        suspected_type: None,
        rules: RuleSet::default(),
        causes: Vec::new(),
        because,
        reference_version: TABLES.to_owned(),
        software_version: "test".to_owned(),
        decided_on: Day::from_ymd(2026, 3, 2).expect("a date"),
    }))
}

fn many(count: usize, transition: Transition, because: Because) -> Vec<Notice> {
    let numbers = 0..count;
    numbers
        .map(|number| notice(number, transition, because))
        .collect()
}

fn corrections(count: usize) -> Vec<Notice> {
    many(count, Transition::Amended, Because::Facts)
}

/// Takes what may be said as committed.
fn say(guard: &mut Guard, notices: Vec<Notice>, at: Situation<'_>) -> (usize, usize) {
    let Sifted { say, park } = guard.sift(notices, at);
    guard.said(&say);
    (say.len(), park.len())
}

fn approval(grant: Grant, until: i64) -> Approval {
    Approval {
        grant,
        who: "somebody".to_owned(),
        why: "a good reason".to_owned(),
        until,
    }
}

#[test]
fn what_is_too_much_is_held_as_a_whole_and_the_rest_is_said() {
    let mut guard = guard();
    assert_eq!(say(&mut guard, corrections(10), situation()), (10, 0));
    let mut notices = corrections(1);
    notices.push(notice(7, Transition::Raised, Because::Facts));
    notices.push(Notice::Erasure {
        alert_id: AlertId([1; 16]),
        pathway: "RXX:P8".to_owned(),
    });
    let sifted = guard.sift(notices, situation());
    assert_eq!(sifted.park, BTreeSet::from(["RXX:P0".to_owned()]));
    assert_eq!(sifted.say.len(), 2, "what is new, and what is erased");
    let held: Vec<_> = guard.held().groups.iter().collect();
    let [(group, 1)] = held.as_slice() else {
        panic!("{held:?}");
    };
    assert_eq!(group.transition, Transition::Amended);
    assert_eq!(group.organisation.as_deref(), Some("RXX"));
    assert_eq!(guard.held().by_rules, None);
}

#[test]
fn everything_of_a_pathway_that_is_set_aside_is_held() {
    let mut notices = corrections(11);
    notices.push(notice(3, Transition::Raised, Because::Facts));
    let mut guard = guard();
    assert_eq!(say(&mut guard, notices, situation()), (0, 11));
    assert_eq!(guard.held().notices(), 12);
}

#[test]
fn the_more_alerts_stand_the_more_may_change() {
    for (standing, count, held) in [
        (100, 11, 11),
        (109, 11, 11),
        (110, 11, 0),
        (1_000, 101, 101),
    ] {
        let at = Situation {
            standing,
            ..situation()
        };
        let said = say(&mut guard(), corrections(count), at);
        assert_eq!(said, (count - held, held), "{standing} stand");
    }
}

#[test]
fn every_hour_of_the_log_gives_room_of_its_own() {
    for (millis, count, held) in [
        (HOUR_MILLIS - 1, 11, 11),
        (HOUR_MILLIS, 20, 0),
        (HOUR_MILLIS, 21, 21),
        (5 * HOUR_MILLIS, 60, 0),
    ] {
        let at = Situation {
            log_time: Some(START + millis),
            ..situation()
        };
        let said = say(&mut guard(), corrections(count), at);
        assert_eq!(said, (count - held, held), "after {millis} ms");
    }
}

#[test]
fn changes_add_up_over_an_hour_and_begin_anew_after_it() {
    let mut guard = guard();
    for _ in 0..5 {
        assert_eq!(say(&mut guard, corrections(2), situation()), (2, 0));
        guard.rest(Some(START + HOUR_MILLIS - 1));
    }
    assert_eq!(say(&mut guard, corrections(1), situation()), (0, 1));
    guard.rest(Some(START + HOUR_MILLIS));
    let at = Situation {
        log_time: Some(START + HOUR_MILLIS),
        ..situation()
    };
    assert_eq!(say(&mut guard, corrections(10), at), (10, 0));
}

#[test]
fn what_a_date_or_the_first_day_changes_is_free_and_not_counted() {
    let mut guard = guard();
    let turned = Situation {
        occasion: Occasion::NewDate,
        ..situation()
    };
    let dated = many(50, Transition::Closed, Because::Date);
    assert_eq!(say(&mut guard, dated, turned), (50, 0));
    let risen = many(50, Transition::Escalated, Because::Facts);
    assert_eq!(say(&mut guard, risen.clone(), turned), (50, 0));
    let raised = many(50, Transition::Raised, Because::Facts);
    assert_eq!(say(&mut guard, raised, situation()), (50, 0));
    let first = Situation {
        occasion: Occasion::Baseline,
        ..situation()
    };
    let baseline = many(50, Transition::Amended, Because::Baseline);
    assert_eq!(say(&mut guard, baseline, first), (50, 0));
    assert_eq!(say(&mut guard, corrections(10), situation()), (10, 0));
    assert_eq!(say(&mut guard, risen, situation()), (0, 50));
}

#[test]
fn a_new_date_looks_again_at_what_was_held() {
    let mut guard = guard();
    assert_eq!(say(&mut guard, corrections(11), situation()), (0, 11));
    let parked = Situation {
        parked: 11,
        ..situation()
    };
    assert_eq!(say(&mut guard, Vec::new(), parked), (0, 0));
    assert_eq!(guard.held().notices(), 11, "it is held on");
    // With the date the engine takes back what was set aside.
    let turned = Situation {
        occasion: Occasion::NewDate,
        ..situation()
    };
    assert_eq!(say(&mut guard, corrections(4), turned), (4, 0));
    assert_eq!(guard.held().notices(), 0);
}

#[test]
fn other_tables_change_nothing_until_their_version_is_approved() {
    let changed = || many(1, Transition::Raised, Because::Rules);
    let mut guard = guard();
    assert_eq!(say(&mut guard, changed(), situation()), (0, 1));
    assert_eq!(guard.held().by_rules.as_deref(), Some(TABLES));
    let other = Grant::Reference("2026-05".to_owned());
    assert!(!guard.approve(&approval(other, START + 1), TABLES, START));
    let parked = Situation {
        parked: 1,
        ..situation()
    };
    assert_eq!(say(&mut guard, changed(), parked), (0, 1));
    let right = Grant::Reference(TABLES.to_owned());
    assert!(guard.approve(&approval(right.clone(), START + 1), TABLES, START));
    assert_eq!(guard.held().notices(), 0);
    assert_eq!(say(&mut guard, changed(), situation()), (1, 0));
    // What facts change at the same time is counted as ever.
    assert_eq!(say(&mut guard, corrections(11), situation()), (0, 11));
    let mut before = Guard::since(Some(START));
    assert!(!before.approve(&approval(right, START + 1), TABLES, START));
    assert_eq!(say(&mut before, changed(), situation()), (1, 0));
}

#[test]
fn an_approval_of_enough_changes_releases_what_is_held_and_only_that() {
    let mut guard = guard();
    assert_eq!(say(&mut guard, corrections(11), situation()), (0, 11));
    let changes = |count| approval(Grant::Changes(count), START + 1);
    assert!(!guard.approve(&changes(10), TABLES, START), "one too few");
    assert!(guard.approve(&changes(11), TABLES, START));
    assert_eq!(say(&mut guard, corrections(11), situation()), (11, 0));
    guard.rest(Some(START));
    assert_eq!(say(&mut guard, corrections(11), situation()), (0, 11));
}

#[test]
fn changes_that_were_approved_beforehand_pass_once_and_in_time() {
    let changes = |count| approval(Grant::Changes(count), START + 5);
    for (approved, now, said) in [
        (15, START + 4, (15, 0)),
        (14, START + 4, (0, 15)),
        (15, START + 5, (0, 15)),
    ] {
        let mut guard = guard();
        guard.approve(&changes(approved), TABLES, START);
        guard.expire(now);
        assert_eq!(say(&mut guard, corrections(15), situation()), said);
    }
    let mut guard = guard();
    guard.approve(&changes(15), TABLES, START);
    assert_eq!(say(&mut guard, corrections(15), situation()), (15, 0));
    guard.rest(Some(START));
    assert_eq!(say(&mut guard, corrections(11), situation()), (0, 11));
}

#[test]
fn an_approval_that_is_over_or_of_bad_records_releases_nothing() {
    let mut guard = guard();
    assert_eq!(say(&mut guard, corrections(11), situation()), (0, 11));
    for (grant, until) in [
        (Grant::Changes(99), START),
        (Grant::BadRecords, START + 1),
        (Grant::Reference(TABLES.to_owned()), START + 1),
    ] {
        assert!(!guard.approve(&approval(grant, until), TABLES, START));
    }
    assert_eq!(guard.held().notices(), 11);
}
