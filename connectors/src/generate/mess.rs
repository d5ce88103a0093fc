//! The mess of real feeds, switched by rates: events entered late, sent twice, out of order, corrected,
//! withdrawn or broken.

use super::chart::Line;
use super::draw::Draw;
use super::event::{Damage, Event};
use super::patients::Patient;
use clockstop_pipeline::{
    Day, EventId, Fact, FieldVisitor, Instant, Report, SentNumber, Text, Version,
};
use std::sync::Arc;

/// A share of events, from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Share(f64);

impl Share {
    /// `None` outside 0 to 1.
    #[must_use]
    pub fn new(share: f64) -> Option<Self> {
        (0.0..=1.0).contains(&share).then_some(Self(share))
    }
}

/// How messy the feed is. None of these rates is published: any value is invented.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rates {
    /// Sent again, byte for byte, up to three days later.
    pub duplicates: Share,
    /// Entered a week to six weeks after it was known.
    pub late: Share,
    /// Delivered one to five days after it was recorded, behind what was recorded later.
    pub reordered: Share,
    /// First reported with a wrong date, put right within two weeks.
    pub corrections: Share,
    /// Withdrawn within a week as entered in error, then reported again.
    pub retractions: Share,
    /// Accompanied by a record that must be refused.
    pub bad_records: Share,
}

/// An event on its way, and when it arrives.
#[derive(Clone, Debug)]
pub(crate) struct Sending {
    pub(crate) arrives: Instant,
    pub(crate) event: Event,
}

impl Sending {
    /// What sendings are sorted by, in the order of their arrival.
    pub(crate) const fn place(&self) -> (Instant, Version, bool) {
        let damaged = self.event.damage.is_some();
        (self.arrives, self.event.report.version, damaged)
    }
}

const MICROS_PER_SECOND: i64 = 1_000_000;
pub(crate) const SECONDS_PER_DAY: i64 = 86_400;
const OPENS_AT_HOUR: i32 = 8;
const CLOSES_AT_HOUR: i32 = 18;

/// Turns the lines of one pathway into events.
pub(crate) struct Sender<'a> {
    pub(crate) pathway: Arc<str>,
    pub(crate) patient: &'a Patient,
    pub(crate) rates: Rates,
    pub(crate) draw: &'a mut Draw,
    pub(crate) sent: Vec<Sending>,
}

impl Sender<'_> {
    /// Everything that is sent about a pathway, in no particular order.
    pub(crate) fn send(mut self, lines: &[Line]) -> Vec<Sending> {
        let mut recorded: Vec<Instant> = Vec::with_capacity(lines.len());
        for (index, line) in lines.iter().enumerate() {
            let before = lines.iter().zip(&recorded);
            let earlier = before
                .filter(|(other, _)| same_fact(other, line))
                .map(|(_, &at)| at);
            let at = self.recorded_at(line.known, earlier.max());
            recorded.push(at);
            let later = lines.get(index + 1..).unwrap_or_default();
            let last = !later.iter().any(|other| same_fact(other, line));
            self.report(line, at, last);
        }
        self.sent
    }

    /// Working hours, mostly of the day it is known, always after the fact's earlier report.
    fn recorded_at(&mut self, known: Day, earlier: Option<Instant>) -> Instant {
        let usual = self
            .draw
            .usually(0, &[(1, 0.15), (2, 0.06), (3, 0.04), (7, 0.02)]);
        let late = self.draw.chance(self.rates.late.0);
        let lag = if late {
            self.draw.between(7, 42)
        } else {
            usual
        };
        let at = self.working_hours(known.plus(lag));
        match earlier {
            Some(earlier) if earlier >= at => self.after(earlier, 1, 90),
            Some(_) | None => at,
        }
    }

    fn working_hours(&mut self, day: Day) -> Instant {
        let second = self
            .draw
            .between(OPENS_AT_HOUR * 3_600, CLOSES_AT_HOUR * 3_600 - 1);
        let seconds = i64::from(day.epoch_days()) * SECONDS_PER_DAY + i64::from(second);
        Instant(seconds * MICROS_PER_SECOND)
    }

    /// Some minutes after another instant.
    fn after(&mut self, instant: Instant, least: i32, most: i32) -> Instant {
        let minutes = i64::from(self.draw.between(least, most));
        Instant(instant.0 + minutes * 60 * MICROS_PER_SECOND)
    }

    fn days_after(&mut self, instant: Instant, least: i32, most: i32) -> Instant {
        let days = self.draw.between(least, most);
        self.working_hours(day_of(instant).plus(days))
    }

    /// A correction or retraction only of a fact's last report, so that it cannot bring back what a
    /// later one replaced.
    fn report(&mut self, line: &Line, at: Instant, last: bool) {
        if last && self.draw.chance(self.rates.corrections.0) {
            let wrong = Line {
                fact: self.misread(line.fact),
                ..*line
            };
            self.deliver(&wrong, at, false);
            let corrected = self.days_after(at, 1, 14);
            self.deliver(line, corrected, false);
        } else if last && self.draw.chance(self.rates.retractions.0) {
            self.deliver(line, at, false);
            let withdrawn = self.days_after(at, 1, 7);
            self.deliver(line, withdrawn, true);
            let again = self.days_after(withdrawn, 1, 7);
            self.deliver(line, again, false);
        } else {
            self.deliver(line, at, false);
        }
    }
}

