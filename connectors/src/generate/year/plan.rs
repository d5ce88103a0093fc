//! The pathways of the year, one after the other, in an order that needs no memory of those before.

use super::Scale;
use super::counts::Counts;
use super::joint::{self, First};
use super::targets::{BANDS, Kind, MODALITIES, MonthTargets, TUMOURS, YEAR, month, targets};
use crate::generate::calibration::{self, Calibration};
use crate::generate::course::Course;
use crate::generate::draw::Draw;
use crate::generate::figures::Figures;
use crate::generate::patients::{Patient, Patients};
use crate::generate::providers::Providers;
use crate::generate::suspicion::{self, Entry, Suspicion};
use clockstop_pipeline::Day;

/// Months before the year, so that lists and open clocks are plausible at its start (statistics 10).
const BURN_IN: usize = 9;
/// Months after it: whoever is told or treated then, and referred before, is still waiting at its end.
const AFTER: usize = 3;
pub(super) const MONTHS: usize = BURN_IN + YEAR + AFTER;
const BURN_IN_MONTHS: i32 = 9;
pub(super) const STEPS: usize = 4;
/// The stream of chance of the plan itself; pathways have those of their numbers.
const PLAN_STREAM: u64 = u64::MAX;

/// One pathway, decided but not yet written down.
#[derive(Clone, Debug)]
pub(super) struct Pathway {
    pub(super) number: u64,
    pub(super) suspicion: usize,
    pub(super) provider: usize,
    pub(super) treating: usize,
    pub(super) patient: Patient,
    pub(super) course: Course,
}

/// Patients still to be drawn, in any order.
pub(super) struct Urn<const N: usize> {
    places: Vec<([usize; N], u32)>,
    left: u32,
}

/// What is drawn, one after the other; each over all months. There are [`STEPS`] of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Treated,
    Told,
    TreatedAgain,
    OnlySeen,
    Done,
}

enum Drawing {
    First(Urn<4>),
    Told(Urn<2>),
    Again(Urn<3>),
    Seen(Urn<2>),
}

/// What is left to be drawn.
pub(super) struct Plan {
    pub(super) draw: Draw,
    pub(super) providers: Providers,
    pub(super) suspicions: Vec<Suspicion>,
    pub(super) weights: Vec<f64>,
    pub(super) patients: Patients,
    pub(super) last: Day,
    /// FDS results and first appointments by month, kind and band.
    pub(super) told: Counts<3>,
    pub(super) seen: Counts<3>,
    /// Later treatments by month, tumour, modality and band.
    pub(super) again: Counts<4>,
    /// By month and provider.
    pub(super) told_by: Counts<2>,
    pub(super) treated_by: Counts<2>,
    pub(super) targets: Vec<MonthTargets>,
    step: Step,
    at: usize,
    drawing: Option<Drawing>,
    number: u64,
}

impl<const N: usize> Urn<N> {
    /// The fullest places first, where most are found.
    pub(super) fn new(counts: &Counts<N>) -> Self {
        let mut places: Vec<_> = counts.places().collect();
        places.sort_by_key(|&(_, count)| core::cmp::Reverse(count));
        let left = counts.total();
        Self { places, left }
    }

    /// One of those left, each as likely as any other.
    fn pick(&mut self, draw: &mut Draw) -> Option<[usize; N]> {
        let most = self.left.checked_sub(1)?;
        let mut before = draw.below(self.left);
        for (at, count) in &mut self.places {
            if before < *count {
                *count -= 1;
                self.left = most;
                return Some(*at);
            }
            before -= *count;
        }
        None
    }
}

