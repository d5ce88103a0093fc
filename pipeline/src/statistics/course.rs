//! A clock as dates: when it began, what was subtracted, and when and how it was left.

use super::tables::Tables;
use crate::assessment::{Clock, Ended, Reason, Route, Standard, State};
use crate::codes::Stage;
use crate::day::Day;
use crate::row::Row;
use crate::rules::{Case, FdsEnd, end_of_fds, first_seen_days, treatment_days, untreated_days};
use crate::view::Treatment;
use compact_str::CompactString;

/// How a clock was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It runs.
    Running,
    /// It reached its stop.
    Stopped {
        /// The day that reports it (R17): treatment, or being told. A FDS clock stopped by an earlier
        /// decision to treat runs on, frozen, until that day (Q1), so it leaves the list only then.
        on: Day,
        /// Whether it is within the standard.
        within: bool,
        /// Whether it counts in the published statistic.
        counted: bool,
    },
    /// It was left before its stop.
    Ended {
        /// The date of what ended it, never before the clock's start; `None` where that has no date: a
        /// diagnosis out of scope or a declined treatment that was reported without one.
        on: Option<Day>,
        /// Why.
        reason: Reason,
    },
}

/// One clock that has started, as dates; it stands without its engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Course {
    /// The standard it is measured by.
    pub standard: Standard,
    /// The pathway's route.
    pub route: Route,
    /// The provider that has to act, or that answers for it once it is stopped (design 5), as published.
    pub organisation: Option<CompactString>,
    /// Day 0.
    pub start: Day,
    /// Days subtracted; of a clock that was left before its stop, those that could apply (Q10).
    pub adjustment: i32,
    /// How it was left.
    pub outcome: Outcome,
}

impl Course {
    /// The clocks of a pathway that have started.
    #[must_use]
    pub fn of(row: &Row<'_>, tables: &Tables) -> Vec<Self> {
        let case = row.case();
        let clocks = row.assessment.clocks.iter();
        clocks
            .filter_map(|clock| {
                let (start, adjustment, outcome) = match clock.state {
                    State::NotStarted => return None,
                    State::Running(running) => (
                        running.wait.start,
                        running.wait.adjustment,
                        Outcome::Running,
                    ),
                    State::Stopped(stopped) => {
                        let outcome = Outcome::Stopped {
                            on: stopped.reported_on,
                            within: stopped.within,
                            counted: stopped.counting.counts(),
                        };
                        (stopped.wait.start, stopped.wait.adjustment, outcome)
                    }
                    State::Ended(ended) => {
                        let outcome = Outcome::Ended {
                            on: ended_on(&case, clock, &ended),
                            reason: ended.reason,
                        };
                        (ended.start, could_apply(&case, clock, &ended), outcome)
                    }
                };
                Some(Self {
                    standard: clock.standard,
                    route: row.assessment.route,
                    organisation: clock
                        .responsible_site
                        .map(|site| row.provider(site, tables)),
                    start,
                    adjustment,
                    outcome,
                })
            })
            .collect()
    }

    /// The day on which its adjusted days are so many.
    #[must_use]
    pub const fn reaches(&self, days: i32) -> Day {
        self.start.plus(self.adjustment.saturating_add(days))
    }

    /// Whether it ran, or was left, on the day on which its adjusted days are so many. One whose end
    /// has no date is not known to have got there.
    #[must_use]
    pub fn got_to(&self, days: i32) -> bool {
        let day = self.reaches(days);
        match self.outcome {
            Outcome::Running => true,
            Outcome::Stopped { on, .. } => on >= day,
            Outcome::Ended { on, .. } => on.is_some_and(|on| on >= day),
        }
    }
}

fn could_apply(case: &Case<'_>, clock: &Clock, ended: &Ended) -> i32 {
    if let Some((_, wait)) = ended.stop {
        return wait.adjustment;
    }
    match clock.standard {
        Standard::Fds => first_seen_days(case.view),
        Standard::SixtyTwoDay => clock
            .primary_id
            .map_or(0, |primary| untreated_days(case, primary)),
        Standard::ThirtyOneDay => treatments(case, clock).map(treatment_days).sum(),
    }
}

/// The treatments a clock is about: its own, or those of its primary.
fn treatments<'a>(case: &'a Case<'_>, clock: &'a Clock) -> impl Iterator<Item = &'a Treatment> {
    let concerns = |treatment: &&Treatment| match clock.standard {
        Standard::Fds => true,
        Standard::SixtyTwoDay => Some(treatment.primary_id()) == clock.primary_id,
        Standard::ThirtyOneDay => Some(treatment.id) == clock.treatment_id,
    };
    case.view.treatments.iter().filter(concerns)
}

/// The date of what ended a clock, by the rule that ended it (Q3, Q9, Q13, Q16, R15).
fn ended_on(case: &Case<'_>, clock: &Clock, ended: &Ended) -> Option<Day> {
    let on = match ended.reason {
        Reason::RuledOut | Reason::Excluded => match end_of_fds(case.view) {
            FdsEnd::Complete { on, .. } => Some(on),
            FdsEnd::Open => None,
        },
        Reason::Died
        | Reason::DeclinedInvestigation
        | Reason::DeclinedTreatment
        | Reason::Private
        | Reason::Withdrawn
        | Reason::Merged => case.closure.map(|closure| closure.on),
        Reason::Declined => treatments(case, clock)
            .filter(|treatment| {
                let own = clock.standard == Standard::ThirtyOneDay;
                treatment.is_declined() && (own || treatment.stage() == Some(Stage::First))
            })
            .filter_map(Treatment::declined_on)
            .min(),
        Reason::NotANewPrimary => treatments(case, clock)
            .filter(|treatment| {
                treatment.stage() == Some(Stage::Recurrent) && !treatment.is_declined()
            })
            .filter_map(Treatment::started_on)
            .min(),
        Reason::OutOfScope => diagnosed_on(case, clock)
            .into_iter()
            .chain(ended.stop.map(|(stop, _)| stop))
            .min(),
        Reason::DiagnosisMissing
        | Reason::DecisionToTreatMissing
        | Reason::UpgradeOnUrgentReferral
        | Reason::EventTypeMissing
        | Reason::EndAfterLimitExcluded
        | Reason::NegativeWait => None,
    };
    on.map(|on| on.max(ended.start))
}

fn diagnosed_on(case: &Case<'_>, clock: &Clock) -> Option<Day> {
    let primary = clock
        .primary_id
        .or_else(|| treatments(case, clock).next().map(Treatment::primary_id))?;
    case.view.diagnosis(primary)?.fact.date_of_diagnosis
}

#[cfg(test)]
mod tests;
