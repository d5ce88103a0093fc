//! The merge: of all reports of one fact by one source the greatest version stays, whole.
//!
//! Commutative, associative and idempotent, so late, repeated, reordered, corrected and retracted
//! reports need no code of their own (Q17-Q19).

use crate::day::Day;
use crate::fact::{Fact, FieldVisitor};
use crate::packed::{
    Address, Entries, Entry, EntryBytes, Kind, pack_fact, pack_local, pack_number,
};
use crate::report::{ONLY_ITEM, Report, Version};
use crate::text::{Text, Texts};
use core::cmp::Ordering;

/// What a report did to what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    /// It is the greatest version of its fact from now on.
    Changed,
    /// It was known already.
    Repeated,
    /// A greater version is known.
    Superseded,
}

/// The registers of one pathway.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registers(Box<[u8]>);

impl Registers {
    pub(crate) fn entries(&self) -> Entries<'_> {
        Entries(&self.0)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The registers as they lie in memory.
    pub(crate) const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Registers from bytes that were judged to be sound.
    pub(crate) fn restored(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// Merges the fact and the identity that a report carries.
    pub(crate) fn learn(&mut self, report: &Report, texts: &Texts) -> Learned {
        // A report that names no patient says nothing about who the patient is, so it clears nothing.
        let identity = |kind| Address {
            kind,
            source: report.source,
            item: ONLY_ITEM,
        };
        if let Some(number) = report.nhs_number {
            let address = identity(Kind::NhsNumber);
            self.merge(
                address,
                report.version,
                |address, version| pack_number(address, version, number),
                |known| Some(known.sent_number().cmp(&Some(number))),
            );
        }
        if let Some(local) = report.local_patient_identifier {
            let address = identity(Kind::LocalIdentifier);
            self.merge(
                address,
                report.version,
                |address, version| pack_local(address, version, local),
                |known| Some(compare_texts(known.local_identifier(), Some(local), texts)),
            );
        }
        let address = Address {
            kind: Kind::Fact(report.fact.event_type()),
            source: report.source,
            item: report.item,
        };
        self.merge(
            address,
            report.version,
            |address, version| pack_fact(address, version, report.fact),
            |known| {
                known
                    .fact()
                    .map(|known| compare_facts(known, report.fact, texts))
            },
        )
    }

    fn merge(
        &mut self,
        address: Address,
        version: Version,
        pack: impl FnOnce(Address, Version) -> EntryBytes,
        compare: impl FnOnce(Entry<'_>) -> Option<Ordering>,
    ) -> Learned {
        let mut at = 0;
        for entry in self.entries() {
            if entry.address == address {
                let order = entry
                    .version
                    .cmp(&version)
                    .then_with(|| compare(entry).unwrap_or(Ordering::Less));
                let end = at + 1 + entry.len();
                return match order {
                    Ordering::Less => {
                        self.splice(at, end, &pack(address, version));
                        Learned::Changed
                    }
                    Ordering::Equal => Learned::Repeated,
                    Ordering::Greater => Learned::Superseded,
                };
            }
            at += 1 + entry.len();
        }
        self.splice(at, at, &pack(address, version));
        Learned::Changed
    }

    /// Puts an entry in the place of the bytes from `from` to `to`.
    fn splice(&mut self, from: usize, to: usize, entry: &[u8]) {
        // The identity's register changes with every report and keeps its length.
        if let Some([_, place @ ..]) = self.0.get_mut(from..to)
            && place.len() == entry.len()
        {
            place.copy_from_slice(entry);
            return;
        }
        let before = self.0.get(..from).unwrap_or_default();
        let after = self.0.get(to..).unwrap_or_default();
        let Ok(length) = u8::try_from(entry.len()) else {
            debug_assert!(false, "the fields of a fact fit into 255 bytes");
            return;
        };
        let mut bytes = Vec::with_capacity(before.len() + 1 + entry.len() + after.len());
        bytes.extend_from_slice(before);
        bytes.push(length);
        bytes.extend_from_slice(entry);
        bytes.extend_from_slice(after);
        self.0 = bytes.into_boxed_slice();
    }
}

fn compare_texts(a: Option<Text>, b: Option<Text>, texts: &Texts) -> Ordering {
    let read = |text| texts.read(text);
    a.map(read)
        .as_ref()
        .map(super::text::Spelling::as_str)
        .cmp(&b.map(read).as_ref().map(super::text::Spelling::as_str))
}

/// The fixed total order over the fields of a fact that breaks a tie of versions (Q19): field by field
/// in the published order, not known before known, texts by their bytes.
fn compare_facts(mut a: Fact, mut b: Fact, texts: &Texts) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let values = |fact: &mut Fact| {
        let mut values = Values {
            texts,
            list: Vec::new(),
        };
        fact.visit(&mut values);
        values.list
    };
    values(&mut a).cmp(&values(&mut b))
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    NotKnown,
    Whole(i32),
    Text(String),
}

struct Values<'a> {
    texts: &'a Texts,
    list: Vec<Value>,
}

impl FieldVisitor for Values<'_> {
    fn day(&mut self, _: &'static str, value: &mut Option<Day>) {
        self.list
            .push(value.map_or(Value::NotKnown, |day| Value::Whole(day.epoch_days())));
    }

    fn text(&mut self, _: &'static str, value: &mut Option<Text>) {
        self.list.push(value.map_or(Value::NotKnown, |text| {
            Value::Text(self.texts.read(text).as_str().to_owned())
        }));
    }

    fn number(&mut self, _: &'static str, value: &mut Option<u16>) {
        self.list
            .push(value.map_or(Value::NotKnown, |number| Value::Whole(i32::from(number))));
    }

    fn flag(&mut self, _: &'static str, value: &mut Option<bool>) {
        self.list
            .push(value.map_or(Value::NotKnown, |flag| Value::Whole(i32::from(flag))));
    }
}
