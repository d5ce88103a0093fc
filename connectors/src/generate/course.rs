//! What happens to one patient, as dates: seen, told, upgraded, treated, or lost on the way.

use super::draw::Draw;
use super::suspicion::{Entry, Suspicion};
use super::tumour::{Modality, Setting, Tumour};
use super::waits::TreatmentWaits;
use clockstop_pipeline::Day;

/// Rates that the published figures do not give, and that are therefore invented.
pub(super) mod invented {
    pub(in super::super) const MISSES_FIRST_APPOINTMENT: f64 = 0.04;
    pub(in super::super) const DECLINES_ADMISSION: f64 = 0.03;
    pub(in super::super) const TRANSFERRED: f64 = 0.2;
    pub(in super::super) const SECOND_PRIMARY: f64 = 0.015;
    pub(in super::super) const DECLINES_TREATMENT: f64 = 0.02;
    pub(in super::super) const EXCLUDED: f64 = 0.01;
    pub(in super::super) const INTERVAL_SCAN: f64 = 0.005;
    pub(in super::super) const BASAL_CELL: f64 = 0.08;
    pub(in super::super) const CLOSED_EARLY: f64 = 0.012;
}

/// Subsequent treatments are 45.5 % of all treatments: each is followed by another this often.
pub(super) const ANOTHER_TREATMENT: f64 = 0.455;
pub(super) const MOST_TREATMENTS: usize = 8;

/// A missed first appointment (R2).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Missed {
    pub(crate) on: Day,
    /// From the referral to the day of rebooking.
    pub(crate) adjustment: u16,
}

/// What the patient was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Cancer,
    BasalCell,
    RuledOut,
    IntervalScan,
    Excluded,
}

/// One treatment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Treatment {
    pub(crate) primary: Primary,
    pub(crate) first: bool,
    pub(crate) modality: Modality,
    pub(crate) setting: Setting,
    pub(crate) decided: Day,
    /// `None` where the patient declines all treatment.
    pub(crate) started: Option<Day>,
    pub(crate) adjustment: u16,
    /// Adjusted days since the decision, and since the referral or upgrade for a first treatment.
    pub(crate) since_decision: i32,
    pub(crate) since_referral: Option<i32>,
}

/// Which cancer of the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Primary {
    Only,
    First,
    Second,
}

/// A closure before the pathway reached its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Closed {
    pub(crate) on: Day,
    pub(crate) reason: &'static str,
}

/// All dates of one pathway.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    pub(crate) received: Day,
    pub(crate) missed: Option<Missed>,
    /// `None` where nobody wrote it down.
    pub(crate) seen: Option<Day>,
    pub(crate) upgraded: Option<Day>,
    pub(crate) told: Day,
    /// Whether what the patient was told is reported.
    pub(crate) informed: bool,
    /// Adjusted days until told.
    pub(crate) told_after: i32,
    pub(crate) outcome: Outcome,
    pub(crate) primaries: Vec<(Primary, Tumour)>,
    pub(crate) transferred: Option<Day>,
    pub(crate) treatments: Vec<Treatment>,
    pub(crate) closed: Option<Closed>,
}

impl Course {
    /// Draws what happens to a patient who is referred on this day.
    pub(crate) fn of(
        suspicion: &Suspicion,
        received: Day,
        waits: &TreatmentWaits,
        draw: &mut Draw,
    ) -> Self {
        let entry = suspicion.entry;
        let upgraded = (entry == Entry::Upgraded).then(|| received.plus(draw.between(0, 21)));
        let missed = missed(entry, received, draw);
        let clock = upgraded
            .unwrap_or(received)
            .plus(missed.map_or(0, |m| i32::from(m.adjustment)));
        let place = draw.unit();
        let told_after = suspicion.told.at(place, draw);
        let mut course = Self {
            received,
            missed,
            upgraded,
            ..Self::referred(clock, told_after)
        };
        match suspicion.finding(draw) {
            Some(tumour) => course.cancer(entry, tumour, clock, place, waits, draw),
            None => course.outcome = no_cancer(suspicion, draw),
        }
        course.seen = Some(course.first_seen(suspicion, draw));
        course.closed = course.closure(draw);
        course
    }

    /// A patient whose clock begins on this day, and who is told that there is no cancer.
    pub(crate) const fn referred(clock: Day, told_after: i32) -> Self {
        Self {
            received: clock,
            missed: None,
            seen: None,
            upgraded: None,
            told: clock.plus(told_after),
            informed: true,
            told_after,
            outcome: Outcome::RuledOut,
            primaries: Vec::new(),
            transferred: None,
            treatments: Vec::new(),
            closed: None,
        }
    }

    /// The first day on which anything is known.
    pub(crate) fn begins(&self) -> Day {
        let decided = self.treatments.iter().map(|treatment| treatment.decided);
        decided.fold(self.received, Day::min)
    }

    /// The first day the hospital knows the patient.
    pub(crate) fn begun(&self) -> Day {
        self.seen.unwrap_or(self.received)
    }

