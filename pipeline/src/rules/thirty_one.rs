//! Was each treatment given within 31 days of the decision? (R10-R12, Q8, Q9, Q16, Q20, Q32)

use super::adjustment::treatment_days;
use super::scope::Scope;
use super::{Case, earliest, level, responsible};
use crate::assessment::{
    Clock, Counting, Ended, Reason, Route, Running, Standard, State, Stopped, Wait,
};
use crate::codes::Stage;
use crate::day::Day;
use crate::rule_set::RuleSet;
use crate::view::Treatment;

/// A clock for every treatment that is known.
pub(super) fn clocks<'a>(case: &'a Case<'_>) -> impl Iterator<Item = Clock> + 'a {
    case.view
        .treatments
        .iter()
        .map(|treatment| clock(case, treatment))
}

fn clock(case: &Case<'_>, treatment: &Treatment) -> Clock {
    let (state, rules) = match treatment.decided_on() {
        None => (State::NotStarted, RuleSet::q(8)),
        Some(start) => state(case, start, treatment),
    };
    let kind = match treatment.stage() {
        Some(Stage::First) => RuleSet::r(10),
        Some(Stage::Subsequent | Stage::Recurrent) => RuleSet::r(11),
        None => RuleSet::q(32),
    };
    let rules = if case.route == Route::Pending {
        rules.and(kind).and(RuleSet::q(20))
    } else {
        rules.and(kind)
    };
    let site = responsible::thirty_one(case, treatment, &state);
    Clock {
        standard: Standard::ThirtyOneDay,
        primary_id: None,
        treatment_id: Some(treatment.id),
        state,
        responsible: site.map(|site| case.texts.trust(site)),
        responsible_site: site,
        level: level::level(case, Standard::ThirtyOneDay, &state),
        rules,
    }
}

fn state(case: &Case<'_>, start: Day, treatment: &Treatment) -> (State, RuleSet) {
    let adjustment = treatment_days(treatment);
    let rules = if adjustment > 0 {
        RuleSet::r(1).and(RuleSet::r(3))
    } else {
        RuleSet::r(1)
    };
    let begun = treatment
        .started_on()
        .map(|stop| (stop, Wait::between(start, stop, adjustment)));
    if let Some((reason, decided_by)) = end(case, start, treatment) {
        let state = State::Ended(Ended {
            start,
            reason,
            stop: begun,
        });
        return (state, rules.and(decided_by));
    }
    let limit = case.reference.thirty_one_day.within;
    let state = if let Some((stop, wait)) = begun {
        State::Stopped(Stopped {
            wait,
            stop,
            last_compliant: wait.last_compliant(limit),
            within: wait.days() <= limit,
            counting: counting(case, &wait, stop, treatment),
            reported_on: stop,
            organisation: responsible::treating(case, treatment),
        })
    } else {
        let wait = Wait::between(start, case.today, adjustment);
        let last_compliant = wait.last_compliant(limit);
        State::Running(Running {
            wait,
            last_compliant,
            days_left: last_compliant.since(case.today),
            counting: Counting::Counted,
            frozen_at: None,
        })
    };
    (state, rules)
}

/// Why the clock ended, if it did: declined, closed before treatment began, or out of scope (Q9, Q16, Q33).
fn end(case: &Case<'_>, start: Day, treatment: &Treatment) -> Option<(Reason, RuleSet)> {
    let declined = treatment
        .is_declined()
        .then(|| (treatment.declined_on(), Reason::Declined));
    let closed = case
        .closure
        .filter(|closure| !treatment.was_given() && closure.ends(Standard::ThirtyOneDay, start))
        .map(|closure| (Some(closure.on), closure.reason));
    let reason = earliest(declined.into_iter().chain(closed));
    if let Some(reason) = reason {
        let by = if reason == Reason::Declined {
            RuleSet::r(12).and(RuleSet::q(16))
        } else {
            RuleSet::q(9).and(RuleSet::q(33))
        };
        return Some((reason, by));
    }
    (case.scope(treatment.primary_id()) == Scope::Out)
        .then(|| (Reason::OutOfScope, RuleSet::r(15).and(RuleSet::q(25))))
}

/// Whether the stop counts; of several reasons against it the first (R10, Q7, Q9, Q32, Q33).
fn counting(case: &Case<'_>, wait: &Wait, stop: Day, treatment: &Treatment) -> Counting {
    let discounted = case
        .closure
        .and_then(|closure| closure.discounts(wait.start, stop));
    let reason = if discounted.is_some() {
        discounted
    } else if case.scope(treatment.primary_id()) == Scope::NotKnown {
        Some(Reason::DiagnosisMissing)
    } else if treatment.stage().is_none() {
        Some(Reason::EventTypeMissing)
    } else {
        (wait.days() < 0).then_some(Reason::NegativeWait)
    };
    reason.map_or(Counting::Counted, Counting::Uncounted)
}
