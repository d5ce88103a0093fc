//! Every field of every event in one table, so that Avro and JSON put what they read in the same
//! place and one function judges it.

use clockstop_pipeline::{Day, EventType, FieldVisitor, Text};
use std::sync::LazyLock;

/// The place of a field in [`Sent`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot(u8);

/// What kind of value a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    EventType,
    Instant,
    Day,
    Text,
    Number,
    Flag,
}

/// A field that was sent; dates are days and instants microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Unset,
    Text(&'a str),
    Whole(i64),
    Flag(bool),
    EventType(&'static TypeFields),
    /// A type of event that a later version may know.
    UnknownType,
    /// Not a value of the field's kind.
    Malformed,
}

/// The value is of another kind than its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OtherKind;

impl<'a> Value<'a> {
    /// A text; an empty one says no more than a missing field.
    pub(crate) fn text(self) -> Result<Option<&'a str>, OtherKind> {
        if let Self::Text(text) = self {
            Ok(Some(text).filter(|text| !text.is_empty()))
        } else {
            self.unset()
        }
    }

    pub(crate) fn whole(self) -> Result<Option<i64>, OtherKind> {
        if let Self::Whole(number) = self {
            Ok(Some(number))
        } else {
            self.unset()
        }
    }

    pub(crate) fn flag(self) -> Result<Option<bool>, OtherKind> {
        if let Self::Flag(flag) = self {
            Ok(Some(flag))
        } else {
            self.unset()
        }
    }

    pub(crate) fn event_type(self) -> Result<Option<&'static TypeFields>, OtherKind> {
        if let Self::EventType(of_type) = self {
            Ok(Some(of_type))
        } else {
            self.unset()
        }
    }

    fn unset<T>(self) -> Result<Option<T>, OtherKind> {
        if self == Self::Unset {
            Ok(None)
        } else {
            Err(OtherKind)
        }
    }
}

/// The fields of one type of event, in the order in which its fact shows them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TypeFields {
    pub(crate) event_type: EventType,
    pub(crate) item: Option<(Slot, &'static str)>,
    pub(crate) fields: Vec<Slot>,
}

macro_rules! head {
    ($($slot:ident $index:literal $name:literal $kind:ident)*) => {
        $( pub(crate) const $slot: Slot = Slot($index); )*
        const HEAD: &[(&str, Kind)] = &[$( ($name, Kind::$kind) ),*];
    };
}

head! {
    EVENT_ID 0 "event_id" Text
    EVENT_TYPE 1 "event_type" EventType
    RECORDED_AT 2 "recorded_at" Instant
    SOURCE 3 "source_system" Text
    IDENTIFIER 4 "patient_pathway_identifier" Text
    ISSUER 5 "organisation_identifier_issuer" Text
    NHS_NUMBER 6 "nhs_number" Text
    LOCAL 7 "local_patient_identifier" Text
    IN_ERROR 8 "entered_in_error" Flag
}

const SLOTS: usize = 64;

/// What one event sent, by field.
#[derive(Debug)]
pub(crate) struct Sent<'a>([Value<'a>; SLOTS]);

impl<'a> Sent<'a> {
    pub(crate) const fn nothing() -> Self {
        Self([Value::Unset; SLOTS])
    }

    pub(crate) fn get(&self, slot: Slot) -> Value<'a> {
        self.0
            .get(usize::from(slot.0))
            .copied()
            .unwrap_or(Value::Unset)
    }

    pub(crate) fn set(&mut self, slot: Slot, value: Value<'a>) {
        if let Some(place) = self.0.get_mut(usize::from(slot.0)) {
            *place = value;
        }
    }
}

