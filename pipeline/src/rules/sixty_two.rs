//! Was each primary treated within 62 days? (R7-R9, R19-R21, Q3, Q9, Q12-Q14, Q16)

use super::adjustment::{first_seen_days_for_sixty_two, treatment_days};
use super::fds::{FdsEnd, end_of_fds};
use super::scope::Scope;
use super::{Case, earliest, ended, level, responsible};
use crate::assessment::{
    Clock, Counting, Ended, Reason, Route, Running, Standard, State, Stopped, Wait,
};
use crate::codes::{EndReason, Stage};
use crate::day::Day;
use crate::rule_set::RuleSet;
use crate::text::{Text, Texts};
use crate::view::{Treatment, View};

/// A clock per primary, where the route has one or is not known yet.
pub(super) fn clocks<'a>(case: &'a Case<'_>) -> impl Iterator<Item = Clock> + 'a {
    let listed = case.route.has_sixty_two() || case.route == Route::Pending;
    let primaries = if listed { &*case.primaries } else { &[] };
    primaries.iter().map(|&primary| clock(case, primary))
}

/// The treatment that stops a primary's clock: the earliest begun of type 01, 07 or 12 that was not
/// declined; on one date the lower treatment id (R8, Q12).
pub(crate) fn first_definitive_treatment<'a>(
    view: &'a View,
    primary: Text,
    texts: &Texts,
) -> Option<&'a Treatment> {
    treatments_of(view, primary)
        .filter(|treatment| treatment.stage() == Some(Stage::First) && treatment.was_given())
        .min_by(|a, b| {
            let by_day = a.started_on().cmp(&b.started_on());
            by_day.then_with(|| texts.compare(a.id, b.id))
        })
}

fn treatments_of(view: &View, primary: Text) -> impl Iterator<Item = &Treatment> {
    view.treatments
        .iter()
        .filter(move |treatment| treatment.primary_id() == primary)
}

fn clock(case: &Case<'_>, primary: Text) -> Clock {
    let fdt = first_definitive_treatment(case.view, primary, case.texts);
    let (state, rules) = match start(case) {
        None => (State::NotStarted, RuleSet::r(7)),
        Some(start) => match fdt {
            Some(fdt) => treated(case, start, primary, fdt),
            None => untreated(case, start, primary),
        },
    };
    let stopped_by = match state {
        State::Stopped(_) | State::Ended(Ended { stop: Some(_), .. }) => fdt.map(|fdt| fdt.id),
        State::NotStarted | State::Running(_) | State::Ended(_) => None,
    };
    let site = responsible::sixty_two(case, primary, fdt, &state);
    Clock {
        standard: Standard::SixtyTwoDay,
        primary_id: Some(primary),
        treatment_id: stopped_by,
        state,
        responsible: site.map(|site| case.texts.trust(site)),
        responsible_site: site,
        level: level::level(case, Standard::SixtyTwoDay, &state),
        rules,
    }
}

/// Receipt of the referral, or the upgrade (R7, R9).
fn start(case: &Case<'_>) -> Option<Day> {
    if case.route == Route::Upgrade {
        case.view.upgrade?.fact.consultant_upgrade_date
    } else {
        case.view
            .referral?
            .fact
            .cancer_referral_to_treatment_period_start_date
    }
}

fn start_rules(case: &Case<'_>, adjustment: i32) -> RuleSet {
    let route = if case.route == Route::Upgrade {
        RuleSet::r(9).and(RuleSet::q(11))
    } else {
        RuleSet::r(7)
    };
    let rules = RuleSet::r(1).and(route);
    if adjustment > 0 {
        rules.and(RuleSet::r(2)).and(RuleSet::r(3))
    } else {
        rules
    }
}

fn treated(case: &Case<'_>, start: Day, primary: Text, fdt: &Treatment) -> (State, RuleSet) {
    let Some(stop) = fdt.started_on() else {
        return untreated(case, start, primary);
    };
    let adjustment = first_seen_days_for_sixty_two(case.view, case.route) + treatment_days(fdt);
    let wait = Wait::between(start, stop, adjustment);
    let rules = start_rules(case, adjustment)
        .and(RuleSet::r(8))
        .and(RuleSet::q(12));
    let scope = case.scope(primary);
    if scope == Scope::Out {
        let state = State::Ended(Ended {
            start,
            reason: Reason::OutOfScope,
            stop: Some((stop, wait)),
        });
        return (state, rules.and(RuleSet::r(15)).and(RuleSet::q(25)));
    }
    let limit = case.reference.sixty_two_day.within;
    let state = State::Stopped(Stopped {
        wait,
        stop,
        last_compliant: wait.last_compliant(limit),
        within: wait.days() <= limit,
        counting: counting(case, &wait, stop, scope, fdt),
        reported_on: stop,
        organisation: None,
    });
    (state, rules)
}

/// Whether the stop counts; of several reasons against it the first (R7, Q7-Q9, Q33).
fn counting(case: &Case<'_>, wait: &Wait, stop: Day, scope: Scope, fdt: &Treatment) -> Counting {
    let discounted = case
        .closure
        .and_then(|closure| closure.discounts(wait.start, stop));
    let reason = if discounted.is_some() {
        discounted
    } else if scope == Scope::NotKnown {
        Some(Reason::DiagnosisMissing)
    } else if fdt.decided_on().is_none() {
        Some(Reason::DecisionToTreatMissing)
    } else {
        (wait.days() < 0).then_some(Reason::NegativeWait)
    };
    reason.map_or(Counting::Counted, Counting::Uncounted)
}

