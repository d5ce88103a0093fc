//! The feed: day after day, the events that reach the pipeline on it.

use super::calibration::{self, Calibration};
use super::course::Course;
use super::draw::{Draw, Weighted};
use super::event::Event;
use super::figures::Figures;
use super::mess::{Rates, Sending, day_of};
use super::patients::Patients;
use super::providers::Providers;
use super::scribe::{Scribe, Story};
use super::suspicion::{self, Suspicion};
use super::waits::TreatmentWaits;
use clockstop_pipeline::{Day, Texts};
use std::collections::BTreeMap;

/// What to generate.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// How many referrals there are from the first day to the last.
    pub pathways: u64,
    /// The same seed gives the same events.
    pub seed: u64,
    /// The first day of referrals.
    pub from: Day,
    /// The last day of anything: what comes later has not happened yet.
    pub to: Day,
    /// How messy the feed is.
    pub rates: Rates,
}

/// Why there is no feed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The days are the wrong way round.
    #[error("the first day, {from}, is after the last, {to}")]
    NoDays {
        /// The first day.
        from: Day,
        /// The last day.
        to: Day,
    },
    /// More pathways than identifiers.
    #[error("at most {MOST_PATHWAYS} pathways can be told apart")]
    TooMany,
    /// The published figures.
    #[error(transparent)]
    Calibration(#[from] calibration::Error),
}

const MOST_PATHWAYS: u64 = 100_000_000;

/// An iterator over days, each with its events in the order of their arrival. It holds what is yet to
/// happen to the pathways that have begun, and nothing of the past.
pub struct Feed {
    plan: Plan,
    scribe: Scribe,
    providers: Providers,
    suspicions: Weighted<Suspicion>,
    waits: TreatmentWaits,
    patients: Patients,
    today: Day,
    begun: u64,
    weight_so_far: u64,
    weight: u64,
    to_come: BTreeMap<Day, Vec<Sending>>,
}

impl Feed {
    /// A feed at its first day.
    ///
    /// # Errors
    /// When the plan has no days, or the built-in figures cannot be used.
    pub fn new(plan: Plan) -> Result<Self, Error> {
        let Plan { from, to, .. } = plan;
        if from > to {
            return Err(Error::NoDays { from, to });
        }
        if plan.pathways > MOST_PATHWAYS {
            return Err(Error::TooMany);
        }
        let figures = Figures::published().map_err(calibration::Error::from)?;
        let calibration = Calibration::of(&figures);
        let mut texts = Texts::default();
        let days = (0..=to.since(from)).map(|days| from.plus(days));
        Ok(Self {
            plan,
            providers: Providers::of(&figures, &mut texts),
            scribe: Scribe::new(plan.seed, plan.rates, texts),
            suspicions: suspicion::all(&calibration)?,
            waits: TreatmentWaits::read(&calibration)?,
            patients: Patients::new(plan.seed),
            today: from,
            begun: 0,
            weight_so_far: 0,
            weight: days.map(referral_weight).sum(),
            to_come: BTreeMap::new(),
        })
    }

    /// The texts that the events' reports use.
    #[must_use]
    pub fn texts(&self) -> &Texts {
        self.scribe.texts()
    }

    /// The day that comes next.
    #[must_use]
    pub const fn today(&self) -> Day {
        self.today
    }

    /// How many pathways have begun so far.
    #[must_use]
    pub fn begun(&self) -> u64 {
        self.begun
    }

    /// Referrals come in steadily, few of them at weekends.
    fn begin_todays(&mut self) {
        self.weight_so_far += referral_weight(self.today);
        let due = u128::from(self.plan.pathways) * u128::from(self.weight_so_far);
        let due = u64::try_from(due / u128::from(self.weight.max(1))).unwrap_or(u64::MAX);
        while self.begun < due {
            self.begun += 1;
            self.begin(self.begun);
        }
    }

    fn begin(&mut self, number: u64) {
        let draw = &mut Draw::stream(self.plan.seed, number);
        let suspicion = self.suspicions.pick(draw);
        let patient = self.patients.referred(suspicion, draw);
        let provider = self.providers.investigating(draw);
        let course = Course::of(suspicion, self.today, &self.waits, draw);
        let treating = match course.transferred {
            Some(_) => self.providers.treating(provider, draw),
            None => provider,
        };
        let story = Story {
            number,
            suspicion,
            patient: &patient,
            provider: self.providers.at(provider),
            treating: self.providers.at(treating),
            course: &course,
        };
        for sending in self.scribe.write(&story, self.plan.to, draw) {
            let day = day_of(sending.arrives);
            if day <= self.plan.to {
                self.to_come.entry(day).or_default().push(sending);
            }
        }
    }
}

impl Iterator for Feed {
    type Item = (Day, Vec<Event>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.today > self.plan.to {
            return None;
        }
        self.begin_todays();
        let today = self.today;
        self.today = today.plus(1);
        let mut sendings = self.to_come.remove(&today).unwrap_or_default();
        sendings.sort_by_key(Sending::place);
        let events = sendings.into_iter().map(|sending| sending.event);
        Some((today, events.collect()))
    }
}

/// Monday to Friday alike, little on Saturday, less on Sunday; 1970-01-01 was a Thursday.
fn referral_weight(day: Day) -> u64 {
    match day.epoch_days().rem_euclid(7) {
        2 => 2,
        3 => 1,
        _ => 20,
    }
}