impl Plan {
    pub(super) fn new(
        figures: &Figures,
        providers: Providers,
        seed: u64,
        scale: Scale,
    ) -> Result<Self, calibration::Error> {
        let calibration = Calibration::of(figures);
        let (suspicions, weights): (Vec<_>, Vec<_>) =
            suspicion::with_volumes(&calibration)?.into_iter().unzip();
        let targets = targets(figures, &kinds(&suspicions), providers.codes(), scale);
        let last = month(11).last_day();
        let missing = || calibration::Error::Missing("the last day of the year".to_owned());
        let (kinds, codes) = (suspicions.len(), providers.codes().len());
        let mut plan = Self {
            draw: Draw::stream(seed, PLAN_STREAM),
            suspicions,
            weights,
            patients: Patients::new(seed),
            last: last.ok_or_else(missing)?,
            told: Counts::new([MONTHS, kinds, BANDS]),
            seen: Counts::new([MONTHS, kinds, BANDS]),
            again: Counts::new([MONTHS, TUMOURS, MODALITIES, BANDS]),
            told_by: Counts::new([MONTHS, codes]),
            treated_by: Counts::new([MONTHS, codes]),
            providers,
            targets,
            step: Step::Treated,
            at: 0,
            drawing: None,
            number: 0,
        };
        plan.fill();
        Ok(plan)
    }

    /// The months around the year are like the same months in it.
    fn fill(&mut self) {
        for at in 0..MONTHS {
            let Some(month) = self.targets.get(published_month(at)) else {
                continue;
            };
            for ([kind, band], count) in month.told.places() {
                self.told.set([at, kind, band], count);
            }
            for ([kind, band], count) in month.seen.places() {
                self.seen.set([at, kind, band], count);
            }
            for ([tumour, modality, band], count) in joint::subsequent(month).places() {
                self.again.set([at, tumour, modality, band], count);
            }
            for (provider, &count) in month.told_by.iter().enumerate() {
                self.told_by.set([at, provider], count);
            }
            for (provider, &count) in month.treated_by.iter().enumerate() {
                self.treated_by.set([at, provider], count);
            }
        }
    }

    /// The next pathway of this step and month; `None` where there are no more.
    fn draw_next(&mut self) -> Option<Pathway> {
        if self.drawing.is_none() {
            self.drawing = Some(self.urn());
        }
        let draw = &mut self.draw;
        let at = self.at;
        match &mut self.drawing {
            Some(Drawing::First(urn)) => urn.pick(draw).map(|place| self.first(at, place)),
            Some(Drawing::Told(urn)) => urn.pick(draw).map(|place| self.only_told(at, place)),
            Some(Drawing::Again(urn)) => urn.pick(draw).map(|place| self.only_again(at, place)),
            Some(Drawing::Seen(urn)) => urn.pick(draw).map(|place| self.only_seen(at, place)),
            None => None,
        }
    }

    fn urn(&self) -> Drawing {
        let of_kinds = |counts: &Counts<3>| {
            let mut here = Counts::new([self.suspicions.len(), BANDS]);
            for ([month, kind, band], count) in counts.places() {
                if month == self.at {
                    here.set([kind, band], count);
                }
            }
            Urn::new(&here)
        };
        match self.step {
            Step::Treated => Drawing::First(Urn::new(&self.joint())),
            Step::Told | Step::Done => Drawing::Told(of_kinds(&self.told)),
            Step::OnlySeen => Drawing::Seen(of_kinds(&self.seen)),
            Step::TreatedAgain => {
                let mut here = Counts::new([TUMOURS, MODALITIES, BANDS]);
                for ([month, tumour, modality, band], count) in self.again.places() {
                    if month == self.at {
                        here.set([tumour, modality, band], count);
                    }
                }
                Drawing::Again(Urn::new(&here))
            }
        }
    }

    fn joint(&self) -> First {
        let month = self.targets.get(published_month(self.at));
        month.map_or_else(|| Counts::new([0; 4]), joint::first)
    }

    fn turn(&mut self) {
        self.drawing = None;
        self.at += 1;
        if self.at == MONTHS {
            self.at = 0;
            self.step = match self.step {
                Step::Treated => Step::Told,
                Step::Told => Step::TreatedAgain,
                Step::TreatedAgain => Step::OnlySeen,
                Step::OnlySeen | Step::Done => Step::Done,
            };
        }
    }

