//! From what one event sent to a [`Report`], or to the reason it is refused.
//!
//! Only the fields of the event's own type are looked at; an empty text is the same as none.

use crate::fields::{
    EVENT_ID, EVENT_TYPE, FIELDS, IDENTIFIER, IN_ERROR, ISSUER, LOCAL, NHS_NUMBER, OtherKind,
    RECORDED_AT, SOURCE, Sent, Slot, TypeFields, Value,
};
use crate::refusal::Refusal;
use clockstop_pipeline::{
    Day, EventId, FieldVisitor, Instant, ONLY_ITEM, Report, SentNumber, Text, Texts, Topic, Version,
};

/// The longest text, in characters.
pub const TEXT_LIMIT: usize = 64;
/// The longest patient pathway identifier, in characters.
pub const IDENTIFIER_LIMIT: usize = 20;
const FIRST_DAY: Day = year_start(1900);
const AFTER_LAST_DAY: Day = year_start(2101);
const GREATEST_NUMBER: u16 = 999;

const fn year_start(year: i32) -> Day {
    match Day::from_ymd(year, 1, 1) {
        Some(day) => day,
        None => panic!("every year has a first of January"),
    }
}

/// The two halves of a pathway's key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathwayParts<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) identifier: &'a str,
}

/// The type of the event, if it is one of the topic's.
pub(crate) fn event_type(sent: &Sent<'_>, topic: Topic) -> Result<&'static TypeFields, Refusal> {
    let value = sent.get(EVENT_TYPE);
    if value == Value::UnknownType {
        return Err(Refusal::UnknownEventType);
    }
    let of_type = head(value.event_type(), EVENT_TYPE)?;
    if of_type.event_type.topic() == topic {
        Ok(of_type)
    } else {
        Err(Refusal::EventTypeNotOfTopic)
    }
}

/// The pathway the event is about. An issuer with a colon is malformed, because two pathways could
/// then have one key.
pub(crate) fn pathway<'a>(sent: &Sent<'a>) -> Result<PathwayParts<'a>, Refusal> {
    let identifier = head_text(sent, IDENTIFIER, IDENTIFIER_LIMIT)?;
    let issuer = head_text(sent, ISSUER, TEXT_LIMIT)?;
    if issuer.contains(':') {
        let field = FIELDS.name(ISSUER);
        return Err(Refusal::HeadMalformed { field });
    }
    Ok(PathwayParts { issuer, identifier })
}

/// The source of an event, also of a refused one.
pub(crate) fn source<'a>(sent: &Sent<'a>) -> Result<&'a str, Refusal> {
    head_text(sent, SOURCE, TEXT_LIMIT)
}

/// The report of an event of this type.
pub(crate) fn report(
    sent: &Sent<'_>,
    of_type: &TypeFields,
    texts: &mut Texts,
) -> Result<Report, Refusal> {
    let version = version(sent)?;
    let source = keep(texts, SOURCE, source(sent)?)?;
    let nhs_number = text(sent, NHS_NUMBER)?.map(SentNumber::parse);
    let local_patient_identifier = text(sent, LOCAL)?.and_then(|local| texts.keep(local));
    let item = item(sent, of_type, texts)?;
    let mut fact = of_type.event_type.blank();
    let mut filler = Filler {
        sent,
        slots: of_type.fields.iter(),
        texts,
        refusal: None,
    };
    fact.visit(&mut filler);
    match filler.refusal {
        Some(refusal) => Err(refusal),
        None => Ok(Report {
            version,
            source,
            item,
            nhs_number,
            local_patient_identifier,
            fact,
        }),
    }
}

fn version(sent: &Sent<'_>) -> Result<Version, Refusal> {
    let event_id = head_text(sent, EVENT_ID, TEXT_LIMIT)?;
    let event_id = parse_event_id(event_id).ok_or(Refusal::HeadMalformed {
        field: FIELDS.name(EVENT_ID),
    })?;
    let recorded_at = head(sent.get(RECORDED_AT).whole(), RECORDED_AT)?;
    let entered_in_error = head(
        sent.get(IN_ERROR).flag().map(|flag| flag.or(Some(false))),
        IN_ERROR,
    )?;
    Ok(Version {
        recorded_at: Instant(recorded_at),
        entered_in_error,
        event_id,
    })
}

/// A UUID of 32 hexadecimal digits in groups of 8, 4, 4, 4 and 12, in any case.
pub(crate) fn parse_event_id(text: &str) -> Option<EventId> {
    const HYPHENATED: usize = uuid::fmt::Hyphenated::LENGTH;
    if text.len() != HYPHENATED {
        return None;
    }
    let uuid = uuid::Uuid::try_parse_ascii(text.as_bytes()).ok()?;
    Some(EventId(uuid.into_bytes()))
}

