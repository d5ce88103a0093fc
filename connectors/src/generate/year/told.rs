//! First appointments and FDS results: taken from what is left of the months they fall in.

use super::joint::edges;
use super::plan::{Pathway, Plan, day_in, days_of, month_of};
use super::targets::BANDS;
use crate::generate::calibration::days_in;
use crate::generate::course::{Course, Outcome, Primary, Treatment, invented, missed};
use crate::generate::suspicion::Entry;
use crate::generate::tumour::{Modality, Tumour};
use clockstop_pipeline::statistics::Activity;
use clockstop_pipeline::{Day, Standard};

const FDS: Activity = Activity::Standard(Standard::Fds);
/// How often a result is looked for as the waits of its kind are spread, before any that is left is taken.
const TRIES: usize = 8;

impl Plan {
    /// Somebody who is told and not treated.
    pub(super) fn only_told(&mut self, at: usize, [kind, band]: [usize; 2]) -> Pathway {
        let told = day_in(at, &mut self.draw);
        let days = days_in(edges(FDS, band), &mut self.draw);
        self.told.take([at, kind, band]);
        let near = None;
        let from = (&mut self.told_by, at);
        let provider = Self::provider(&mut self.draw, from, &self.providers, near);
        let provider = provider.unwrap_or(0);
        let mut course = self.referred(kind, told.plus(-days), days);
        course.outcome = self.not_treated(kind);
        if course.outcome == Outcome::Cancer {
            self.declined(kind, &mut course);
        }
        self.pathway(kind, (provider, provider), course)
    }

    /// Somebody who is seen, and whose result is not counted.
    pub(super) fn only_seen(&mut self, at: usize, [kind, band]: [usize; 2]) -> Pathway {
        const SOON: i32 = 20;
        let seen = day_in(at, &mut self.draw);
        let days = days_in(edges(Activity::FirstSeen, band), &mut self.draw);
        self.seen.take([at, kind, band]);
        let told_after = days + self.draw.between(0, SOON);
        let mut course = Course::referred(seen.plus(-days), told_after);
        course.outcome = Outcome::Excluded;
        course.seen = Some(seen);
        let provider = self.providers.investigating(&mut self.draw);
        self.pathway(kind, (provider, provider), course)
    }

    /// A course from its clock's first day on, seen where its kind has first appointments left.
    pub(super) fn referred(&mut self, suspicion: usize, clock: Day, told_after: i32) -> Course {
        let mut course = Course::referred(clock, told_after);
        let Some(of) = self.suspicions.get(suspicion) else {
            return course;
        };
        let entry = of.entry;
        if matches!(entry, Entry::Urgent | Entry::BreastSymptoms) {
            course.seen = self.appointment(suspicion, clock, told_after);
        } else {
            let quantile = self.draw.unit();
            let seen = of.seen.at(quantile, &mut self.draw).min(told_after);
            course.seen = Some(clock.plus(seen));
        }
        if course.seen.is_some()
            && let Some(mut missed) = missed(entry, clock, &mut self.draw)
        {
            let days = i32::from(missed.adjustment);
            missed.on = missed.on.plus(-days);
            course.received = clock.plus(-days);
            course.missed = Some(missed);
        }
        course
    }

    /// The first appointment, from the longest band that the wait reaches and the earliest month that has one
    /// left: shorter waits reach fewer bands, and so leave most to those who reach fewest.
    fn appointment(&mut self, kind: usize, clock: Day, told_after: i32) -> Option<Day> {
        for band in (0..BANDS).rev() {
            let (from, to) = edges(Activity::FirstSeen, band);
            let last = to.unwrap_or(told_after).min(told_after);
            if from > last {
                continue;
            }
            let (first, last) = (clock.plus(from), clock.plus(last));
            let mut day = first;
            while day <= last {
                let Some(at) = month_of(day) else {
                    return Some(self.draw.day(first, last));
                };
                let end = days_of(at).1.min(last);
                if self.seen.take([at, kind, band]) {
                    return Some(self.draw.day(day, end));
                }
                day = end.plus(1);
            }
        }
        None
    }

