//! Arbitrary reports, for the tests of every format.

use clockstop_pipeline::{
    Day, EventId, EventType, FieldVisitor, Instant, NhsNumber, ONLY_ITEM, Report, SentNumber, Text,
    Texts, Version,
};
use proptest::prelude::*;

pub(crate) const PATHWAY: &str = "RXX:P1é";

const WORDS: [&str; 10] = [
    "1",
    "01",
    "RXX",
    "RXX01",
    "RRV/epic",
    "\"quoted\\\"",
    "été\n\u{1}",
    "C50.9",
    "died",
    "😀😀😀",
];

/// A report, with its texts.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) report: Report,
    pub(crate) texts: Texts,
}

/// Any report that no rule refuses; instants are of the years 0 to 9999.
pub(crate) fn sample() -> impl Strategy<Value = Sample> {
    let micros = -62_167_219_200_000_000_i64..253_402_300_800_000_000;
    let head = (micros, any::<bool>(), any::<[u8; 16]>());
    let dice = proptest::collection::vec(any::<u16>(), 20);
    (head, 0..EventType::ALL.len(), dice).prop_map(|((at, wrong, id), kind, dice)| {
        let version = Version {
            recorded_at: Instant(at),
            entered_in_error: wrong,
            event_id: EventId(id),
        };
        let mut filler = Filler {
            dice: dice.into_iter(),
            texts: Texts::default(),
        };
        let event_type = *EventType::ALL.get(kind).expect("in range");
        let report = filler.report(version, event_type);
        Sample {
            report,
            texts: filler.texts,
        }
    })
}

struct Filler {
    dice: std::vec::IntoIter<u16>,
    texts: Texts,
}

impl Filler {
    fn report(&mut self, version: Version, event_type: EventType) -> Report {
        let source = self.word().unwrap_or(Text::code("RXX"));
        let item = match event_type.item_field() {
            Some(_) => self.word().unwrap_or(ONLY_ITEM),
            None => ONLY_ITEM,
        };
        let valid = NhsNumber::parse("999 000 0026").map(SentNumber::Valid);
        let numbers = [None, Some(SentNumber::Invalid), valid];
        let nhs_number = numbers.get(usize::from(self.roll(3))).copied().flatten();
        let local_patient_identifier = self.word();
        let mut fact = event_type.blank();
        fact.visit(self);
        Report {
            version,
            source,
            item,
            nhs_number,
            local_patient_identifier,
            fact,
        }
    }

    fn roll(&mut self, sides: u16) -> u16 {
        self.dice.next().unwrap_or(0) % sides
    }

    fn word(&mut self) -> Option<Text> {
        let roll = usize::from(self.roll(12));
        let longest = "é".repeat(64);
        let word = match roll {
            0 => "",
            11 => &longest,
            roll => WORDS.get(roll - 1).copied().unwrap_or_default(),
        };
        self.texts.keep(word)
    }
}

impl FieldVisitor for Filler {
    fn day(&mut self, _: &'static str, value: &mut Option<Day>) {
        let first = Day::from_ymd(1900, 1, 1).expect("a date");
        let last = Day::from_ymd(2100, 12, 31).expect("a date");
        *value = match self.roll(4) {
            0 => None,
            1 => Some(first),
            2 => Some(last),
            _ => Some(first.plus(i32::from(self.roll(u16::MAX)))),
        };
    }
    fn text(&mut self, _: &'static str, value: &mut Option<Text>) {
        *value = self.word();
    }
    fn number(&mut self, _: &'static str, value: &mut Option<u16>) {
        *value = Some(self.roll(1_001)).filter(|&number| number < 1_000);
    }
    fn flag(&mut self, _: &'static str, value: &mut Option<bool>) {
        *value = match self.roll(3) {
            0 => None,
            roll => Some(roll == 1),
        };
    }
}
