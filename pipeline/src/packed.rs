//! How a pathway's registers lie in memory: one run of bytes, an entry per register.
//!
//! Fields that are not known take no room and a pathway takes one allocation; at a million open
//! pathways both matter more than the unpacking.

use crate::day::Day;
use crate::fact::{EventType, Fact, FieldVisitor};
use crate::report::{EventId, Instant, NhsNumber, SentNumber, Version};
use crate::text::Text;
use smallvec::SmallVec;

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Fact(EventType),
    NhsNumber,
    LocalIdentifier,
}

/// Which register an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) kind: Kind,
    pub(crate) source: Text,
    pub(crate) item: Text,
}

/// One register: where it stands, the version that won, and its packed fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) address: Address,
    pub(crate) version: Version,
    body: &'a [u8],
}

/// The bytes of one entry without its leading length.
pub(crate) type EntryBytes = SmallVec<[u8; 128]>;

const KIND_NHS_NUMBER: u8 = 30;
const KIND_LOCAL_IDENTIFIER: u8 = 31;
const KIND_BITS: u8 = 0b0001_1111;
const ERROR_BIT: u8 = 0b1000_0000;
const HEADER_BYTES: usize = 1 + 4 + 4 + 8 + 16;
/// The first byte of a text that is kept elsewhere; below it the text stands in place.
const KEPT_TEXT: u8 = 0xF8;

impl Kind {
    fn number(self) -> u8 {
        match self {
            Self::Fact(event_type) => event_type.number(),
            Self::NhsNumber => KIND_NHS_NUMBER,
            Self::LocalIdentifier => KIND_LOCAL_IDENTIFIER,
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        match number {
            KIND_NHS_NUMBER => Some(Self::NhsNumber),
            KIND_LOCAL_IDENTIFIER => Some(Self::LocalIdentifier),
            _ => EventType::ALL
                .get(usize::from(number))
                .copied()
                .map(Self::Fact),
        }
    }
}

fn header(address: Address, version: Version) -> EntryBytes {
    let error = if version.entered_in_error {
        ERROR_BIT
    } else {
        0
    };
    let mut bytes = EntryBytes::new();
    bytes.push(address.kind.number() | error);
    bytes.extend_from_slice(&address.source.to_bits());
    bytes.extend_from_slice(&address.item.to_bits());
    bytes.extend_from_slice(&version.recorded_at.0.to_le_bytes());
    bytes.extend_from_slice(&version.event_id.0);
    bytes
}

/// The entry of a fact.
pub(crate) fn pack_fact(address: Address, version: Version, mut fact: Fact) -> EntryBytes {
    let mut packer = Packer {
        bytes: header(address, version),
        present: 0,
        field: 1,
    };
    packer.bytes.extend_from_slice(&[0, 0]);
    fact.visit(&mut packer);
    let Packer {
        mut bytes, present, ..
    } = packer;
    if let Some(mask) = bytes.get_mut(HEADER_BYTES..HEADER_BYTES + 2) {
        mask.copy_from_slice(&present.to_le_bytes());
    }
    bytes
}

/// The entry of an NHS number; zero stands for an invalid one.
pub(crate) fn pack_number(address: Address, version: Version, number: SentNumber) -> EntryBytes {
    let bits = match number {
        SentNumber::Invalid => 0,
        SentNumber::Valid(number) => number.to_bits(),
    };
    let mut bytes = header(address, version);
    bytes.extend_from_slice(&bits.to_le_bytes());
    bytes
}

/// The entry of a source's own number for the patient.
pub(crate) fn pack_local(address: Address, version: Version, local: Text) -> EntryBytes {
    let mut bytes = header(address, version);
    bytes.extend_from_slice(&local.to_bits());
    bytes
}

/// Walks over the entries of a pathway.
#[derive(Clone, Debug)]
pub(crate) struct Entries<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let (&length, rest) = self.0.split_first()?;
        let (entry, rest) = rest.split_at_checked(usize::from(length))?;
        self.0 = rest;
        Entry::parse(entry)
    }
}

