//! Treated patients: what a place of the joint tables asks for, as dates; then the treatments that follow.

use super::joint::{ELSEWHERE, edges, fits};
use super::plan::{Pathway, Plan, day_in, month_of};
use super::targets::{BANDS, LONG_BANDS, MODALITIES, TREATED};
use crate::generate::calibration::days_in;
use crate::generate::course::{
    ANOTHER_TREATMENT, Course, MOST_TREATMENTS, Outcome, Primary, Treatment, declined_days,
};
use crate::generate::suspicion::Entry;
use crate::generate::tumour::{Modality, Tumour};
use crate::generate::waits::AT_ONCE;
use clockstop_pipeline::statistics::Activity;
use clockstop_pipeline::{Day, Standard};

const LONG: Activity = Activity::Standard(Standard::SixtyTwoDay);
const SHORT: Activity = Activity::Standard(Standard::ThirtyOneDay);
/// Invented: how often one provider does both, at the least.
const STAYS: f64 = 0.8;
/// Invented: days from the referral to the decision of whoever is on no urgent route.
const ELSEWHERE_DAYS: (i32, i32) = (0, 60);

/// A first treatment as its place in the joint table says, with the days that were drawn for it.
struct Wanted {
    entry: Entry,
    tumour: Tumour,
    started: Day,
    /// Adjusted days since the referral or upgrade, and since the decision.
    long: i32,
    short: i32,
    treatment: Treatment,
}

impl Wanted {
    /// Day 0 of the referral or upgrade, after a first-seen adjustment.
    fn clock(&self) -> Day {
        self.started
            .plus(-self.long - i32::from(self.treatment.adjustment))
    }
}

impl Plan {
    /// The first treatment of a patient, and those that follow.
    pub(super) fn first(&mut self, at: usize, place: [usize; 4]) -> Pathway {
        let wanted = self.wanted(at, place);
        let from = (&mut self.treated_by, at);
        let treating = Self::provider(&mut self.draw, from, &self.providers, None).unwrap_or(0);
        let mut pathway = match wanted.entry {
            Entry::Urgent | Entry::BreastSymptoms | Entry::Screening => {
                self.with_result(&wanted, treating)
            }
            Entry::Upgraded | Entry::Elsewhere => self.without_result(&wanted, treating),
        };
        let course = &mut pathway.course;
        course.outcome = Outcome::Cancer;
        course.primaries.push((Primary::Only, wanted.tumour));
        course.treatments.push(wanted.treatment);
        if pathway.provider != treating {
            let (told, decided) = (course.told, wanted.treatment.decided);
            course.transferred = Some(self.draw.day(told.min(decided), decided));
        }
        self.follow_up(&mut pathway, wanted.tumour);
        pathway
    }

    fn wanted(&mut self, at: usize, [stratum, tumour, modality, band]: [usize; 4]) -> Wanted {
        let draw = &mut self.draw;
        let entry = TREATED.get(stratum / LONG_BANDS).copied();
        let (tumour, modality) = names(tumour, modality);
        let (from, to) = edges(SHORT, band);
        let mut long = if stratum == ELSEWHERE {
            draw.between(ELSEWHERE_DAYS.0, ELSEWHERE_DAYS.1)
        } else {
            days_in(edges(LONG, stratum % LONG_BANDS), draw)
        };
        let at_once = modality == Modality::Other && band == 0 && draw.chance(AT_ONCE);
        let mut short = if at_once {
            0
        } else {
            days_in((from, to), draw)
        };
        if stratum == ELSEWHERE {
            long += short;
        } else if short > long && fits(stratum, band) {
            short = draw.between(from, long);
        }
        let setting = modality.setting(draw);
        let adjustment = declined_days(setting, draw);
        let started = day_in(at, draw);
        let treatment = Treatment {
            primary: Primary::Only,
            first: true,
            modality,
            setting,
            decided: started.plus(-short - i32::from(adjustment)),
            started: Some(started),
            adjustment,
            since_decision: short,
            since_referral: (stratum != ELSEWHERE).then_some(long),
        };
        Wanted {
            entry: entry.unwrap_or(Entry::Elsewhere),
            tumour,
            started,
            long,
            short,
            treatment,
        }
    }

    /// On a route with an FDS result, which is taken from what its month has.
    fn with_result(&mut self, wanted: &Wanted, treating: usize) -> Pathway {
        let clock = wanted.clock();
        // Nobody is told after the decision, which would stop the clock itself (R5), unless the decision was
        // there before the referral.
        let most = if wanted.short > wanted.long {
            wanted.long
        } else {
            wanted.long - wanted.short
        };
        let result = self.result((wanted.entry, wanted.tumour), clock, most);
        let (kind, told_after) = result.unwrap_or((self.of_route(wanted.entry), most));
        let mut course = if wanted.short > wanted.long {
            Course::referred(clock, told_after)
        } else {
            self.referred(kind, clock, told_after)
        };
        course.informed = result.is_some();
        let month = month_of(course.told).filter(|_| course.informed);
        let provider = month.and_then(|at| {
            if self.draw.chance(STAYS) && self.told_by.take([at, treating]) {
                return Some(treating);
            }
            [Some(treating), None].into_iter().find_map(|near| {
                let from = (&mut self.told_by, at);
                Self::provider(&mut self.draw, from, &self.providers, near)
            })
        });
        self.pathway(kind, (provider.unwrap_or(treating), treating), course)
    }

