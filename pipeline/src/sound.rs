//! Whether bytes that come back are a pathway's registers, every one of them.
//!
//! A restart judges the facts of every pathway, and no alert waits for one of them: so the bytes are walked as
//! they lie, and no fact is made of them.

use crate::day::Day;
use crate::fact::{EventType, FieldKind};
use crate::packed::{Entry, Kind, split_text};
use crate::report::SentNumber;
use crate::text::Texts;

/// The days of the years 1 to 9999; arithmetic on days outside them could overflow.
const FIRST_DAY: i32 = -719_162;
pub(crate) const LAST_DAY: i32 = 2_932_896;

pub(crate) fn is_calendar(day: Day) -> bool {
    (FIRST_DAY..=LAST_DAY).contains(&day.epoch_days())
}

/// Whether the bytes are entries from end to end, each as it is packed, and every text in them is one of `texts`.
pub(crate) fn registers_are_sound(mut bytes: &[u8], texts: &Texts) -> bool {
    while let Some((&length, rest)) = bytes.split_first() {
        let Some((entry, rest)) = rest.split_at_checked(usize::from(length)) else {
            return false;
        };
        if !Entry::parse(entry).is_some_and(|entry| entry_is_sound(&entry, texts)) {
            return false;
        }
        bytes = rest;
    }
    true
}

fn entry_is_sound(entry: &Entry<'_>, texts: &Texts) -> bool {
    if !texts.holds(entry.address.source) || !texts.holds(entry.address.item) {
        return false;
    }
    match entry.address.kind {
        Kind::Fact(event_type) => fields_are_sound(event_type, entry.body(), texts),
        Kind::NhsNumber => {
            entry.body().len() == 8
                && entry.sent_number().is_some_and(|sent| match sent {
                    SentNumber::Invalid => true,
                    SentNumber::Valid(number) => number.is_sound(),
                })
        }
        Kind::LocalIdentifier => {
            let local = entry.local_identifier();
            entry.body().len() == 4 && local.is_some_and(|local| texts.holds(local))
        }
    }
}

/// Whether the bytes are those that `pack_fact` writes: which fields are known, then each of them, then nothing.
fn fields_are_sound(event_type: EventType, body: &[u8], texts: &Texts) -> bool {
    let Some((mask, mut fields)) = body.split_first_chunk::<2>() else {
        return false;
    };
    let mut present = u16::from_le_bytes(*mask);
    for kind in event_type.field_kinds() {
        if present & 1 != 0 {
            let Some(rest) = after(*kind, fields, texts) else {
                return false;
            };
            fields = rest;
        }
        present >>= 1;
    }
    present == 0 && fields.is_empty()
}

/// What follows the field that stands first, where it is one that can be.
fn after<'a>(kind: FieldKind, fields: &'a [u8], texts: &Texts) -> Option<&'a [u8]> {
    match kind {
        FieldKind::Day => {
            let (bytes, rest) = fields.split_first_chunk::<4>()?;
            is_calendar(Day::from_epoch_days(i32::from_le_bytes(*bytes))).then_some(rest)
        }
        FieldKind::Text => {
            let (text, rest) = split_text(fields)?;
            texts.holds(text).then_some(rest)
        }
        FieldKind::Number => fields.split_first_chunk::<2>().map(|(_, rest)| rest),
        FieldKind::Flag => {
            let (&flag, rest) = fields.split_first()?;
            (flag < 2).then_some(rest)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_calendar, registers_are_sound};
    use crate::day::Day;
    use crate::fact::{EventType, Fact, FieldVisitor};
    use crate::packed::{Address, Entry, Kind, pack_fact};
    use crate::report::{EventId, Instant, ONLY_ITEM, Version};
    use crate::text::{Text, Texts};
    use proptest::prelude::*;
    use proptest::sample::select;

    /// Those of the widest fact and one more; of many fields the bytes are rarely enough.
    const FEW_FIELDS: u16 = 0b0000_0100_0001_0111;

    /// What is asked of the values of a fact that was made of the bytes.
    struct Judge<'a> {
        texts: &'a Texts,
        sound: bool,
    }

    impl FieldVisitor for Judge<'_> {
        fn day(&mut self, _: &'static str, value: &mut Option<Day>) {
            self.sound &= value.is_none_or(is_calendar);
        }

        fn text(&mut self, _: &'static str, value: &mut Option<Text>) {
            self.sound &= value.is_none_or(|text| self.texts.holds(text));
        }

        fn number(&mut self, _: &'static str, _: &mut Option<u16>) {}

        fn flag(&mut self, _: &'static str, _: &mut Option<bool>) {}
    }

    fn can_be(mut fact: Fact, texts: &Texts) -> bool {
        let mut judge = Judge { texts, sound: true };
        fact.visit(&mut judge);
        judge.sound
    }

    const BYTES: [u8; 7] = [0, 1, 2, b'A', 0x80, 0xF8, 0xFF];

    /// Asks the walk and the packing about a fact of these bytes and of every shorter run of them.
    fn walk_and_packing_agree(event_type: EventType, known: u16, fields: &[u8]) {
        let mut texts = Texts::default();
        texts.keep("a text that is kept");
        let address = Address {
            kind: Kind::Fact(event_type),
            source: ONLY_ITEM,
            item: ONLY_ITEM,
        };
        let version = Version {
            recorded_at: Instant(0),
            entered_in_error: false,
            event_id: EventId([0; 16]),
        };
        let mut bytes = pack_fact(address, version, event_type.blank());
        bytes.truncate(bytes.len() - 2);
        let header = bytes.len();
        bytes.extend_from_slice(&known.to_le_bytes());
        bytes.extend_from_slice(fields);
        for end in header..=bytes.len() {
            let written = bytes.get(..end).expect("within");
            let fact = Entry::parse(written).expect("a header").fact();
            let is_packed = fact.is_some_and(|fact| {
                pack_fact(address, version, fact).as_slice() == written && can_be(fact, &texts)
            });
            let mut registers = vec![u8::try_from(end).expect("short")];
            registers.extend_from_slice(written);
            assert_eq!(
                registers_are_sound(&registers, &texts),
                is_packed,
                "{event_type:?} {known:016b} {written:?}"
            );
        }
    }

    #[test]
    fn one_field_is_sound_when_it_is_packed_like_that() {
        for &event_type in EventType::ALL {
            for field in 0..u16::BITS {
                for first in BYTES {
                    for second in BYTES {
                        walk_and_packing_agree(event_type, 1 << field, &[first, second]);
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_fact_is_sound_when_it_is_packed_like_that(
            event_type in select(EventType::ALL),
            known in any::<u16>(),
            fields in proptest::collection::vec(select(&BYTES[..]), 0..24),
        ) {
            walk_and_packing_agree(event_type, known & FEW_FIELDS, &fields);
        }
    }
}
