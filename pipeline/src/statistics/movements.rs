//! `movements`: what came and went among the clocks in an interval of days (statistics 4).

use super::course::{Course, Outcome};
use super::interval::Interval;
use crate::assessment::{Reason, Route, Standard};
use crate::reference::Reference;
use compact_str::CompactString;
use std::collections::BTreeMap;

/// Whose clocks moved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MovementKey {
    /// The responsible organisation of the clock.
    pub organisation: Option<CompactString>,
    /// Its standard.
    pub standard: Standard,
    /// Its pathway's route.
    pub route: Route,
}

/// What happened to clocks in the interval. A clock is counted under each thing that happened to it.
///
/// `open before + opened = open after + all stopped + all ended` in England, where every clock was known
/// from its start and every end has a date. A second primary, a late referral or an upgrade makes a clock
/// that began earlier; its opening belongs to the interval in which it began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MovementCounts {
    /// Their start lies in the interval, whatever became of them.
    pub opened: u64,
    /// Their stop lies in it, is within the standard and counts.
    pub stopped_within: u64,
    /// Their stop lies in it, is late and counts.
    pub stopped_late: u64,
    /// Their stop lies in it and does not count.
    pub stopped_uncounted: u64,
    /// The date of what ended them lies in it, by reason.
    pub ended: BTreeMap<Reason, u64>,
    /// 62-day clocks: the first day over the limit lies in it, and they were not left before.
    pub crossed_62: u64,
    /// 62-day clocks: the first day of the long wait (105, Q24) lies in it, and they were not left
    /// before.
    pub crossed_104: u64,
}

/// The movements of an interval, a function of the clocks' dates alone.
///
/// Nothing is compared with an earlier list, so whoever knows the same facts computes the same
/// movements, also for an interval long past. A correction is therefore no movement: it changes what
/// the interval it concerns looks like from then on. The row for a week is the one computed from the
/// close of its last day; computed again later it also shows what became known since, and a clock whose
/// organisation or route changed stands under the later one. An end without a date has no week and is
/// not counted. Being left on the very day of a crossing is a crossing: that wait is over the limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movements {
    interval: Interval,
    rows: BTreeMap<MovementKey, MovementCounts>,
}

impl Movements {
    /// Nothing has happened yet in the interval.
    #[must_use]
    pub const fn new(interval: Interval) -> Self {
        Self {
            interval,
            rows: BTreeMap::new(),
        }
    }

    /// The days that are looked at.
    #[must_use]
    pub const fn interval(&self) -> Interval {
        self.interval
    }

    /// The rows in order; one in which nothing happened is not there.
    #[must_use]
    pub const fn rows(&self) -> &BTreeMap<MovementKey, MovementCounts> {
        &self.rows
    }

    /// Counts a clock, as it is known on the interval's last day.
    pub fn note(&mut self, course: &Course, reference: &Reference) {
        let counts = self.happened_to(course, reference);
        if counts == MovementCounts::default() {
            return;
        }
        let key = MovementKey {
            organisation: course.organisation.clone(),
            standard: course.standard,
            route: course.route,
        };
        self.rows.entry(key).or_default().add(&counts);
    }

    /// Adds the movements of other clocks in the same interval.
    pub fn absorb(&mut self, other: &Self) {
        for (key, counts) in &other.rows {
            self.rows.entry(key.clone()).or_default().add(counts);
        }
    }

    fn happened_to(&self, course: &Course, reference: &Reference) -> MovementCounts {
        let mut counts = MovementCounts::default();
        if self.interval.holds(course.start) {
            counts.opened = 1;
        }
        match course.outcome {
            Outcome::Stopped {
                on,
                within,
                counted,
            } if self.interval.holds(on) => {
                *match (counted, within) {
                    (false, _) => &mut counts.stopped_uncounted,
                    (true, true) => &mut counts.stopped_within,
                    (true, false) => &mut counts.stopped_late,
                } = 1;
            }
            Outcome::Ended {
                on: Some(on),
                reason,
            } if self.interval.holds(on) => {
                counts.ended.insert(reason, 1);
            }
            Outcome::Running | Outcome::Stopped { .. } | Outcome::Ended { .. } => {}
        }
        if course.standard == Standard::SixtyTwoDay {
            let crossed =
                |days| u64::from(self.interval.holds(course.reaches(days)) && course.got_to(days));
            counts.crossed_62 = crossed(reference.sixty_two_day.within.saturating_add(1));
            counts.crossed_104 = crossed(reference.long_wait_from);
        }
        counts
    }
}