    /// Steps and months that are drawn, of [`STEPS`] times [`MONTHS`].
    pub(super) fn drawn(&self) -> u64 {
        let steps = match self.step {
            Step::Treated => 0,
            Step::Told => 1,
            Step::TreatedAgain => 2,
            Step::OnlySeen => 3,
            Step::Done => STEPS,
        };
        u64::try_from(steps * MONTHS + self.at).unwrap_or(u64::MAX)
    }

    pub(super) fn pathway(
        &mut self,
        suspicion: usize,
        (provider, treating): (usize, usize),
        course: Course,
    ) -> Pathway {
        let patient = match self.suspicions.get(suspicion) {
            Some(of) => self.patients.referred(of, &mut self.draw),
            None => Patient::UNKNOWN,
        };
        Pathway {
            number: 0,
            suspicion,
            provider,
            treating,
            patient,
            course,
        }
    }

    /// The place of a route's own suspicion, or of its first kind.
    pub(super) fn of_route(&self, entry: Entry) -> usize {
        let found = self.suspicions.iter().position(|of| of.entry == entry);
        found.unwrap_or(0)
    }

    /// A provider that still has a result of this month to report, near another where there is one.
    pub(super) fn provider(
        draw: &mut Draw,
        (counts, at): (&mut Counts<2>, usize),
        providers: &Providers,
        near: Option<usize>,
    ) -> Option<usize> {
        let fits = |provider: usize| near.is_none_or(|near| providers.are_near(near, provider));
        let left = |provider: usize| {
            if fits(provider) {
                counts.get([at, provider])
            } else {
                0
            }
        };
        let size = providers.codes().len();
        let sum = (0..size).map(left).sum();
        let mut before = draw.below(sum);
        let found = (0..size).find(|&provider| {
            let here = left(provider);
            let found = before < here;
            before = before.saturating_sub(here);
            found
        })?;
        counts.take([at, found]).then_some(found)
    }
}

impl Iterator for Plan {
    type Item = Pathway;

    /// Leaves out whoever is referred after the year.
    fn next(&mut self) -> Option<Pathway> {
        while self.step != Step::Done {
            let Some(mut pathway) = self.draw_next() else {
                self.turn();
                continue;
            };
            if pathway.course.begins() <= self.last {
                self.number += 1;
                pathway.number = self.number;
                return Some(pathway);
            }
        }
        None
    }
}

/// The published kinds; what stands behind them has no FDS.
pub(super) fn kinds(suspicions: &[Suspicion]) -> Vec<Kind> {
    let published = suspicions.iter().filter(|of| !of.label.is_empty());
    published
        .map(|of| Kind {
            entry: of.entry,
            suspected: of.label.clone(),
        })
        .collect()
}

/// Which month of the published year a month of the plan is like.
const fn published_month(at: usize) -> usize {
    (at + YEAR - BURN_IN) % YEAR
}

/// The first and the last day of a month of the plan.
pub(super) fn days_of(at: usize) -> (Day, Day) {
    let month = month(i32::try_from(at).unwrap_or(0) - BURN_IN_MONTHS);
    let nowhere = Day::from_epoch_days(0);
    let first = Day::from_ymd(month.year, month.month, 1).unwrap_or(nowhere);
    (first, month.last_day().unwrap_or(first))
}

/// The plan's month of a day; `None` before and after all of them.
pub(super) fn month_of(day: Day) -> Option<usize> {
    let (of, first) = (day.month(), month(-BURN_IN_MONTHS));
    let months = (of.year - first.year) * 12 + of.month - first.month;
    usize::try_from(months).ok().filter(|&at| at < MONTHS)
}

/// A day of a month, seldom at a weekend.
pub(super) fn day_in(at: usize, draw: &mut Draw) -> Day {
    const SATURDAY: i32 = 5;
    let (first, last) = days_of(at);
    let day = draw.day(first, last);
    if day.weekday() >= SATURDAY && draw.chance(0.9) {
        return draw.day(first, last);
    }
    day
}
