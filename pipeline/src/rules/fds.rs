//! Was the patient told within 28 days? (R4-R6, R13, Q1, Q4, Q15, Q23)

use super::adjustment::first_seen_days;
use super::responsible;
use super::route::is_upgrade_on_urgent_referral;
use super::{Case, earliest, ended, level};
use crate::assessment::{
    Clock, Counting, Ended, Reason, Route, Running, Standard, State, Stopped, Wait,
};
use crate::codes::{EndReason, Stage};
use crate::day::Day;
use crate::rule_set::RuleSet;
use crate::text::Text;
use crate::view::View;

/// What the source says about the end of the Faster Diagnosis pathway.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FdsEnd {
    /// Nothing that ends it.
    Open,
    /// A date with a reason that ends it (Q23).
    Complete {
        on: Day,
        reason: EndReason,
        exclusion: Option<Text>,
    },
}

/// Only a date with reason 01, 02 or 04, or with 03 and an exclusion reason, ends FDS (Q23).
pub(crate) fn end_of_fds(view: &View) -> FdsEnd {
    let complete = || {
        let outcome = view.outcome?.fact;
        let on = outcome.cancer_faster_diagnosis_pathway_end_date?;
        let reason = EndReason::of(outcome.cancer_faster_diagnosis_pathway_end_reason)?;
        let exclusion = outcome.cancer_faster_diagnosis_pathway_exclusion_reason;
        (reason != EndReason::Excluded || exclusion.is_some()).then_some(FdsEnd::Complete {
            on,
            reason,
            exclusion,
        })
    };
    complete().unwrap_or(FdsEnd::Open)
}

/// The decision to treat that stops FDS: the earliest on or after receipt, not an ECAD, of a treatment
/// not known to be a later one (Q15).
pub(crate) fn freezing_decision(view: &View) -> Option<Day> {
    let receipt = receipt(view)?;
    view.treatments
        .iter()
        .filter(|treatment| matches!(treatment.stage(), None | Some(Stage::First)))
        .filter_map(crate::view::Treatment::plain_decision)
        .filter(|&decided| decided >= receipt)
        .min()
}

fn receipt(view: &View) -> Option<Day> {
    view.referral?
        .fact
        .cancer_referral_to_treatment_period_start_date
}

/// The FDS clock, where the route has one, has not been said yet, or had one before the upgrade.
pub(super) fn clock(case: &Case<'_>) -> Option<Clock> {
    let upgraded = is_upgrade_on_urgent_referral(case.view);
    if !(case.route.has_fds() || case.route == Route::Pending || upgraded) {
        return None;
    }
    let (state, rules) = match receipt(case.view) {
        None => (State::NotStarted, RuleSet::r(4)),
        Some(start) => state(case, start, upgraded),
    };
    let site = responsible::fds(case, &state);
    Some(Clock {
        standard: Standard::Fds,
        primary_id: None,
        treatment_id: None,
        state,
        responsible: site.map(|site| case.texts.trust(site)),
        responsible_site: site,
        level: level::level(case, Standard::Fds, &state),
        rules: if case.route == Route::Pending {
            rules.and(RuleSet::q(20))
        } else {
            rules
        },
    })
}

fn state(case: &Case<'_>, start: Day, upgraded: bool) -> (State, RuleSet) {
    let counting = if upgraded {
        Counting::Uncounted(Reason::UpgradeOnUrgentReferral)
    } else {
        Counting::Counted
    };
    let adjustment = first_seen_days(case.view);
    let mut rules = RuleSet::r(1).and(RuleSet::r(4));
    if adjustment > 0 {
        rules = rules.and(RuleSet::r(2));
    }
    if upgraded {
        rules = rules.and(RuleSet::q(4));
    }
    let decision = freezing_decision(case.view);
    let (state, decided_by) = match end_of_fds(case.view) {
        FdsEnd::Open => open(case, start, adjustment, decision, counting),
        FdsEnd::Complete {
            on,
            reason,
            exclusion,
        } => {
            let stop = decision.map_or(on, |decision| decision.min(on));
            let end = Told {
                on,
                stop,
                wait: Wait::between(start, stop, adjustment),
                counting,
            };
            if reason == EndReason::Excluded {
                excluded(case, &end, exclusion)
            } else {
                (stopped(case, &end), RuleSet::r(5))
            }
        }
    };
    (state, rules.and(decided_by))
}

/// Not told yet: running, frozen at the decision to treat, or left with the pathway.
fn open(
    case: &Case<'_>,
    start: Day,
    adjustment: i32,
    frozen_at: Option<Day>,
    counting: Counting,
) -> (State, RuleSet) {
    if let Some(closure) = case
        .closure
        .filter(|closure| closure.ends(Standard::Fds, start))
    {
        return (ended(start, closure.reason), RuleSet::q(9));
    }
    let until = frozen_at.unwrap_or(case.today);
    let wait = Wait::between(start, until, adjustment);
    let last_compliant = wait.last_compliant(case.reference.fds.within);
    let running = Running {
        wait,
        last_compliant,
        days_left: last_compliant.since(until),
        counting,
        frozen_at,
    };
    let rules = if frozen_at.is_some() {
        RuleSet::q(1).and(RuleSet::q(15))
    } else {
        RuleSet::default()
    };
    (State::Running(running), rules)
}

/// A complete end: the day the patient was told, and the day on which the clock stopped.
struct Told {
    on: Day,
    stop: Day,
    wait: Wait,
    counting: Counting,
}

/// Excluded: ended, unless the exclusion reason counts as a breach once the limit has passed (R6).
fn excluded(case: &Case<'_>, told: &Told, exclusion: Option<Text>) -> (State, RuleSet) {
    let late = told.wait.days() > case.reference.fds.within
        && exclusion.is_some_and(|reason| case.reference.counted_if_late.contains(&reason));
    if late {
        let counting = match told.counting {
            Counting::Counted => Counting::CountedAfterLimit,
            Counting::CountedAfterLimit | Counting::Uncounted(_) => told.counting,
        };
        return (stopped(case, &Told { counting, ..*told }), RuleSet::r(6));
    }
    let start = told.wait.start;
    let closed = case
        .closure
        .filter(|closure| closure.ends(Standard::Fds, start))
        .map(|closure| (Some(closure.on), closure.reason));
    let excluded = (Some(told.on), Reason::Excluded);
    let state = State::Ended(Ended {
        start,
        reason: earliest([excluded].into_iter().chain(closed)).unwrap_or(Reason::Excluded),
        stop: Some((told.stop, told.wait)),
    });
    (state, RuleSet::r(6).and(RuleSet::q(33)))
}

fn stopped(case: &Case<'_>, told: &Told) -> State {
    let discounted = case
        .closure
        .and_then(|closure| closure.discounts(told.wait.start, told.stop));
    let counting = if let Some(reason) = discounted {
        Counting::Uncounted(reason)
    } else if told.wait.days() < 0 && told.counting.counts() {
        Counting::Uncounted(Reason::NegativeWait)
    } else {
        told.counting
    };
    let site = case.view.outcome.and_then(|known| {
        known
            .fact
            .organisation_site_identifier_faster_diagnosis_pathway_end
    });
    State::Stopped(Stopped {
        wait: told.wait,
        stop: told.stop,
        last_compliant: told.wait.last_compliant(case.reference.fds.within),
        within: told.wait.days() <= case.reference.fds.within,
        counting,
        reported_on: told.on,
        organisation: site.map(|site| case.texts.trust(site)),
    })
}