impl MovementCounts {
    fn add(&mut self, other: &Self) {
        self.opened += other.opened;
        self.stopped_within += other.stopped_within;
        self.stopped_late += other.stopped_late;
        self.stopped_uncounted += other.stopped_uncounted;
        for (reason, count) in &other.ended {
            *self.ended.entry(*reason).or_default() += count;
        }
        self.crossed_62 += other.crossed_62;
        self.crossed_104 += other.crossed_104;
    }
}

#[cfg(test)]
mod tests {
    use super::{MovementCounts, Movements};
    use crate::assessment::{Reason, Route, Standard};
    use crate::reference::Reference;
    use crate::statistics::feed_fixture::{Feed, day};
    use crate::statistics::{Course, Interval, Outcome, Tables};
    use crate::{DecisionToTreat, TreatmentStarted};
    use std::collections::BTreeMap;

    fn week() -> Interval {
        Interval::week_ending(day((2024, 3, 3)))
    }

    /// A 62-day clock that starts so many days before the week's first day.
    fn course(before: i32, outcome: Outcome) -> Course {
        Course {
            standard: Standard::SixtyTwoDay,
            route: Route::Usc,
            organisation: Some("RXX".into()),
            start: week().first.plus(-before),
            adjustment: 0,
            outcome,
        }
    }

    fn of(course: &Course) -> MovementCounts {
        let mut movements = Movements::new(week());
        movements.note(course, &Reference::default());
        movements.rows.into_values().next().unwrap_or_default()
    }

    #[test]
    fn a_clock_opens_on_the_days_of_the_week_and_no_other() {
        for (before, opened) in [(1, 0), (0, 1), (-6, 1), (-7, 0)] {
            assert_eq!(
                of(&course(before, Outcome::Running)).opened,
                opened,
                "{before}"
            );
        }
    }

    #[test]
    fn stops_are_within_late_or_uncounted() {
        for (within, counted, expected) in [
            (true, true, (1, 0, 0)),
            (false, true, (0, 1, 0)),
            (true, false, (0, 0, 1)),
            (false, false, (0, 0, 1)),
        ] {
            for (at, seen) in [(-1, false), (0, true), (6, true), (7, false)] {
                let on = week().first.plus(at);
                let counts = of(&course(
                    30,
                    Outcome::Stopped {
                        on,
                        within,
                        counted,
                    },
                ));
                let found = (
                    counts.stopped_within,
                    counts.stopped_late,
                    counts.stopped_uncounted,
                );
                assert_eq!(found, if seen { expected } else { (0, 0, 0) }, "{at}");
            }
        }
    }

    #[test]
    fn ends_are_counted_by_reason_and_only_when_dated() {
        let ended = |at: Option<i32>| {
            let on = at.map(|at| week().first.plus(at));
            of(&course(
                30,
                Outcome::Ended {
                    on,
                    reason: Reason::Died,
                },
            ))
            .ended
        };
        assert_eq!(ended(Some(6)), BTreeMap::from([(Reason::Died, 1)]));
        assert_eq!(ended(Some(7)), BTreeMap::new());
        assert_eq!(ended(None), BTreeMap::new());
    }

    #[test]
    fn a_clock_crosses_on_its_first_day_over() {
        // On the week's first day the count is `before`; 63 and 105 are the first days over.
        for (before, crossed) in [
            (56, (0, 0)),
            (57, (1, 0)),
            (63, (1, 0)),
            (64, (0, 0)),
            (98, (0, 0)),
            (99, (0, 1)),
            (105, (0, 1)),
            (106, (0, 0)),
        ] {
            let counts = of(&course(before, Outcome::Running));
            assert_eq!((counts.crossed_62, counts.crossed_104), crossed, "{before}");
            let adjusted = Course {
                adjustment: 9,
                ..course(before + 9, Outcome::Running)
            };
            assert_eq!(of(&adjusted).crossed_62, crossed.0, "{before} adjusted");
            let told = Course {
                standard: Standard::Fds,
                ..course(before, Outcome::Running)
            };
            assert_eq!(of(&told), MovementCounts::default());
        }
    }