    fn cancer(
        &mut self,
        entry: Entry,
        tumour: Tumour,
        clock: Day,
        place: f64,
        waits: &TreatmentWaits,
        draw: &mut Draw,
    ) {
        self.outcome = Outcome::Cancer;
        let second = draw.chance(invented::SECOND_PRIMARY);
        let primary = if second {
            Primary::First
        } else {
            Primary::Only
        };
        self.primaries.push((primary, tumour));
        self.first_treatment((entry, tumour, primary), clock, place, waits, draw);
        if second {
            self.primaries.push((Primary::Second, tumour));
            self.first_treatment((entry, tumour, Primary::Second), clock, place, waits, draw);
        }
        let decided = self.treatments.first().map_or(self.told, |t| t.decided);
        if draw.chance(invented::TRANSFERRED) {
            self.transferred = Some(draw.day(self.told, decided));
        }
        while self.treatments.len() < MOST_TREATMENTS && draw.chance(ANOTHER_TREATMENT) {
            self.subsequent_treatment(primary, waits, draw);
        }
    }

    /// The first treatment of a primary; it also settles when the patient is told, which is not
    /// after the decision to treat.
    fn first_treatment(
        &mut self,
        (entry, tumour, primary): (Entry, Tumour, Primary),
        clock: Day,
        place: f64,
        waits: &TreatmentWaits,
        draw: &mut Draw,
    ) {
        let Some(first) = waits.first(entry, tumour, place, draw) else {
            return;
        };
        let told_after = self.told_after.min(first.since_referral);
        let since_told = first.since_referral - told_after;
        let since_decision = if first.since_decision > MONTH_DAYS {
            first.since_decision
        } else {
            first.since_decision.min(since_told)
        };
        let decided_after = first.since_referral - since_decision;
        self.told_after = told_after.min(decided_after);
        self.told = clock.plus(self.told_after);
        let setting = first.modality.setting(draw);
        let adjustment = declined_days(setting, draw);
        let declines = draw.chance(invented::DECLINES_TREATMENT);
        let started = clock.plus(first.since_referral + i32::from(adjustment));
        self.treatments.push(Treatment {
            primary,
            first: true,
            modality: first.modality,
            setting,
            decided: clock.plus(decided_after),
            started: (!declines).then_some(started),
            adjustment,
            since_decision,
            since_referral: Some(first.since_referral),
        });
    }

    fn subsequent_treatment(&mut self, primary: Primary, waits: &TreatmentWaits, draw: &mut Draw) {
        let Some(before) = self.treatments.last().and_then(|t| t.started) else {
            return;
        };
        let (modality, since_decision) = waits.subsequent(draw);
        let setting = modality.setting(draw);
        let adjustment = declined_days(setting, draw);
        let decided = before.plus(draw.between(7, 70));
        self.treatments.push(Treatment {
            primary,
            first: false,
            modality,
            setting,
            decided,
            started: Some(decided.plus(since_decision + i32::from(adjustment))),
            adjustment,
            since_decision,
            since_referral: None,
        });
    }

    /// Nobody is told before being seen.
    fn first_seen(&self, suspicion: &Suspicion, draw: &mut Draw) -> Day {
        let from = self.missed.map_or(self.received, |missed| {
            self.received.plus(i32::from(missed.adjustment))
        });
        let drawn = (0..4).find_map(|_| {
            let quantile = draw.unit();
            let seen = from.plus(suspicion.seen.at(quantile, draw));
            (seen <= self.told).then_some(seen)
        });
        drawn.unwrap_or_else(|| draw.day(from, self.told))
    }

    fn closure(&self, draw: &mut Draw) -> Option<Closed> {
        if !draw.chance(invented::CLOSED_EARLY) {
            return None;
        }
        let rarer = [("died", 0.3), ("withdrawn", 0.2), ("private", 0.1)];
        let reason = match self.outcome {
            Outcome::Cancer => draw.usually("declined_treatment", &rarer),
            Outcome::BasalCell | Outcome::RuledOut | Outcome::IntervalScan | Outcome::Excluded => {
                draw.usually("declined_investigation", &rarer)
            }
        };
        let from = match reason {
            "declined_treatment" => self.told,
            _ => self.received.plus(1),
        };
        let last = self.treatments.first().map_or(self.told, |t| t.decided);
        let on = draw.day(from, last);
        Some(Closed { on, reason })
    }
}

const MONTH_DAYS: i32 = 31;

pub(super) fn missed(entry: Entry, received: Day, draw: &mut Draw) -> Option<Missed> {
    let watched = !matches!(entry, Entry::Upgraded | Entry::Elsewhere);
    if !watched || !draw.chance(invented::MISSES_FIRST_APPOINTMENT) {
        return None;
    }
    let after = draw.between(3, 14);
    let rebooked = after + draw.between(0, 5);
    Some(Missed {
        on: received.plus(after),
        adjustment: u16::try_from(rebooked).unwrap_or(0),
    })
}

pub(super) fn declined_days(setting: Setting, draw: &mut Draw) -> u16 {
    let admitted = setting != Setting::Outpatient;
    if !admitted || !draw.chance(invented::DECLINES_ADMISSION) {
        return 0;
    }
    u16::try_from(draw.between(3, 21)).unwrap_or(0)
}

fn no_cancer(suspicion: &Suspicion, draw: &mut Draw) -> Outcome {
    if suspicion.is_skin() && draw.chance(invented::BASAL_CELL) {
        return Outcome::BasalCell;
    }
    draw.usually(
        Outcome::RuledOut,
        &[
            (Outcome::Excluded, invented::EXCLUDED),
            (Outcome::IntervalScan, invented::INTERVAL_SCAN),
        ],
    )
}
