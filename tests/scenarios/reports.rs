//! Random reports of one pathway: few sources, items, instants and codes, so that they collide.

use clockstop_pipeline::{
    Day, EventId, EventType, Fact, FieldVisitor, Instant, NhsNumber, Report, SentNumber, Text,
    Texts, Version,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// The pathway the reports are of.
pub(crate) const PATHWAY: &str = "RXX:P1";

/// The first day of the random calendar.
pub(crate) const FIRST_DAY: Day = match Day::from_ymd(2025, 11, 1) {
    Some(day) => day,
    None => panic!("in the calendar"),
};

/// Days over which random facts are spread.
pub(crate) const SPAN: i32 = 200;

/// What a random report is made from; the texts come later, from an engine's own store.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    event_type: usize,
    source: u8,
    item: u8,
    recorded_at: i64,
    entered_in_error: bool,
    event_id: u8,
    fields: Vec<u8>,
}

/// Up to `most` reports of one pathway; `erasures` tells whether one may erase it.
pub(crate) fn recipes(most: usize) -> impl Strategy<Value = Vec<Recipe>> {
    vec(recipe(), 1..most)
}

fn recipe() -> impl Strategy<Value = Recipe> {
    let kinds = EventType::ALL.len();
    (
        // Mostly referrals and decisions, so that clocks run; erasures are rare.
        prop_oneof![1 => Just(5_usize), 30 => Just(0_usize), 20 => Just(9_usize), 40 => 0..5_usize, 40 => 6..kinds],
        0..3_u8,
        0..3_u8,
        0..4_i64,
        proptest::bool::weighted(0.1),
        0..3_u8,
        vec(any::<u8>(), 24),
    )
        .prop_map(
            |(event_type, source, item, recorded_at, entered_in_error, event_id, fields)| Recipe {
                event_type,
                source,
                item,
                recorded_at,
                entered_in_error,
                event_id,
                fields,
            },
        )
}

impl Recipe {
    /// The recipe that these bytes stand for; `kind` is a place in `EventType::ALL`.
    #[allow(
        dead_code,
        reason = "only the simulation draws recipes from bytes of its own"
    )]
    pub(crate) fn of(kind: usize, bytes: [u8; 32]) -> Self {
        let [source, item, recorded_at, in_error, event_id, fields @ ..] = bytes;
        Self {
            event_type: kind % EventType::ALL.len(),
            source: source % 3,
            item: item % 3,
            recorded_at: i64::from(recorded_at % 4),
            entered_in_error: in_error < 25,
            event_id: event_id % 3,
            fields: fields.to_vec(),
        }
    }

    /// The report, with its texts kept in `texts`.
    pub(crate) fn cook(&self, texts: &mut Texts) -> Report {
        let event_type = EventType::ALL[self.event_type];
        let mut fact: Fact = event_type.blank();
        let mut filler = Filler {
            bytes: self.fields.iter().copied().cycle().take(64).collect(),
            texts,
        };
        let nhs_number = filler.number_sent();
        fact.visit(&mut filler);
        let item = match event_type.item_field() {
            Some(_) => ["1", "2", "a long identifier"][usize::from(self.item)],
            None => "1",
        };
        Report {
            version: Version {
                recorded_at: Instant(self.recorded_at),
                entered_in_error: self.entered_in_error,
                event_id: EventId([self.event_id; 16]),
            },
            source: keep(
                texts,
                ["RXX/epic", "RYY/pas", "RZZ"][usize::from(self.source)],
            ),
            item: keep(texts, item),
            nhs_number,
            local_patient_identifier: None,
            fact,
        }
    }
}

fn keep(texts: &mut Texts, text: &str) -> Text {
    texts.keep(text).expect("not empty")
}

struct Filler<'a> {
    bytes: Vec<u8>,
    texts: &'a mut Texts,
}

impl Filler<'_> {
    fn byte(&mut self) -> u8 {
        self.bytes.pop().unwrap_or_default()
    }

    /// One field in six is not known.
    fn known(&mut self) -> bool {
        !self.byte().is_multiple_of(6)
    }

    fn number_sent(&mut self) -> Option<SentNumber> {
        let numbers = ["9990000018", "9990000026", "9990000019"];
        let number = numbers[usize::from(self.byte()) % numbers.len()];
        self.known()
            .then(|| NhsNumber::parse(number).map_or(SentNumber::Invalid, SentNumber::Valid))
    }

    fn one_of(&mut self, list: &[&str]) -> Option<Text> {
        let choice = list[usize::from(self.byte()) % list.len()];
        if self.known() {
            self.texts.keep(choice)
        } else {
            None
        }
    }
}

impl FieldVisitor for Filler<'_> {
    fn day(&mut self, _: &'static str, value: &mut Option<Day>) {
        let offset = i32::from(self.byte()) * SPAN / 256;
        *value = self.known().then(|| FIRST_DAY.plus(offset));
    }

    fn text(&mut self, name: &'static str, value: &mut Option<Text>) {
        *value = match name {
            "source_of_referral_for_out_patients" => self.one_of(&["03", "17", "03"]),
            "priority_type_code" => self.one_of(&["3", "3", "2", "1"]),
            "two_week_wait_cancer_or_symptomatic_breast_referral_type" => {
                self.one_of(&["07", "16", "01", "99"])
            }
            "waiting_time_adjustment_reason_first_seen" => self.one_of(&["3", "9"]),
            "pathway_closed_reason" => self.one_of(&[
                "died",
                "private",
                "merged",
                "withdrawn",
                "declined_treatment",
            ]),
            "cancer_faster_diagnosis_pathway_end_reason" => {
                self.one_of(&["01", "02", "03", "04", "77"])
            }
            "cancer_faster_diagnosis_pathway_exclusion_reason" => self.one_of(&["01", "02"]),
            "primary_diagnosis_icd" => self.one_of(&["C18.2", "C44.3", "D06", "C50"]),
            "morphology" => self.one_of(&["8090/3", "8070/3"]),
            "cancer_treatment_event_type" => self.one_of(&["01", "02", "05", "12", "01"]),
            "cancer_treatment_modality" => self.one_of(&["23", "98", "01", "05", "23"]),
            "cancer_care_setting_treatment" => self.one_of(&["01", "02", "03", "99"]),
            "primary_id" => self.one_of(&["1", "2"]),
            _ => self.one_of(&["RXX01", "RYY02", "RZZ"]),
        };
    }

    fn number(&mut self, _: &'static str, value: &mut Option<u16>) {
        let days = u16::from(self.byte()) % 20;
        *value = self.known().then_some(days);
    }

    fn flag(&mut self, _: &'static str, value: &mut Option<bool>) {
        let flag = self.byte().is_multiple_of(2);
        *value = self.known().then_some(flag);
    }
}
