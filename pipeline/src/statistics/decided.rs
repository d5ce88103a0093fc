//! Where a month will land: what is decided already, and what could still go either way
//! (statistics 3, `already_decided`).

use super::performance::ENGLAND;
use super::tables::Tables;
use crate::assessment::{Clock, Running, Standard, State};
use crate::codes::Stage;
use crate::day::{Day, Month};
use crate::row::Row;
use crate::view::Treatment;
use compact_str::CompactString;
use std::collections::BTreeMap;

/// Whole patients of one organisation and standard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// W: stopped in the month so far, within.
    pub stopped_within: u32,
    /// N: stopped in the month so far.
    pub stopped: u32,
    /// C: running, and still compliant today.
    pub compliant: u32,
    /// L: running, and late today.
    pub late: u32,
    /// D: of the compliant ones, those late by the end of the month unless they stop.
    pub due: u32,
}

impl Decided {
    /// The best that can be: every compliant clock stops in time, no late one stops. Numerator and
    /// denominator; `None` when nothing is there.
    #[must_use]
    pub fn best(&self) -> Option<(u32, u32)> {
        known(
            self.stopped_within + self.compliant,
            self.stopped + self.compliant,
        )
    }

    /// The worst: every late clock stops, and every due one, late; no other compliant one stops.
    #[must_use]
    pub fn worst(&self) -> Option<(u32, u32)> {
        known(self.stopped_within, self.stopped + self.late + self.due)
    }
}

const fn known(numerator: u32, denominator: u32) -> Option<(u32, u32)> {
    if denominator == 0 {
        None
    } else {
        Some((numerator, denominator))
    }
}

/// The clocks of the month of one day, by standard and responsible organisation, and for England.
///
/// Clocks that would not count are left out. Compliant and late are told by the clock's own dates, also
/// of an FDS clock whose days are frozen (Q1). Of a 62-day clock a decision to treat is asked for, not
/// an ECAD; a 31-day clock runs only from one of either.
#[derive(Clone, Debug)]
pub struct AlreadyDecided {
    as_of: Day,
    cells: BTreeMap<(Standard, CompactString), Decided>,
}

impl AlreadyDecided {
    /// Nothing yet, for the month of this day.
    #[must_use]
    pub const fn new(as_of: Day) -> Self {
        Self {
            as_of,
            cells: BTreeMap::new(),
        }
    }

    /// The month.
    #[must_use]
    pub const fn month(&self) -> Month {
        self.as_of.month()
    }

    /// Adds the clocks of a pathway, judged on the same day.
    pub fn add(&mut self, row: &Row<'_>, tables: &Tables) {
        for clock in &row.assessment.clocks {
            if let Some(decided) = self.of(row, clock) {
                let site = clock.responsible_site.map(|site| row.texts().read(site));
                let site = site.as_ref().map_or("", crate::text::Spelling::as_str);
                for organisation in [tables.provider(site), ENGLAND] {
                    let key = (clock.standard, organisation.into());
                    let cell = self.cells.entry(key).or_default();
                    cell.stopped_within += decided.stopped_within;
                    cell.stopped += decided.stopped;
                    cell.compliant += decided.compliant;
                    cell.late += decided.late;
                    cell.due += decided.due;
                }
            }
        }
    }

    /// By standard, then organisation, `ENGLAND` among them.
    pub fn rows(&self) -> impl Iterator<Item = (Standard, &str, &Decided)> {
        let cells = self.cells.iter();
        cells.map(|((standard, organisation), decided)| (*standard, organisation.as_str(), decided))
    }

    fn of(&self, row: &Row<'_>, clock: &Clock) -> Option<Decided> {
        let mut decided = Decided::default();
        match &clock.state {
            State::Stopped(stopped) => {
                let here = stopped.reported_on.month() == self.month();
                if !(here && stopped.counting.counts()) {
                    return None;
                }
                decided.stopped = 1;
                decided.stopped_within = u32::from(stopped.within);
            }
            State::Running(running) => {
                if !(running.counting.counts() && is_known(row, clock)) {
                    return None;
                }
                self.place(running, &mut decided);
            }
            State::NotStarted | State::Ended(_) => return None,
        }
        Some(decided)
    }

    fn place(&self, running: &Running, decided: &mut Decided) {
        if running.last_compliant < self.as_of {
            decided.late = 1;
            return;
        }
        decided.compliant = 1;
        let end = self.month().last_day();
        decided.due = u32::from(end.is_some_and(|end| running.last_compliant < end));
    }
}

/// Whether a running clock can be expected to stop: always for FDS and 31-day; a 62-day clock with a
/// decision to treat of a first type or of one not known, not declined.
fn is_known(row: &Row<'_>, clock: &Clock) -> bool {
    let expected = |treatment: &Treatment| {
        Some(treatment.primary_id()) == clock.primary_id
            && treatment.plain_decision().is_some()
            && !treatment.is_declined()
            && matches!(treatment.stage(), None | Some(Stage::First))
    };
    clock.standard != Standard::SixtyTwoDay || row.view.treatments.iter().any(expected)
}

#[cfg(test)]
mod tests {
    use super::{AlreadyDecided, Decided, ENGLAND, Tables};
    use crate::assessment::Standard;
    use crate::statistics::feed_fixture::{Feed, Ymd, day};
    use crate::{ConsultantUpgrade, DecisionToTreat, DiagnosisRecorded, TreatmentStarted};

