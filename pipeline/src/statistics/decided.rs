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
    use super::Decided;

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