impl<'a> Entry<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let (&tag, rest) = bytes.split_first()?;
        let (source, rest) = rest.split_first_chunk::<4>()?;
        let (item, rest) = rest.split_first_chunk::<4>()?;
        let (recorded_at, rest) = rest.split_first_chunk::<8>()?;
        let (event_id, body) = rest.split_first_chunk::<16>()?;
        Some(Self {
            address: Address {
                kind: Kind::from_number(tag & KIND_BITS)?,
                source: Text::from_bits(*source)?,
                item: Text::from_bits(*item)?,
            },
            version: Version {
                recorded_at: Instant(i64::from_le_bytes(*recorded_at)),
                entered_in_error: tag & ERROR_BIT != 0,
                event_id: EventId(*event_id),
            },
            body,
        })
    }

    /// How many bytes the entry takes, its leading length not counted.
    pub(crate) const fn len(&self) -> usize {
        HEADER_BYTES + self.body.len()
    }

    /// The fact, or `None` for an identity. Of bytes that are no fact's, what can be read is read: only what
    /// `sound.rs` found to be whole becomes an entry.
    pub(crate) fn fact(&self) -> Option<Fact> {
        let Kind::Fact(event_type) = self.address.kind else {
            return None;
        };
        let (mask, fields) = self.body.split_first_chunk::<2>()?;
        let mut fact = event_type.blank();
        let present = u16::from_le_bytes(*mask);
        fact.visit(&mut Unpacker { present, fields });
        Some(fact)
    }

    /// The fields, or what stands in their place.
    pub(crate) const fn body(&self) -> &'a [u8] {
        self.body
    }

    /// The NHS number that was sent, or `None` for anything else.
    pub(crate) fn sent_number(&self) -> Option<SentNumber> {
        let bits = u64::from_le_bytes(*self.body.first_chunk::<8>()?);
        (self.address.kind == Kind::NhsNumber)
            .then(|| NhsNumber::from_bits(bits).map_or(SentNumber::Invalid, SentNumber::Valid))
    }

    /// The source's own number for the patient, or `None` for anything else.
    pub(crate) fn local_identifier(&self) -> Option<Text> {
        let bits = *self.body.first_chunk::<4>()?;
        if self.address.kind == Kind::LocalIdentifier {
            Text::from_bits(bits)
        } else {
            None
        }
    }
}

/// Appends the fields that are known and marks them in `present`, the first in its lowest bit.
struct Packer {
    bytes: EntryBytes,
    present: u16,
    field: u16,
}

impl Packer {
    fn field(&mut self, bytes: Option<&[u8]>) {
        if let Some(bytes) = bytes {
            self.present |= self.field;
            self.bytes.extend_from_slice(bytes);
        }
        self.field <<= 1;
    }
}

impl FieldVisitor for Packer {
    fn day(&mut self, _: &'static str, value: &mut Option<Day>) {
        let bytes = value.map(|day| day.epoch_days().to_le_bytes());
        self.field(bytes.as_ref().map(<[u8; 4]>::as_slice));
    }

    fn text(&mut self, _: &'static str, value: &mut Option<Text>) {
        let bits = value.map(Text::to_bits);
        self.field(bits.as_ref().map(|bits| {
            let end = bits.iter().position(|&b| b == 0).map_or(4, |end| end + 1);
            let in_place = bits.first().is_some_and(|&b| b < KEPT_TEXT);
            if in_place {
                bits.get(..end).unwrap_or(bits)
            } else {
                bits
            }
        }));
    }

    fn number(&mut self, _: &'static str, value: &mut Option<u16>) {
        let bytes = value.map(u16::to_le_bytes);
        self.field(bytes.as_ref().map(<[u8; 2]>::as_slice));
    }

    fn flag(&mut self, _: &'static str, value: &mut Option<bool>) {
        let bytes = value.map(|flag| [u8::from(flag)]);
        self.field(bytes.as_ref().map(<[u8; 1]>::as_slice));
    }
}

/// Reads what [`Packer`] wrote.
struct Unpacker<'a> {
    present: u16,
    fields: &'a [u8],
}

impl Unpacker<'_> {
    fn is_present(&mut self) -> bool {
        let present = self.present & 1 != 0;
        self.present >>= 1;
        present
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.fields.split_first_chunk::<N>()?;
        self.fields = rest;
        Some(*bytes)
    }
}

impl FieldVisitor for Unpacker<'_> {
    fn day(&mut self, _: &'static str, value: &mut Option<Day>) {
        if self.is_present() {
            *value = self
                .take()
                .map(|bytes| Day::from_epoch_days(i32::from_le_bytes(bytes)));
        }
    }

    fn text(&mut self, _: &'static str, value: &mut Option<Text>) {
        if self.is_present()
            && let Some((text, rest)) = split_text(self.fields)
        {
            *value = Some(text);
            self.fields = rest;
        }
    }

    fn number(&mut self, _: &'static str, value: &mut Option<u16>) {
        if self.is_present() {
            *value = self.take().map(u16::from_le_bytes);
        }
    }

    fn flag(&mut self, _: &'static str, value: &mut Option<bool>) {
        if self.is_present() {
            *value = self.take().map(|[byte]| byte != 0);
        }
    }
}

/// The text that fields begin with, and what is left of them.
pub(crate) fn split_text(fields: &[u8]) -> Option<(Text, &[u8])> {
    const LOW_BITS: u32 = 0x7F7F_7F7F;
    let bits = fields.first_chunk::<4>().copied().unwrap_or_else(|| {
        let mut bits = [0; 4];
        for (bit, &byte) in bits.iter_mut().zip(fields) {
            *bit = byte;
        }
        bits
    });
    if bits.first().is_some_and(|&first| first >= KEPT_TEXT) {
        return Some((Text::from_bits(bits)?, fields.get(4..)?));
    }
    let word = u32::from_be_bytes(bits);
    // The highest bit of every byte that is NUL.
    let ends = !(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS);
    let length = ends.leading_zeros() / 8;
    let text = word & !u32::MAX.unbounded_shr(8 * length);
    // With four bytes there is no room for a NUL that says so.
    let taken = usize::try_from(length + 1).ok()?.min(4);
    Some((Text::from_bits(text.to_be_bytes())?, fields.get(taken..)?))
}