    /// England's W, N, C, L and D of a standard on 10 March 2026.
    fn england(feed: &Feed, standard: Standard) -> Option<[u32; 5]> {
        let on = (2026, 3, 10);
        let mut decided = AlreadyDecided::new(day(on));
        decided.add(&feed.row("RXX:P", on), &Tables::default());
        let mut rows = decided.rows();
        let row = rows.find(|(of, organisation, _)| (*of, *organisation) == (standard, ENGLAND));
        row.map(|(_, _, of)| [of.stopped_within, of.stopped, of.compliant, of.late, of.due])
    }

    fn decided(feed: &mut Feed, on: Ymd) {
        let decision = DecisionToTreat {
            cancer_treatment_period_start_date: Some(day(on)),
            cancer_treatment_event_type: feed.text("01"),
            ..Default::default()
        };
        feed.learn("RXX:P", "T1", decision.into());
    }

    #[test]
    fn a_running_clock_is_late_from_the_day_after_its_last_and_due_before_the_last_of_the_month() {
        for (received, expected) in [
            ((2026, 1, 6), [0, 0, 0, 1, 0]),
            ((2026, 1, 7), [0, 0, 1, 0, 1]),
            ((2026, 1, 27), [0, 0, 1, 0, 1]),
            ((2026, 1, 28), [0, 0, 1, 0, 0]),
        ] {
            let mut feed = Feed::with_referral("RXX:P", received);
            decided(&mut feed, (2026, 3, 2));
            let found = england(&feed, Standard::SixtyTwoDay);
            assert_eq!(found, Some(expected), "{received:?}");
        }
    }

    #[test]
    fn a_long_clock_is_known_by_a_decision_of_its_primary_of_a_first_type_or_of_none() {
        let known = Some([0, 0, 1, 0, 1]);
        for (event_type, ecad, primary, modality, expected) in [
            ("01", false, "1", "23", known),
            ("", false, "1", "23", known),
            ("02", false, "1", "23", None),
            ("01", true, "1", "23", None),
            ("01", false, "1", "98", None),
            // Of two clocks the other primary's alone.
            ("01", false, "2", "23", known),
        ] {
            let mut feed = Feed::with_referral("RXX:P", (2026, 1, 27));
            feed.learn("RXX:P", "1", DiagnosisRecorded::default().into());
            let decision = DecisionToTreat {
                primary_id: feed.text(primary),
                cancer_treatment_period_start_date: Some(day((2026, 3, 2))),
                is_earliest_clinically_appropriate_date: Some(ecad),
                cancer_treatment_event_type: feed.text(event_type),
                cancer_treatment_modality: feed.text(modality),
                ..Default::default()
            };
            feed.learn("RXX:P", "T1", decision.into());
            let case = (event_type, ecad, primary, modality);
            assert_eq!(england(&feed, Standard::SixtyTwoDay), expected, "{case:?}");
        }
    }

    #[test]
    fn a_stop_is_of_the_month_that_reports_it() {
        let mut feed = Feed::with_referral("RXX:P", (2026, 1, 28));
        decided(&mut feed, (2026, 2, 20));
        feed.told("RXX:P", (2026, 3, 5), "01");
        assert_eq!(england(&feed, Standard::Fds), Some([1, 1, 0, 0, 0]));
    }

    #[test]
    fn what_does_not_count_or_would_not_is_left_out() {
        let mut feed = Feed::with_referral("RXX:P", (2026, 2, 27));
        assert_eq!(england(&feed, Standard::Fds), Some([0, 0, 1, 0, 1]));
        let upgrade = ConsultantUpgrade {
            consultant_upgrade_date: Some(day((2026, 3, 2))),
            ..Default::default()
        };
        feed.learn("RXX:P", "1", upgrade.into());
        assert_eq!(england(&feed, Standard::Fds), None, "upgraded");
        decided(&mut feed, (2026, 3, 2));
        let start = TreatmentStarted {
            treatment_start_date_cancer: Some(day((2026, 3, 5))),
            ..Default::default()
        };
        feed.learn("RXX:P", "T1", start.into());
        assert_eq!(england(&feed, Standard::ThirtyOneDay), None, "no diagnosis");
        let diagnosis = DiagnosisRecorded {
            primary_diagnosis_icd: feed.text("C34.1"),
            ..Default::default()
        };
        feed.learn("RXX:P", "1", diagnosis.into());
        let treated = Some([1, 1, 0, 0, 0]);
        assert_eq!(england(&feed, Standard::ThirtyOneDay), treated);
    }

    #[test]
    fn best_and_worst_are_null_only_where_nothing_is_there() {
        let some = Decided {
            stopped_within: 6,
            stopped: 8,
            compliant: 5,
            late: 3,
            due: 2,
        };
        assert_eq!(some.best(), Some((11, 13)));
        assert_eq!(some.worst(), Some((6, 13)));
        let late_only = Decided {
            late: 1,
            ..Decided::default()
        };
        assert_eq!((late_only.best(), late_only.worst()), (None, Some((0, 1))));
        assert_eq!(Decided::default().worst(), None);
    }
}
