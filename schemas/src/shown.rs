//! The set fields of an event one after the other, for whatever writes it.

use crate::fields::{
    EVENT_ID, EVENT_TYPE, FIELDS, IDENTIFIER, IN_ERROR, ISSUER, LOCAL, NHS_NUMBER, RECORDED_AT,
    SOURCE, Slot, TypeFields,
};
use clockstop_pipeline::{
    Day, EventType, FieldVisitor, Instant, ONLY_ITEM, Report, SentNumber, Text, Texts,
};

/// A field that is set.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shown<'a> {
    Text(&'a str),
    EventType(EventType),
    Instant(Instant),
    Day(Day),
    Number(u16),
    Flag(bool),
}

/// Ten digits that fail the check, for a number that was sent and dropped (V01).
const INVALID_NUMBER: &str = "0000000000";

/// Shows every field of the event that is set: the head, the item, then the fact's.
pub(crate) fn show(
    pathway: &str,
    report: &Report,
    texts: &Texts,
    see: &mut impl FnMut(Slot, Shown<'_>),
) {
    let event_type = report.fact.event_type();
    show_head(pathway, report, texts, see);
    let Some(of_type) = FIELDS.of_type(event_type) else {
        return;
    };
    if let Some((slot, _)) = of_type.item
        && (event_type.needs_item() || report.item != ONLY_ITEM)
    {
        see(slot, Shown::Text(texts.read(report.item).as_str()));
    }
    show_fact(report, of_type, texts, see);
}

fn show_head(pathway: &str, report: &Report, texts: &Texts, see: &mut impl FnMut(Slot, Shown<'_>)) {
    let (issuer, identifier) = pathway.split_once(':').unwrap_or(("", pathway));
    let mut id = [0; uuid::fmt::Hyphenated::LENGTH];
    let id = uuid::Uuid::from_bytes(report.version.event_id.0)
        .as_hyphenated()
        .encode_lower(&mut id);
    see(EVENT_ID, Shown::Text(id));
    see(EVENT_TYPE, Shown::EventType(report.fact.event_type()));
    see(RECORDED_AT, Shown::Instant(report.version.recorded_at));
    see(SOURCE, Shown::Text(texts.read(report.source).as_str()));
    see(IDENTIFIER, Shown::Text(identifier));
    see(ISSUER, Shown::Text(issuer));
    match report.nhs_number {
        Some(SentNumber::Valid(number)) => {
            see(
                NHS_NUMBER,
                Shown::Text(&format!("{:010}", number.to_bits())),
            );
        }
        Some(SentNumber::Invalid) => see(NHS_NUMBER, Shown::Text(INVALID_NUMBER)),
        None => {}
    }
    if let Some(local) = report.local_patient_identifier {
        see(LOCAL, Shown::Text(texts.read(local).as_str()));
    }
    if report.version.entered_in_error {
        see(IN_ERROR, Shown::Flag(true));
    }
}

fn show_fact(
    report: &Report,
    of_type: &TypeFields,
    texts: &Texts,
    see: &mut impl FnMut(Slot, Shown<'_>),
) {
    let mut fact = report.fact;
    fact.visit(&mut Shower {
        slots: of_type.fields.iter(),
        texts,
        see,
    });
}

struct Shower<'a, F> {
    slots: core::slice::Iter<'a, Slot>,
    texts: &'a Texts,
    see: &'a mut F,
}

impl<F: FnMut(Slot, Shown<'_>)> Shower<'_, F> {
    fn show(&mut self, shown: Option<Shown<'_>>) {
        if let (Some(&slot), Some(shown)) = (self.slots.next(), shown) {
            (self.see)(slot, shown);
        }
    }
}

impl<F: FnMut(Slot, Shown<'_>)> FieldVisitor for Shower<'_, F> {
    fn day(&mut self, _: &'static str, value: &mut Option<Day>) {
        self.show(value.map(Shown::Day));
    }
    fn text(&mut self, _: &'static str, value: &mut Option<Text>) {
        let texts = self.texts;
        let spelling = value.map(|text| texts.read(text));
        self.show(spelling.as_ref().map(|text| Shown::Text(text.as_str())));
    }
    fn number(&mut self, _: &'static str, value: &mut Option<u16>) {
        self.show(value.map(Shown::Number));
    }
    fn flag(&mut self, _: &'static str, value: &mut Option<bool>) {
        self.show(value.map(Shown::Flag));
    }
}