    /// Upgraded, or on no urgent route.
    fn without_result(&mut self, wanted: &Wanted, treating: usize) -> Pathway {
        let suspicion = self.of_route(wanted.entry);
        let clock = wanted.clock();
        let most = (wanted.long - wanted.short).max(0);
        let quantile = self.draw.unit();
        let told = self
            .suspicions
            .get(suspicion)
            .map(|of| of.told.at(quantile, &mut self.draw));
        let mut course = self.referred(suspicion, clock, told.unwrap_or(0).min(most));
        if wanted.entry == Entry::Upgraded {
            course.upgraded = Some(clock);
            course.received = clock.plus(-self.draw.between(0, 21));
        }
        let provider = if wanted.entry == Entry::Elsewhere || self.draw.chance(STAYS) {
            treating
        } else {
            self.providers.treating(treating, &mut self.draw)
        };
        self.pathway(suspicion, (provider, treating), course)
    }

    /// Further treatments, as long as their months have some of the tumour left and the provider has.
    fn follow_up(&mut self, pathway: &mut Pathway, tumour: Tumour) {
        while pathway.course.treatments.len() < MOST_TREATMENTS
            && self.draw.chance(ANOTHER_TREATMENT)
        {
            let before = pathway
                .course
                .treatments
                .last()
                .and_then(|last| last.started);
            let next = before.and_then(|before| self.next(before, tumour, pathway.treating));
            let Some(next) = next else {
                return;
            };
            pathway.course.treatments.push(next);
        }
    }

    fn next(&mut self, before: Day, tumour: Tumour, treating: usize) -> Option<Treatment> {
        const LEAST: i32 = 7;
        const MOST: i32 = 70;
        let group = Tumour::ALL.iter().position(|&of| of == tumour)?;
        let at = month_of(before.plus(self.draw.between(LEAST, MOST)))?;
        let left = |place: usize| self.again.get([at, group, place / BANDS, place % BANDS]);
        let places = 0..MODALITIES * BANDS;
        let mut which = self.draw.below(places.clone().map(left).sum());
        let place = places.clone().find(|&place| {
            let here = left(place);
            let found = which < here;
            which = which.saturating_sub(here);
            found
        })?;
        let (modality, band) = (place / BANDS, place % BANDS);
        let treatment = self.again_in(at, (modality, band));
        let possible = treatment.decided >= before && self.treated_by.get([at, treating]) > 0;
        let taken = possible && self.again.take([at, group, modality, band]);
        (taken && self.treated_by.take([at, treating])).then_some(treatment)
    }

    /// A later treatment that starts in this month.
    fn again_in(&mut self, at: usize, (modality, band): (usize, usize)) -> Treatment {
        let (_, modality) = names(0, modality);
        let draw = &mut self.draw;
        let short = days_in(edges(SHORT, band), draw);
        let setting = modality.setting(draw);
        let adjustment = declined_days(setting, draw);
        let started = day_in(at, draw);
        Treatment {
            primary: Primary::Only,
            first: false,
            modality,
            setting,
            decided: started.plus(-short - i32::from(adjustment)),
            started: Some(started),
            adjustment,
            since_decision: short,
            since_referral: None,
        }
    }

    /// A later treatment of a cancer that was first treated before the plan began.
    pub(super) fn only_again(
        &mut self,
        at: usize,
        [tumour, modality, band]: [usize; 3],
    ) -> Pathway {
        let treatment = self.again_in(at, (modality, band));
        let told_after = self.draw.between(0, 14);
        let clock = treatment
            .decided
            .plus(-told_after - self.draw.between(0, 14));
        let suspicion = self.of_route(Entry::Elsewhere);
        let mut course = self.referred(suspicion, clock, told_after);
        course.outcome = Outcome::Cancer;
        course
            .primaries
            .push((Primary::Only, names(tumour, modality).0));
        course.treatments.push(treatment);
        let from = (&mut self.treated_by, at);
        let provider = Self::provider(&mut self.draw, from, &self.providers, None).unwrap_or(0);
        self.pathway(suspicion, (provider, provider), course)
    }
}

fn names(tumour: usize, modality: usize) -> (Tumour, Modality) {
    let tumour = Tumour::ALL.get(tumour).copied().unwrap_or(Tumour::Other);
    let modality = Modality::ALL
        .get(modality)
        .copied()
        .unwrap_or(Modality::Other);
    (tumour, modality)
}