fn head<T>(value: Result<Option<T>, OtherKind>, slot: Slot) -> Result<T, Refusal> {
    let field = FIELDS.name(slot);
    value
        .map_err(|OtherKind| Refusal::HeadMalformed { field })?
        .ok_or(Refusal::HeadMissing { field })
}

fn head_text<'a>(sent: &Sent<'a>, slot: Slot, limit: usize) -> Result<&'a str, Refusal> {
    within(head(sent.get(slot).text(), slot)?, slot, limit)
}

fn text<'a>(sent: &Sent<'a>, slot: Slot) -> Result<Option<&'a str>, Refusal> {
    let text = sent
        .get(slot)
        .text()
        .map_err(|OtherKind| does_not_decode(slot))?;
    text.map(|text| within(text, slot, TEXT_LIMIT)).transpose()
}

fn within(text: &str, slot: Slot, limit: usize) -> Result<&str, Refusal> {
    if text.len() <= limit || text.chars().count() <= limit {
        return Ok(text);
    }
    let field = FIELDS.name(slot);
    Err(Refusal::TextTooLong { field, limit })
}

fn keep(texts: &mut Texts, slot: Slot, text: &str) -> Result<Text, Refusal> {
    let field = FIELDS.name(slot);
    texts.keep(text).ok_or(Refusal::HeadMissing { field })
}

fn does_not_decode(slot: Slot) -> Refusal {
    Refusal::DoesNotDecode {
        field: Some(FIELDS.name(slot)),
    }
}

fn item(sent: &Sent<'_>, of_type: &TypeFields, texts: &mut Texts) -> Result<Text, Refusal> {
    let Some((slot, field)) = of_type.item else {
        return Ok(ONLY_ITEM);
    };
    match text(sent, slot)?.and_then(|item| texts.keep(item)) {
        Some(item) => Ok(item),
        None if of_type.event_type.needs_item() => Err(Refusal::ItemMissing { field }),
        None => Ok(ONLY_ITEM),
    }
}

/// Fills the fields of a fact; the first refusal is kept.
struct Filler<'a, 's> {
    sent: &'a Sent<'s>,
    slots: core::slice::Iter<'a, Slot>,
    texts: &'a mut Texts,
    refusal: Option<Refusal>,
}

impl<'s> Filler<'_, 's> {
    fn fill<S, T>(
        &mut self,
        place: &mut Option<T>,
        take: impl Fn(Value<'s>) -> Result<Option<S>, OtherKind>,
        judge: impl Fn(&mut Texts, Slot, S) -> Result<Option<T>, Refusal>,
    ) {
        let Some(&slot) = self.slots.next() else {
            return;
        };
        let filled = match take(self.sent.get(slot)) {
            Ok(None) => Ok(None),
            Ok(Some(value)) => judge(self.texts, slot, value),
            Err(OtherKind) => Err(does_not_decode(slot)),
        };
        match filled {
            Ok(value) => *place = value,
            Err(refusal) => {
                self.refusal.get_or_insert(refusal);
            }
        }
    }
}

impl FieldVisitor for Filler<'_, '_> {
    fn day(&mut self, field: &'static str, place: &mut Option<Day>) {
        self.fill(place, Value::whole, |_, _, days| match day_in_range(days) {
            Some(day) => Ok(Some(day)),
            None => Err(Refusal::DateOutOfRange { field }),
        });
    }

    fn text(&mut self, _: &'static str, place: &mut Option<Text>) {
        self.fill(place, Value::text, |texts, slot, text| {
            Ok(texts.keep(within(text, slot, TEXT_LIMIT)?))
        });
    }

    fn number(&mut self, field: &'static str, place: &mut Option<u16>) {
        self.fill(place, Value::whole, |_, _, number| {
            match number_in_range(number) {
                None if is_adjustment(field) => Err(Refusal::AdjustmentOutOfRange { field }),
                number => Ok(number),
            }
        });
    }

    fn flag(&mut self, _: &'static str, place: &mut Option<bool>) {
        self.fill(place, Value::flag, |_, _, flag| Ok(Some(flag)));
    }
}

/// The other numbers cut figures by age and deprivation only; there a wrong one is read as not known.
fn is_adjustment(field: &str) -> bool {
    field.starts_with("waiting_time_adjustment")
}

fn day_in_range(days: i64) -> Option<Day> {
    let day = Day::from_epoch_days(i32::try_from(days).ok()?);
    (FIRST_DAY <= day && day < AFTER_LAST_DAY).then_some(day)
}

fn number_in_range(number: i64) -> Option<u16> {
    u16::try_from(number)
        .ok()
        .filter(|&number| number <= GREATEST_NUMBER)
}
