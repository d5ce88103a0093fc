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
mod tests {
    use super::{Course, Outcome, Tables};
    use crate::assessment::{Reason, Standard};
    use crate::statistics::feed_fixture::{Feed, day};
    use crate::{
        DecisionToTreat, DiagnosisRecorded, OutcomeCommunicated, PathwayClosed, TreatmentStarted,
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
}