fn untreated(case: &Case<'_>, start: Day, primary: Text) -> (State, RuleSet) {
    if let Some((reason, rules)) = end_of_untreated(case, start, primary) {
        return (ended(start, reason), start_rules(case, 0).and(rules));
    }
    let adjustment = untreated_days(case, primary);
    let wait = Wait::between(start, case.today, adjustment);
    let last_compliant = wait.last_compliant(case.reference.sixty_two_day.within);
    let state = State::Running(Running {
        wait,
        last_compliant,
        days_left: last_compliant.since(case.today),
        counting: Counting::Counted,
        frozen_at: None,
    });
    let rules = start_rules(case, adjustment);
    let rules = if adjustment > 0 {
        rules.and(RuleSet::q(10))
    } else {
        rules
    };
    (state, rules)
}

/// The days that are subtracted while nothing has stopped the clock: all that could apply (Q10).
pub(crate) fn untreated_days(case: &Case<'_>, primary: Text) -> i32 {
    let next = next_treatment(case, primary);
    first_seen_days_for_sixty_two(case.view, case.route) + next.map_or(0, treatment_days)
}

/// The earliest-decided treatment that has not begun, whose days could apply (Q10).
fn next_treatment<'a>(case: &'a Case<'_>, primary: Text) -> Option<&'a Treatment> {
    treatments_of(case.view, primary)
        .filter(|treatment| treatment.started_on().is_none() && treatment.decided_on().is_some())
        .min_by(|a, b| {
            let by_day = a.decided_on().cmp(&b.decided_on());
            by_day.then_with(|| case.texts.compare(a.id, b.id))
        })
}

/// Why an untreated clock ended, if it did (Q3, Q9, Q13, Q14, Q16, Q33).
fn end_of_untreated(case: &Case<'_>, start: Day, primary: Text) -> Option<(Reason, RuleSet)> {
    let closed = case
        .closure
        .filter(|closure| closure.ends(Standard::SixtyTwoDay, start))
        .map(|closure| (Some(closure.on), closure.reason));
    let told = told_no_cancer(case, start);
    let treatments = treatments_of(case.view, primary).filter_map(|treatment| {
        match (treatment.stage()?, treatment.is_declined()) {
            (Stage::First, true) => Some((treatment.declined_on(), Reason::Declined)),
            (Stage::Recurrent, false) => {
                Some((Some(treatment.started_on()?), Reason::NotANewPrimary))
            }
            (Stage::First | Stage::Subsequent | Stage::Recurrent, _) => None,
        }
    });
    let reason = earliest(closed.into_iter().chain(told).chain(treatments))
        .or_else(|| (case.scope(primary) == Scope::Out).then_some(Reason::OutOfScope))?;
    Some((reason, end_rules(reason)))
}

fn end_rules(reason: Reason) -> RuleSet {
    let rule = match reason {
        Reason::RuledOut | Reason::Excluded => RuleSet::q(3),
        Reason::Declined => RuleSet::r(12).and(RuleSet::q(16)),
        Reason::NotANewPrimary => RuleSet::r(20).and(RuleSet::q(13)),
        Reason::OutOfScope => RuleSet::r(15).and(RuleSet::q(25)),
        Reason::Merged => RuleSet::q(5),
        Reason::Private => RuleSet::r(18).and(RuleSet::q(9)),
        Reason::Died => RuleSet::r(13).and(RuleSet::q(9)),
        Reason::DeclinedInvestigation
        | Reason::DeclinedTreatment
        | Reason::Withdrawn
        | Reason::DiagnosisMissing
        | Reason::DecisionToTreatMissing
        | Reason::UpgradeOnUrgentReferral
        | Reason::EventTypeMissing
        | Reason::EndAfterLimitExcluded
        | Reason::NegativeWait => RuleSet::q(9),
    };
    rule.and(RuleSet::q(33))
}

/// An FDS end that says there is no cancer to treat, given on or after the clock's start (Q3).
fn told_no_cancer(case: &Case<'_>, start: Day) -> Option<(Option<Day>, Reason)> {
    let FdsEnd::Complete { on, reason, .. } = end_of_fds(case.view) else {
        return None;
    };
    let reason = match reason {
        EndReason::RuledOut if !is_ruled_out_contradicted(case) => Reason::RuledOut,
        EndReason::Excluded => Reason::Excluded,
        EndReason::RuledOut | EndReason::Diagnosis | EndReason::IntervalScanning => return None,
    };
    (on >= start).then_some((Some(on), reason))
}

/// Ruled out, yet there is an in-scope diagnosis, or a decision to treat for a primary that is not out
/// of scope (Q14, V28).
pub(crate) fn is_ruled_out_contradicted(case: &Case<'_>) -> bool {
    let diagnosed = case
        .view
        .diagnoses
        .iter()
        .any(|item| case.scope(item.id) == Scope::In);
    let decided = || {
        case.view.treatments.iter().any(|treatment| {
            treatment.decided_on().is_some()
                && !treatment.is_declined()
                && case.scope(treatment.primary_id()) != Scope::Out
        })
    };
    diagnosed || decided()
}
