//! From what happens to a patient to the events that tell of it.

use super::chart::Chart;
use super::course::Course;
use super::draw::Draw;
use super::mess::{Rates, Sender, Sending};
use super::patients::Patient;
use super::providers::Provider;
use super::suspicion::{Entry, Suspicion};
use clockstop_pipeline::{Day, Texts};
use std::sync::Arc;

/// Everything that is to be told of one pathway.
pub(super) struct Story<'a> {
    /// Tells it from the others of its feed.
    pub(super) number: u64,
    pub(super) suspicion: &'a Suspicion,
    pub(super) patient: &'a Patient,
    /// Who investigates.
    pub(super) provider: &'a Provider,
    /// Who treats after a transfer.
    pub(super) treating: &'a Provider,
    pub(super) course: &'a Course,
}

/// Writes stories down, as messily as asked for.
pub(super) struct Scribe {
    seed: u64,
    rates: Rates,
    texts: Texts,
}

impl Scribe {
    pub(super) const fn new(seed: u64, rates: Rates, texts: Texts) -> Self {
        Self { seed, rates, texts }
    }

    /// The texts of everything written.
    pub(super) const fn texts(&self) -> &Texts {
        &self.texts
    }

    /// Everything that is sent of what is known up to the last day, in no particular order.
    pub(super) fn write(&mut self, story: &Story<'_>, last: Day, draw: &mut Draw) -> Vec<Sending> {
        let pathway = self.key(story, draw);
        let chart = Chart {
            course: story.course,
            suspicion: story.suspicion,
            patient: story.patient,
            provider: story.provider,
            treating: story.treating,
            texts: &mut self.texts,
            draw,
            lines: Vec::new(),
        };
        let mut lines = chart.write();
        lines.retain(|line| line.known <= last);
        let sender = Sender {
            pathway,
            patient: story.patient,
            rates: self.rates,
            draw,
            sent: Vec::new(),
        };
        sender.send(&lines)
    }

    /// Referrals booked electronically carry the booking reference, padded, and its issuer X09; the
    /// others the hospital's own number. Both hold a mark of the seed, so that two feeds rarely meet.
    fn key(&self, story: &Story<'_>, draw: &mut Draw) -> Arc<str> {
        let mark = (self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) % 9_000 + 1_000;
        let number = story.number;
        let entry = story.suspicion.entry;
        let booked = matches!(entry, Entry::Urgent | Entry::BreastSymptoms);
        if booked && draw.chance(0.85) {
            return format!("X09:00000000{mark}{number:08}").into();
        }
        let code = self.texts.read(story.provider.code);
        format!("{}:P{mark}{number:08}", code.as_str()).into()
    }
}