    #[test]
    fn a_clock_that_was_left_before_its_first_day_over_does_not_cross() {
        // Its count on the week's first day is 60, so it would cross on the fourth.
        for (at, crossed) in [(2, 0), (3, 1), (4, 1), (30, 1)] {
            let on = week().first.plus(at);
            let stopped = Outcome::Stopped {
                on,
                within: false,
                counted: true,
            };
            assert_eq!(of(&course(60, stopped)).crossed_62, crossed, "stopped {at}");
            let ended = Outcome::Ended {
                on: Some(on),
                reason: Reason::RuledOut,
            };
            assert_eq!(of(&course(60, ended)).crossed_62, crossed, "ended {at}");
        }
        let undated = Outcome::Ended {
            on: None,
            reason: Reason::OutOfScope,
        };
        assert_eq!(of(&course(60, undated)), MovementCounts::default());
    }

    #[test]
    fn day_by_day_what_moves_is_what_the_list_gains_and_loses() {
        let mut feed = Feed::with_referral("RXX:P", (2026, 1, 5));
        let decided = |feed: &mut Feed, id, on, event_type| {
            let decision = DecisionToTreat {
                cancer_treatment_period_start_date: Some(day(on)),
                cancer_treatment_event_type: feed.text(event_type),
                ..Default::default()
            };
            feed.learn("RXX:P", id, decision.into());
        };
        decided(&mut feed, "T1", (2026, 1, 20), "01");
        feed.told("RXX:P", (2026, 2, 10), "01");
        let start = TreatmentStarted {
            treatment_start_date_cancer: Some(day((2026, 3, 20))),
            ..Default::default()
        };
        feed.learn("RXX:P", "T1", start.into());
        decided(&mut feed, "T2", (2026, 3, 25), "02");
        feed.closed("RXX:P", (2026, 4, 2), "died");
        let (mut open, mut moved) = (0, 0);
        for later in 0..100 {
            let today = day((2026, 1, 5)).plus(later);
            let row = feed.row("RXX:P", today.ymd());
            let mut movements = Movements::new(Interval {
                first: today,
                last: today,
            });
            for course in Course::of(&row, &Tables::default()) {
                movements.note(&course, &Reference::default());
            }
            let is_open = |course: &Course| course.outcome == Outcome::Running;
            let after = Course::of(&row, &Tables::default())
                .iter()
                .filter(|course| is_open(course))
                .count();
            let (mut gained, mut lost) = (0, 0);
            for counts in movements.rows().values() {
                gained += counts.opened;
                lost += counts.stopped_within + counts.stopped_late + counts.stopped_uncounted;
                lost += counts.ended.values().sum::<u64>();
            }
            assert_eq!(
                open + gained,
                u64::try_from(after).expect("few") + lost,
                "{today}"
            );
            (open, moved) = (open + gained - lost, moved + gained);
        }
        assert_eq!((open, moved), (0, 4), "FDS, 62-day and two 31-day clocks");
    }

    #[test]
    fn parts_add_up_to_the_whole_whatever_their_order() {
        let all = [
            course(0, Outcome::Running),
            course(60, Outcome::Running),
            Course {
                route: Route::Upgrade,
                ..course(100, Outcome::Running)
            },
            course(
                30,
                Outcome::Ended {
                    on: Some(week().last),
                    reason: Reason::Died,
                },
            ),
            course(
                31,
                Outcome::Ended {
                    on: Some(week().last),
                    reason: Reason::Private,
                },
            ),
            course(
                31,
                Outcome::Stopped {
                    on: week().last,
                    within: true,
                    counted: true,
                },
            ),
            course(300, Outcome::Running),
        ];
        let reference = Reference::default();
        let counted = |courses: &[Course]| {
            let mut movements = Movements::new(week());
            for course in courses {
                movements.note(course, &reference);
            }
            movements
        };
        let whole = counted(&all);
        let mut parts = counted(&all[4..]);
        parts.absorb(&counted(&all[..4]));
        assert_eq!(parts, whole);
        assert_eq!(whole.rows().len(), 2, "nothing happened to the last one");
        let usc = whole.rows().first_key_value().expect("rows").1;
        assert_eq!((usc.opened, usc.crossed_62, usc.stopped_within), (1, 1, 1));
        assert_eq!(
            usc.ended,
            BTreeMap::from([(Reason::Died, 1), (Reason::Private, 1)])
        );
        assert!(counted(&[]).rows().is_empty());
    }
}