impl Sender<'_> {
    fn deliver(&mut self, line: &Line, recorded_at: Instant, entered_in_error: bool) {
        let report = self.version(line, recorded_at, entered_in_error);
        let reordered = self.draw.chance(self.rates.reordered.0);
        let arrives = if reordered {
            self.days_after(recorded_at, 1, 5)
        } else {
            recorded_at
        };
        self.put(arrives, report, None);
        if self.draw.chance(self.rates.duplicates.0) {
            let again = self.days_after(arrives, 0, 3).max(arrives);
            self.put(again, report, None);
        }
        if self.draw.chance(self.rates.bad_records.0) {
            let mut bad = self.version(line, recorded_at, entered_in_error);
            let damage = self.draw.usually(
                Damage::Content,
                &[
                    (Damage::Truncated, 0.25),
                    (Damage::Unframed, 0.25),
                    (Damage::OtherKey, 0.25),
                ],
            );
            if damage == Damage::Content {
                bad.fact.visit(&mut Spoil);
            }
            self.put(arrives, bad, Some(damage));
        }
    }

    fn version(&mut self, line: &Line, recorded_at: Instant, entered_in_error: bool) -> Report {
        Report {
            version: Version {
                recorded_at,
                entered_in_error,
                event_id: EventId(self.draw.uuid()),
            },
            source: line.source,
            item: line.item,
            nhs_number: self.patient.nhs_number.map(SentNumber::Valid),
            local_patient_identifier: self.patient.local_number,
            fact: line.fact,
        }
    }

    fn put(&mut self, arrives: Instant, report: Report, damage: Option<Damage>) {
        let pathway = Arc::clone(&self.pathway);
        let event = Event {
            pathway,
            report,
            damage,
        };
        self.sent.push(Sending { arrives, event });
    }

    /// The fact with its date some days too early.
    fn misread(&mut self, mut fact: Fact) -> Fact {
        let days = -self.draw.between(1, 9);
        fact.visit(&mut Shift { days });
        fact
    }
}

/// The day of an instant; working hours are far enough from midnight to be the same day in London.
pub(crate) fn day_of(instant: Instant) -> Day {
    let days = instant.0.div_euclid(SECONDS_PER_DAY * MICROS_PER_SECOND);
    Day::from_epoch_days(i32::try_from(days).unwrap_or(i32::MAX))
}

fn same_fact(one: &Line, other: &Line) -> bool {
    let key = |line: &Line| (line.fact.event_type(), line.item, line.source);
    key(one) == key(other)
}

/// Moves every date of a fact.
struct Shift {
    days: i32,
}

impl FieldVisitor for Shift {
    fn day(&mut self, _name: &'static str, value: &mut Option<Day>) {
        *value = value.map(|day| day.plus(self.days));
    }
    fn text(&mut self, _name: &'static str, _value: &mut Option<Text>) {}
    fn number(&mut self, _name: &'static str, _value: &mut Option<u16>) {}
    fn flag(&mut self, _name: &'static str, _value: &mut Option<bool>) {}
}

/// Puts every date and number outside what is accepted.
struct Spoil;

const CENTURIES_DAYS: i32 = 200_000;
const TOO_MANY_DAYS: u16 = 4_000;

impl FieldVisitor for Spoil {
    fn day(&mut self, _name: &'static str, value: &mut Option<Day>) {
        *value = value.map(|day| day.plus(CENTURIES_DAYS));
    }
    fn text(&mut self, _name: &'static str, _value: &mut Option<Text>) {}
    fn number(&mut self, _name: &'static str, value: &mut Option<u16>) {
        *value = value.map(|_| TOO_MANY_DAYS);
    }
    fn flag(&mut self, _name: &'static str, _value: &mut Option<bool>) {}
}