/// The names and kinds of all fields.
pub(crate) struct Fields {
    names: Vec<(&'static str, Kind)>,
    by_length: Vec<Vec<Slot>>,
    types: Vec<TypeFields>,
}

pub(crate) static FIELDS: LazyLock<Fields> = LazyLock::new(Fields::collect);

impl Fields {
    fn collect() -> Self {
        let mut fields = Self {
            names: HEAD.to_vec(),
            by_length: Vec::new(),
            types: Vec::new(),
        };
        for &event_type in EventType::ALL {
            let item = event_type
                .item_field()
                .map(|name| (fields.place(name, Kind::Text), name));
            let mut collector = Collector {
                fields: &mut fields,
                slots: Vec::new(),
            };
            event_type.blank().visit(&mut collector);
            let slots = collector.slots;
            fields.types.push(TypeFields {
                event_type,
                item,
                fields: slots,
            });
        }
        fields.index_by_length();
        fields
    }

    fn place(&mut self, name: &'static str, kind: Kind) -> Slot {
        let known = self.names.iter().position(|&field| field == (name, kind));
        let index = known.unwrap_or_else(|| {
            self.names.push((name, kind));
            self.names.len() - 1
        });
        Slot(u8::try_from(index).unwrap_or(u8::MAX))
    }

    /// Names differ in length more than in their first letters, so their length finds them fastest.
    fn index_by_length(&mut self) {
        let longest = self.names.iter().map(|(name, _)| name.len()).max();
        self.by_length = vec![Vec::new(); longest.unwrap_or(0) + 1];
        for (index, (name, _)) in (0..).zip(&self.names) {
            if let Some(same) = self.by_length.get_mut(name.len()) {
                same.push(Slot(index));
            }
        }
    }

    pub(crate) fn find(&self, name: &str) -> Option<Slot> {
        self.by_length
            .get(name.len())?
            .iter()
            .copied()
            .find(|&slot| self.name(slot) == name)
    }

    pub(crate) fn name(&self, slot: Slot) -> &'static str {
        self.names
            .get(usize::from(slot.0))
            .map_or("", |(name, _)| name)
    }

    pub(crate) fn kind(&self, slot: Slot) -> Kind {
        self.names
            .get(usize::from(slot.0))
            .map_or(Kind::Text, |&(_, kind)| kind)
    }

    pub(crate) fn event_type(&self, name: &str) -> Option<&TypeFields> {
        self.types.iter().find(|of| of.event_type.name() == name)
    }

    pub(crate) fn of_type(&self, event_type: EventType) -> Option<&TypeFields> {
        self.types.iter().find(|of| of.event_type == event_type)
    }
}

struct Collector<'a> {
    fields: &'a mut Fields,
    slots: Vec<Slot>,
}

impl Collector<'_> {
    fn meet(&mut self, name: &'static str, kind: Kind) {
        let slot = self.fields.place(name, kind);
        self.slots.push(slot);
    }
}

impl FieldVisitor for Collector<'_> {
    fn day(&mut self, name: &'static str, _: &mut Option<Day>) {
        self.meet(name, Kind::Day);
    }
    fn text(&mut self, name: &'static str, _: &mut Option<Text>) {
        self.meet(name, Kind::Text);
    }
    fn number(&mut self, name: &'static str, _: &mut Option<u16>) {
        self.meet(name, Kind::Number);
    }
    fn flag(&mut self, name: &'static str, _: &mut Option<bool>) {
        self.meet(name, Kind::Flag);
    }
}

#[cfg(test)]
mod tests {
    use super::{EVENT_ID, FIELDS, HEAD, IN_ERROR, SLOTS};

    #[test]
    fn a_name_means_one_thing_and_has_a_place() {
        let names = &FIELDS.names;
        assert!(
            names.len() <= SLOTS,
            "{} fields need more slots",
            names.len()
        );
        for (index, (name, kind)) in names.iter().enumerate() {
            let slot = FIELDS.find(name).expect("every name is found");
            assert_eq!(
                (usize::from(slot.0), FIELDS.kind(slot)),
                (index, *kind),
                "{name}"
            );
        }
    }

    #[test]
    fn the_head_comes_first() {
        assert_eq!(FIELDS.name(EVENT_ID), "event_id");
        assert_eq!(FIELDS.name(IN_ERROR), "entered_in_error");
        assert_eq!(HEAD.len(), 9);
    }
}