    /// The FDS result of somebody with this tumour who was told at most so many days after the clock began:
    /// its kind and days; `None` where no result is left.
    pub(super) fn result(
        &mut self,
        (entry, tumour): (Entry, Tumour),
        clock: Day,
        most: i32,
    ) -> Option<(usize, i32)> {
        let likely = |this: &Self, kind: usize| {
            let of = this.suspicions.get(kind).filter(|of| of.entry == entry);
            let weight = this.weights.get(kind).copied().unwrap_or(0.0);
            of.map_or(0.0, |of| of.likelihood(tumour) * weight)
        };
        let kinds = self.suspicions.len();
        let sum: f64 = (0..kinds).map(|kind| likely(self, kind)).sum();
        for _ in 0..TRIES {
            let mut before = self.draw.unit() * sum;
            let kind = (0..kinds).find(|&kind| {
                let here = likely(self, kind);
                let found = before < here;
                before -= here;
                found
            })?;
            let quantile = self.draw.unit();
            let days = self.suspicions.get(kind)?.told.at(quantile, &mut self.draw);
            if days <= most && self.take_result(kind, clock.plus(days), days) {
                return Some((kind, days));
            }
        }
        let suits = |this: &Self, kind: usize| {
            let of = this.suspicions.get(kind);
            let adult = |childs: bool| !childs || tumour == Tumour::Other;
            of.is_some_and(|of| of.entry == entry && adult(of.is_childs()))
        };
        let (expected, others): (Vec<_>, Vec<_>) = (0..kinds)
            .filter(|&kind| suits(self, kind))
            .partition(|&kind| likely(self, kind) > 0.0);
        for kind in expected.into_iter().chain(others) {
            for days in (0..=most).rev() {
                if self.take_result(kind, clock.plus(days), days) {
                    return Some((kind, days));
                }
            }
        }
        None
    }

    /// Whoever was told before the plan begins, or after it ends, takes nothing.
    fn take_result(&mut self, kind: usize, told: Day, days: i32) -> bool {
        let band = (0..BANDS).find(|&band| edges(FDS, band).1.is_none_or(|to| days <= to));
        let months = month_of(told).zip(band);
        months.is_none_or(|(at, band)| self.told.take([at, kind, band]))
    }

    fn not_treated(&mut self, kind: usize) -> Outcome {
        let Some(of) = self.suspicions.get(kind) else {
            return Outcome::RuledOut;
        };
        let found = !of.is_childs() && of.finding(&mut self.draw).is_some();
        if found && self.draw.chance(invented::DECLINES_TREATMENT) {
            return Outcome::Cancer;
        }
        if of.is_skin() && self.draw.chance(invented::BASAL_CELL) {
            return Outcome::BasalCell;
        }
        let scanned = (Outcome::IntervalScan, invented::INTERVAL_SCAN);
        self.draw.usually(Outcome::RuledOut, &[scanned])
    }

    /// All treatment is declined (R12).
    fn declined(&mut self, kind: usize, course: &mut Course) {
        let found = (0..TRIES).find_map(|_| self.suspicions.get(kind)?.finding(&mut self.draw));
        let tumour = found.unwrap_or(Tumour::Other);
        course.primaries.push((Primary::Only, tumour));
        let modality = Modality::Drugs;
        let after = self.draw.between(0, 14);
        course.treatments.push(Treatment {
            primary: Primary::Only,
            first: true,
            modality,
            setting: modality.setting(&mut self.draw),
            decided: course.told.plus(after),
            started: None,
            adjustment: 0,
            since_decision: 0,
            since_referral: None,
        });
    }

    /// How many FDS results and first appointments of the plan nobody has taken.
    #[cfg(test)]
    pub(super) fn left(&self) -> (u32, u32) {
        (self.told.total(), self.seen.total())
    }
}
