//! The year's events: pathway after pathway, in memory that does not grow, or in the order of their arrival.

use super::Scale;
use super::cells::{Target, cells};
use super::plan::{MONTHS, Pathway, Plan, STEPS, kinds};
use super::targets::MonthTargets;
use crate::generate::calibration;
use crate::generate::draw::Draw;
use crate::generate::event::Event;
use crate::generate::feed::Error;
use crate::generate::figures::Figures;
use crate::generate::mess::{Rates, Sending, day_of};
use crate::generate::providers::Providers;
use crate::generate::scribe::{Scribe, Story};
use clockstop_pipeline::statistics::CellKey;
use clockstop_pipeline::{Day, Standard, Texts};
use std::collections::BTreeMap;

/// How much of the published year 2024/25 to generate.
#[derive(Clone, Copy, Debug)]
pub struct YearPlan {
    /// The same seed gives the same events.
    pub seed: u64,
    /// Which part of the published patients.
    pub scale: Scale,
    /// How messy the feed is; once everything has arrived, mess changes no figure.
    pub rates: Rates,
}

/// The year pathway after pathway: each item is all that is ever sent of one, in the order of its arrival.
/// Pathways come in no order of time. Of those before nothing is kept, so that memory does not grow with
/// their number; since learning is a merge, they fold to the same as in the order of arrival.
pub struct Year {
    plan: Plan,
    seed: u64,
    scribe: Scribe,
    begun: u64,
}

impl Year {
    /// The year at its first pathway.
    ///
    /// # Errors
    /// When the built-in figures cannot be used.
    pub fn new(plan: YearPlan) -> Result<Self, Error> {
        let figures = Figures::published().map_err(calibration::Error::from)?;
        let mut texts = Texts::default();
        let providers = Providers::of(&figures, &mut texts);
        Ok(Self {
            plan: Plan::new(&figures, providers, plan.seed, plan.scale)?,
            seed: plan.seed,
            scribe: Scribe::new(plan.seed, plan.rates, texts),
            begun: 0,
        })
    }

    /// The texts that the events' reports use.
    #[must_use]
    pub const fn texts(&self) -> &Texts {
        self.scribe.texts()
    }

    /// The last day of the year, and of anything that is reported.
    #[must_use]
    pub const fn last_day(&self) -> Day {
        self.plan.last
    }

    /// What England's cells are to come to.
    pub(in crate::generate) fn targets(&self) -> BTreeMap<CellKey, Target> {
        cells(&self.plan.targets, &kinds(&self.plan.suspicions))
    }

    /// What providers are to come to in the year, of FDS results and of treatments.
    pub(in crate::generate) fn volumes(&self, standard: Standard) -> BTreeMap<String, u32> {
        let codes = self.plan.providers.codes().iter().enumerate();
        let volumes = codes.map(|(index, code)| {
            let of_month = |month: &MonthTargets| match standard {
                Standard::Fds => month.told_by.get(index).copied(),
                Standard::ThirtyOneDay => month.treated_by.get(index).copied(),
                Standard::SixtyTwoDay => None,
            };
            (
                code.clone(),
                self.plan.targets.iter().filter_map(of_month).sum(),
            )
        });
        volumes.collect()
    }

    /// How many pathways there were so far.
    #[must_use]
    pub const fn begun(&self) -> u64 {
        self.begun
    }

    /// How far it has come, in steps of much the same size, and how many there are.
    #[must_use]
    pub fn steps(&self) -> (u64, u64) {
        let all = u64::try_from(STEPS * MONTHS).unwrap_or(u64::MAX);
        (self.plan.drawn(), all)
    }

    /// The same events day by day. All pathways are decided on first, and each is held until it is over.
    #[must_use]
    pub fn in_order_of_arrival(mut self) -> Arrivals {
        let mut waiting: BTreeMap<Day, Vec<Pathway>> = BTreeMap::new();
        for pathway in self.plan.by_ref() {
            let begins = pathway.course.begins();
            waiting.entry(begins).or_default().push(pathway);
        }
        Arrivals {
            year: self,
            waiting,
            to_come: BTreeMap::new(),
        }
    }

    fn write(&mut self, pathway: &Pathway) -> Vec<Sending> {
        let Some(suspicion) = self.plan.suspicions.get(pathway.suspicion) else {
            return Vec::new();
        };
        self.begun += 1;
        let story = Story {
            number: pathway.number,
            suspicion,
            patient: &pathway.patient,
            provider: self.plan.providers.at(pathway.provider),
            treating: self.plan.providers.at(pathway.treating),
            course: &pathway.course,
        };
        let mut draw = Draw::stream(self.seed, pathway.number);
        self.scribe.write(&story, self.plan.last, &mut draw)
    }
}

impl Iterator for Year {
    type Item = Vec<Event>;

    fn next(&mut self) -> Option<Self::Item> {
        let pathway = self.plan.next()?;
        let mut sendings = self.write(&pathway);
        sendings.sort_by_key(Sending::place);
        Some(sendings.into_iter().map(|sending| sending.event).collect())
    }
}

/// The year in the order of arrival: days, each with its events, until the last late one is in.
pub struct Arrivals {
    year: Year,
    waiting: BTreeMap<Day, Vec<Pathway>>,
    to_come: BTreeMap<Day, Vec<Sending>>,
}

impl Arrivals {
    /// How many days have something that begins on them.
    #[must_use]
    pub fn days(&self) -> u64 {
        u64::try_from(self.waiting.len()).unwrap_or(u64::MAX)
    }

    /// The year whose events these are.
    #[must_use]
    pub const fn year(&self) -> &Year {
        &self.year
    }
}

impl Iterator for Arrivals {
    type Item = (Day, Vec<Event>);

    /// Leaves out days on which nothing arrives.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let begins = self.waiting.first_key_value().map(|(day, _)| *day);
            let arrives = self.to_come.first_key_value().map(|(day, _)| *day);
            let today = begins.into_iter().chain(arrives).min()?;
            for pathway in self.waiting.remove(&today).unwrap_or_default() {
                for sending in self.year.write(&pathway) {
                    let day = day_of(sending.arrives);
                    self.to_come.entry(day).or_default().push(sending);
                }
            }
            if let Some(mut sendings) = self.to_come.remove(&today) {
                sendings.sort_by_key(Sending::place);
                let events = sendings.into_iter().map(|sending| sending.event);
                return Some((today, events.collect()));
            }
        }
    }
}
